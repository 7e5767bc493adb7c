"""The models that the server offers, each loaded once and shared by all sessions."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PureWindowsPath
from typing import Any, Literal

from models import CharLM, CheckpointError, zoo
from models.measures.units.time_scale import slowest
from models.network.intervened_reader import IntervenedReader, compiled
from models.network.intervention import Intervention
from models.network.reader import CompiledReader, Reader
from models.network.stack import Layer, Stack
from models.storage.checkpoint import Card, load_model
from models.storage.lookup import Found, find
from models.text.names import shown
from models.text.vocabulary import Vocabulary
from models.zoo import Entry, survey

from .opened_models import OpenedModels

PATIENCE_SECONDS = 10.0
"""How long callers wait for a model's files, counted from the first request."""
KEPT = 64
"""The number of intervened models kept loaded; their weights are those of the model itself."""

log = logging.getLogger("hidden_state")

_TRAINED_ON = re.compile(r"Trained on (.*[/\\].*)\.", re.DOTALL)


@dataclass(frozen=True)
class LoadedModel:
    """A model ready to read.

    Attributes:
        name: its id, followed by `@step` for an earlier step of its training, and `~…` for interventions.
        interventions: the changes that `reader` makes to the network; `lm` is the network without them.
    """

    name: str
    lm: CharLM
    reader: Reader
    interventions: tuple[Intervention, ...] = ()

    @property
    def vocabulary(self) -> Vocabulary:
        return self.lm.vocabulary

    @cached_property
    def compiled(self) -> CompiledReader:
        """The reader in which interventions can be made: one copy of the weights for all of them."""
        return compiled(self.lm, self.reader)


@dataclass(frozen=True, eq=False)
class _Coming:
    """A model that is being loaded from its files, or has been."""

    model: Future[LoadedModel] = field(default_factory=Future)
    began: float = field(default_factory=time.monotonic)


class Library:
    """Finds models by name, loads each on first use and keeps it.

    Args:
        folders: where models are besides the zoo.
        device: the device that they read on.
    """

    def __init__(self, folders: list[Path], device: str) -> None:
        found = survey(folders)
        self.entries: dict[str, Entry] = found.entries
        self.left_out = found.left_out_by_readers_of_texts
        for one in self.left_out:
            log.warning("Left out: %s", shown(one.why))
        self.device = device
        self.opened = OpenedModels(self._forget)
        """Models that came with session files: whoever names one finds it, and nobody is told of it otherwise."""
        self._loaded: dict[str, _Coming] = {}
        self._intervened: OrderedDict[str, LoadedModel] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, name: str) -> Found:
        """The meaning of a name, see `models.storage.lookup`.

        Raises:
            UnknownModel, CheckpointError, BadIntervention: as `models.storage.lookup.find` does.
        """
        return find(name, self._entries_for(name), self.left_out)

    def _entries_for(self, name: str) -> Mapping[str, Entry]:
        """Where to look for a name: among the models offered, or at the one that came with a session file."""
        head = re.split("[@~]", name, maxsplit=1)[0]
        opened = None if head in self.entries else self.opened.get(head)
        return self.entries if opened is None else {head: opened.entry}

    def _forget(self, name: str) -> None:
        """A model that came with a session file has made room for another."""
        with self._lock:
            for kept in (self._loaded, self._intervened):
                for one in [one for one in kept if re.split("[@~]", one, maxsplit=1)[0] == name]:
                    del kept[one]

    def stack(self, name: str) -> Stack:
        """The layers of a model, without loading it.

        Raises:
            UnknownModel, CheckpointError, BadIntervention: as `find` does.
        """
        return self.find(name).entry.card.stack

    def alike(self, one: str, other: str) -> bool:
        """Whether two models have the same layers: unit by unit they can be compared.

        Raises:
            UnknownModel, BadIntervention: as `stack` does.
        """
        return self.stack(one) == self.stack(other)

    def get(self, name: str) -> LoadedModel:
        """The model, loaded. May take a few milliseconds the first time: call it off the event loop.

        Raises:
            UnknownModel, BadIntervention: as `stack` does.
            CheckpointError: if its files are broken, or have not come for `PATIENCE_SECONDS`.
        """
        found = self.find(name)
        base = self._load(found)
        return self._intervene(found, base) if found.interventions else base

    def _load(self, found: Found) -> LoadedModel:
        """A file may be on a drive that no longer responds. So each model is read by its own thread, which nobody else
        waits for, and callers wait for this one no longer than its files may take."""
        name = found.plain
        with self._lock:
            coming = self._loaded.get(name)
            if coming is None:
                coming = self._loaded[name] = _Coming()
                threading.Thread(target=self._read, args=(found, coming), name=f"load {name}", daemon=True).start()
        left = coming.began + PATIENCE_SECONDS - time.monotonic()
        try:
            return coming.model.result(max(left, 0.0))
        except TimeoutError:
            raise CheckpointError(
                f"The weights of {name} have not come for {PATIENCE_SECONDS:.0f} seconds: "
                f"{shown(str(found.entry.folder))} does not answer. Look after that drive and try again."
            ) from None

    def _read(self, found: Found, coming: _Coming) -> None:
        try:
            lm = load_model(found.entry.folder, found.step, device=self.device)
            coming.model.set_result(LoadedModel(found.plain, lm, lm.reader()))
        except BaseException as fault:
            with self._lock:
                self._loaded.pop(found.plain, None)  # the next caller tries again: the files may have been repaired
            coming.model.set_exception(fault)

    def _intervene(self, found: Found, base: LoadedModel) -> LoadedModel:
        """Any number of them can be requested, so only the `KEPT` most recently requested ones stay loaded."""
        name, plain = found.name, base.compiled
        with self._lock:
            if name not in self._intervened:
                reader = IntervenedReader(plain, found.interventions)
                self._intervened[name] = LoadedModel(name, base.lm, reader, found.interventions)
            self._intervened.move_to_end(name)
            while len(self._intervened) > KEPT:
                self._intervened.popitem(last=False)
            return self._intervened[name]

    def describe(self) -> list[dict[str, Any]]:
        """What the page and REST know about each model."""
        labels = corpus_labels(self.entries)
        return [describe(entry, labels[name]) for name, entry in self.entries.items()]

    def describe_opened(self, names: Iterable[str]) -> list[tuple[Card, dict[str, Any]]]:
        """The same, with its card, about each of these models that came with a session file and still is here."""
        found = {name: one.entry for name in names if (one := self.opened.get(name)) is not None}
        labels = corpus_labels({**self.entries, **found}) if found else {}
        return [(entry.card, describe(entry, labels[name])) for name, entry in found.items()]


def ships(entry: Entry) -> bool:
    """Whether a model is one of the zoo's, whose titles are distinct; otherwise a user trained it."""
    return entry.folder.parent == zoo.FOLDER


def corpus_labels(entries: Mapping[str, Entry]) -> dict[str, str]:
    """The label of each model's corpus, by the model's id: one label, one text.

    Two files called `input.txt` are two corpora. If several texts share a name, the label of a text that no shipped
    model was trained on carries the first digits of its SHA-256.
    """
    texts: dict[str, set[str]] = {}
    shipped: set[tuple[str, str]] = set()
    for entry in entries.values():
        corpus = entry.card.corpus
        texts.setdefault(corpus.name, set()).add(corpus.sha256)
        if ships(entry):
            shipped.add((corpus.name, corpus.sha256))

    def label(entry: Entry) -> str:
        corpus = entry.card.corpus
        alone = len(texts[corpus.name]) == 1 or (corpus.name, corpus.sha256) in shipped
        return corpus.name if alone else f"{corpus.name} · {corpus.sha256[:6] or 'no checksum'}"

    return {name: label(entry) for name, entry in entries.items()}


def title_of(entry: Entry) -> str:
    """A model's title on the page: runs of one shape share a title, so their id comes first."""
    card = entry.card
    return card.title if ships(entry) or card.title == card.id else f"{card.id} · {card.title}"


def description_of(card: Card) -> str:
    """A card's description; if it names the corpus by its path, only the file's name is kept."""
    found = _TRAINED_ON.fullmatch(card.description)
    return card.description if found is None else f"Trained on {PureWindowsPath(found[1]).name}."


def _slowest(card: Card, which: Literal["trained", "untrained"]) -> dict[str, list[int]]:
    """`"{layer}.{signal}"` → its units, slowest first; empty if the card has no time scales."""
    if card.time_scales is None:
        return {}
    scales: dict[str, list[float | None]] = getattr(card.time_scales, which)
    return {name: slowest(one) for name, one in scales.items()}


def describe(entry: Entry, corpus: str) -> dict[str, Any]:
    """A model as `hello` and REST list it, `corpus` being what its text is called among all of them."""
    card, stack = entry.card, entry.card.stack
    return {
        "id": card.id,
        "title": title_of(entry),
        "description": description_of(card),
        "corpus": corpus,
        "cell": stack.kind,
        "cell_title": stack.title,
        "size": stack.words,
        "layers": [_layer(layer) for layer in stack],
        "parameters": card.parameters,
        "vocabulary": card.vocabulary,
        "bits_per_character": card.bits_per_character(),
        "untrained_bits_per_character": card.bits_per_character(0),
        "used_context": None if card.used_context is None else card.used_context.words(),
        "steps": list(entry.steps),
        "slowest": _slowest(card, "trained"),
        "untrained_slowest": _slowest(card, "untrained"),
    }


def _layer(layer: Layer) -> dict[str, Any]:
    cell = layer.cell
    keeper = cell.keeper()
    return {
        "cell": cell.name,
        "cell_title": cell.title,
        "units": layer.units,
        "window": cell.window,
        "signals": [
            {
                "name": s.name,
                "symbol": s.symbol,
                "title": s.title,
                "kind": s.kind.value,
                "width": width,
                "each": s.width_word,
                "scale": s.scale.form.value,
                "range": list(s.range) if s.range else None,
                "saturated": list(s.saturated) if s.saturated else None,
                "keeps": keeper is not None and s is keeper[0],
                "keeps_at": keeper[1] if keeper is not None and s is keeper[0] else None,
                "equation": cell.equation(s),
                "formula": s.formula.tree(),
            }
            for s, width in zip(cell.signals, layer.widths, strict=True)
        ],
    }
