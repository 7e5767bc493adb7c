"""How soon a unit loses half of what it holds.

**By its gate.** What is left of a value from step a at step t is the product of the signal that keeps the past (LSTM:
the forget gate; GRU: the update gate) over the steps a + 1 … t. The half-life is the number of steps after which no
more than half is left; the median over starts a. Next to it is that of a gate that always has the mean log: ln 2 /
−mean ln f. A cell without such a gate has no half-life of this kind.

**By its autocorrelation.** The lag at which the correlation of a signal with its own past first falls to one half,
interpolated between whole lags: the same definition for all cells. It says how slowly the unit changes on this text,
not how long it could hold something."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...cells.base import Array
from .correlation import standardised

_TINY = 1e-300  # keeps the logarithm finite for a gate that has rounded to 0


@dataclass(frozen=True)
class Kept:
    """The half-life by a gate, over the starts in the first half of the steps: each can be followed as long again.

    Attributes:
        lags: the lower quartile, the median and the upper quartile, in steps; infinite where it is beyond `limit`.
        limit: the number of steps for which every start was followed, at least.
        starts: how many starts there were.
        steady: ln 2 / −mean ln f; infinite where the gate never left 1.
    """

    lags: tuple[float, float, float]
    limit: int
    starts: int
    steady: float


def by_gate(keep: Array) -> Kept | None:
    """From the values of one unit's keeping signal, (T,); None for fewer than two, or if one is NaN."""
    if len(keep) < 2 or not np.isfinite(keep).all():
        return None
    loss = -np.log(np.maximum(np.asarray(keep, np.float64), _TINY))  # (T,)
    total = np.cumsum(loss)
    limit = len(keep) // 2
    starts = len(keep) - limit
    # A gate of one half loses half in one step: rounding must not make that two.
    halved = np.searchsorted(total, total[:starts] + np.log(2.0) * (1 - 1e-9))
    lags = np.where(halved < len(keep), halved - np.arange(starts), np.inf)
    quartiles = tuple(float(q) if q <= limit else np.inf for q in _quartiles(lags))
    mean = float(loss.mean())
    return Kept(
        (quartiles[0], quartiles[1], quartiles[2]), limit, starts, float(np.log(2.0)) / mean if mean > 0 else np.inf
    )


def _quartiles(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles that are actual values, so that an infinite neighbour does not enter by interpolation."""
    return np.sort(values)[[(len(values) - 1) * k // 4 for k in (1, 2, 3)]]


def by_autocorrelation(values: Array) -> float | None:
    """From the values of one unit, (T,), in steps; infinite if it does not fall to one half within T / 2 steps, None if
    they never change.

    The correlation at lag k is Σₜ x̃ₜ·x̃ₜ₊ₖ / Σₜ x̃ₜ², x̃ being x less its mean over all T steps.
    """
    series = standardised(values)
    if series is None:
        return None
    size = 1 << (2 * len(series) - 1).bit_length()
    spectrum = np.fft.rfft(series, size)
    own = np.fft.irfft(spectrum * spectrum.conj(), size)[: len(series) // 2 + 1]
    under = np.flatnonzero(own <= 0.5)
    if not len(under):
        return np.inf
    k = int(under[0])
    return float(k - (0.5 - own[k]) / (own[k - 1] - own[k]))
