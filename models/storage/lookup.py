"""From a name to a model: the same rules for Python, the commands, REST and the page.

MODEL              an id of the catalogue; from Python and on a command line also the path of a model's folder
MODEL@STEP         an earlier step of its training, stored beside it; 0 is the untrained twin
MODEL~LETTERS      the model under interventions, see `models.network.intervention`; MODEL@STEP~LETTERS too
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

from typing_extensions import TypeVar

from ..errors import CheckpointError, UnknownModel
from ..network.intervention import Intervention, check, parse
from ..text.names import shown
from .card import CARD, Card, read_card
from .checkpoint import WEIGHTS, steps
from .model_card import ModelCard, states
from .series_card import SeriesCard, read_series_card

INTERVENED = "~"
"""In a model's name, interventions follow it, as `models.network.intervention` spells them."""

Kind = TypeVar("Kind", bound=ModelCard, default=Card, covariant=True)
"""The card of a character model, unless something else is said."""

_TAIL = re.compile(r"(?:@(?P<step>[^~]*))?(?:~(?P<letters>.*))?", re.DOTALL)


@dataclass(frozen=True)
class Entry(Generic[Kind]):
    """A model on disk: its folder, its card, and the earlier steps of its training stored beside it."""

    folder: Path
    card: Kind
    steps: tuple[int, ...]


@dataclass(frozen=True)
class LeftOut:
    """A folder that should contain models but does not, or a model that cannot be offered: `why` is a sentence."""

    folder: Path
    why: str

    @property
    def public(self) -> str:
        """The sentence with only the folders' names: their place on this machine is nobody else's business."""
        return self.why.replace(shown(f"{self.folder.parent}{os.sep}"), "")


@dataclass(frozen=True)
class Found(Generic[Kind]):
    """The meaning of a name.

    Attributes:
        step: None for the trained weights.
        interventions: the changes made to the network while it reads.
        name: the id, the step and the interventions, as they name the model everywhere.
    """

    entry: Entry[Kind]
    step: int | None
    interventions: tuple[Intervention, ...]
    name: str

    @property
    def plain(self) -> str:
        """The name of the same network without interventions."""
        return self.name.partition(INTERVENED)[0]

    def at(self, step: int) -> Found[Kind]:
        """The same at an earlier step.

        Raises:
            UnknownModel: if that was not kept.
        """
        letters = self.name.partition(INTERVENED)[2]
        return _found(f"{self.entry.card.id}@{step}", self.entry, str(step), letters or None)


def entry_of(folder: Path) -> Entry:
    """The character model in `folder`.

    Raises:
        CheckpointError: if there is none, or its card says what cannot be.
    """
    return _entry(folder, read_card(folder))


def series_entry_of(folder: Path) -> Entry[SeriesCard]:
    """The series model in `folder`; otherwise the same."""
    return _entry(folder, read_series_card(folder))


def any_entry_of(folder: Path) -> Entry[Card] | Entry[SeriesCard]:
    """The model in `folder`, of whichever kind; otherwise the same."""
    return series_entry_of(folder) if reads_numbers(folder) else entry_of(folder)


def reads_numbers(folder: Path) -> bool:
    """Whether the model in `folder` reads numbers, by its card."""
    return states(folder, "channels")


def _entry(folder: Path, card: Kind) -> Entry[Kind]:  # type: ignore[misc]  # covariant: what goes in comes out
    if not (folder / WEIGHTS).exists():
        raise CheckpointError(
            f"{shown(str(folder))} has a card and no {WEIGHTS}: {card.id} has no {WEIGHTS}. "
            "Put the files of one training together again, or train anew."
        )
    return Entry(folder, card, tuple(steps(folder)))


def find(name: str, entries: Mapping[str, Entry], left_out: tuple[LeftOut, ...] = (), *, paths: bool = False) -> Found:
    """The character model that `name` denotes.

    Args:
        left_out: what the catalogue lacks, and why: the error about such a model says so.
        paths: whether the path of a model's folder may be used in place of an id. A server does not allow it.

    Raises:
        UnknownModel: if there is no such model, or that step of it was not kept; the message names the existing ones.
        CheckpointError: if it exists but cannot be offered.
        BadIntervention: if the name's interventions do not fit it.
    """
    found = _named(name, entries, entry_of if paths else None)
    if found is None:
        raise _unknown(name, list(entries), left_out, paths)
    return found


def find_any(
    name: str,
    entries: Mapping[str, Entry],
    series: Mapping[str, Entry[SeriesCard]],
    left_out: tuple[LeftOut, ...] = (),
) -> Found[Card] | Found[SeriesCard]:
    """The model that `name` denotes, of whichever kind: an id or the path of a model's folder.

    Raises:
        UnknownModel, CheckpointError, BadIntervention: as `find` does.
    """
    found = _named(name, {**entries, **series}, any_entry_of)
    if found is None:
        raise _unknown(name, [*entries, *series], left_out, True)
    return found  # type: ignore[return-value]  # of either kind


def _named(
    name: str, entries: Mapping[str, Entry[Kind]], at: Callable[[Path], Entry[Kind]] | None
) -> Found[Kind] | None:
    """What `name` means; None if there is no such model. `at` has the model in a folder, where paths are allowed."""
    for head, tail in _heads(name):
        entry = entries.get(head)
        if entry is None and at is not None and head and (folder := home(head)) is not None:
            entry = at(folder)
        if entry is not None and (parts := _TAIL.fullmatch(tail)) is not None:
            return _found(name, entry, parts["step"], parts["letters"])
    return None


def _unknown(name: str, known: list[str], left_out: tuple[LeftOut, ...], paths: bool) -> CheckpointError | UnknownModel:
    """The error about a name without a model."""
    for head, _ in _heads(name):
        for one in left_out:
            if head and head in (one.folder.name, str(one.folder)):
                return CheckpointError(one.why)
    fault = f"There is no model called {shown(name)!r}. There are: {', '.join(known) or 'none'}."
    return UnknownModel(f"{fault} {_no_model(name)}" if paths else fault)


def _no_model(name: str) -> str:
    """What is at the path `name` instead of a model, if anything is, and how to get a model there."""
    try:
        place = Path(name).expanduser()
        kind = "folder" if place.is_dir() else "file" if place.is_file() else None
    except (OSError, ValueError, RuntimeError):
        kind = None
    there = (
        "" if kind is None or not name else f"The {kind} {shown(name)!r} is no model's: a model's folder has a {CARD}. "
    )
    return (
        f"{there}To make one of your own, run: hidden-state train FILE --out DIR. Then name DIR, or set "
        "HIDDEN_STATE_MODEL_FOLDERS to it."
    )


def home(head: str) -> Path | None:
    """The folder at the path `head`, if it contains a model's card; "~" is the home folder."""
    try:
        folder = Path(head).expanduser()
        return folder if (folder / CARD).exists() else None
    except (OSError, ValueError, RuntimeError):  # no such user, a NUL, a name too long
        return None


def _heads(name: str) -> Iterator[tuple[str, str]]:
    """All ways to cut a name before "@" or "~", the longest beginning first: a path may contain either."""
    yield name, ""
    for k in range(len(name) - 1, -1, -1):
        if name[k] in "@~":
            yield name[:k], name[k:]


def _found(name: str, entry: Entry[Kind], step: str | None, letters: str | None) -> Found[Kind]:
    card = entry.card
    if step is not None and step not in map(str, entry.steps):
        have = ", ".join(f"{card.id}@{one}" for one in entry.steps) or "none"
        number = step.isdecimal() and step.isascii()
        why = f"{card.id} has no step-{step}.safetensors" if number else "after @ comes a number, as in @0"
        raise UnknownModel(f"There is no checkpoint {shown(name)!r}: {why}. Earlier checkpoints of this model: {have}.")
    interventions: tuple[Intervention, ...] = ()
    if letters is not None:
        interventions = parse(letters)
        check(interventions, card.stack)
    full = card.id + ("" if step is None else f"@{step}") + ("" if letters is None else f"{INTERVENED}{letters}")
    return Found(entry, None if step is None else int(step), interventions, full)
