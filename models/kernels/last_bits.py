"""Numbers with their last bit changed."""

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
