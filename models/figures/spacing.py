"""How values are spread over a scale of colours, and where it ends: the same on the page and in a notebook."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..equations.scale import Form, Scale

FOLD = 0.1
"""Below this a symmetric logarithmic scale is nearly linear."""

Spacing = Literal["linear", "log", "positive_log"]
"""How values are spread over the levels: evenly; on a symmetric logarithmic scale from −high to high; by the logarithm
of a positive value from low to high."""
Bounds = tuple[float, float]


def folded(values: NDArray[np.floating[Any]], high: float) -> NDArray[np.float32]:
    """The position of values on a symmetric logarithmic scale: ±1 at ±`high`, 0 at 0, nearly linear within ±`FOLD`."""
    values = np.asarray(values, np.float32)
    magnitude = np.log1p(np.abs(values) / np.float32(FOLD)) / np.float32(np.log1p(high / FOLD))
    return np.asarray(np.copysign(magnitude, values), np.float32)


def by_logarithm(values: NDArray[np.floating[Any]], low: float, high: float) -> NDArray[np.float32]:
    """The position of values by their logarithm: 0 at `low` and at anything below it, 0 too; 1 at `high`."""
    values = np.maximum(np.asarray(values, np.float32), np.float32(low))
    return np.asarray(np.log(values / np.float32(low)) / np.float32(np.log(high / low)), np.float32)


def decade_range(largest: float) -> Bounds:
    """(−r, r) with r the next of 1, 10, 100, …, for a logarithmic scale."""
    high = 1.0
    while np.isfinite(largest) and high < largest:
        high *= 10.0
    return -high, high


def symmetric_range(largest: float) -> Bounds:
    """(−r, r) with r the next of 1, 2, 5, 10, 20, 50, … so that the colours seldom change meaning."""
    if not np.isfinite(largest):
        largest = 1.0
    scale = 1.0
    while True:
        for step in (1.0, 2.0, 5.0):
            if largest <= step * scale:
                return -step * scale, step * scale
        scale *= 10.0


def spread(scale: Scale, largest: float, end: float | Literal["largest"] | None = None) -> tuple[Bounds, Spacing]:
    """Where the colours of a signal end, and how its values are spread between.

    Args:
        largest: how far the values go: the largest size, of factors the largest factor to either side of 1. It says
            nothing where the scale has a range.
        end: for real numbers without a bound a linear scale that ends at ± this, or at the largest value; None: a
            symmetric logarithmic one.
    """
    if scale.range is not None:
        return scale.range, "linear"
    if scale.form is Form.LOGARITHMIC:
        _, high = decade_range(max(largest, 10.0))
        return (1.0 / high, high), "positive_log"
    if end is None and scale.form is Form.SYMMETRIC:
        return decade_range(largest), "log"
    low, high = (-end, end) if isinstance(end, float) else symmetric_range(largest)
    return (0.0 if scale.form is Form.HALF_LINE else low, high), "linear"
