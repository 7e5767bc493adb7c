"""A state with the last bit of every number changed: what a run from it does, rounding alone does."""

from __future__ import annotations

import numpy as np

from ..kernels.last_bits import shifted
from .state import State


def nudged(state: State, turn: int) -> State:
    """A copy of `state` that is off by the last bits: all up (turn 0), all down (1), or either at random (2, 3, …)."""
    draw = np.random.Generator(np.random.PCG64(turn))
    out = []
    for values in state:
        if not isinstance(values, np.ndarray):
            out.append(values.nudged(turn))
            continue
        out.append(shifted(values, turn, draw))
    return out
