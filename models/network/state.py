"""Where a reader stands in a text: for each layer, what it hands to its next step. Opaque to all but that layer.

A layer's state is anything that `LayerState` describes. That of a cell is an array (J, H) of its states, which are
among its signals; another layer's may be a matrix, or grow with the text. One that is no array also has two methods:
`same_bits(other)`, see `models.kernels.last_bits`, and `nudged(turn)`: a copy that is off by the last bits, see
`models.network.nudge`.
"""

from __future__ import annotations

from typing import Any, Protocol, Self

import numpy as np

from ..kernels.last_bits import same_bits


class LayerState(Protocol):
    """What one layer hands to its next step. A NumPy array is one."""

    @property
    def nbytes(self) -> int: ...

    def copy(self) -> Self:
        """One that goes on by itself."""


State = list[Any]
"""A `LayerState` for each layer, from the input up. A reader changes it in place."""


def fork(state: State) -> State:
    """A copy that goes on by itself."""
    return [one.copy() for one in state]


def same(one: State, other: State) -> bool:
    """Whether two states have the same bits: from them the same follows."""
    return one is other or all(_same(a, b) for a, b in zip(one, other, strict=True))


def _same(one: Any, other: Any) -> bool:
    return same_bits(one, other) if isinstance(one, np.ndarray) else bool(one.same_bits(other))


def size(state: State) -> int:
    """Bytes."""
    return sum(one.nbytes for one in state)
