"""A state with the last bit of every number changed: what a run from it does, rounding alone does."""

from __future__ import annotations

import numpy as np

from .state import State


def nudged(state: State, turn: int) -> State:
    """A copy of `state` that is off by the last bits: all up (turn 0), all down (1), or either at random (2, 3, …)."""
    draw = np.random.Generator(np.random.PCG64(turn))
    out = []
    for values in state:
        if not isinstance(values, np.ndarray):
            out.append(values.nudged(turn))
            continue
        up = np.full(values.shape, turn == 0) if turn < 2 else draw.random(values.shape) < 0.5
        toward = np.where(up, np.inf, -np.inf).astype(values.dtype)
        # The last bit of a number near zero is far below what any sum in the network can notice.
        step = np.maximum(np.abs(np.nextafter(values, toward) - values), np.finfo(values.dtype).eps / 2)
        out.append((values + np.sign(toward) * step).astype(values.dtype))
    return out
