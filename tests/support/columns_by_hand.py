"""Columns of several steps worked out by hand from the values themselves, one column at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from models.cells.base import Signal


def regular(start: int, stop: int, per: int) -> list[range]:
    """The steps of each column, when every column has `per` of them and the last what is left."""
    return [range(k, min(k + per, stop)) for k in range(start, stop, per)]


def assert_columns(
    shown: np.ndarray,
    values: np.ndarray,
    groups: Sequence[range],
    show: str,
    signal: Signal,
    within: float,
    bounds: tuple[float, float] = (-np.inf, np.inf),
    drawn: Callable[[np.ndarray], np.ndarray] = lambda values: values,
) -> None:
    """That each of `shown` (C, H) is what `show` says of the `values` (T, H) of its steps, give or take `within`.

    What lies outside `bounds` is drawn at its end; `shown` and `within` are on the scale on which values are `drawn`.
    Where the lowest and the highest value lie equally far from the middle, to a level of the picture, the one on the
    side of the mean stands for both; where it cannot be told, given `within`, whether they do, either may.
    """
    assert len(shown) == len(groups)
    middle = sum(signal.range or (0.0, 0.0)) / 2
    below, above = signal.saturated or (np.nan, np.nan)
    for column, steps in zip(shown.astype(np.float64), groups, strict=True):
        part = values[steps.start : steps.stop].astype(np.float64)
        if show == "saturated":
            answers = [((part < np.float32(below)) | (part > np.float32(above))).mean(axis=0)]
        elif show == "mean":
            answers = [part.mean(axis=0)]
        else:
            low, high = part.min(axis=0), part.max(axis=0)
            lead = (high - middle) - (middle - low)
            slack = 2 * within + 1e-5
            level = (signal.range[1] - signal.range[0]) / 254 if signal.range else 0.0
            mean = part.mean(axis=0) - middle
            up = np.where(np.abs(lead) < level - slack, mean >= -slack, lead >= -level - slack)
            down = np.where(np.abs(lead) < level - slack, mean <= slack, lead <= level + slack)
            answers = {
                "lowest": [low],
                "highest": [high],
                "extreme": [np.where(up, high, low), np.where(down, low, high)],
            }[show]
        faults = [np.abs(column - drawn(np.clip(answer, *bounds))) for answer in answers]
        off = np.where(np.isnan(answers[0]), np.where(np.isnan(column), 0.0, np.inf), np.min(faults, axis=0))
        assert (off <= within).all(), f"{show} of steps {steps}: {column} is off by {off}"
