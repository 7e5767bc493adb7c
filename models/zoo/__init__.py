"""The trained models that ship, one folder each; and how to find them and those of other folders."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from ..cells import CELLS
from ..errors import CheckpointError, UnknownModel
from ..network.language_model import CharLM
from ..network.series_model import SeriesModel
from ..storage.card import CARD, Card
from ..storage.checkpoint import load_model, load_series_model
from ..storage.lookup import Entry, Found, LeftOut, entry_of, find_any, home, reads_numbers, series_entry_of
from ..storage.series_card import SeriesCard
from ..text.names import shown

__all__ = [
    "FOLDER",
    "FOLDERS_SETTING",
    "Catalogue",
    "Entry",
    "LeftOut",
    "catalogue",
    "load",
    "load_text_model",
    "own_folders",
    "series_card",
    "split_folders",
    "survey",
]

FOLDER = Path(__file__).parent
FOLDERS_SETTING = "HIDDEN_STATE_MODEL_FOLDERS"
"""The environment variable that names folders with your own models."""


@dataclass(frozen=True)
class Catalogue:
    """Every model that can be offered, by id, and what had to be left out, each with a sentence.

    Attributes:
        entries: those that read texts.
        series: those that read numbers.
    """

    entries: dict[str, Entry]
    left_out: tuple[LeftOut, ...] = ()
    series: dict[str, Entry[SeriesCard]] = field(default_factory=dict)

    @property
    def left_out_by_readers_of_texts(self) -> tuple[LeftOut, ...]:
        """What those have to leave out who offer texts alone: the models that read numbers, too."""
        numbers = (
            LeftOut(
                one.folder,
                f"{name} reads numbers; the page shows texts so far. Use it from Python or with `hidden-state trace`.",
            )
            for name, one in self.series.items()
        )
        return (*self.left_out, *numbers)


def split_folders(value: str) -> list[Path]:
    """The folders that a setting names, with the system's path separator; "~" is the home folder."""
    return [_expanded(part) for part in value.split(os.pathsep) if part]


def own_folders() -> list[Path]:
    """The folders that `HIDDEN_STATE_MODEL_FOLDERS` names."""
    return split_folders(os.environ.get(FOLDERS_SETTING, ""))


def _expanded(part: str) -> Path:
    try:
        return Path(part).expanduser()
    except RuntimeError:  # no such user
        return Path(part)


def survey(folders: Iterable[Path] | None = None) -> Catalogue:
    """Every model of the zoo and of `folders`, in the order in which the zoo's recipes name them.

    A folder without a model, an invalid card, a second model of the same id: each is left out with a sentence, and the
    rest is returned.

    Args:
        folders: each a model's own folder or one that contains such folders; by default those of `own_folders`. The
            same folder named twice counts once.
    """
    entries: dict[str, Entry] = {}
    series: dict[str, Entry[SeriesCard]] = {}
    left_out: list[LeftOut] = []
    seen: set[Path] = set()
    for base in (FOLDER, *(own_folders() if folders is None else folders)):
        try:
            homes = _homes(base)
        except OSError as error:
            left_out.append(LeftOut(base, f"{shown(str(base))} cannot be read: {error.strerror or error}."))
            continue
        if not homes and base != FOLDER:
            why = f"{shown(str(base))} holds no model: neither it nor a folder in it has a {CARD}."
            left_out.append(LeftOut(base, f"{why} Name a folder that a training wrote, or one with such folders."))
        for place in homes:
            if (real := place.resolve()) in seen:
                continue
            seen.add(real)
            try:
                if reads_numbers(place):
                    numbers = series_entry_of(place)
                    _check_alone(numbers.card.id, place, entries, series)
                    series[numbers.card.id] = numbers
                else:
                    entry = entry_of(place)
                    _check_alone(entry.card.id, place, entries, series)
                    entries[entry.card.id] = entry
            except (CheckpointError, OSError) as error:
                left_out.append(LeftOut(place, str(error)))
    ordered = dict(sorted(entries.items(), key=lambda item: _rank(item[1])))
    return Catalogue(ordered, tuple(left_out), series)


def _check_alone(name: str, place: Path, *known: Mapping[str, Entry[Any]]) -> None:
    for entries in known:
        if (other := entries.get(name)) is not None:
            raise CheckpointError(
                f"Two models are called {name!r}: {shown(str(other.folder))} and {shown(str(place))}. Give one of them "
                "another id in its card.json."
            )


def _homes(base: Path) -> list[Path]:
    """The model folders that `base` is or contains. Hidden ones are excluded: training may be in progress there."""
    if (base / CARD).exists():
        return [base]
    return sorted(one.parent for one in base.glob(f"*/{CARD}") if not one.parent.name.startswith("."))


def catalogue(folders: Iterable[Path] | None = None) -> dict[str, Entry]:
    """The models of `survey` that read texts, by id."""
    return survey(folders).entries


def _rank(entry: Entry) -> tuple[object, ...]:
    """The zoo first; within a corpus the cells in their order, small before large."""
    cells = list(CELLS)
    card = entry.card
    cell = cells.index(card.cell) if card.cell in cells else len(cells)
    plain = card.id.count("-")
    return (entry.folder.parent != FOLDER, card.corpus.name != "shakespeare", card.corpus.name, plain, cell, card.id)


def load(
    model: str | Path,
    *,
    step: int | None = None,
    device: str | torch.device = "cpu",
    folders: Iterable[Path] | None = None,
) -> CharLM | SeriesModel:
    """A trained model, by id or by the path of its folder; see `models.storage.lookup` for everything in a name.

    `load("shakespeare-lstm")` is the trained one; `load("shakespeare-lstm", step=0)`, also written
    `load("shakespeare-lstm@0")`, its untrained twin; `load("shakespeare-lstm~zero@57")` the trained one under an
    intervention, which applies to everything that it reads from its first step on. A model whose card states channels
    reads numbers: it is a `SeriesModel`.

    Args:
        folders: where models are besides the zoo; by default those of `HIDDEN_STATE_MODEL_FOLDERS`.

    Raises:
        UnknownModel: if there is no such id, or no such step.
        CheckpointError: if its files are missing or broken.
        BadIntervention: if the name's interventions do not fit it.
    """
    found = _meant(model, folders)
    if step is not None and found.step != step:
        if found.step is not None:
            raise UnknownModel(f"{found.name!r} names step {found.step}, and step={step} another. Name one of them.")
        found = found.at(step)
    kind = load_series_model if isinstance(found.entry.card, SeriesCard) else load_model
    lm: CharLM | SeriesModel = kind(found.entry.folder, found.step, device=device)
    lm.interventions, lm.name = found.interventions, found.name
    return lm


def _meant(model: str | Path, folders: Iterable[Path] | None) -> Found[Card] | Found[SeriesCard]:
    known = survey(folders)
    is_path = isinstance(model, Path) and home(str(model)) is not None
    return find_any(str(model), *(({}, {}) if is_path else (known.entries, known.series)), known.left_out)


def series_card(model: str | Path, *, folders: Iterable[Path] | None = None) -> SeriesCard:
    """The card of a model that reads numbers, by whatever names it for `load`.

    Raises:
        UnknownModel: if there is no such model.
        CheckpointError: if it reads texts, or its card is broken.
    """
    card = _meant(model, folders).entry.card
    if not isinstance(card, SeriesCard):
        raise CheckpointError(f"{card.id} reads texts, and this reads numbers. Name a model of numbers.")
    return card


def load_text_model(model: str | Path, *, device: str | torch.device = "cpu") -> CharLM:
    """The same, of models that read texts.

    Raises:
        CheckpointError: also if the model reads numbers.
    """
    lm = load(model, device=device)
    if isinstance(lm, SeriesModel):
        raise CheckpointError(
            f"{lm.name} reads numbers ({', '.join(lm.codec.names)}), and this reads texts. Name a model of texts; with "
            "one of numbers there are `hidden-state evaluate` and `hidden-state trace`."
        )
    return lm
