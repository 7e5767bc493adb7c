"""What rounding alone does to an echo's strength: below ten times that, an echo is no memory but noise.

Two runs in float32 that have forgotten where they differed still differ by their rounding. How much is measured by
reading on from the state after the replaced character with the last bit of every number changed, several times, since
one such run scatters over decades.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..network.nudge import nudged
from .echo import FARTHEST, Echo
from .loops import subtract

NUDGED = 4
"""Runs whose first state is off by the last bits: all up, all down, and two at random."""
PIECE = 128
"""Steps that are measured at once: nobody waits for this, and the pointer may already be elsewhere."""
CLEAR = 10.0
"""An echo is above rounding where it is at least so many times as strong."""


class Rounding:
    """The rounding under one echo, found in pieces up to `FARTHEST` lags.

    Args:
        echo: over a recording that has read the step after the replaced character's, or ends with it.
    """

    def __init__(self, echo: Echo) -> None:
        self._echo = echo
        self.steps = echo.at + 1
        """Steps before this one have been measured; the replaced character's own has no rounding of its past."""
        after = echo.recording.state_at(self.steps)
        self._states = [nudged(after, turn) for turn in range(NUDGED)]
        self._strength: list[NDArray[np.float32]] = []

    def advance(self, until: int) -> bool:
        """Measure on by a few steps, to step `until` or as far as the echo has come. Returns whether it has."""
        recording, scratch = self._echo.recording, self._echo.scratch
        stop = min(until, self._echo.steps, self._echo.at + FARTHEST, self.steps + PIECE)
        if stop <= self.steps:
            return False
        ids, reader = recording.ids[self.steps : stop].copy(), recording.reader
        places = reader.stack.places
        found = np.zeros((len(places), len(ids)), np.float32)
        apart = np.empty(len(ids), np.float32)
        for state in self._states:
            reader.read(ids, state, scratch, predict=False, at=self.steps)
            for first, layers in recording.activations(self.steps, stop):
                rows = slice(first - self.steps, first - self.steps + layers[0].shape[1])
                for n, (k, s) in enumerate(places):
                    theirs = scratch.layers[k][s, rows]
                    subtract(layers[k][s], theirs, theirs, apart[rows])
                    np.maximum(found[n, rows], apart[rows], out=found[n, rows])
        self._strength.append(found)
        self.steps = stop
        return True

    def above(self, layer: int, name: str) -> int:
        """The last lag at which the echo is `CLEAR` times as strong as rounding, as far as has been measured; −1 if the
        replacement changes nothing in this signal."""
        echo, row = self._echo, self._echo.recording.reader.stack.row(layer, name)
        if echo.first(layer, name) == 0:
            return -1
        if not self._strength:
            return 0
        rounding = np.concatenate([one[row] for one in self._strength])
        strength = echo.strength(layer, name, echo.at + 1, echo.at + 1 + len(rounding), 1)
        clear = np.flatnonzero((strength >= CLEAR * rounding) & (strength > 0))
        return int(clear[-1]) + 1 if len(clear) else 0
