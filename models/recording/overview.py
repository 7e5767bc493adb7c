"""What stays of a stretch of steps when its values are let go: how low, how high, the mean, how much was saturated.

A stretch is cut into bins from its start; put together to one, they are the next level. For each bin,
signal and unit there are the lowest and the highest value, the mean, and how many values lay below and above the
thresholds of saturation. A bounded signal is kept at the resolution of the picture, one byte for an extreme: rounding
keeps order, so the extremes of rounded values are the rounded extremes. Four further bits of each tell which of two
extremes lies farther out where bytes cannot. An unbounded signal is kept in float32.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..cells import Cell
from ..cells.base import Array, Signal
from ..cells.layout import width_of
from ..equations.scale import Form, largest_factor
from ..kernels.arithmetic import kernel


@dataclass(frozen=True, slots=True)
class Grain:
    """How finely a recording is cut.

    Attributes:
        block: steps a block, at most: 0.7 to 2.1 ms of reading for 128 units, and 1.5 MiB of an LSTM's activations.
        bin: steps a bin: a million characters of three 128-unit models take about 190 MB.
    """

    block: int = 512
    bin: int = 64

    def __post_init__(self) -> None:
        if not 1 <= self.bin <= 255 or not self.bin <= self.block <= 65_535 or self.block % self.bin:
            raise ValueError(
                f"Blocks of {self.block} steps and bins of {self.bin} do not fit: a bin has 1 to 255 steps, which are "
                "counted in a byte, and a block a whole number of bins, at most 65,535 steps."
            )

    @property
    def stretches(self) -> tuple[int, ...]:
        """Of how many steps the stretches are that columns are made of, the longest first."""
        return self.block, self.bin, 1

    def overhang(self, per: int) -> int:
        """How many steps beyond its edge a column of `per` may show: it is made of the stretches that begin in it."""
        return next(steps for steps in self.stretches if steps <= per) - 1


GRAIN = Grain()

LEVELS = 254
"""Of a picture, and of what is kept for it: a cell is a byte, 0 … 254, so that the middle of a symmetric range is 127
exactly."""
NO_NUMBER = 255
"""The byte of a value that is no number."""


Show = Literal["extreme", "mean", "lowest", "highest", "saturated"]
"""What a column shows that stands for several steps. `extreme`: the lowest or the highest value, whichever lies farther
from the middle of the signal's scale (of its range; if it has none, from zero, or from 1 by its logarithm); where both
lie as far, to a level of the picture, the one on the side of the mean. `saturated`: the share of saturated values, NaN
where saturation does not apply."""

_PARTS = 16  # of a level, by which extremes are compared
_FINE = 65_535  # of the mean: it is averaged further


@dataclass(frozen=True, slots=True)
class Bins:
    """The bins of one layer over one stretch: n bins, S signals (B of them bounded, U unbounded), H units."""

    extremes: NDArray[np.uint8]
    """(2, B, n, H): lowest, highest; 0 … 254 over the range of the signal, 255 if some value was no number."""
    parts: NDArray[np.uint8]
    """(B, n, H): in which sixteenth of their levels they lie, that of the lowest in the lower four bits."""
    means: NDArray[np.uint16]
    """(B, n, H): 0 … 65,535 over the range of the signal."""
    free: NDArray[np.float32]
    """(3, U, n, H): lowest, highest, mean."""
    saturated: NDArray[np.unsignedinteger[Any]]
    """(2, S, n, H): how many values lay below and above the thresholds."""

    @property
    def nbytes(self) -> int:
        return self.extremes.nbytes + self.parts.nbytes + self.means.nbytes + self.free.nbytes + self.saturated.nbytes


@dataclass(frozen=True, slots=True)
class Levels:
    """What is kept of one layer over one stretch."""

    bins: Bins
    whole: Bins
    """The next level: one bin of all steps."""
    largest: Array
    """(S,): how far each signal goes: its largest absolute value; if it is drawn by its logarithm, the largest factor
    by which it lies above or below 1."""

    @property
    def nbytes(self) -> int:
        return self.bins.nbytes + self.whole.nbytes


@kernel
def _take(values, first, last, below, above, low, high, total, left, right):  # type: ignore[no-untyped-def]
    """Lowest, highest, sum, and how many below and above, of rows first … last − 1 of (T, H), each (H,)."""
    for j in range(low.size):
        low[j] = high[j] = values[first, j]
        total[j] = left[j] = right[j] = 0
    for t in range(first, last):
        row = values[t]
        for j in range(low.size):
            v = row[j]
            low[j] = min(low[j], v)
            high[j] = max(high[j], v)
            total[j] += v
            left[j] += v < below
            right[j] += v > above


@kernel
def _put(bounds, size, low, high, total, left, right, extremes, parts, means, free, saturated):  # type: ignore[no-untyped-def]
    """One bin of `size` steps to its place: rounded over the range `bounds`, or as it is where that has no width."""
    saturated[0, :] = left
    saturated[1, :] = right
    floor, span = bounds[0], bounds[1] - bounds[0]
    if span == 0:
        for j in range(low.size):
            mean = total[j] / size
            # A sum that is no number says so where the comparisons passed over it.
            free[0, j] = low[j] if mean == mean else mean
            free[1, j] = high[j] if mean == mean else mean
            free[2, j] = mean
        return
    coarse, fine = LEVELS / span, _FINE / span
    for j in range(low.size):
        mean = total[j] / size
        number = mean == mean
        lower = _within((low[j] - floor) * coarse, LEVELS) if number else 0.0
        upper = _within((high[j] - floor) * coarse, LEVELS) if number else LEVELS + 1.0
        extremes[0, j] = np.uint8(lower)
        extremes[1, j] = np.uint8(upper)
        below = np.uint8((lower - np.floor(lower)) * _PARTS)
        above = np.uint8((upper - np.floor(upper)) * _PARTS)
        parts[j] = below + _PARTS * above
        means[j] = np.uint16(_within((mean - floor) * fine, _FINE) if number else 0)


@kernel
def _within(level, top):  # type: ignore[no-untyped-def]
    return min(max(level, 0.0), top) + 0.5


@kernel
def _summarise(values, steps, width, bounds, below, above, slot, bins, whole, largest):  # type: ignore[no-untyped-def]
    """values (S, T, H), T ≥ `steps`, to ⌈steps / width⌉ bins and to one of all. `bins` and `whole` are
    (extremes, parts, means, free, saturated) as in `Bins`; `slot` says where each signal stands among its kind."""
    signals, _, units = values.shape
    low, high, total = np.empty(units, values.dtype), np.empty(units, values.dtype), np.empty(units, values.dtype)
    left, right = np.empty(units, values.dtype), np.empty(units, values.dtype)
    lowest, highest, sums = np.empty(units, values.dtype), np.empty(units, values.dtype), np.empty(units, values.dtype)
    lefts, rights = np.empty(units, values.dtype), np.empty(units, values.dtype)
    for s in range(signals):
        b = f = slot[s]
        if bounds[s, 0] == bounds[s, 1]:
            b = 0
        else:
            f = 0
        for k in range((steps + width - 1) // width):
            first, last = k * width, min((k + 1) * width, steps)
            _take(values[s], first, last, below[s], above[s], low, high, total, left, right)
            _put(
                bounds[s], last - first, low, high, total, left, right,
                bins[0][:, b, k], bins[1][b, k], bins[2][b, k], bins[3][:, f, k], bins[4][:, s, k],
            )  # fmt: skip
            for j in range(units):
                lowest[j] = min(lowest[j], low[j]) if k else low[j]
                highest[j] = max(highest[j], high[j]) if k else high[j]
                sums[j] = sums[j] + total[j] if k else total[j]
                lefts[j] = lefts[j] + left[j] if k else left[j]
                rights[j] = rights[j] + right[j] if k else right[j]
        _put(
            bounds[s], steps, lowest, highest, sums, lefts, rights,
            whole[0][:, b, 0], whole[1][b, 0], whole[2][b, 0], whole[3][:, f, 0], whole[4][:, s, 0],
        )  # fmt: skip
        largest[s] = 0
        for j in range(units):
            largest[s] = max(largest[s], max(-lowest[j], highest[j]))


class Summary:
    """How a cell's activations become bins, and bins become columns again.

    Args:
        width: steps a bin.
    """

    def __init__(self, cell: Cell, dtype: np.dtype[np.floating[Any]], width: int = GRAIN.bin) -> None:
        self._width, self._cell = width, cell
        self._names = cell.names()
        self._bounded = [signal.name for signal in cell.signals if signal.range is not None]
        self._unbounded = [signal.name for signal in cell.signals if signal.range is None]
        self._slot = np.array([(self._bounded if s.range else self._unbounded).index(s.name) for s in cell.signals])
        self._bounds = np.array([signal.range or (0.0, 0.0) for signal in cell.signals], dtype)
        self._scales = [signal.scale for signal in cell.signals]
        never = -np.inf, np.inf  # what saturation does not apply to is beyond no threshold
        self._below, self._above = np.array([scale.saturated() or never for scale in self._scales], dtype).T.copy()

    def of(self, values: Array, steps: int) -> Levels:
        """The first `steps` of one layer's activations (S, T, H)."""
        bins = self._empty(-(-steps // self._width), values.shape[2], np.uint8)
        whole = self._empty(1, values.shape[2], np.uint16)
        largest = np.empty(len(self._names), values.dtype)
        _summarise(
            values, steps, self._width, self._bounds, self._below, self._above, self._slot, bins, whole, largest
        )  # fmt: skip
        for s, scale in enumerate(self._scales):
            if scale.form is Form.LOGARITHMIC:
                own = width_of(self._cell.signals[s].width, values.shape[2], self._cell.heads)
                largest[s] = largest_factor(whole[3][:2, self._slot[s], :, :own])
        return Levels(Bins(*bins), Bins(*whole), largest)

    def nbytes(self, steps: int, units: int) -> int:
        """What `of` makes of so many steps takes up."""
        bins, whole = self._empty(-(-steps // self._width), units, np.uint8), self._empty(1, units, np.uint16)
        return Bins(*bins).nbytes + Bins(*whole).nbytes

    def _empty(self, bins: int, units: int, counts: type[np.unsignedinteger[Any]]) -> tuple[NDArray[Any], ...]:
        """For the arrays of `Bins`; `counts` holds as many as a bin has steps."""
        bounded, free, signals = len(self._bounded), len(self._unbounded), len(self._names)
        return (
            np.empty((2, bounded, bins, units), np.uint8),
            np.empty((bounded, bins, units), np.uint8),
            np.empty((bounded, bins, units), np.uint16),
            np.empty((3, free, bins, units), np.float32),
            np.empty((2, signals, bins, units), counts),
        )

    def columns(self, name: str, parts: list[tuple[Bins, int]], edges: NDArray[np.int64], show: Show) -> Array:
        """One signal's bins out of stretches of so many steps each, put together to columns, (columns, H), float32; of
        no meaning beyond its width.

        Args:
            edges: (columns + 1,) ascending: column k is made of the bins from `edges[k]` to before the next edge.
        """
        signal, free = self._names.index(name), name in self._unbounded
        k = self._slot[signal]
        low, high = self._bounds[signal]
        starts, last = edges[:-1], edges[-1]
        steps = np.concatenate([_steps(bins.saturated.shape[2], length, self._width) for bins, length in parts])[:last]
        if show == "saturated" and self._scales[signal].saturation is None:
            return np.full((len(starts), parts[0][0].saturated.shape[3]), np.nan, np.float32)
        if show == "saturated":
            counts = [bins.saturated[:, signal].sum(axis=0, dtype=np.uint16) for bins, _ in parts]
            return total(np.concatenate(counts)[:last], starts) / total(steps, starts)[:, None]

        def mean() -> Array:
            values = np.concatenate([bins.free[2, k] if free else bins.means[k] for bins, _ in parts])[:last]
            out: Array = total(values * steps[:, None].astype(np.float32), starts) / total(steps, starts)[:, None]
            return out if free else np.float32(low) + out * np.float32((high - low) / _FINE)

        if free and show == "mean":
            return mean()
        if free:
            ends = np.concatenate([bins.free[:2, k] for bins, _ in parts], axis=1)
            lowest, highest = np.minimum.reduceat(ends[0, :last], starts), np.maximum.reduceat(ends[1, :last], starts)
            scale = self._scales[signal]
            return extremes(lowest, highest, show, scale.middle, 0.0, mean, scale.lead(lowest, highest))
        fine = np.concatenate([_fine(bins, int(k)) for bins, _ in parts], axis=1)  # sixteenths of levels
        lowest, highest = np.minimum.reduceat(fine[0, :last], starts), np.maximum.reduceat(fine[1, :last], starts)
        level = float(high - low) / LEVELS
        values = np.float32(low) + (np.stack([lowest, highest]) // _PARTS).astype(np.float32) * np.float32(level)
        lead = ((lowest + highest + 1.0) / _PARTS - 1.0 - LEVELS).astype(np.float32) * np.float32(level)
        out = mean() if show == "mean" else extremes(values[0], values[1], show, (low + high) / 2, level, mean, lead)
        out[highest // _PARTS > LEVELS] = np.nan
        return out


def _fine(bins: Bins, k: int) -> NDArray[np.int32]:
    """Lowest and highest of the k-th bounded signal in sixteenths of levels, (2, n, H)."""
    parts = np.stack([bins.parts[k] % _PARTS, bins.parts[k] // _PARTS])
    fine: NDArray[np.int32] = bins.extremes[:, k].astype(np.int32) * _PARTS + parts
    return fine


def _steps(bins: int, length: int, width: int) -> NDArray[np.int64]:
    out = np.full(bins, width, np.int64)
    out[-1] = length - (bins - 1) * width
    return out


def total(values: NDArray[Any], starts: NDArray[np.int64]) -> Array:
    """Sums over columns, (columns, …) in float32, of (n, …)."""
    return np.asarray(np.add.reduceat(values, starts, dtype=np.float32))


def extremes(
    lowest: Array,
    highest: Array,
    show: Show,
    middle: float,
    level: float,
    mean: Callable[[], Array],
    lead: Array | None = None,
) -> Array:
    """Of the lowest and highest values of columns (columns, H) what `show` asks for.

    Args:
        level: how far apart two distances from the middle must be to be told apart.
        lead: how much farther the highest lies from the middle, where that is known better than from the two values.
    """
    if show != "extreme":
        return lowest if show == "lowest" else highest
    if lead is None:
        lead = (highest - middle) - (middle - lowest)
    up = lead >= 0
    alike = np.abs(lead) <= level * 1.001  # whole levels, give or take a rounding
    if alike.any():
        up = np.where(alike, mean() >= middle, up)
    return np.asarray(np.where(up, highest, lowest))


def exact_columns(values: Array, starts: NDArray[np.int64], show: Show, signal: Signal) -> Array:
    """Columns (columns, H) of a signal's values themselves, (T, H): column k begins with the step `starts[k]`."""
    steps = np.diff(starts, append=len(values))[:, None]
    if show == "saturated":
        if signal.saturated is None:
            return np.full((len(starts), values.shape[1]), np.nan, np.float32)
        below, above = signal.saturated
        return total((values < below) | (values > above), starts) / steps
    if show == "mean":
        return total(values, starts) / steps
    low, high = signal.range or (0.0, 0.0)
    lowest, highest = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    lead = None if signal.range else signal.scale.lead(lowest, highest)
    return extremes(
        lowest, highest, show, signal.scale.middle, (high - low) / LEVELS, lambda: total(values, starts) / steps, lead
    )


def surprise_columns(surprise: NDArray[np.float32], per: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and largest surprise of columns of `per` steps each, the last maybe fewer; NaN where no step has one."""
    starts = np.arange(0, len(surprise), per)
    if per == 1 or not len(starts):
        return surprise, surprise
    known = ~np.isnan(surprise)
    count = np.add.reduceat(known, starts, dtype=np.int64)
    sums = np.add.reduceat(np.where(known, surprise, 0.0), starts, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        mean = (sums / count).astype(np.float32)
    return mean, np.asarray(np.fmax.reduceat(surprise, starts))
