"""The trained models that ship, one folder each; and how to find them and those of other folders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch

from ..charlm import CharLM
from ..checkpoint import CARD, Card, load_model, read_card, steps
from ..errors import CheckpointError, UnknownModel

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Entry:
    """A model on disk: where it lies, its card, and the earlier steps of its training that lie beside it."""

    folder: Path
    card: Card
    steps: tuple[int, ...]


def catalogue(folders: Iterable[Path] = ()) -> dict[str, Entry]:
    """Every model of the zoo and of `folders`, by id, in the order in which the zoo's recipes name them.

    Each of `folders` is a model's own folder or holds such folders.

    Raises:
        CheckpointError: if a folder holds no model, or two models share an id.
    """
    entries: dict[str, Entry] = {}
    for base in (FOLDER, *folders):
        homes = [base] if (base / CARD).exists() else sorted(p.parent for p in base.glob(f"*/{CARD}"))
        if not homes and base != FOLDER:
            raise CheckpointError(f"{base} holds no model: neither it nor a folder in it has a {CARD}.")
        for home in homes:
            card = read_card(home)
            if card.id in entries:
                raise CheckpointError(
                    f"Two models are called {card.id!r}: {entries[card.id].folder} and {home}. "
                    "Give one of them another id in its card.json."
                )
            entries[card.id] = Entry(home, card, tuple(steps(home)))
    return dict(sorted(entries.items(), key=lambda item: _rank(item[1])))


def _rank(entry: Entry) -> tuple[object, ...]:
    """The zoo first; within a corpus the cells in their order, small before large."""
    cells = ["rnn", "gru", "lstm"]
    card = entry.card
    cell = cells.index(card.cell) if card.cell in cells else len(cells)
    plain = card.id.count("-")
    return (entry.folder.parent != FOLDER, card.corpus.name != "shakespeare", card.corpus.name, plain, cell, card.id)


def load(
    model: str | Path, *, step: int | None = None, device: str | torch.device = "cpu", folders: Iterable[Path] = ()
) -> CharLM:
    """A trained model, by id or by the path of its folder.

    `load("shakespeare-lstm")` is the trained one; `load("shakespeare-lstm", step=0)`, also written
    `load("shakespeare-lstm@0")`, its untrained twin.

    Raises:
        UnknownModel: if there is no such id.
        CheckpointError: if its files are missing or broken.
    """
    name, _, at = str(model).rpartition("@")
    if not name or (Path(model) / CARD).exists():  # no step is named, or the @ stands in a path
        name = str(model)
    else:
        if not at.isdecimal():  # "²" is a digit, but no number
            raise UnknownModel(f"{model!r} names no step: after @ comes a number, 0 for the untrained twin.")
        step = int(at)
    entries = catalogue(folders)
    if name in entries:
        return load_model(entries[name].folder, step, device=device)
    if (Path(name) / CARD).exists():
        return load_model(Path(name), step, device=device)
    raise UnknownModel(f"There is no model called {name!r}. There are: {', '.join(entries) or 'none'}.")
