"""One unit over time: how it saturates, how soon it forgets, what it follows in the text, and which other units do."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...cells.base import Array, Cell
from ...cells.layout import remembers
from ...equations.equation import Weight
from ...errors import NotMeasurable
from ...network.language_model import CharLM
from ...network.stack import Layer
from ...recording.recording import Recording
from ..curves import keep_signal
from ..positions import passages
from ..progress import subtask
from .correlation import Numbers
from .half_life import Kept, by_autocorrelation, by_gate
from .regex_mask import matches
from .selective_units import Followers, correlations, followers
from .selectivity import Habit, Row, characters, ranked
from .text_features import FEATURES, PATTERN, Feature, Text, values

MOST_STEPS = 1 << 14
"""Of more steps than this, only the last ones, as many as this, are examined."""

AROUND = 2_000
"""A regular expression is matched in the steps examined and this many characters before and after them."""


@dataclass(frozen=True)
class Saturated:
    """Shares of the steps at which a signal of the unit is below and above its thresholds."""

    signal: str
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class UnitView:
    """What `unit_view` found over the steps start … stop − 1.

    Attributes:
        values: of the signal, (T,).
        keeps: the signal that keeps the past; None for a cell without one, where `kept` goes by the absolute diagonal
            of the Jacobian of each step.
        kept: the half-life of that kind, None where unknown; see `half_life`.
        autocorrelation: the half-life of that kind.
        rows: the features, ranked; `best_of_all` as defined in `follows`, None where there are too few steps.
        followers: of the feature `focus`; None where that never changes.
    """

    start: int
    stop: int
    values: Array
    saturated: tuple[Saturated, ...]
    keeps: str | None
    kept: Kept | None
    autocorrelation: float | None
    rows: tuple[Row, ...]
    best_of_all: float | None
    characters: tuple[Habit, ...]
    focus: Feature
    followers: Followers | None


def unit_view(
    lm: CharLM,
    recording: Recording,
    text: str,
    layer: int,
    signal: str,
    unit: int,
    start: int,
    stop: int,
    *,
    pattern: str = "",
    focus: str | None = None,
) -> Generator[float, None, UnitView]:
    """Examine one unit's `signal` over the steps start … stop − 1, or the last `MOST_STEPS` of them.

    Args:
        text: what the recording reads, from its beginning.
        recording: of `lm`.
        pattern: a regular expression; being within a match of it is one more feature. Empty for none.
        focus: the name of the feature whose followers are reported; None for the one that this unit follows most.

    Yields:
        the share of the work that is done.

    Raises:
        NotMeasurable: if there is no such step, layer, signal or unit. An expression that cannot be matched has a row
            that says why.
    """
    start = max(start, stop - MOST_STEPS)
    _check(recording, layer, signal, unit, start, stop)
    cell = recording.reader.stack[layer].cell
    features, feature_values, fault = yield from subtask(_feature_values(text, start, stop, pattern), 0.0, 0.3)
    series, layer_values = yield from subtask(_read(recording, layer, signal, unit, start, stop), 0.3, 0.6)
    x = series[cell.names().index(signal)]

    def columns(a: int, b: int) -> Numbers:
        return np.stack([one[a:b] for one in feature_values], axis=1).astype(np.float64)

    units = yield from subtask(correlations(layer_values, columns, len(feature_values)), 0.6, 0.7)  # (F, H)
    rows, best_of_all = yield from subtask(ranked(x, features, feature_values, units), 0.7, 0.85)
    habits = yield from subtask(characters(x, text[start:stop]), 0.85, 0.9)
    feature = next((one for one in features if one.name == focus), rows[0].feature)
    with_it = yield from subtask(followers(layer_values, feature_values[features.index(feature)]), 0.9, 0.95)
    keeps = keep_signal(cell)
    if keeps is None and not cell.derivable:
        kept = None
    elif keeps is None:
        kept = yield from subtask(_diagonal(lm, recording, layer, unit, start, stop), 0.95, 1.0)
    else:
        own = {one: vector[unit].cpu() for one, vector in cell.vectors(lm.layer_weights(layer)).items()}
        kept = _kept(cell, series, own)
    return UnitView(
        start=start,
        stop=stop,
        values=x,
        saturated=_saturated(recording.reader.stack[layer], unit, series),
        keeps=keeps,
        kept=None if kept is None else by_gate(kept),
        autocorrelation=by_autocorrelation(x),
        rows=rows if fault is None else (*rows, Row(PATTERN, why=fault)),
        best_of_all=best_of_all,
        characters=habits,
        focus=feature,
        followers=with_it,
    )


def _feature_values(
    text: str, start: int, stop: int, pattern: str
) -> Generator[float, None, tuple[list[Feature], list[NDArray[Any]], str | None]]:
    """The features with their values at the steps start … stop − 1, and why the expression is not among them."""
    features, feature_values = list(FEATURES), values(Text.of(text), start, stop)
    yield 0.2
    if pattern:
        first = max(start - AROUND, 0)
        try:
            inside = yield from subtask(matches(pattern, text[first : stop + AROUND]), 0.2, 1.0)
        except NotMeasurable as fault:
            return features, feature_values, str(fault)
        features.append(PATTERN)
        feature_values.append(inside[start - first : stop - first])
    return features, feature_values, None


def _diagonal(
    lm: CharLM, recording: Recording, layer: int, unit: int, start: int, stop: int
) -> Generator[float, None, Array | None]:
    """|∂h_t / ∂h_{t−1}| of one unit, (T,): the diagonal of the Jacobian of each step. None if it has none."""
    out = np.empty(stop - start, recording.reader.dtype)
    block = recording.grain.block
    for a in range(start, stop, block):
        b = min(a + block, stop)
        work = passages(lm, recording, [a], b - a)
        try:
            read = yield from subtask(work, (a - start) / (stop - start), (b - start) / (stop - start))
        except NotMeasurable:
            return None
        out[a - start : b - start] = read.diagonal(layer)[:, 0, unit].abs().cpu().numpy()
    return out


def _check(recording: Recording, layer: int, signal: str, unit: int, start: int, stop: int) -> None:
    reader = recording.reader
    if layer >= reader.layers:
        raise NotMeasurable(f"There is no layer {layer}; the last one is {reader.layers - 1}. Choose another.")
    cell = reader.stack[layer].cell
    if signal not in cell.names():
        names = ", ".join(name.replace("_", " ") for name in cell.names())
        raise NotMeasurable(f"This model has no {signal.replace('_', ' ')}; it has {names}. Choose another.")
    units = reader.stack[layer].width(signal)
    if unit >= units:
        each = cell.signal(signal).width_word
        raise NotMeasurable(f"There is no {each} {unit}; the {each}s are 0 to {units - 1}. Choose another.")
    if start >= stop:
        raise NotMeasurable("There is nothing to look at: no character stands in these steps. Write some text.")
    if stop > recording.steps:
        raise NotMeasurable(
            f"Steps {start:,} to {stop - 1:,} have not been read; {recording.steps:,} have. Wait for the rest."
        )


def _read(
    recording: Recording, layer: int, signal: str, unit: int, start: int, stop: int
) -> Generator[float, None, tuple[Array, Array]]:
    """Every signal of one unit, (S, T), NaN for one that is too narrow to have it, and one signal of all units,
    (T, H)."""
    reader, steps = recording.reader, stop - start
    names = reader.stack[layer].cell.names()
    series = np.full((len(names), steps), np.nan, reader.dtype)
    values = np.empty((steps, reader.stack[layer].width(signal)), reader.dtype)
    block = recording.grain.block
    for a in range(start, stop, block):
        b = min(a + block, stop)
        for s, name in enumerate(names):
            of_all = recording.signal(layer, name, a, b)  # (n, H)
            if unit < of_all.shape[1]:
                series[s, a - start : b - start] = of_all[:, unit]
            if name == signal:
                values[a - start : b - start] = of_all
        yield (b - start) / steps
    return series, values


def _kept(cell: Cell, series: Array, vectors: dict[Weight, torch.Tensor]) -> Array:
    """How much of its state the unit keeps at each step, from its signals (S, T); at the first step only if that does
    not depend on an earlier one."""
    assert cell.keeps is not None
    first = 1 if remembers(cell.keeps) else 0
    rows = [torch.from_numpy(one) for one in series]
    now = {signal.symbol: row[first:] for signal, row in zip(cell.signals, rows, strict=True)}
    before = {signal.symbol: row[: len(row) - first] for signal, row in zip(cell.signals, rows, strict=True)}
    kept: Array = cell.kept(now, before, vectors).numpy()
    return kept


def _saturated(layer: Layer, unit: int, series: Array) -> tuple[Saturated, ...]:
    out = []
    for signal, width, one in zip(layer.cell.signals, layer.widths, series, strict=True):
        if signal.saturated is None or unit >= width:
            continue
        below, above = (one.dtype.type(end) for end in signal.saturated)
        out.append(Saturated(signal.name, float((one < below).mean()), float((one > above).mean())))
    return tuple(out)
