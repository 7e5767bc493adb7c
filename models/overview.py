"""What stays of a stretch of steps when its values are let go: how low, how high, the mean, how much was saturated.

A stretch is cut into bins of `BIN` steps from its start. For each bin, signal and unit there are the lowest and the
highest value, the mean, and how many values lay below and above the thresholds of saturation. A bounded signal is kept
at the resolution of the picture, one byte for an extreme: rounding keeps order, so the extremes of rounded values are
the rounded extremes. An unbounded one is kept in float32.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .cells import Cell
from .cells.base import Array
from .compiled import kernel

BIN = 64
"""Steps a bin: a million characters of three 128-unit models take about 150 MB."""

Show = Literal["extreme", "mean", "lowest", "highest", "saturated"]
"""What a column shows that stands for several steps. `extreme`: the lowest or the highest value, whichever lies farther
from the middle of the signal's range (from zero, if it has none). `saturated`: the share of saturated values."""

_TOP = 254  # of a byte: the levels of the picture
_FINE = 65_535  # of the mean: it is averaged further


@dataclass(frozen=True, slots=True)
class Bins:
    """The bins of one layer over one stretch: n bins, S signals (B of them bounded, U unbounded), H units."""

    extremes: NDArray[np.uint8]
    """(2, B, n, H): lowest, highest; 0 … 254 over the range of the signal, 255 if some value was no number."""
    means: NDArray[np.uint16]
    """(B, n, H): 0 … 65,535 over the range of the signal."""
    free: NDArray[np.float32]
    """(3, U, n, H): lowest, highest, mean."""
    saturated: NDArray[np.uint8]
    """(2, S, n, H): how many values lay below and above the thresholds; at most `BIN`."""

    @property
    def nbytes(self) -> int:
        return self.extremes.nbytes + self.means.nbytes + self.free.nbytes + self.saturated.nbytes


@dataclass(frozen=True, slots=True)
class Stretch:
    """One signal's bins in some stretches, one after the other: each (n, H), float32."""

    lowest: Array
    highest: Array
    mean: Array
    saturated: Array
    """How many values were saturated at either end."""
    steps: NDArray[np.int64]
    """(n,): how many steps each bin stands for."""

    def cut(self, first: int, last: int) -> Stretch:
        """Bins first … last − 1."""
        part = slice(first, last)
        return Stretch(self.lowest[part], self.highest[part], self.mean[part], self.saturated[part], self.steps[part])


@kernel
def _summarise(values, width, below, above, lowest, highest, mean, saturated):  # type: ignore[no-untyped-def]
    """values (S, T, H) → lowest, highest, mean (S, n, H), saturated (2, S, n, H); n = ⌈T / width⌉."""
    signals, steps, units = values.shape
    low, high, total = np.empty(units, values.dtype), np.empty(units, values.dtype), np.empty(units, values.dtype)
    left, right = np.empty(units, np.int32), np.empty(units, np.int32)
    for s in range(signals):
        floor, ceiling = below[s], above[s]
        for k in range((steps + width - 1) // width):
            first, last = k * width, min((k + 1) * width, steps)
            for j in range(units):
                low[j] = high[j] = values[s, first, j]
                total[j] = 0
                left[j] = right[j] = 0
            for t in range(first, last):
                row = values[s, t]
                for j in range(units):
                    v = row[j]
                    low[j] = min(low[j], v)
                    high[j] = max(high[j], v)
                    total[j] += v
                    left[j] += v < floor
                    right[j] += v > ceiling
            size = values.dtype.type(last - first)
            for j in range(units):
                mean[s, k, j] = total[j] / size
                # A sum that is no number says so where the comparisons above would have passed over it.
                lowest[s, k, j] = low[j] if total[j] == total[j] else total[j]
                highest[s, k, j] = high[j] if total[j] == total[j] else total[j]
                saturated[0, s, k, j] = left[j]
                saturated[1, s, k, j] = right[j]


class Summary:
    """How a cell's activations become bins, and bins become columns again."""

    def __init__(self, cell: Cell) -> None:
        self._names = cell.names()
        ranges = [signal.range for signal in cell.signals]
        self._bounded = [k for k, known in enumerate(ranges) if known is not None]
        self._free = [k for k, known in enumerate(ranges) if known is None]
        self._low = np.array([known[0] for known in ranges if known is not None], np.float32)
        self._span = np.array([known[1] - known[0] for known in ranges if known is not None], np.float32)
        below, above = zip(*(signal.saturated for signal in cell.signals), strict=True)
        self._below, self._above = np.array(below, np.float32), np.array(above, np.float32)

    def of(self, values: Array) -> Bins:
        """The bins of one layer's activations (S, T, H)."""
        signals, steps, units = values.shape
        bins = -(-steps // BIN)
        lowest, highest, mean = (np.empty((signals, bins, units), values.dtype) for _ in range(3))
        saturated = np.empty((2, signals, bins, units), np.uint8)
        below, above = self._below.astype(values.dtype), self._above.astype(values.dtype)
        _summarise(values, BIN, below, above, lowest, highest, mean, saturated)
        ends = np.stack([lowest[self._bounded], highest[self._bounded]])
        low, span = self._low[:, None, None], self._span[:, None, None]
        extremes = _rounded((ends - low) * (_TOP / span), _TOP)
        extremes[np.isnan(ends)] = _TOP + 1
        means = _rounded((mean[self._bounded] - low) * (_FINE / span), _FINE)
        free = np.stack([part[self._free] for part in (lowest, highest, mean)]).astype(np.float32)
        return Bins(extremes.astype(np.uint8), means.astype(np.uint16), free, saturated)

    def gather(self, name: str, parts: list[tuple[Bins, int]]) -> Stretch:
        """One signal's bins out of stretches of so many steps each, one behind the other."""
        signal = self._names.index(name)
        steps = np.concatenate([_steps(bins.saturated.shape[2], length) for bins, length in parts])
        counts = np.concatenate([bins.saturated[:, signal].sum(axis=0, dtype=np.float32) for bins, _ in parts])
        if signal in self._free:
            k = self._free.index(signal)
            lowest, highest, mean = np.concatenate([bins.free[:, k] for bins, _ in parts], axis=1)
            return Stretch(lowest, highest, mean, counts, steps)
        k = self._bounded.index(signal)
        ends = np.concatenate([bins.extremes[:, k] for bins, _ in parts], axis=1)
        low, span = self._low[k], self._span[k]
        values = low + ends.astype(np.float32) * (span / _TOP)
        missing = ends == _TOP + 1
        values[missing] = np.nan
        fine = np.concatenate([bins.means[k] for bins, _ in parts])
        mean = low + fine.astype(np.float32) * (span / _FINE)
        mean[missing[0]] = np.nan
        return Stretch(values[0], values[1], mean, counts, steps)


def _rounded(levels: Array, top: int) -> Array:
    out: Array = np.floor(np.clip(np.nan_to_num(levels), 0, top) + 0.5)
    return out


def _steps(bins: int, length: int) -> NDArray[np.int64]:
    out = np.full(bins, BIN, np.int64)
    out[-1] = length - (bins - 1) * BIN
    return out


def exactly(values: Array, below: float, above: float) -> Stretch:
    """Bins of one step each, from a signal's values (T, H)."""
    outside = (values < below) | (values > above)
    return Stretch(values, values, values, outside.astype(np.float32), np.ones(len(values), np.int64))


def columns(stretch: Stretch, starts: NDArray[np.int64], show: Show, middle: float) -> Array:
    """Bins put together to columns, (columns, H). Column k is made of the bins from `starts[k]` to the next start.

    Args:
        starts: (columns,) ascending, each the index of a bin.
        middle: of the signal's range: what `extreme` is measured from.
    """
    if show == "mean":
        weight = np.add.reduceat(stretch.steps, starts)[:, None]
        return np.asarray(np.add.reduceat(stretch.mean * stretch.steps[:, None], starts) / weight, stretch.mean.dtype)
    if show == "saturated":
        weight = np.add.reduceat(stretch.steps, starts)[:, None]
        return np.asarray(np.add.reduceat(stretch.saturated, starts) / weight, np.float32)
    lowest = np.minimum.reduceat(stretch.lowest, starts) if show != "highest" else stretch.lowest
    highest = np.maximum.reduceat(stretch.highest, starts) if show != "lowest" else stretch.highest
    if show == "extreme":
        return np.asarray(np.where(highest - middle >= middle - lowest, highest, lowest))
    return np.asarray(lowest if show == "lowest" else highest)
