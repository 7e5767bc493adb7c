"""Faults of a sensor, put into a series at known places: what a detector is scored against.

| kind | what it does to the channel, in deviations of the channel |
| --- | --- |
| spike | adds `size` to a single reading |
| drift | adds a line that rises from 0 to `size`, and is gone afterwards |
| dropout | no reading: NaN |
| stuck | repeats the last reading before it |
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..errors import CorpusError
from ..text.words import counted
from .series import Label, Series

KINDS = ("spike", "drift", "dropout", "stuck")
LENGTHS = {"spike": 1, "drift": 48, "dropout": 12, "stuck": 12}
"""Rows that a fault lasts, where nothing else is asked for."""


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        start, length: its rows.
        size: in standard deviations of the channel, for a spike and a drift; may be negative.
    """

    kind: str
    start: int
    length: int = 1
    channel: int = 0
    size: float = 4.0


def with_faults(series: Series, faults: tuple[Fault, ...]) -> Series:
    """The series with these faults in it, and a label for each. Readings that were missing stay missing.

    Raises:
        CorpusError: if a fault does not fit into the series, or two overlap in a channel.
    """
    rows = series.rows.copy()
    deviation = np.nanstd(series.rows, axis=0)
    taken = np.zeros(rows.shape, bool)
    for one in faults:
        stop = one.start + one.length
        if one.kind not in KINDS:
            raise CorpusError(f"There is no fault called {one.kind!r}; choose {', '.join(KINDS)}.")
        if one.start < 1 or one.length < 1 or stop > len(rows) or not 0 <= one.channel < len(series.channels):
            raise CorpusError(
                f"A {one.kind} in rows {one.start:,} to {stop:,} of channel {one.channel} does not fit: {series.name} "
                f"has {len(rows):,} rows and {len(series.channels)} channels, and a fault begins after the first row."
            )
        at = rows[one.start : stop, one.channel]  # a view
        if taken[one.start : stop, one.channel].any():
            raise CorpusError(f"Two faults overlap at row {one.start:,} of {series.name}. Put them apart.")
        taken[one.start : stop, one.channel] = True
        at[:] = _faulty(one, at, rows[: one.start, one.channel], float(deviation[one.channel]))
        if one.kind in ("spike", "drift"):  # the sensor shows its steps still
            resolution = series.channels[one.channel].resolution
            at[:] = np.round(np.round(at / resolution) * resolution, 12)
    labels = [Label(one.kind, one.start, one.start + one.length, one.channel) for one in faults]
    ordered = tuple(sorted([*series.labels, *labels], key=lambda label: (label.start, label.stop)))
    return replace(series, rows=rows, labels=ordered)


def _faulty(fault: Fault, at: np.ndarray, before: np.ndarray, deviation: float) -> np.ndarray:
    """What the channel shows instead of `at`."""
    if fault.kind == "dropout":
        return np.full_like(at, np.nan)
    if fault.kind == "spike":
        return at + fault.size * deviation
    if fault.kind == "drift":
        return at + fault.size * deviation * np.arange(1, len(at) + 1) / len(at)
    known = before[~np.isnan(before)]
    return np.where(np.isnan(at), np.nan, known[-1] if len(known) else at[0])


def drawn(series: Series, count: int, *, seed: int = 0, apart: int = 50, size: float = 4.0) -> tuple[Fault, ...]:
    """`count` faults, the kinds in turn, at least `apart` rows from each other and from both ends.

    Raises:
        CorpusError: if so many do not fit.
    """
    draw = np.random.default_rng(seed)
    kinds = [KINDS[k % len(KINDS)] for k in range(count)]
    lengths = np.array([LENGTHS[kind] for kind in kinds], np.int64)
    spare = len(series) - apart - int((lengths + apart).sum())
    if count < 0 or spare < 0:
        raise CorpusError(
            f"{counted(count, 'fault')} cannot be put into {len(series):,} rows of {series.name}, {apart:,} rows "
            "apart. Choose fewer, or a longer series."
        )
    starts = (
        apart + np.sort(draw.integers(0, spare + 1, count)) + np.concatenate([[0], np.cumsum(lengths + apart)])[:-1]
    )
    return tuple(
        Fault(
            kind, int(start), int(length), int(draw.integers(len(series.channels))), float(draw.choice([-1, 1]) * size)
        )
        for kind, start, length in zip(kinds, starts, lengths, strict=True)
    )
