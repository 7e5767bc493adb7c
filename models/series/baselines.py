"""What a forecast must beat: the last value, and the value one season before, each with a Gaussian of its error.

A baseline is fitted to the training split: mean and deviation of its error in each channel. It then has a surprise like
a network: −log₂(N(x; value + mean, deviation²) · resolution) bits. All score the same readings as a network does: all
but those of the first row. Where a baseline has no value, the next simpler one takes its place: a season's where the
season has not passed or the reading was missing gives way to the last value, and that, where nothing was read yet, to
the mean of the training split. A deviation is at least that of rounding, resolution / √12.

N  rows    C  channels
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import CorpusError
from .series import Rows


@dataclass(frozen=True, eq=False)
class Baseline:
    """One baseline.

    Attributes:
        lag: how many steps back its value lies; 0 for the mean of the training split.
        mean, deviation: (C,) of its error on the training split; for lag 0 of the readings themselves.
    """

    lag: int
    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]

    @property
    def words(self) -> str:
        if self.lag < 2:
            return ("a fixed mean", "last value")[self.lag]
        return f"{self.lag:,} steps before"


def fitted(training: Rows, resolution: NDArray[np.float64], seasons: Sequence[int]) -> tuple[Baseline, ...]:
    """The fixed mean, the last value and one baseline for each season that fits into the training split.

    Raises:
        CorpusError: if a channel has no two readings, or never changes.
    """
    found = []
    for lag in dict.fromkeys((0, 1, *(season for season in seasons if 1 < season < len(training) - 1))):
        errors = training if lag == 0 else training[1:] - _filled(training)[:-1] if lag == 1 else _ago(training, lag)
        with np.errstate(invalid="ignore"):
            known = ~np.isnan(errors)
            if lag > 1 and not known.any(axis=0).all():
                continue  # nothing was read twice at that distance
            if not (known.sum(axis=0) >= 2 - (lag > 0)).all():
                raise CorpusError(
                    "A channel has fewer than two readings where it is trained on, all others are missing. Leave the "
                    "channel out, or use a longer series."
                )
        mean = np.nanmean(errors, axis=0)
        spread = np.nanstd(errors, axis=0)
        if lag == 0 and (spread == 0).any():
            raise CorpusError(
                f"Channel {int(np.argmin(spread)) + 1} never changes where it is trained on, so there is nothing to "
                "predict. Leave it out, or use a longer series."
            )
        found.append(Baseline(lag, mean, np.maximum(spread, resolution / math.sqrt(12))))
    return tuple(found)


def _ago(rows: Rows, lag: int) -> Rows:
    """Each row minus the one `lag` steps before it."""
    return np.asarray(rows[lag:] - rows[:-lag])


def _filled(rows: Rows) -> Rows:
    """The last reading of each channel up to each row; NaN before the first."""
    at = np.where(np.isnan(rows), 0, np.arange(len(rows))[:, None])
    at = np.maximum.accumulate(at, axis=0)
    return np.take_along_axis(rows, at, axis=0)


def baseline_bits(
    baselines: Sequence[Baseline], which: int, rows: Rows, resolution: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The surprise of every reading (N, C) under baseline `which`; NaN for the first row and what is missing.

    Args:
        baselines: those of `fitted`, simplest first.
    """
    centre, deviation = np.full_like(rows, np.nan), np.full_like(rows, np.nan)
    last = _filled(rows)
    for one in baselines[: which + 1] if baselines[which].lag < 2 else (*baselines[:2], baselines[which]):
        value = np.zeros_like(rows)
        if one.lag > 0:
            value[: one.lag] = np.nan
            value[one.lag :] = (last if one.lag == 1 else rows)[: -one.lag] if one.lag < len(rows) else np.nan
        known = ~np.isnan(value)
        centre = np.where(known, value + one.mean, centre)
        deviation = np.where(known, one.deviation, deviation)
    nats = 0.5 * ((rows - centre) / deviation) ** 2 + np.log(deviation / resolution) + 0.5 * math.log(2 * math.pi)
    nats[0] = np.nan
    return np.asarray(nats / math.log(2))
