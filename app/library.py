"""The models that the server offers, each loaded once and shared by all sessions."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from models import CharLM, UnknownModel
from models.cells import CELLS, Cell
from models.checkpoint import Card, load_model
from models.intervened import IntervenedReader, compiled
from models.intervention import Intervention, check, parse
from models.measures.timescale import slowest
from models.reader import Reader
from models.vocabulary import Vocabulary
from models.zoo import Entry, catalogue

INTERVENED = "~"
"""Behind it in a model's name stand interventions, as `models.intervention` spells them."""
KEPT = 64
"""Intervened models that are kept at hand; their weights are those of the model itself."""


@dataclass(frozen=True)
class LoadedModel:
    """A model ready to read.

    Attributes:
        name: its id, with `@step` behind it for an earlier step of its training, and `~…` for interventions.
        interventions: what `reader` does to the network; `lm` is the network as it is.
    """

    name: str
    lm: CharLM
    reader: Reader
    interventions: tuple[Intervention, ...] = ()

    @property
    def vocabulary(self) -> Vocabulary:
        return self.lm.vocabulary


class Library:
    """Finds models by name, loads each on first use and keeps it.

    Args:
        folders: where models lie beside the zoo.
        device: where they read.
    """

    def __init__(self, folders: list[Path], device: str) -> None:
        self.entries: dict[str, Entry] = catalogue(folders)
        self.device = device
        self._loaded: dict[str, LoadedModel] = {}
        self._intervened: OrderedDict[str, LoadedModel] = OrderedDict()
        self._lock = threading.Lock()

    def split(self, name: str) -> tuple[Entry, int | None]:
        """The entry and the step that a name stands for; whatever interventions it names are passed over.

        Raises:
            UnknownModel: naming those that there are.
        """
        identifier, at, step = name.partition(INTERVENED)[0].partition("@")
        entry = self.entries.get(identifier)
        if entry is None:
            raise UnknownModel(f"There is no model called {name!r}. There are: {', '.join(self.entries) or 'none'}.")
        if not at:
            return entry, None
        if step not in map(str, entry.steps):
            have = ", ".join(f"{identifier}@{s}" for s in entry.steps) or "none"
            raise UnknownModel(f"There is no checkpoint {name!r}. Earlier checkpoints of this model: {have}.")
        return entry, int(step)

    def cell(self, name: str) -> tuple[Cell, int]:
        """The cell of a model and its number of layers, without loading it.

        Raises:
            UnknownModel, BadIntervention: if there is no such model, or it cannot be dealt with as the name says.
        """
        card = self.split(name)[0].card
        self._interventions(name)
        return CELLS[card.cell], card.layers

    def alike(self, one: str, other: str) -> bool:
        """Whether two models have the same cell, units and layers: unit by unit they can be compared.

        Raises:
            UnknownModel, BadIntervention: as `cell` does.
        """
        units = [self.split(name)[0].card.units for name in (one, other)]
        return self.cell(one) == self.cell(other) and units[0] == units[1]

    def _interventions(self, name: str) -> tuple[Intervention, ...]:
        _, mark, letters = name.partition(INTERVENED)
        if not mark:
            return ()
        card, found = self.split(name)[0].card, parse(letters)
        check(found, CELLS[card.cell], card.layers, card.units)
        return found

    def get(self, name: str) -> LoadedModel:
        """The model, loaded. May take some milliseconds the first time: call it off the event loop."""
        entry, step = self.split(name)
        interventions = self._interventions(name)
        with self._lock:
            if interventions:
                return self._intervene(name, interventions)
            return self._load(name, entry, step)

    def _load(self, name: str, entry: Entry, step: int | None) -> LoadedModel:
        if name not in self._loaded:
            lm = load_model(entry.folder, step, device=self.device)
            self._loaded[name] = LoadedModel(name, lm, lm.reader())
        return self._loaded[name]

    def _intervene(self, name: str, interventions: tuple[Intervention, ...]) -> LoadedModel:
        """Their number has no end: those that were not asked for the longest are let go of."""
        if name not in self._intervened:
            base = self._load(name.partition(INTERVENED)[0], *self.split(name))
            reader = IntervenedReader(compiled(base.lm, base.reader), interventions)
            self._intervened[name] = LoadedModel(name, base.lm, reader, interventions)
        self._intervened.move_to_end(name)
        while len(self._intervened) > KEPT:
            self._intervened.popitem(last=False)
        return self._intervened[name]

    def describe(self) -> list[dict[str, Any]]:
        """What the page and REST know about each model."""
        return [describe(entry) for entry in self.entries.values()]


def _slowest(card: Card, which: Literal["trained", "untrained"]) -> dict[str, list[int]]:
    """`"{layer}.{signal}"` → its units, the slowest first; nothing where the card has no time scales."""
    if card.time_scales is None:
        return {}
    scales: dict[str, list[float | None]] = getattr(card.time_scales, which)
    return {name: slowest(one) for name, one in scales.items()}


def describe(entry: Entry) -> dict[str, Any]:
    """What is known of a model without loading it."""
    card = entry.card
    cell = CELLS[card.cell]
    return {
        "id": card.id,
        "title": card.title,
        "description": card.description,
        "corpus": card.corpus.name,
        "cell": cell.name,
        "cell_title": cell.title,
        "units": card.units,
        "layers": card.layers,
        "parameters": card.parameters,
        "vocabulary": card.vocabulary,
        "bits_per_character": card.bits_per_character(),
        "untrained_bits_per_character": card.bits_per_character(0),
        "steps": list(entry.steps),
        "slowest": _slowest(card, "trained"),
        "untrained_slowest": _slowest(card, "untrained"),
        "signals": [
            {
                "name": s.name,
                "symbol": s.symbol,
                "title": s.title,
                "kind": s.kind.value,
                "range": list(s.range) if s.range else None,
                "keeps": s.keeps,
                "equation": s.equation,
            }
            for s in cell.signals
        ],
    }
