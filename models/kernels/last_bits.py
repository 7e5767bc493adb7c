"""Numbers to the last bit: with it changed, and whether two arrays are the same down to it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def shifted(values: NDArray[Any], turn: int, draw: np.random.Generator) -> NDArray[Any]:
    """The numbers off by their last bits: all up (turn 0), all down (1), or either at random (2, 3, …)."""
    up = np.full(values.shape, turn == 0) if turn < 2 else draw.random(values.shape) < 0.5
    toward = np.where(up, np.inf, -np.inf).astype(values.dtype)
    # The last bit of a number near zero is far below what any sum in the network can notice.
    step = np.maximum(np.abs(np.nextafter(values, toward) - values), np.finfo(values.dtype).eps / 2)
    out: NDArray[Any] = (values + np.sign(toward) * step).astype(values.dtype)
    return out


def same_bits(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Whether two arrays hold the same bits: NaN is itself, and −0.0 is not 0.0. Compared in place up to the first
    difference; only an array whose numbers do not lie side by side is copied."""
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    if not one.size:
        return True
    ours, theirs = (np.ascontiguousarray(values).reshape(-1).view(np.uint8) for values in (one, other))
    words = np.uint64 if len(ours) % 8 == 0 else np.uint8
    return bool(ours.view(words).data == theirs.view(words).data)
