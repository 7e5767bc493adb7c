"""Standard errors over positions of one text, whose neighbours are not independent.

Positions in the order of the text are cut into batches of neighbours. Batches much longer than the correlation length
are independent, and the spread of their means gives the standard error of the whole (the method of batch means).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

BATCHES = 32
"""Enough to estimate a variance to an eighth, few enough to be long."""
ALIKE = 25
"""Characters over which losses at neighbouring positions are correlated (docs/measures/context.md): batches span at
least as many."""
RESAMPLES = 200

Curve = NDArray[np.float64]


def batches(values: NDArray[np.floating], least: int = 1) -> tuple[Curve, Curve]:
    """Sums and counts of the finite values (N, K) of each batch, both (B, K).

    Args:
        least: the fewest rows of a batch; there are `BATCHES` batches, fewer where the rows do not suffice.
    """
    parts = np.array_split(values, max(1, min(BATCHES, len(values) // least)))
    sums = np.stack([np.nansum(part, axis=0, dtype=np.float64) for part in parts])
    counts = np.stack([np.isfinite(part).sum(axis=0) for part in parts]).astype(np.float64)
    return sums, counts


def mean_of(values: NDArray[np.floating]) -> Curve:
    """The mean of the finite values of each column of (N, K), (K,); NaN where there are none."""
    sums, counts = batches(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: Curve = sums.sum(axis=0) / counts.sum(axis=0)
    return mean


def batch_error(values: NDArray[np.floating], least: int = 1) -> Curve:
    """The standard error of the mean over the rows of (N, K), by batch means, (K,); NaN below two batches.

    The mean is a ratio of sums over batches, since batches may differ in how many values are finite; its variance is
    that of a ratio estimate (Cochran, Sampling Techniques, 2.11).
    """
    sums, counts = batches(values, least)
    n = len(sums)
    if n < 2:
        return np.full(values.shape[1], np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums.sum(axis=0) / counts.sum(axis=0)
        residual = sums - mean * counts
        error: Curve = np.sqrt(n / (n - 1) * (residual**2).sum(axis=0)) / counts.sum(axis=0)
    return error


class Resampled:
    """Means over the rows of (N, K) with resampled batches of the text: a bootstrap."""

    def __init__(self, values: NDArray[np.floating], least: int = 1, seed: int = 0) -> None:
        self._sums, self._counts = batches(values, least)
        self._draw = np.random.Generator(np.random.PCG64(seed))

    def means(self) -> Iterator[Curve]:
        """`RESAMPLES` means, (K,) each; none if there are fewer than two batches."""
        n = len(self._sums)
        for _ in range(RESAMPLES if n > 1 else 0):
            times = self._draw.multinomial(n, np.full(n, 1 / n)).astype(np.float64)
            with np.errstate(invalid="ignore", divide="ignore"):
                mean: Curve = (times @ self._sums) / (times @ self._counts)
            yield mean
