"""Which features of a text a unit follows.

How closely is measured by Pearson's r between the unit's values and a feature's. Where the feature is true or false,
that is the point-biserial correlation, and Cohen's d expresses it in standard deviations; for features that count,
the rank correlation is given too, which does not depend on how the values are spread. `correlation` defines what
chance gives.

Features are ranked in two groups: first those beyond the level that 95 in 100 shifts stay below, then the others, each
by |r|. Among many features the best often exceeds its own level by luck. So for every shift, the same for all features,
the largest ratio of a correlation to its feature's level is taken: 95 in 100 shifts stay below the ratio reported for
the best of all. (Such a maximum over everything examined is Westfall and Young's, "Resampling-Based Multiple
Testing", 1993.)"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...cells.base import Array
from ...text.vocabulary import code_points
from .correlation import FEWEST, Chance, Numbers, Shifts, cohens_d, ranks, standardised
from .text_features import Feature

CHARACTERS = 6
"""How many of the characters that a unit responds to most are reported."""


@dataclass(frozen=True)
class Row:
    """A feature, and how closely the unit follows it.

    Attributes:
        mean: of the feature over the steps; for one that is true or false the share of steps where it holds. None where
            unknown.
        why: why there is no correlation; None where there is one.
        r, chance, d, rank_r: see the module; `d` for features that are true or false, `rank_r` for those that count.
        best: the unit of the layer that follows the feature most, and its r.
    """

    feature: Feature
    mean: float | None = None
    why: str | None = None
    r: float | None = None
    chance: Chance | None = None
    d: float | None = None
    rank_r: float | None = None
    best: tuple[int, float] | None = None

    @property
    def beyond(self) -> float:
        """|r| in multiples of the level that 95 in 100 shifts stay below; 0 where that is unknown."""
        return abs(self.r) / self.chance.usual if self.r is not None and self.chance and self.chance.usual > 0 else 0.0


@dataclass(frozen=True)
class Habit:
    """A character that the unit responds to: the mean of the unit where it is read, r, and the level below which the
    best of all characters stays by chance (the 1 − 0.05 / characters quantile of its own shifts)."""

    character: str
    count: int
    mean: float
    r: float
    mark: float | None


def ranked(
    x: Array, features: list[Feature], feature_values: list[NDArray[Any]], units: Numbers
) -> Generator[float, None, tuple[tuple[Row, ...], float | None]]:
    """A row for each feature, ranked, and the ratio to its own level below which the best of all stays by chance.

    Args:
        x: the unit's values (T,).
        feature_values: each feature's values, (T,).
        units: r of each feature with every unit of the layer, (F, H).
    """
    series = standardised(x)
    shifts, places = None if series is None else Shifts(series), ranks(x)
    known = np.nan_to_num(units)
    rows, largest = [], np.zeros(len(x))
    for k, (feature, one) in enumerate(zip(features, feature_values, strict=True)):
        other, best = standardised(one), int(np.argmax(np.abs(known[k])))
        row = Row(feature, float(one.mean()), best=(best, float(known[k, best])) if known[k, best] else None)
        if shifts is None or other is None:
            row = replace(row, why=_why(feature, one, x, other is None))
        else:
            across = shifts.against(other)
            d, rank_r = _effect(x, places, feature, one)
            row = replace(row, r=float(across[0]), chance=shifts.chance(across), d=d, rank_r=rank_r)
            if row.chance is not None and row.chance.usual > 0:
                largest = np.maximum(largest, np.abs(across) / row.chance.usual)
        rows.append(row)
        yield (k + 1) / len(features)
    rows.sort(key=lambda row: (row.why is not None, row.beyond <= 1.0, -abs(row.r or 0.0)))
    if shifts is None or not largest.any():
        return tuple(rows), None
    return tuple(rows), float(np.quantile(largest[shifts.far], 0.95))


def _effect(x: Array, places: Numbers, feature: Feature, given: NDArray[Any]) -> tuple[float | None, float | None]:
    """Cohen's d or the rank correlation, whichever applies; `places` are the ranks of x."""
    if feature.counts:
        one, other = standardised(places), standardised(ranks(given))
        return None, None if one is None or other is None else float((one * other).sum())
    return cohens_d(x, given.astype(bool)), None


def _why(feature: Feature, given: NDArray[Any], x: Array, constant: bool) -> str:
    """Why a feature has no correlation with the unit."""
    if not np.isfinite(x).all():
        return "The unit has values here that are no numbers."
    if not constant:
        return "The unit never changes in these steps."
    if feature.counts:
        return f"{int(given[0])} at every one of these steps."
    return "At every one of these steps." if given[0] else "Never in these steps."


def characters(x: Array, text: str) -> Generator[float, None, tuple[Habit, ...]]:
    """The characters at which the unit is farthest from its mean, by |r|."""
    series = standardised(x)
    if series is None:
        return ()
    shifts = Shifts(series)
    present, inverse, counts = np.unique(code_points(text), return_inverse=True, return_counts=True)
    if len(present) < 2:
        return ()
    # Pearson's r with "this is the character", from sums alone: x̃ has mean 0 and sum of squares 1.
    r = np.bincount(inverse, series) / np.sqrt(counts * (1 - counts / len(text)))
    habits = []
    for k in np.argsort(-np.abs(r), kind="stable")[:CHARACTERS]:
        holds = inverse == k
        other = standardised(holds)
        mark = None
        if other is not None and len(series) >= FEWEST:
            mark = float(np.quantile(np.abs(shifts.against(other)[shifts.far]), 1 - 0.05 / len(present)))
        habits.append(Habit(chr(present[k]), int(counts[k]), float(x[holds].mean()), float(r[k]), mark))
        yield len(habits) / CHARACTERS
    return tuple(habits)
