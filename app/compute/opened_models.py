"""Models that came with session files: kept in a temporary folder of this process, and known to whoever names them."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from models import CheckpointError, OutputError
from models.storage.card import CARD, Card, write_card
from models.storage.checkpoint import load_model
from models.storage.lookup import Entry, entry_of
from models.text.names import LONGEST_ID

MOST_MODELS = 32
MOST_BYTES = 512 << 20
"""Of all of them together, on disk: that which was used longest ago goes first."""
DIGITS = 8
"""Of a digest, in an id."""


@dataclass(frozen=True)
class Opened:
    """A model out of a session file.

    Attributes:
        entry: as it is named here, by an id that its content gives it.
        original: the card as it came, with the id that its maker gave it.
    """

    entry: Entry
    original: Card
    size: int


class OpenedModels:
    """A bounded store of models; any thread may use it.

    Args:
        gone: hears the id of each model that makes room for another.
    """

    def __init__(self, gone: Callable[[str], None]) -> None:
        self._gone = gone
        self._models: OrderedDict[str, Opened] = OrderedDict()
        self._kept: frozenset[str] = frozenset()
        self._dropped: set[str] = set()
        self._folder: str | None = None
        self._remove: Callable[[], object] = lambda: None
        self._lock = threading.Lock()

    def get(self, name: str) -> Opened | None:
        """The model of an id, which has then been used last."""
        with self._lock:
            found = self._models.get(name)
            if found is not None:
                self._models.move_to_end(name)
            return found

    def dropped(self, name: str) -> bool:
        """Whether a model of this id was here and had to make room for another."""
        with self._lock:
            return name in self._dropped

    def never_drop(self) -> None:
        """The models that are here now stay as long as the process."""
        with self._lock:
            self._kept = frozenset(self._models)

    def keep(self, card: bytes, weights: Mapping[str, bytes], taken: Collection[str]) -> Opened:
        """Take a model in, after checking its card and all of its weights. The same one is kept once.

        Args:
            card: the file `card.json`.
            weights: the files of weights by their names.
            taken: ids that other models have.

        Raises:
            CheckpointError: if one of the files is broken, or they do not fit together.
            OutputError: if there is nowhere to keep it.
        """
        digest = _digest(card, weights)
        if (known := self._known(digest)) is not None:
            return known
        try:
            place = Path(tempfile.mkdtemp(dir=self._home()))
            try:
                (place / CARD).write_bytes(card)
                for name, content in weights.items():
                    (place / name).write_bytes(content)
                entry = _checked(place)  # takes a while, and nobody waits for it
                with self._lock:
                    return self._known_now(digest) or self._add(digest, entry, taken)
            finally:
                shutil.rmtree(place, ignore_errors=True)
        except OSError as error:
            raise OutputError(
                f"The models of this session cannot be kept: {error.strerror or error}. Make space in the folder for "
                "temporary files, or name another one with TMPDIR."
            ) from None

    def close(self) -> None:
        """Remove all of them from the disk."""
        with self._lock:
            self._models.clear()
            self._folder = None
            self._remove()

    def _home(self) -> str:
        with self._lock:
            if self._folder is None:
                self._folder = tempfile.mkdtemp(prefix="hidden-state-")
                self._remove = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
            return self._folder

    def _known(self, digest: str) -> Opened | None:
        with self._lock:
            return self._known_now(digest)

    def _known_now(self, digest: str) -> Opened | None:
        found = next((one for one in self._models.values() if one.entry.folder.name == digest), None)
        if found is not None:
            self._models.move_to_end(found.entry.card.id)
        return found

    def _add(self, digest: str, entry: Entry, taken: Collection[str]) -> Opened:
        """A checked model, under the name of its digest and with an id of its own."""
        named = entry.card.model_copy(update={"id": self._id(entry.card.id, digest, taken)})
        write_card(entry.folder, named)
        size = sum(one.stat().st_size for one in entry.folder.iterdir())
        place = entry.folder.rename(entry.folder.with_name(digest))
        self._dropped.discard(named.id)
        opened = self._models[named.id] = Opened(Entry(place, named, entry.steps), entry.card, size)
        self._make_room()
        return opened

    def _id(self, name: str, digest: str, taken: Collection[str]) -> str:
        """An id that no other model has, and that the next server gives the same model too."""
        for digits in range(DIGITS, len(digest) + 1):
            tail = f"-{digest[:digits]}"
            head = name
            while len(head) + len(tail) > LONGEST_ID or len(os.fsencode(head)) + len(tail) > 2 * LONGEST_ID:
                head = head[:-1]
            found = f"{head.rstrip(' .')}{tail}"
            if found not in taken and found not in self._models:
                return found
        raise OutputError(f"There is already another model called {name!r} here.")  # two of one SHA-256

    def _make_room(self) -> None:
        """The newest stays, however large it is, and so do those that are never to be dropped."""
        *earlier, _ = self._models
        for name in (one for one in earlier if one not in self._kept):
            if len(self._models) <= MOST_MODELS and sum(one.size for one in self._models.values()) <= MOST_BYTES:
                return
            opened = self._models.pop(name)
            shutil.rmtree(opened.entry.folder, ignore_errors=True)
            self._dropped.add(name)
            self._gone(name)


def _digest(card: bytes, weights: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256(card)
    for name, content in sorted(weights.items()):
        digest.update(f"\0{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _checked(place: Path) -> Entry:
    """The model in a folder, each file of it read once.

    Raises:
        CheckpointError: if one cannot be used; the folder's own path is not in the words.
    """
    try:
        entry = entry_of(place)
        for step in (None, *entry.steps):
            load_model(place, step)
    except CheckpointError as error:
        raise CheckpointError(str(error).replace(f"{place}{os.sep}", "").replace(str(place), "The file")) from None
    return entry
