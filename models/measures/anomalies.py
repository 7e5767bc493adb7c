"""How well faults of a sensor are found by how much they surprise a network, beside two detectors without one.

Every detector has a score for each row, and raises an alarm where that exceeds its threshold; rows in a row that do are
one alarm. Each threshold is set on rows that are known to be normal and were not trained on: the lowest that raises no
more alarms there than a stated number a day allows. So all detectors are compared at the same price.

| detector | score of a row |
| --- | --- |
| surprise | the network's surprise in bits, of all channels together |
| last W | the largest |x − m| / s of its channels; m and s of the W readings before it |
| season | the largest |x − x′ − m| / s of its channels; x′ one season before, m and s of that error in training |

Missing readings have no score. A dropout needs no detector, so it counts neither as found nor as missed. Alarms within
a label, or up to `GRACE` rows after it, are not false.

T  rows    C  channels
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import NotMeasurable
from ..network.series_model import SeriesModel
from ..series.baselines import Baseline
from ..series.series import Label, Rows, Series

DAY_SECONDS = 86_400.0
GRACE = 10
SURPRISE = "surprise"

Scores = NDArray[np.float64]
"""(T,), NaN where a row has none."""


@dataclass(frozen=True)
class Detection:
    """What came of one detector.

    Attributes:
        alarms, false: how many it raised, and how many of them where nothing is labelled.
        found, faults: how many labels it found, of how many.
        delay: rows from the beginning of a fault to its first alarm, the median over those found; None if none is.
    """

    detector: str
    threshold: float
    alarms: int
    false: int
    found: int
    faults: int
    delay: float | None
    false_per_day: float

    @property
    def precision(self) -> float | None:
        """The share of alarms that are not false; None without an alarm."""
        return (self.alarms - self.false) / self.alarms if self.alarms else None

    @property
    def recall(self) -> float | None:
        """The share of faults that were found; None without a fault."""
        return self.found / self.faults if self.faults else None


def compare(
    model: SeriesModel,
    baselines: Sequence[Baseline],
    normal: Series,
    faulty: Series,
    *,
    per_day: float,
    window: int = 24,
    grace: int = GRACE,
) -> list[Detection]:
    """All detectors on the labels of `faulty`, their thresholds set on `normal`.

    Args:
        baselines: those of the model's card.
        per_day: false alarms that are allowed a day.
        window: W; the first rows of both series, one season and at least W of them, are not scored by any detector.

    Raises:
        NotMeasurable: if a series is too short, or the seconds of a step are not known.
    """
    if normal.seconds is None or faulty.seconds is None:
        raise NotMeasurable(
            f"Nobody stated how many seconds lie between two rows of {normal.name}, so alarms a day cannot be counted. "
            "State it with --seconds."
        )
    if not (math.isfinite(per_day) and per_day > 0) or window < 2:
        raise NotMeasurable(
            f"{per_day:g} false alarms a day and a window of {window:,} rows cannot be used. Choose more than 0 alarms "
            "and a window of 2 rows or more."
        )
    begun = unscored(baselines, window)
    for one in (normal, faulty):
        if len(one) < begun + 20:
            raise NotMeasurable(
                f"{one.name} has {len(one):,} rows, and the first {begun:,} are not scored. Use a longer series, or a "
                "model without that season."
            )
    allowed = per_day * (len(normal) - begun) * normal.seconds / DAY_SECONDS
    if allowed < 1:
        raise NotMeasurable(
            f"{normal.name} is too short to tell {per_day:g} alarms a day: it would have {allowed:.2g} in all. "
            f"Allow {per_day / allowed:.2g} or more a day, or use a longer series."
        )
    days = (len(faulty) - begun) * faulty.seconds / DAY_SECONDS
    found = []
    usual, here = (scores(model, baselines, one, window, begun) for one in (normal, faulty))
    for name, values in usual.items():
        limit = threshold(values, int(allowed))
        found.append(detection(name, here[name], limit, faulty.labels, days, begun, grace))
    return found


def unscored(baselines: Sequence[Baseline], window: int) -> int:
    """How many rows at the beginning have no score."""
    return max(window, *(one.lag for one in baselines))


def scores(
    model: SeriesModel, baselines: Sequence[Baseline], series: Series, window: int, begun: int
) -> dict[str, Scores]:
    """The score of every row by each detector; NaN before row `begun`."""
    rows = series.picked(model.codec.names).rows
    floor = model.codec.resolution / math.sqrt(12)
    season = baselines[-1]
    found = {
        SURPRISE: model.trace(rows).surprise.numpy().astype(np.float64),
        f"last {window}": z_of_window(rows, window, floor),
        f"season {season.lag}" if season.lag > 1 else season.words: _z_of_baseline(rows, season),
    }
    for values in found.values():
        values[:begun] = np.nan
    return found


def z_of_window(rows: Rows, window: int, floor: NDArray[np.float64]) -> Scores:
    """The largest |x − m| / s of each row's channels, m and s of the `window` rows before it; s is at least `floor`."""
    known = ~np.isnan(rows)
    centre = np.nansum(rows, axis=0) / np.maximum(known.sum(axis=0), 1)  # so that squares stay small beside it
    values = np.where(known, rows - centre, 0.0)

    def sums(of: NDArray[np.float64]) -> NDArray[np.float64]:
        total = np.concatenate([np.zeros((1, of.shape[1])), np.cumsum(of, axis=0)])
        before = np.maximum(np.arange(len(of)) - window, 0)
        return np.asarray(total[:-1] - total[before])

    count = sums(known.astype(np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums(values) / count
        deviation = np.sqrt(np.maximum(sums(values**2) / count - mean**2, 0.0))
        z = np.abs(np.where(known, values - mean, np.nan)) / np.maximum(deviation, floor)
    return _largest(np.where(count > 1, z, np.nan))


def _z_of_baseline(rows: Rows, baseline: Baseline) -> Scores:
    z = np.full_like(rows, np.nan)
    lag = baseline.lag
    if lag < len(rows):
        before = rows[: len(rows) - lag] if lag else 0.0
        z[lag:] = np.abs(rows[lag:] - before - baseline.mean) / baseline.deviation
    return _largest(z)


def _largest(z: NDArray[np.float64]) -> Scores:
    """The largest known number of each row; NaN where there is none."""
    known = ~np.isnan(z)
    return np.where(known.any(axis=1), np.where(known, z, -np.inf).max(axis=1), np.nan)


def threshold(values: Scores, allowed: int) -> float:
    """The lowest of `values` above which no more than `allowed` alarms are raised, nor above any higher one."""
    order = np.argsort(-np.where(np.isnan(values), -np.inf, values), kind="stable")
    above = np.zeros(len(values) + 2, bool)
    alarms = 0
    for k, row in enumerate(order):
        if np.isnan(values[row]):
            break
        alarms += 1 - int(above[row]) - int(above[row + 2])  # `above` is shifted by one: the neighbours
        above[row + 1] = True
        tied = k + 1 < len(order) and values[order[k + 1]] == values[row]
        if alarms > allowed and not tied:
            return float(values[row])
    return float(np.nanmin(values))


def detection(
    name: str, values: Scores, limit: float, labels: Sequence[Label], days: float, begun: int, grace: int
) -> Detection:
    """Count what a detector with threshold `limit` finds."""
    above = values > limit  # NaN is not
    starts = np.flatnonzero(above & ~np.concatenate([[False], above[:-1]]))
    stops = np.flatnonzero(above & ~np.concatenate([above[1:], [False]])) + 1
    explained = np.zeros(len(values), bool)
    for label in labels:
        explained[label.start : label.stop + grace] = True
    false = sum(not explained[start:stop].any() for start, stop in zip(starts, stops, strict=True))
    wanted = [label for label in labels if label.kind != "dropout" and label.start >= begun]
    delays = []
    for label in wanted:
        rows = np.flatnonzero(above[label.start : label.stop + grace])
        if len(rows):
            delays.append(int(rows[0]))
    delay = float(np.median(delays)) if delays else None
    return Detection(name, limit, len(starts), false, len(delays), len(wanted), delay, false / days)
