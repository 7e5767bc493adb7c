"""How far an edit is felt: the run before it and the run after it, compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..cells.base import Array
from ..network.codec import Items
from ..network.reader import Reader
from ..network.state import State, fork
from .memory import OBJECT_BYTES, Charge, KeptState, Tally

VISIBLE = 1 / 127
"""One level of the picture of a hidden state, which lies within ±1."""


@dataclass(frozen=True, slots=True)
class EditEffect:
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
    """A stretch of the run before an edit: what it read up to `stop`, counted in the text as it is now, from which
    state and from which step on. From step `same` on the characters of both runs are the same."""

    kept: KeptState
    start: int
    ids: Items
    stop: int
    same: int
    charge: Charge
    """For `ids`."""

    @staticmethod
    def of(tally: Tally, kept: KeptState, start: int, ids: Items, stop: int, same: int) -> Before:
        """With a copy of `ids`."""
        return Before(kept, start, ids.copy(), stop, same, Charge(tally, ids.nbytes + OBJECT_BYTES))

    def longer(self, tally: Tally, ids: Items) -> Before:
        """This one and `ids`, which it read next."""
        return Before.of(tally, self.kept, self.start, np.concatenate([self.ids, ids]), self.stop + len(ids), self.same)


def max_distance(one: State, other: State) -> float:
    """The largest difference of any unit's hidden state, over all layers, of states that are among the signals."""
    return max(float(np.abs(a[0] - b[0]).max()) for a, b in zip(one, other, strict=True))


def steps_until_equal(reader: Reader, before: Before, now: Callable[[int, int], list[Array]], *, exactly: bool) -> int:
    """For how many steps of a stretch, from its first character that is the same, the run before was another.

    Args:
        now: gives the states of all layers at steps start … stop − 1 of the run after the edit, each (states, T, H).
        exactly: whether a bit of any state counts, or only what can be seen of a hidden state.
    """
    fresh = len(before.ids) - (before.stop - before.same)  # items that only the run before has
    together = min(reader.block, len(before.ids))
    activations, state = reader.allocate(together), fork(before.kept.state)
    carried = [list(layer.cell.carried()) for layer in reader.stack]
    until = 0
    for first in range(0, len(before.ids), max(together, 1)):
        ids = before.ids[first : first + together]
        reader.read(ids, state, activations, predict=False, at=before.start + first)
        skip, end = max(fresh - first, 0), first + len(ids)
        if skip >= len(ids):
            continue
        differ = np.zeros(len(ids) - skip, bool)
        here = before.same + first + skip - fresh
        for new, layer, rows in zip(now(here, here + len(differ)), activations.layers, carried, strict=True):
            old = layer[rows, skip : len(ids)]
            if exactly:
                differ |= (new.view(np.uint8) != old.view(np.uint8)).any(axis=(0, 2))
            else:
                differ |= (np.abs(new[0] - old[0]) > VISIBLE).any(axis=1)
        if differ.any():
            until = end - fresh - int(differ[::-1].argmax())
    return until
