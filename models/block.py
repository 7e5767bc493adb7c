"""What a recording keeps of a stretch of steps, and what it keeps of all that lies before one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .cells.base import Array
from .overview import Levels
from .reader import Activations, Reader, State
from .vocabulary import Ids


@dataclass(slots=True)
class Sums:
    """What steps add up to."""

    bits: float
    scored: int
    largest: tuple[Array, ...]
    """For each layer, the largest absolute value of each signal, (S,)."""

    @staticmethod
    def none(reader: Reader) -> Sums:
        return Sums(0.0, 0, tuple(np.zeros(len(reader.cell.signals), reader.dtype) for _ in range(reader.layers)))

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


@dataclass(slots=True)
class Room:
    """The activations of one block, as far as they are there."""

    activations: Activations
    filled: int = 0
    """Rows whose signals are there."""
    predicted: int = 0
    """Rows whose log-probabilities are there too."""

    def cut(self, rows: int) -> None:
        """What lies behind so many rows is of another text."""
        self.filled, self.predicted = min(self.filled, rows), min(self.predicted, rows)

    @property
    def nbytes(self) -> int:
        return sum(a.nbytes for a in (self.activations.log_probabilities, *self.activations.layers))


VISIBLE = 1 / 127
"""One level of the picture of a hidden state, which lies within ±1."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far an edit before the end of the text was felt.

    States that have once differed come close and seldom meet, so there are two answers.

    Attributes:
        at: where the text was changed.
        seen: the first step from which on no unit's hidden state is off by more than `VISIBLE` from what it was before
            the edit; compared at each block's first step, and at every step of the last block where it was.
        to: the first step from which on every state is, to the last bit, what it was before the edit.
        exact: whether the two are the very steps; else, after several edits at once, `to` is at most that, and `seen`
            is the first step from which on no difference was found where the two runs were compared.
        converged: False if the states still differed at the end of the text, which is `to`.
    """

    at: int
    seen: int
    to: int
    exact: bool
    converged: bool


@dataclass(frozen=True, slots=True)
class Before:
    """A stretch of the run before an edit: what it read up to `stop`, counted in the text as it is now, and from which
    state. From step `same` on the characters of both runs are the same."""

    state: State
    ids: Ids
    stop: int
    same: int


@dataclass(slots=True)
class Edited:
    """An edit whose reach is not known yet.

    Attributes:
        at, until: where the changes lie, the first and the last of them.
        several: whether one came before the reach of another was known: what was there before them all is partly gone.
        last: the run before it, up to where the reading has come; None if that is gone.
        far: the last stretch of it whose first state was off visibly.
        near: the first step, of those where both runs were compared, from which on no state was.
    """

    at: int
    until: int
    several: bool = False
    last: Before | None = None
    far: Before | None = None
    near: int | None = None


def same(one: State, other: State) -> bool:
    """Whether two states have the same bits."""
    return one is other or all(a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=True))


def apart(one: State, other: State) -> float:
    """The largest difference of any unit's hidden state, over all layers."""
    return max(float(np.abs(a[0] - b[0]).max()) for a, b in zip(one, other, strict=True))
