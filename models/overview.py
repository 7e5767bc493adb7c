"""What stays of a stretch of steps when its values are let go: how low, how high, the mean, how much was saturated.

A stretch is cut into bins of `BIN` steps from its start; put together to one, they are the next level. For each bin,
signal and unit there are the lowest and the highest value, the mean, and how many values lay below and above the
thresholds of saturation. A bounded signal is kept at the resolution of the picture, one byte for an extreme: rounding
keeps order, so the extremes of rounded values are the rounded extremes. An unbounded one is kept in float32.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .cells import Cell
from .cells.base import Array, Signal
from .compiled import kernel

BIN = 64
"""Steps a bin: a million characters of three 128-unit models take about 170 MB."""

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
    saturated: NDArray[np.unsignedinteger[Any]]
    """(2, S, n, H): how many values lay below and above the thresholds."""

    def together(self, steps: int) -> Bins:
        """All of them as one bin, given how many steps they stand for: the next level, for columns as wide."""
        weight = (_steps(self.means.shape[1], steps) / steps)[:, None]
        means = _rounded((self.means * weight).sum(axis=1, keepdims=True), _FINE).astype(np.uint16)
        ends = [np.minimum.reduce, np.maximum.reduce]
        extremes = np.stack([of(part, axis=1, keepdims=True) for of, part in zip(ends, self.extremes, strict=True)])
        free = [of(part, axis=1, keepdims=True) for of, part in zip(ends, self.free[:2], strict=True)]
        free.append((self.free[2] * weight).sum(axis=1, keepdims=True))
        saturated = self.saturated.sum(axis=2, keepdims=True, dtype=np.uint16)
        return Bins(extremes, means, np.stack(free).astype(np.float32), saturated)

    @property
    def nbytes(self) -> int:
        return self.extremes.nbytes + self.means.nbytes + self.free.nbytes + self.saturated.nbytes


@kernel
def _summarise(values, steps, width, below, above, lowest, highest, mean, saturated):  # type: ignore[no-untyped-def]
    """values (S, T, H), T ≥ `steps` → lowest, highest, mean (S, n, H), saturated (2, S, n, H); n = ⌈steps / width⌉."""
    signals, _, units = values.shape
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
                # A sum that is no number says so where the comparisons above passed over it.
                lowest[s, k, j] = low[j] if total[j] == total[j] else total[j]
                highest[s, k, j] = high[j] if total[j] == total[j] else total[j]
                saturated[0, s, k, j] = left[j]
                saturated[1, s, k, j] = right[j]


class Summary:
    """How a cell's activations become bins, and bins become columns again."""

    def __init__(self, cell: Cell) -> None:
        self._names = cell.names()
        ranges = [signal.range for signal in cell.signals]
        self._bounded = [signal.name for signal in cell.signals if signal.range is not None]
        self._unbounded = [signal.name for signal in cell.signals if signal.range is None]
        self._within = [self._names.index(name) for name in self._bounded]
        self._beyond = [self._names.index(name) for name in self._unbounded]
        self._low = np.array([known[0] for known in ranges if known is not None], np.float32)
        self._span = np.array([known[1] - known[0] for known in ranges if known is not None], np.float32)
        below, above = zip(*(signal.saturated for signal in cell.signals), strict=True)
        self._below, self._above = np.array(below, np.float32), np.array(above, np.float32)

    def of(self, values: Array, steps: int) -> Bins:
        """The bins of the first `steps` of one layer's activations (S, T, H)."""
        signals, _, units = values.shape
        bins = -(-steps // BIN)
        lowest, highest, mean = (np.empty((signals, bins, units), values.dtype) for _ in range(3))
        saturated = np.empty((2, signals, bins, units), np.uint8)
        below, above = self._below.astype(values.dtype), self._above.astype(values.dtype)
        _summarise(values, steps, BIN, below, above, lowest, highest, mean, saturated)
        ends = np.stack([lowest[self._within], highest[self._within]])
        low, span = self._low[:, None, None], self._span[:, None, None]
        levels = _rounded((ends - low) * (_TOP / span), _TOP)
        levels[:, np.isnan(ends[1])] = _TOP + 1
        means = _rounded((mean[self._within] - low) * (_FINE / span), _FINE)
        free = np.stack([part[self._beyond] for part in (lowest, highest, mean)]).astype(np.float32)
        return Bins(levels.astype(np.uint8), means.astype(np.uint16), free, saturated)

    def columns(self, name: str, parts: list[tuple[Bins, int]], edges: NDArray[np.int64], show: Show) -> Array:
        """One signal's bins out of stretches of so many steps each, put together to columns, (columns, H), float32.

        Args:
            edges: (columns + 1,) ascending: column k is made of the bins from `edges[k]` to before the next edge.
        """
        signal, free = self._names.index(name), name in self._unbounded
        k = (self._unbounded if free else self._bounded).index(name)
        starts, last = edges[:-1], edges[-1]
        ends = np.concatenate([bins.free[:2, k] if free else bins.extremes[:, k] for bins, _ in parts], axis=1)[
            :, :last
        ]
        if show in ("mean", "saturated"):
            steps = np.concatenate([_steps(bins.saturated.shape[2], length) for bins, length in parts])[:last]
            weight = total(steps, starts)[:, None]
            if show == "saturated":
                counts = [bins.saturated[:, signal].sum(axis=0, dtype=np.uint16) for bins, _ in parts]
                return total(np.concatenate(counts)[:last], starts) / weight
            means = np.concatenate([bins.free[2, k] if free else bins.means[k] for bins, _ in parts])[:last]
            out = total(means * steps[:, None].astype(np.float32), starts) / weight
            fine: float = 1.0 if free else self._span[k] / _FINE
        else:
            out = extremes(ends[0], ends[1], starts, show, 0.0 if free else _TOP / 2).astype(np.float32)
            fine = 1.0 if free else self._span[k] / _TOP
        if not free:
            out = self._low[k] + out * np.float32(fine)
            out[np.maximum.reduceat(ends[1], starts) > _TOP] = np.nan
        return out


def _rounded(levels: Array, top: int) -> Array:
    out: Array = np.floor(np.clip(np.nan_to_num(levels), 0, top) + 0.5)
    return out


def _steps(bins: int, length: int) -> NDArray[np.int64]:
    out = np.full(bins, BIN, np.int64)
    out[-1] = length - (bins - 1) * BIN
    return out


def total(values: NDArray[Any], starts: NDArray[np.int64]) -> Array:
    """Sums over columns, (columns, …) in float32, of (n, …)."""
    return np.asarray(np.add.reduceat(values, starts, dtype=np.float32))


def extremes(
    lowest: NDArray[Any], highest: NDArray[Any], starts: NDArray[np.int64], show: Show, middle: float
) -> NDArray[Any]:
    """The lowest and highest values (n, H) of bins as those of columns, or whichever is farther from the middle."""
    low = np.minimum.reduceat(lowest, starts) if show != "highest" else lowest
    high = np.maximum.reduceat(highest, starts) if show != "lowest" else highest
    if show == "extreme":
        return np.asarray(np.where(high.astype(np.float32) - middle >= middle - low, high, low))
    return low if show == "lowest" else high


def exact_columns(values: Array, starts: NDArray[np.int64], show: Show, signal: Signal) -> Array:
    """Columns (columns, H) of a signal's values themselves, (T, H): column k begins with the step `starts[k]`."""
    if show in ("mean", "saturated"):
        below, above = signal.saturated
        steps = np.diff(starts, append=len(values))[:, None]
        return total((values < below) | (values > above) if show == "saturated" else values, starts) / steps
    return extremes(values, values, starts, show, sum(signal.range or (0.0, 0.0)) / 2)


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
