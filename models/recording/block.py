"""What a recording keeps of a stretch of steps, and what it keeps of all that lies before one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..cells.base import Array
from ..network.reader import Reader
from ..network.state import State, size
from .overview import Levels


@dataclass(slots=True)
class Sums:
    """What steps add up to."""

    bits: float
    scored: int
    largest: tuple[Array, ...]
    """For each layer, the largest absolute value of each signal, (S,)."""

    @staticmethod
    def none(reader: Reader) -> Sums:
        return Sums(0.0, 0, tuple(np.zeros(len(layer.cell.signals), reader.dtype) for layer in reader.stack))

    def plus(self, more: Sums) -> Sums:
        """These and those of the steps that follow."""
        largest = tuple(np.maximum(ours, theirs) for ours, theirs in zip(self.largest, more.largest, strict=True))
        return Sums(self.bits + more.bits, self.scored + more.scored, largest)


@dataclass(slots=True, eq=False)
class Block:
    """Steps start … stop − 1: where they start from and, once they are all read, what they leave behind."""

    start: int
    state: State
    prediction: Array | None
    """(V,) log-probabilities that the step before left; None before the first character."""
    before: Sums
    """All steps before this block."""
    steps: int = 0
    own: Sums | None = None
    levels: tuple[Levels, ...] = ()
    """For each layer."""
    end: State | None = None
    """The state after it; None while it is still being read."""
    after: Array | None = None

    @property
    def stop(self) -> int:
        return self.start + self.steps

    def begun(self) -> Block:
        """A block that starts where this one does, with nothing read."""
        return Block(self.start, self.state, self.prediction, self.before)

    def next(self) -> Block:
        """The block behind this one, with nothing read."""
        assert self.own is not None
        assert self.end is not None
        return Block(self.stop, self.end, self.after, self.before.plus(self.own))

    @property
    def nbytes(self) -> int:
        prediction = 0 if self.prediction is None else self.prediction.nbytes
        return size(self.state) + prediction + sum(levels.nbytes for levels in self.levels)
