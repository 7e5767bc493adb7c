"""The models that the server offers, each loaded once and shared by all sessions."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import CharLM, UnknownModel
from models.cells import CELLS, Cell
from models.checkpoint import load_model
from models.reader import Reader
from models.vocabulary import Vocabulary
from models.zoo import Entry, catalogue


@dataclass(frozen=True)
class LoadedModel:
    """A model ready to read. `name` is its id, with `@step` behind it for an earlier step of its training."""

    name: str
    lm: CharLM
    reader: Reader

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
        self._lock = threading.Lock()

    def split(self, name: str) -> tuple[Entry, int | None]:
        """The entry and the step that a name stands for.

        Raises:
            UnknownModel: naming those that there are.
        """
        identifier, at, step = name.partition("@")
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
        """The cell of a model and its number of layers, without loading it."""
        card = self.split(name)[0].card
        return CELLS[card.cell], card.layers

    def get(self, name: str) -> LoadedModel:
        """The model, loaded. May take some milliseconds the first time: call it off the event loop."""
        entry, step = self.split(name)
        with self._lock:
            if name not in self._loaded:
                lm = load_model(entry.folder, step, device=self.device)
                self._loaded[name] = LoadedModel(name, lm, lm.reader())
            return self._loaded[name]

    def describe(self) -> list[dict[str, Any]]:
        """What the page and REST know about each model."""
        return [describe(entry) for entry in self.entries.values()]


def describe(entry: Entry) -> dict[str, Any]:
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
