"""The memory horizon: after how many characters the median over many positions of a text has fallen to 1/e, and to 1 %.

One of five curves is followed at each position; the result is the median and the quartiles over the positions, at
every lag. A quantile is the value at one of the positions, never interpolated, so it is the same for the logarithm.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray

from ...network.language_model import CharLM
from ...recording.recording import Recording
from ..batches import RESAMPLES
from ..curves import Curve, connectivity_back, keep_signal, log10, retention, state_jacobian
from ..positions import Positions, check_derivable, layer_of, passages, places
from ..progress import subtask
from ..units.correlation import ranks
from ..units.time_scale import LEVELS
from .edit_sensitivity import Choice, Comparison, by_frequency, occurrences, others

CurveName = Literal["edit", "kl", "connectivity", "jacobian", "retention"]
CURVES: tuple[CurveName, ...] = get_args(CurveName)

REPLACEMENTS = 8
"""Other characters tried in place of one, at each position."""
NUMBERS = 2**18
"""Numbers of tangents propagated together: as many as fit into the processor's caches."""
WORTH = 8192
"""Positions times numbers in the state, for the state's Jacobian: a few seconds at most."""


@dataclass(frozen=True, slots=True)
class Band:
    """A curve over many positions: log₁₀ of the quartiles over N positions at each lag, (K + 1,) each.

    Attributes:
        steps: (N,) the positions.
    """

    low: Curve
    median: Curve
    high: Curve
    steps: NDArray[np.int64]

    @staticmethod
    def of(curves: Curve, steps: NDArray[np.int64]) -> Band:
        """From curves (K + 1, N)."""
        low, median, high = np.quantile(curves, [0.25, 0.5, 0.75], axis=1, method="inverted_cdf")
        return Band(low, median, high, steps)

    @property
    def lags(self) -> int:
        return len(self.median) - 1

    def falls_to(self, share: float) -> int | None:
        """The first lag at which the median is at most `share` of its value at lag 0; None if there is none, or if it
        starts at zero, where a share is undefined."""
        if self.median[0] == -np.inf:
            return None
        below = np.flatnonzero(self.median[1:] <= self.median[0] + np.log10(share))
        return int(below[0]) + 1 if len(below) else None


Range = tuple[int | None, int | None]


def spread(curves: Curve, shares: tuple[float, ...]) -> list[Range | None]:
    """For each share, the 16 % and 84 % quantiles of the lag at which the median falls to it, by `RESAMPLES` resamples
    of the N positions of curves (K + 1, N) with replacement."""
    count = curves.shape[1]
    if count < 2:
        return [None for _ in shares]
    draw, middle = np.random.Generator(np.random.PCG64(0)), (count + 1) // 2 - 1  # that of the inverted CDF
    falls = np.empty((RESAMPLES, len(shares)))
    for n in range(RESAMPLES):
        median = np.partition(curves[:, draw.integers(0, count, count)], middle, axis=1)[:, middle]
        band = Band(median, median, median, np.empty(0, np.int64))
        falls[n] = [np.inf if (lag := band.falls_to(share)) is None else lag for share in shares]
    low, high = np.quantile(falls, [0.16, 0.84], axis=0, method="inverted_cdf")

    ends = [[None if np.isinf(end) else int(end) for end in one] for one in (low, high)]
    return list(zip(*ends, strict=True))


@dataclass(frozen=True, slots=True)
class Moving:
    """The horizon of `retention` over the units that move: each state that the cell carries on (tanh of one without a
    range) has a standard deviation of at least one of the 255 levels of a picture. Without any, both lags are None."""

    units: int
    of: int
    lag_e: int | None
    lag_percent: int | None


@dataclass(frozen=True, slots=True)
class Horizon:
    """A curve's band, and where its median has fallen.

    Attributes:
        curve: which of the curves.
        layer: whose units `retention` covers and whose states `edit` compares.
        lag_e, lag_percent: lags at which the median has fallen to 1/e and to 1 % of its value at lag 0; None if it
            does not within the lags examined.
        replacements: at each position, for `edit` and `kl`.
        rounding: for these two, (K + 1,) log₁₀ of the median for rounding alone.
        by: how these characters were chosen.
        range_e, range_percent: the 16 % and 84 % quantiles of the same lags over resamples of the positions with
            replacement; None at an end beyond the lags examined. None for a single position.
        keeps: the signal whose product `retention` is; None for the diagonal of the Jacobian.
        moving: for `retention`, the same lags over only those units whose states change in the stretches examined; a
            unit resting at an end of its range keeps a constant, not the past. See `Moving`.
        warm_up: characters left out at the beginning.
    """

    curve: CurveName
    layer: int
    band: Band
    lag_e: int | None
    lag_percent: int | None
    replacements: int | None
    by: Choice | None
    range_e: Range | None
    range_percent: Range | None
    rounding: Curve | None
    keeps: str | None
    moving: Moving | None
    warm_up: int


def usual_positions(lm: CharLM, curve: CurveName) -> int:
    """How many positions are looked at, unless a number is given: 64, and for large states' Jacobians fewer."""
    dimension = lm.stack.state_size
    return max(8, min(64, WORTH // max(1, dimension))) if curve == "jacobian" else 64


def horizon(
    lm: CharLM,
    recording: Recording,
    *,
    curve: CurveName = "edit",
    positions: int | None = None,
    lags: int = 200,
    layer: int | None = None,
    by: Choice = "even",
) -> Generator[float, None, Horizon]:
    """Measure one curve at many positions of all that has been read.

    Args:
        positions: how many; see `usual_positions` for the default.
        lags: at most half of the text.
        layer: the last by default.
        by: which other characters are tried, for `edit` and `kl`.

    Yields:
        the share of the work that is done.

    Raises:
        NotMeasurable: if the text is too short, there is no such layer, or an intervention forbids it.
    """
    layer = layer_of(recording, layer)
    where = places(recording, positions or usual_positions(lm, curve), lags)
    rounding = moving = None
    if curve in ("edit", "kl"):
        curves, rounded = yield from _edits(recording, where, layer, curve, by)
        rounding = Band.of(rounded, where.starts).median
    elif curve == "retention":
        curves, moving = yield from _kept(lm, recording, where, layer)
    else:
        curves = yield from _derived(lm, recording, where, layer, curve)
    band = Band.of(curves, where.starts)
    range_e, range_percent = spread(curves, (1 / np.e, 0.01))
    return Horizon(
        curve=curve,
        layer=layer,
        band=band,
        lag_e=band.falls_to(1 / np.e),
        lag_percent=band.falls_to(0.01),
        replacements=min(REPLACEMENTS, recording.reader.symbols - 1) if curve in ("edit", "kl") else None,
        by=by if curve in ("edit", "kl") else None,
        range_e=range_e,
        range_percent=range_percent,
        rounding=rounding,
        keeps=keep_signal(lm.stack[layer].cell) if curve == "retention" else None,
        moving=moving,
        warm_up=where.warm_up,
    )


def agreement(edit: Horizon, other: Horizon) -> float | None:
    """Spearman's rank correlation of two medians over the lags at which an edit is more than ten times its rounding;
    None if there are fewer than three."""
    rounding = np.full(edit.band.lags + 1, -np.inf) if edit.rounding is None else edit.rounding
    clear = edit.band.median > rounding + 1
    if clear.sum() < 3:
        return None
    one, two = (ranks(found.band.median[clear]) for found in (edit, other))
    if np.ptp(one) == 0 or np.ptp(two) == 0:
        return None
    return float(np.corrcoef(one, two)[0, 1])


def _edits(
    recording: Recording, where: Positions, layer: int, curve: CurveName, by: Choice
) -> Generator[float, None, tuple[Curve, Curve]]:
    """The effect of changing the character at each position, and that of rounding, both (K + 1, N)."""
    found, rounding = [], []
    symbols = recording.reader.symbols
    counts = occurrences(recording.ids[: recording.steps], symbols)
    which = 0 if curve == "edit" else 1
    for n, start in enumerate(where.starts):
        ids = recording.ids[start : start + where.lags + 1]
        if by == "frequency":
            chosen = by_frequency(counts, int(ids[0]), REPLACEMENTS, turn=n)
        else:
            chosen = others(symbols, int(ids[0]), REPLACEMENTS, turn=n)
        state = recording.state_at(int(start))
        comparison = Comparison(recording.reader, state, ids, layer, at=int(start), predict=curve == "kl")
        means = yield from subtask(
            comparison.replaced_by_each(chosen), n / len(where.starts), (n + 1) / len(where.starts)
        )
        found.append(log10(means[which]))
        rounding.append(log10(comparison.rounded()[which]))
    return np.stack(found, axis=1), np.stack(rounding, axis=1)


def _derived(
    lm: CharLM, recording: Recording, where: Positions, layer: int, curve: CurveName
) -> Generator[float, None, Curve]:
    """The curves that are products of derivatives, (K + 1, N)."""
    check_derivable(recording)
    found = []
    for first, some in _groups(lm, where, curve):
        share, last = first / len(where.starts), (first + len(some)) / len(where.starts)
        middle = share + (last - share) * (0.1 if curve == "jacobian" else 0.5)
        read = yield from subtask(passages(lm, recording, some, where.lags + 1, derive=True), share, middle)
        if curve == "jacobian":
            found.append((yield from subtask(state_jacobian(read), middle, last)))
        else:
            targets = torch.as_tensor(following(recording, some, where.lags), device=lm.device)
            found.append((yield from subtask(connectivity_back(read, targets), middle, last)))
    return np.concatenate(found, axis=1)


def _kept(
    lm: CharLM, recording: Recording, where: Positions, layer: int
) -> Generator[float, None, tuple[Curve, Moving]]:
    """The median over the units of what the gates let through, (K + 1, N); and the horizon over those that move."""
    derive = keep_signal(lm.stack[layer].cell) is None
    if derive:
        check_derivable(recording)
    moves = yield from subtask(_moves(lm, recording, where, layer), 0.0, 0.5)
    every, moving = [], []
    for first, some in _groups(lm, where, "retention"):
        share, last = 0.5 + first / len(where.starts) / 2, 0.5 + (first + len(some)) / len(where.starts) / 2
        read = yield from subtask(passages(lm, recording, some, where.lags + 1, derive=derive), share, last)
        logs = retention(read, layer)  # (K + 1, n, H)
        every.append(_middle(logs))
        moving.append(_middle(logs[:, :, moves]) if moves.any() else every[-1])
    band = Band.of(np.concatenate(moving, axis=1), where.starts)
    lags = [band.falls_to(share) if moves.any() else None for share in (1 / np.e, 0.01)]
    return np.concatenate(every, axis=1), Moving(int(moves.sum()), len(moves), lags[0], lags[1])


def _moves(lm: CharLM, recording: Recording, where: Positions, layer: int) -> Generator[float, None, NDArray[np.bool_]]:
    """Which units move in the stretches that are looked at, (H,); see `Moving`."""
    cell, units = lm.stack[layer].cell, lm.stack[layer].units
    carried = [(row, signal) for row, signal in enumerate(cell.signals) if signal.name in cell.states]
    count, sums, squares = 0, np.zeros((len(carried), units)), np.zeros((len(carried), units))
    for first, some in _groups(lm, where, "retention"):
        share, last = first / len(where.starts), (first + len(some)) / len(where.starts)
        read = yield from subtask(passages(lm, recording, some, where.lags + 1), share, last)
        for n, (row, signal) in enumerate(carried):
            values = read.layers[layer][row].double().cpu().numpy().reshape(-1, units)
            values = signal.scale.read(values)
            sums[n], squares[n] = sums[n] + values.sum(axis=0), squares[n] + (values * values).sum(axis=0)
        count += len(values)
    spreads = np.sqrt(np.maximum(squares / count - (sums / count) ** 2, 0.0))
    least = [signal.scale.width / LEVELS for _, signal in carried]
    return np.asarray((spreads >= np.array(least)[:, None]).all(axis=0))


def _middle(logs: Curve) -> Curve:
    """The median over the units of (K + 1, N, H)."""
    middle: Curve = np.quantile(logs, 0.5, axis=2, method="inverted_cdf")
    return middle


def _groups(lm: CharLM, where: Positions, curve: CurveName) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """The positions in groups that are worked at together, each with the number of its first."""
    dimension = lm.stack.state_size
    size = max(1, NUMBERS // max(1, dimension) ** 2) if curve == "jacobian" else 16
    for first in range(0, len(where.starts), size):
        yield first, where.starts[first : first + size]


def following(recording: Recording, starts: NDArray[np.int64], lags: int) -> NDArray[np.int64]:
    """The character after each segment of `lags` steps beyond its start, (N,)."""
    return np.array([recording.ids[start + lags + 1 : start + lags + 2][0] for start in starts], np.int64)
