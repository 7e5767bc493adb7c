"""Where a reading depends on rounding: the same stretch again, with the last bit of every number of the state changed.

A network may be chaotic on an unfamiliar text: two correct programs, or two orders of addition, then reach unrelated
states, and a picture or a number taken from such a stretch is one of many. Two runs detect this (all last bits up; each
up or down at random), each at the cost of reading the stretch once.

T  characters    H  units    L  layers
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from ..errors import NotMeasurable
from ..network.nudge import nudged
from ..network.trace import mean_surprise
from ..recording.recording import Recording

TURNS = (0, 2)
PIECE = 512
"""Steps per piece: a few milliseconds for 128 units."""
STEPS = 5_000
"""Of a longer stretch only this many steps, its last ones, are read."""
CHAOTIC = 0.01
"""A change of h, which is within ±1: ten thousand times that of a network that damps rounding."""


@dataclass(frozen=True)
class Shaken:
    """Steps start … stop − 1, read once more.

    Attributes:
        largest: the largest change of a hidden state of any layer.
        first: the first step at which that is more than `CHAOTIC`; None if it is at none.
        bits: the largest change of the mean surprise, in bits per character; NaN if none is known.
    """

    start: int
    stop: int
    largest: float
    first: int | None
    bits: float

    @property
    def chaotic(self) -> bool:
        return self.first is not None

    def words(self) -> str:
        """A sentence if rounding decides."""
        if not self.chaotic:
            return ""
        return (
            "Rounding decides here: with the last bits of the state changed, hidden states come out otherwise by up to "
            f"{self.largest:.2g} from step {self.first:,} on, and bits per character by {self.bits:.2g}."
        )


def shaken(recording: Recording, start: int = 0, stop: int | None = None) -> Generator[float, None, Shaken]:
    """Read the steps start … stop − 1 (by default everything read so far) once more.

    Yields:
        the share of the work that is done.

    Raises:
        NotMeasurable: if there are fewer than two such steps.
    """
    stop = recording.steps if stop is None else min(stop, recording.steps)
    start = max(start, stop - STEPS, 0)
    if stop - start < 2:
        raise NotMeasurable("Rounding needs two steps to show. Write on, or look at a longer stretch.")
    reader = recording.reader
    activations = reader.allocate(PIECE)
    largest, first, bits = 0.0, None, []
    usual = recording.surprise(start + 2, stop)
    for n, turn in enumerate(TURNS):
        # After the first step: a reader under interventions may begin anew before it.
        state, said = nudged(recording.state_at(start + 1), turn), []
        expected = np.empty((0, reader.head.width), reader.dtype)
        for at in range(start + 1, stop, PIECE):
            ids = recording.ids[at : min(at + PIECE, stop)].copy()
            reader.read(ids, state, activations, at=at)
            apart = np.zeros(len(ids))
            for k, layer in enumerate(reader.stack):
                ours = recording.signal(k, layer.cell.names()[0], at, at + len(ids))
                np.maximum(apart, np.abs(ours - activations.layers[k][0, : len(ids)]).max(axis=1), out=apart)
            largest = max(largest, float(apart.max()))
            beyond = np.flatnonzero(apart > CHAOTIC)
            if len(beyond):
                first = min(at + int(beyond[0]), stop if first is None else first)
            rows = activations.predictions[: len(ids)]
            asked = np.concatenate([expected, rows[:-1]])
            said.append(reader.head.bits(asked, ids[len(ids) - len(asked) :]))
            expected = rows[-1:].copy()
            yield (n + (at + len(ids) - start) / (stop - start)) / len(TURNS)
        bits.append(abs(mean_surprise(np.concatenate(said)) - mean_surprise(usual)))
    return Shaken(start, stop, largest, first, float(max(bits)))
