"""`models.recording.overview`: what is kept of a stretch, and the columns made of it, against the values themselves."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.cells import CELLS
from models.cells.base import Cell
from models.recording.overview import GRAIN, Bins, Show, Summary, exact_columns, surprise_columns
from tests.support.cells import FUSED
from tests.support.columns_by_hand import assert_columns, regular

every_show = pytest.mark.parametrize("show", get_args(Show))

BIN = GRAIN.bin


def activations(cell: Cell, steps: int, units: int, seed: int, dtype: Any = np.float32) -> np.ndarray:
    """(S, T, H): each signal drawn from its range, the unbounded from ±1,000; many at the ends and the middle."""
    draw = np.random.default_rng(seed)
    out = np.empty((len(cell.signals), steps, units), dtype)
    for s, signal in enumerate(cell.signals):
        low, high = signal.range or (-1000.0, 1000.0)
        values = draw.uniform(low, high, (steps, units)) * draw.choice([0.05, 1.0], (steps, units))
        some = draw.random((steps, units))
        values[some < 0.1] = low
        values[some > 0.9] = high
        out[s] = values
    return out


def columns(
    summary: Summary, stretches: list[np.ndarray], name: str, per_bins: int, show: Show, *, whole: bool = False
) -> tuple[np.ndarray, list[range]]:
    """Columns of so many bins each, and the steps of each."""
    parts: list[tuple[Bins, int]] = []
    spans, start = [], 0
    for values in stretches:
        steps = values.shape[1]
        levels = summary.of(values, steps)
        parts.append((levels.whole if whole else levels.bins, steps))
        spans += [range(start, start + steps)] if whole else regular(start, start + steps, BIN)
        start += steps
    edges = np.append(np.arange(0, len(spans), per_bins), len(spans))
    groups = [range(spans[a].start, spans[b - 1].stop) for a, b in pairwise(edges)]
    return summary.columns(name, parts, edges, show), groups


def tolerance(signal: Any, show: str) -> float:
    if show == "saturated":
        return 1e-6
    if signal.range is None:
        return 1e-3 if show == "mean" else 0.0  # of ±1,000, in float32
    return (signal.range[1] - signal.range[0]) / (65_535 if show == "mean" else 254) * 0.501


@every_show
@pytest.mark.parametrize("cell", CELLS)
def test_columns_of_bins_are_those_of_the_values(cell: str, show: Show) -> None:
    kind = CELLS[cell]

    @settings(max_examples=12)
    @given(
        lengths=st.lists(st.integers(1, 3 * BIN + 5), min_size=1, max_size=4),
        per_bins=st.integers(1, 4),
        seed=st.integers(0, 99),
        whole=st.booleans(),
        double=st.booleans(),
    )
    def check(lengths: list[int], per_bins: int, seed: int, whole: bool, double: bool) -> None:
        dtype = np.float64 if double else np.float32
        stretches = [activations(kind, length, 3, seed + k, dtype) for k, length in enumerate(lengths)]
        values = np.concatenate(stretches, axis=1)
        summary = Summary(kind, np.dtype(dtype))
        for s, signal in enumerate(kind.signals):
            shown, groups = columns(summary, stretches, signal.name, per_bins, show, whole=whole)
            if show == "saturated" and signal.saturated is None:
                assert np.isnan(shown).all()
                continue
            assert [step for steps in groups for step in steps] == list(range(sum(lengths)))
            slack = tolerance(signal, show) + (1e-4 if double and signal.range is None else 1e-6)
            assert_columns(shown, values[s], groups, show, signal, slack)

    check()


@pytest.mark.parametrize("cell", [*FUSED, "leaky", "slstm"])
@pytest.mark.parametrize("whole", [False, True])
def test_which_extreme_lies_farther_is_told_to_an_eighth_of_a_level(cell: str, whole: bool) -> None:
    """Extremes that are nearly alike, as units at both ends of their range have: bytes alone are off by two levels."""
    kind, draw = CELLS[cell], np.random.default_rng(3)
    summary = Summary(kind, np.dtype(np.float32))
    units, steps, told = 4000, 4 * BIN, 0
    for s, signal in enumerate(kind.signals):
        if signal.range is None:
            continue
        low, high = signal.range
        level = (high - low) / 254
        values = np.empty((len(kind.signals), steps, units), np.float32)
        values[:] = draw.uniform(low + 20 * level, high - 20 * level, (steps, units))
        at = np.arange(units)
        values[s, draw.integers(0, steps, units), at] = low + draw.uniform(0, 3, units) * level
        values[s, draw.integers(0, steps, units), at] = high - draw.uniform(0, 3, units) * level
        shown, _ = columns(summary, [values], signal.name, 4, "extreme", whole=whole)
        exact = values[s].astype(np.float64)
        lead = (exact.min(axis=0) + exact.max(axis=0) - low - high) / level
        up = np.where(np.abs(lead) <= 1, exact.mean(axis=0) >= (low + high) / 2, lead > 0)
        clear = (np.abs(np.abs(lead) - 1) > 1 / 8) & (np.abs(exact.mean(axis=0) - (low + high) / 2) > level / 10)
        np.testing.assert_array_equal((shown[0] > (low + high) / 2)[clear], up[clear])
        told += int(clear.sum())
    assert told > units / 2


@pytest.mark.parametrize("cell", CELLS)
def test_a_single_extreme_value_is_never_lost_however_wide_the_column(cell: str) -> None:
    kind = CELLS[cell]
    summary = Summary(kind, np.dtype(np.float32))
    for s, signal in enumerate(kind.signals):
        low, high = signal.range or (-50.0, 50.0)
        values = np.full((len(kind.signals), 500, 2), (low + high) / 2, np.float32)
        for step in (0, 64, 311, 499):
            one = values.copy()
            one[s, step, 0], one[s, step, 1] = high, low
            for whole in (False, True):
                for show, ends in {"extreme": (high, low), "highest": (high, None), "lowest": (None, low)}.items():
                    shown, _ = columns(summary, [one[:, :200], one[:, 200:]], signal.name, 99, show, whole=whole)
                    for unit, end in enumerate(ends):
                        assert end is None or shown[0, unit] == pytest.approx(end, abs=1e-6)


def test_how_many_values_are_saturated_is_counted_exactly() -> None:
    """At the thresholds themselves nothing is saturated, right behind them everything is."""
    for kind in CELLS.values():
        summary = Summary(kind, np.dtype(np.float32))
        for s, signal in enumerate(kind.signals):
            if signal.saturated is None:
                continue
            below, above = (np.float32(end) for end in signal.saturated)
            values = np.zeros((len(kind.signals), BIN, 4), np.float32) + (below + above) / 2
            values[s, :40, 0], values[s, :40, 1] = below, above
            values[s, :40, 2], values[s, :40, 3] = (
                np.nextafter(below, np.float32(-9)),
                np.nextafter(above, np.float32(9)),
            )
            bins = summary.of(values, BIN).bins
            assert bins.saturated[:, s, 0].tolist() == [[0, 0, 40, 0], [0, 0, 0, 40]]
            shown, _ = columns(summary, [values], signal.name, 1, "saturated")
            assert shown.tolist() == [[0, 0, 40 / BIN, 40 / BIN]]


@pytest.mark.parametrize("show", ["extreme", "mean", "lowest", "highest"])
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("whole", [False, True])
def test_what_is_no_number_is_shown_as_none(cell: str, show: Show, whole: bool) -> None:
    kind = CELLS[cell]
    summary = Summary(kind, np.dtype(np.float32))
    for step in (0, 17, BIN - 1):
        values = activations(kind, 3 * BIN, 3, 1)
        values[:, BIN + step, 1] = np.nan
        for signal in kind.signals:
            shown, _ = columns(summary, [values], signal.name, 1, show, whole=whole)
            missing = [[False, True, False]] if whole else [[False] * 3, [False, True, False], [False] * 3]
            assert np.isnan(shown).tolist() == missing, signal.name


@pytest.mark.parametrize("cell", CELLS)
def test_the_largest_absolute_value_of_a_stretch_is_kept_exactly(cell: str) -> None:
    kind = CELLS[cell]
    values = activations(kind, 200, 5, 3)
    summary = Summary(kind, np.dtype(np.float32))
    for steps in (1, 63, 64, 65, 200):
        np.testing.assert_array_equal(summary.of(values, steps).largest, np.abs(values[:, :steps]).max(axis=(1, 2)))


@every_show
@given(steps=st.integers(1, 90), per=st.integers(1, 40), seed=st.integers(0, 20))
def test_narrow_columns_are_made_of_the_values_themselves(show: Show, steps: int, per: int, seed: int) -> None:
    kind = CELLS["lstm"]
    values = activations(kind, steps, 3, seed)
    for s, signal in enumerate(kind.signals):
        shown = exact_columns(values[s], np.arange(0, steps, per), show, signal)
        within = (1e-3 if signal.range is None else 1e-6) if show in ("mean", "saturated") else 0.0
        assert_columns(shown, values[s], regular(0, steps, per), show, signal, within)


bits = st.lists(st.floats(0, 30, width=32) | st.just(float("nan")), max_size=60)


@given(bits, st.integers(1, 20))
def test_surprise_of_a_column_is_the_mean_and_the_largest_of_what_is_known(values: list[float], per: int) -> None:
    mean, peak = surprise_columns(np.array(values, np.float32), per)
    groups = [[v for v in values[k : k + per] if v == v] for k in range(0, len(values), per)]
    assert mean.dtype == peak.dtype == np.float32
    np.testing.assert_allclose(mean, [np.mean(group) if group else np.nan for group in groups], rtol=1e-6)
    np.testing.assert_array_equal(peak, np.array([max(group, default=np.nan) for group in groups], np.float32))
