"""What rounding alone does to an echo's strength: below ten times that, an echo is no memory but noise.

Two runs in float32 that have forgotten where they differed still differ by their rounding. How much is measured by
reading on from the state after the replaced character with the last bit of every number changed, several times, since
one such run scatters over decades.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .echo import FARTHEST, SPAN, Echo
from .nudge import nudged

NUDGED = 4
"""Runs whose first state is off by the last bits: all up, all down, and two at random."""
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
        after = echo.recording.state_before(self.steps)
        self._states = [nudged(after, turn) for turn in range(NUDGED)]
        self._scratch = echo.recording.reader.room(SPAN)
        self._strength: list[NDArray[np.float32]] = []

    def advance(self, until: int) -> bool:
        """Measure on, at most a span, to step `until` or as far as the echo has come. Returns whether it has."""
        recording = self._echo.recording
        stop = min(until, self._echo.steps, self._echo.at + FARTHEST, self.steps + SPAN)
        if stop <= self.steps:
            return False
        ids, reader = recording.ids[self.steps : stop].copy(), recording.reader
        found = np.zeros((reader.layers, len(reader.cell.signals), len(ids)), np.float32)
        for state in self._states:
            reader.read(ids, state, self._scratch, predict=False, at=self.steps)
            for first, layers in recording.activations(self.steps, stop):
                done, count = first - self.steps, layers[0].shape[1]
                for k, (ours, theirs) in enumerate(zip(layers, self._scratch.layers, strict=True)):
                    values = ours - theirs[:, done : done + count]
                    strength = np.sqrt(np.einsum("sth,sth->st", values, values))
                    np.maximum(found[k, :, done : done + count], strength, out=found[k, :, done : done + count])
        self._strength.append(found)
        self.steps = stop
        return True

    def above(self, layer: int, name: str) -> int:
        """The last lag at which the echo is `CLEAR` times as strong as rounding, as far as has been measured; −1 if the
        replacement changes nothing in this signal."""
        echo, index = self._echo, self._echo.recording.reader.cell.names().index(name)
        if echo.first(layer, name) == 0:
            return -1
        if not self._strength:
            return 0
        rounding = np.concatenate([one[layer, index] for one in self._strength])
        strength = echo.strength(layer, name, echo.at + 1, echo.at + 1 + len(rounding), 1)
        clear = np.flatnonzero((strength >= CLEAR * rounding) & (strength > 0))
        return int(clear[-1]) + 1 if len(clear) else 0
