"""Which units of a layer follow something: the search in the other direction, one matrix product for all of them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...cells.base import Array
from .correlation import FEWEST, NEAR, Numbers, standardised

MOST = 5
"""How many units are reported."""

TOGETHER = 512
"""Steps of one product: about a millisecond."""

SHIFTS = 99
"""The number of evenly spaced shifts that estimate what the best of all units would give by chance."""


@dataclass(frozen=True)
class Followers:
    """The units that follow something most: (unit, r), the best first, and the level below which the best of all units
    stays by chance, at 95 in 100 shifts; None where there are too few steps."""

    units: tuple[tuple[int, float], ...]
    mark: float | None


def followers(values: Array, feature_values: NDArray[Any]) -> Generator[float, None, Followers | None]:
    """The units that follow a series most.

    Args:
        values: (T, H) of the units.
        feature_values: (T,) the series.

    Returns:
        None where the series never changes.
    """
    exact, steps = np.asarray(feature_values, np.float64), len(feature_values)
    if standardised(exact) is None:
        return None
    enough = steps >= FEWEST
    by = np.linspace(NEAR, steps - NEAR, SHIFTS).astype(np.int64) if enough else np.zeros(0, np.int64)
    places = np.concatenate([[0], np.unique(by)])

    def shifted(a: int, b: int) -> Numbers:
        columns: Numbers = exact[(np.arange(a, b)[:, None] - places) % steps]
        return columns

    found = np.nan_to_num((yield from correlations(values, shifted, len(places))))
    best = np.argsort(-np.abs(found[0]), kind="stable")[:MOST]
    units = tuple((int(j), float(found[0, j])) for j in best if found[0, j] != 0.0)
    mark = float(np.quantile(np.abs(found[1:]).max(axis=1), 0.95)) if enough else None
    return Followers(units, mark)


def correlations(values: Array, columns: Callable[[int, int], Numbers], count: int) -> Generator[float, None, Numbers]:
    """Pearson's r of every unit with each of some series, (count, H); NaN where either never changes.

    Args:
        values: (T, H) of the units.
        columns: columns(a, b) gives the series at the steps a … b − 1, (b − a, count).
    """
    steps, units = values.shape
    sums, squares = torch.zeros(units, dtype=torch.float64), torch.zeros(units, dtype=torch.float64)
    totals, own = torch.zeros(count, dtype=torch.float64), torch.zeros(count, dtype=torch.float64)
    products = torch.zeros(count, units, dtype=torch.float64)
    # Subtract one of their own values: numbers far from zero then keep the digits in which they differ.
    origin = torch.from_numpy(values[:1]).double()
    for a in range(0, steps, TOGETHER):
        b = min(a + TOGETHER, steps)
        x = torch.from_numpy(values[a:b]).double() - origin  # (n, H)
        y = torch.from_numpy(columns(a, b)).double()  # (n, count)
        sums, squares = sums + x.sum(0), squares + (x * x).sum(0)
        totals, own = totals + y.sum(0), own + (y * y).sum(0)
        products += y.T @ x
        yield b / steps
    spread = squares - sums * sums / steps  # (H,)
    width = own - totals * totals / steps  # (count,)
    out = (products - totals[:, None] * sums / steps) / (width[:, None] * spread).clamp_min(0.0).sqrt()
    # For a unit with a single value, what is left is rounding.
    out[:, ~(spread > 1e-12 * squares)] = torch.nan
    out[~(width > 1e-12 * own)] = torch.nan
    answer: Numbers = out.clamp(-1.0, 1.0).numpy()
    return answer
