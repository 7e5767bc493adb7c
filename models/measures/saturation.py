"""Saturation: how often, and when, the units of a layer are at an end of their range.

A value is *left-saturated* below one threshold and *right-saturated* above another: a gate is shut or open, a signal
in ±1 is at one of its ends, and the LSTM's cell state is where its tanh is. What counts is declared with each signal's
scale; one to which saturation does not apply is not counted. Thresholds are compared with the raw values. After
Karpathy, Johnson and Fei-Fei, "Visualizing and Understanding Recurrent Networks" (2015), whose figure shows each unit
at the share of steps in which it is right-saturated and the share in which it is left-saturated.

Every count covers exactly the steps that it states. With the thresholds that a recording counts by as it reads, whole
stretches of steps come from its stored counts, and only ragged edges are recomputed; with other thresholds all are.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cells.base import Array, Cell
from ..equations.scale import USUAL, Thresholds
from ..errors import NotMeasurable
from ..kernels.arithmetic import kernel
from ..recording.overview import NO_NUMBER, Bins, Levels
from ..recording.recording import Recording
from .positions import layer_of

__all__ = ["USUAL", "Saturation", "Thresholds", "ends_of", "marks", "saturation"]

TOGETHER = 256
"""Stretches whose stored counts are added up at once: a few milliseconds."""


Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Saturation:
    """Counts over the steps start … stop − 1 of one layer: S signals that can be saturated, H units, C columns.

    Attributes:
        signals: their names, in the order of the counts.
        left, right: (S, H) in how many steps each unit was saturated.
        numbers: (S, H) in how many of the steps its value was not NaN; 0 beyond the width of a narrower signal.
        edges: (C + 1,) column k covers the steps `edges[k]` to before the next edge.
        lane: (3, S, C) over all units, how many values were left-saturated, right-saturated, and not NaN.
    """

    start: int
    stop: int
    signals: tuple[str, ...]
    left: Counts
    right: Counts
    numbers: Counts
    edges: Counts
    lane: Counts

    def share(self, name: str) -> float:
        """The share of a signal's values that are saturated; NaN if all are NaN, or saturation does not apply."""
        if name not in self.signals:
            return float("nan")
        s = self.signals.index(name)
        numbers = self.numbers[s].sum()
        return float((self.left[s] + self.right[s]).sum() / numbers) if numbers else float("nan")

    def shares(self, name: str) -> NDArray[np.float64]:
        """(2, C) in each column, the shares of a signal's values that are left- and right-saturated; NaN where all are
        NaN, or saturation does not apply."""
        if name not in self.signals:
            return np.full((2, len(self.edges) - 1), np.nan)
        left, right, numbers = self.lane[:, self.signals.index(name)]  # (C,) each
        with np.errstate(invalid="ignore"):
            return np.asarray(np.stack([left, right]) / numbers)


def saturation(
    recording: Recording,
    layer: int,
    start: int,
    stop: int,
    *,
    per: int | None = None,
    thresholds: Thresholds = USUAL,
) -> Generator[float, None, Saturation]:
    """Count the saturated values of every signal of a layer to which saturation applies, over the steps
    start … stop − 1.

    Args:
        per: steps per column of the lane, the last maybe fewer; by default one column for all.

    Yields:
        the share of the work that is done.

    Raises:
        NotMeasurable: if there are no such steps, no such layer, or thresholds that leave nothing in between.
    """
    _check(recording, layer, start, stop, thresholds)
    here = recording.reader.stack[layer]
    ends = ends_of(here.cell, thresholds)
    rows = [here.cell.names().index(name) for name in ends]
    edges = np.array([*range(start, stop, per or stop - start), stop], np.int64)
    grain = recording.grain
    widths = np.array([here.width(name) for name in ends], np.int64)
    tally = _Tally(rows, here.units, widths, edges, grain.bin)
    counted = ends == ends_of(here.cell)
    kept: list[tuple[int, int, Bins]] = []
    rest: list[tuple[int, int]] = []  # steps that must be examined one by one
    for first, last, levels in recording.stretches(start, stop):
        bins = _fitting(first, last, levels[layer], edges, grain.bin) if counted and levels else None
        if bins is None:
            rest.append((max(first, start), min(last, stop)))
            continue
        kept.append((first, last, bins))
        if len(kept) == TOGETHER:
            rest += tally.add_kept(kept)
            kept = []
            yield 0.0
    rest += tally.add_kept(kept)
    for k, (first, last) in enumerate(rest):
        for s, (name, beyond) in enumerate(ends.items()):
            tally.add(s, first, recording.signal(layer, name, first, last), beyond)
        yield (k + 1) / len(rest)
    left, right, numbers = tally.units
    lane = tally.columns.transpose(1, 2, 0)
    return Saturation(start, stop, tuple(ends), left, right, numbers, edges, lane)


def ends_of(cell: Cell, thresholds: Thresholds = USUAL) -> dict[str, tuple[float, float]]:
    """For each signal to which saturation applies: it is saturated below the first and above the second value."""
    found = {signal.name: signal.scale.saturated(thresholds) for signal in cell.signals}
    return {name: ends for name, ends in found.items() if ends is not None}


def marks(
    recording: Recording, layer: int, name: str, start: int, stop: int, thresholds: Thresholds = USUAL
) -> NDArray[np.uint8]:
    """Each value of a signal at the steps start … stop − 1, (T, H): 0 neither, 1 left-saturated, 2 right-saturated;
    all 0 if saturation does not apply."""
    values = recording.signal(layer, name, start, stop)
    below, above = ends_of(recording.reader.stack[layer].cell, thresholds).get(name, (-np.inf, np.inf))
    return (values < below) + (values > above) * np.uint8(2)


def _check(recording: Recording, layer: int, start: int, stop: int, thresholds: Thresholds) -> None:
    layer_of(recording, layer)
    if thresholds.low > thresholds.high or not 0 < thresholds.bound < 1:
        raise NotMeasurable(
            "The thresholds do not part three regions: a gate must be below the lower one or above the higher one, "
            "not both, and the bound of signed signals lies between 0 and 1. Change them."
        )
    if start >= stop:
        raise NotMeasurable("There is nothing to count: no character stands in these steps. Write some text.")
    if stop > recording.steps:
        raise NotMeasurable(
            f"Steps {start:,} to {stop - 1:,} cannot be counted yet: {recording.steps:,} have been read. Wait a moment."
        )


def _fitting(first: int, last: int, levels: Levels, edges: Counts, width: int) -> Bins | None:
    """What is kept of a stretch, if no edge of a column cuts a bin; of all its steps together, if none lies within."""
    inside = edges[np.searchsorted(edges, first, "right") : np.searchsorted(edges, last, "left")]
    if not len(inside):
        return levels.whole
    return None if ((inside - first) % width).any() else levels.bins


class _Tally:
    """Running sums: `units` (3, S, H) and `columns` (C, 3, S), both of left, right and numbers.

    Args:
        rows: where the S signals counted stand among those of the cell.
        widths: (S,) how many numbers each has at a step.
        width: steps a bin.
    """

    def __init__(self, rows: list[int], units: int, widths: Counts, edges: Counts, width: int) -> None:
        self.units: Counts = np.zeros((3, len(rows), units), np.int64)
        self.columns: Counts = np.zeros((len(edges) - 1, 3, len(rows)), np.int64)
        self._rows, self._edges, self._width = rows, edges, width
        self._widths, self._within = widths, np.arange(units) < widths[:, None]  # (S,), (S, H)

    def add(self, s: int, first: int, values: Array, ends: tuple[float, float]) -> None:
        """Values (T, H) of the counted signal `s` from step `first` on."""
        below, above = (values.dtype.type(end) for end in ends)
        at = self._at(np.arange(first, first + len(values)))
        _count(values, below, above, at, self.units[:, s], self.columns[:, :, s])

    def add_kept(self, stretches: Iterable[tuple[int, int, Bins]]) -> list[tuple[int, int]]:
        """Bins of stretches, as far as they lie in the columns: first step, the step after the last, and the bins.

        Returns:
            the steps of bins that contain NaN: the bins do not know how many.
        """
        parts = list(stretches)
        if not parts:
            return []
        firsts = [np.arange(a, b, self._width if bins.saturated.shape[2] > 1 else b - a) for a, b, bins in parts]
        lasts = np.concatenate([np.append(some[1:], b) for some, (_, b, _) in zip(firsts, parts, strict=True)])
        starts = np.concatenate(firsts)
        counts = np.concatenate([bins.saturated[:, self._rows] for *_, bins in parts], axis=2)  # (2, S, n, H)
        highest = np.concatenate([bins.extremes[1] for *_, bins in parts], axis=1)  # (B, n, H)
        means = np.concatenate([bins.free[2] for *_, bins in parts], axis=1)  # (U, n, H)
        broken = (highest == NO_NUMBER).any(axis=(0, 2)) | np.isnan(means).any(axis=(0, 2))
        wanted = (starts >= self._edges[0]) & (lasts <= self._edges[-1])
        sound = wanted & ~broken
        at, steps = self._at(starts[sound]), (lasts - starts)[sound]
        counts = counts[:, :, sound] * self._within[:, None]
        self.units[:2] += counts.sum(axis=2, dtype=np.int64)
        self.units[2] += steps.sum() * self._within
        np.add.at(self.columns[:, :2], at, counts.sum(axis=3, dtype=np.int64).transpose(2, 0, 1))
        np.add.at(self.columns[:, 2], at, steps[:, None] * self._widths)
        return [(int(starts[k]), int(lasts[k])) for k in np.flatnonzero(wanted & broken)]

    def _at(self, steps: NDArray[np.int64]) -> NDArray[np.int64]:
        """The column of each step."""
        return np.searchsorted(self._edges, steps, "right") - 1


@kernel
def _count(values, below, above, at, units, columns):  # type: ignore[no-untyped-def]
    """Add the rows of (T, H) to `units` (3, H), and row t to column `at[t]` of `columns` (C, 3)."""
    for t in range(len(values)):
        row = values[t]
        left = right = number = 0
        for j in range(row.size):
            v = row[j]
            low, high, some = v < below, v > above, v == v
            units[0, j] += low
            units[1, j] += high
            units[2, j] += some
            left += low
            right += high
            number += some
        columns[at[t], 0] += left
        columns[at[t], 1] += right
        columns[at[t], 2] += number
