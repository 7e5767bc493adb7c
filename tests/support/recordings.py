"""What the tests of recordings share."""

from __future__ import annotations

from typing import Any

import numpy as np

from models import CharLM
from models.network.reader import Activations, Reader
from models.recording.overview import GRAIN, Grain
from models.recording.recording import Recording


class Counting:
    """A reader that notes how many steps it was asked to read each time, and minds the walls of the room."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.reads: list[int] = []

    def read(self, ids: Any, state: Any, into: Activations, offset: int = 0, **options: Any) -> None:
        assert offset + len(ids) <= len(into.predictions), "the compiled loops would write beyond the room"
        self.reads.append(len(ids))
        self._reader.read(ids, state, into, offset, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)


def read_all(rec: Recording) -> None:
    while rec.read():
        pass


def typed(lm: CharLM, text: str, *, kept: int = 6, reader: Any = None, grain: Grain = GRAIN) -> Recording:
    rec = Recording(reader or Counting(lm.reader()), kept=kept, grain=grain)
    rec.edit(0, 0, lm.vocabulary.encode(text))
    read_all(rec)
    return rec


def check_typed_and_edited(lm: CharLM, text: str, first: int, at: int, removed: int) -> None:
    """That a text which is typed, lengthened and edited in its middle has the bits of one that is read at once."""
    rec = typed(lm, text[:first])
    rec.edit(first, 0, lm.vocabulary.encode(text[first:]))
    read_all(rec)
    rec.edit(at, removed, lm.vocabulary.encode("stone"))
    read_all(rec)
    whole = lm.trace(text[:at] + "stone" + text[at + removed :])
    for key in whole.keys():  # noqa: SIM118 - a trace is no dict
        layer, name = key.split(".")
        assert np.array_equal(rec.signal(int(layer), name, 0, len(whole)), whole[key].numpy()), key


def states_held(rec: Recording) -> dict[int, int]:
    """The bytes of each state that the recording holds, wherever it does, each counted once."""
    blocks = [*rec._blocks, *rec._tail]
    points = [point for block in blocks for point in (block.begin, block.end) if point is not None]
    edited = rec._tracking._edited
    stretches = [] if edited is None else [one for one in (edited.last, edited.far) if one is not None]
    passed = [] if rec._computed._passed is None else [rec._computed._passed[1]]
    states = [one.state for one in (*points, *(one.kept for one in stretches), *passed) if one.state is not None]
    states += [cached.front for cached in rec._cache._of.values() if cached.front is not None]
    return {id(one): one.nbytes for state in states for one in state}


def arrays_held(rec: Recording) -> int:
    """The bytes of all arrays and states that can be reached, each counted once."""
    found = states_held(rec)
    arrays = [rec.ids._array, rec._surprise._array]
    arrays += [a for one in rec._cache._of.values() for a in (one.activations.predictions, *one.activations.layers)]
    for block in (*rec._blocks, *rec._tail):
        arrays += [array for array in (block.prediction, block.after) if array is not None]
        for levels in block.levels:
            for bins in (levels.bins, levels.whole):
                arrays += [bins.extremes, bins.parts, bins.means, bins.free, bins.saturated]
    edited = rec._tracking._edited
    arrays += [] if edited is None else [one.ids for one in (edited.last, edited.far) if one is not None]
    return sum((found | {id(array): array.nbytes for array in arrays}).values())
