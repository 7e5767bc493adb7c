"""Series that change slowly, as a unit's do, and how alike two of them are by the definition."""

from __future__ import annotations

import numpy as np


def slow_series(draw: np.random.Generator, steps: int) -> np.ndarray:
    """Noise, each value the mean of 21."""
    return np.convolve(draw.normal(size=steps + 20), np.ones(21) / 21, "valid")


def r_of(x: np.ndarray, y: np.ndarray) -> float:
    """Pearson's r by its definition."""
    x, y = x.astype(np.float64), y.astype(np.float64)
    return float(((x - x.mean()) * (y - y.mean())).mean() / (x.std() * y.std()))
