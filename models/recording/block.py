"""What a recording keeps of a stretch of steps, and what it keeps of all that lies before one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..cells.base import Array
from ..network.reader import Reader, State
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
        arrays: list[Array | Levels] = [*self.state, *self.levels]
        if self.prediction is not None:
            arrays.append(self.prediction)
        return sum(a.nbytes for a in arrays)


def same(one: State, other: State) -> bool:
    """Whether two states have the same bits."""
    return one is other or all(a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=True))
