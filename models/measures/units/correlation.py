"""How closely one series of numbers follows another, how large the effect is, and what chance would give.

**What chance would give.** A unit remembers, and what it may follow persists: both series change slowly, so they agree
by luck alone far more often than independent draws would. A p-value for independent draws would be misleading. So one
series is shifted circularly against the other by every number of steps: each keeps its own rhythm, but any relation
between the two is lost. The correlations at all these shifts are what chance gives. Shifts by fewer than `NEAR` steps
are left out, since the two may still be related there. All shifts together cost one Fourier transform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...cells.base import Array

NEAR = 50
"""Shifts by fewer steps than this do not count as chance."""

FEWEST = 4 * NEAR
"""The fewest steps from which the level of chance is estimated."""

Numbers = NDArray[np.float64]


def standardised(values: NDArray[Any]) -> Numbers | None:
    """Standardised to mean 0 and sum of squares 1, (T,); None where they never change, or are not finite."""
    exact = np.asarray(values, np.float64)
    if not len(exact) or not np.isfinite(exact).all() or exact.min() == exact.max():
        return None
    centred: Numbers = exact - exact.mean()
    centred /= np.sqrt((centred * centred).sum())  # not by a matrix product: that may start threads of its own
    return centred


def cohens_d(values: Array, holds: NDArray[np.bool_]) -> float:
    """The difference between the means where something holds and elsewhere, in standard deviations within the groups.

    d = (m₁ − m₀) / s, s² = ((n₁ − 1)·s₁² + (n₀ − 1)·s₀²) / (n₁ + n₀ − 2). Cohen, "Statistical Power Analysis for the
    Behavioral Sciences" (1988). NaN where a group is empty or nothing varies within both.
    """
    exact = np.asarray(values, np.float64)
    there, elsewhere = exact[holds], exact[~holds]
    freedom = len(exact) - 2
    if not len(there) or not len(elsewhere) or freedom < 1:
        return float("nan")
    within = sum(float(((group - group.mean()) ** 2).sum()) for group in (there, elsewhere))
    return float((there.mean() - elsewhere.mean()) / np.sqrt(within / freedom)) if within > 0 else float("nan")


def ranks(values: NDArray[Any]) -> Numbers:
    """The rank of each in ascending order, from 0, (T,); ties share their mean rank.

    As `scipy.stats.rankdata`, whose import takes seconds on a slow machine.
    """
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    shared: Numbers = (last - (counts + 1) / 2)[inverse]
    return shared


@dataclass(frozen=True)
class Chance:
    """The result of the shifts, as absolute correlations.

    Attributes:
        usual, rare: the levels that 95 % and 99 % of them are below.
        as_good: the share of them at least as large as the one without a shift, itself included.
    """

    usual: float
    rare: float
    as_good: float


class Shifts:
    """One series, ready to be correlated with others at every circular shift.

    Args:
        values: (T,) that change somewhere.
    """

    def __init__(self, values: Numbers) -> None:
        self.values = values
        self.steps = len(values)
        # Twice as many, and a power of two: the transform of a prime number of steps would take ten times as long.
        self._size = 1 << (2 * self.steps - 1).bit_length()
        self._spectrum = np.fft.rfft(values, self._size)
        self.far = slice(NEAR, max(self.steps - NEAR + 1, NEAR))
        """The shifts that count as chance: at least `NEAR` steps from none, in either direction."""

    def against(self, other: Numbers) -> Numbers:
        """The correlation with `other` (T,) when that is shifted by k = 0 … T − 1 steps, (T,); both standardised."""
        across = np.fft.irfft(self._spectrum * np.fft.rfft(other, self._size).conj(), self._size)
        # Index −k is a shift by k in the other direction: what falls off the end comes in again in front.
        both: Numbers = across[: self.steps] + across[self._size - self.steps :]
        both[0] = (self.values * other).sum()
        return both

    def chance(self, correlations: Numbers) -> Chance | None:
        """The chance levels of `against`; None where there are too few steps."""
        if self.steps < FEWEST:
            return None
        far = np.abs(correlations[self.far])
        usual, rare = np.quantile(far, [0.95, 0.99])
        # The transform's rounding must not make an equal number count as smaller.
        better = int((far >= abs(correlations[0]) - 1e-12).sum())
        return Chance(float(usual), float(rare), (1 + better) / (1 + len(far)))
