"""What a recording keeps of a stretch of steps, and what it keeps of all that lies before one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..cells.base import Array
from ..network.reader import Reader
from .checkpoints import Checkpoint
from .memory import OBJECT_BYTES, Charge
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
    begin: Checkpoint
    prediction: Array | None
    """(V,) log-probabilities that the step before left; None before the first character."""
    before: Sums
    """All steps before this block."""
    steps: int = 0
    """How many have been read."""
    own: Sums | None = None
    levels: tuple[Levels, ...] = ()
    """For each layer."""
    end: Checkpoint | None = None
    """The border behind it; None while it is still being read."""
    after: Array | None = None
    charge: Charge | None = None
    """For what it keeps beside states, once it is whole."""

    @property
    def stop(self) -> int:
        return self.start + self.steps

    def begun(self, steps: int = 0) -> Block:
        """A block that starts where this one does, with its first steps read."""
        return Block(self.start, self.begin, self.prediction, self.before, steps)

    def next(self) -> Block:
        """The block behind this one, with nothing read."""
        assert self.own is not None
        assert self.end is not None
        return Block(self.stop, self.end, self.after, self.before.plus(self.own))


def block_bytes(levels: Sequence[int], predictions: int) -> int:
    """What a whole block takes up beside states: its levels, in bytes for each layer, and a prediction."""
    objects = 5 + 16 * len(levels)
    return sum(levels) + predictions + OBJECT_BYTES * objects
