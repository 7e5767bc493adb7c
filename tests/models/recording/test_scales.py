"""Columns of signals without a range, by their scale: `models.recording.overview` against columns made by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from models.cells import Kind, Scale, Signal, half_line, interval, logarithmic, symmetric
from models.equations.equation import Value
from models.recording.overview import GRAIN, Summary, exact_columns

STEPS, UNITS = 3 * GRAIN.bin, 5
SCALES = {"gate": interval(0, 1), "factor": logarithmic(), "real": symmetric(), "amount": half_line((0.1, 2.0))}


def declared(name: str, scale: Scale) -> Signal:
    return Signal(name, name[0], name, Kind.STATE, Value("h"), scale)


SIGNALS = tuple(declared(name, scale) for name, scale in SCALES.items())
CELL: Any = SimpleNamespace(heads=1, signals=SIGNALS, names=lambda: tuple(SCALES))


def values() -> np.ndarray:
    """(S, T, H): factors over six decades to either side, reals, amounts from 0 on."""
    draw = np.random.default_rng(3)
    factors = 10.0 ** draw.uniform(-4, 4, (STEPS, UNITS))
    factors[5:9, 0] = 0.0
    reals = draw.normal(0, 3, (STEPS, UNITS))
    return np.stack([draw.random((STEPS, UNITS)), factors, reals, np.abs(reals)]).astype(np.float32)


def by_hand(part: np.ndarray, scale: Scale, show: str) -> np.ndarray:
    """What a column of the values (T, H) shows."""
    if show == "mean":
        return part.mean(axis=0)
    if show == "saturated":
        below, above = scale.saturation if isinstance(scale.saturation, tuple) else (np.nan, np.nan)
        share = ((part < below) | (part > above)).mean(axis=0)
        return share if scale.saturation else np.full(len(share), np.nan)
    away = np.abs(part)
    if scale == logarithmic():
        away = np.abs(np.log(np.clip(part, 1e-6, 1e6)))
    return np.asarray(np.take_along_axis(part, away.argmax(axis=0)[None], axis=0)[0])


@pytest.mark.parametrize("show", ["extreme", "mean", "saturated"])
@pytest.mark.parametrize("name", ["factor", "real", "amount"])
def test_bins_and_exact_values_make_the_columns_that_the_scale_asks_for(name: str, show: Any) -> None:
    s, scale = list(SCALES).index(name), SCALES[name]
    every, starts = values(), np.arange(0, STEPS, GRAIN.bin)
    expected = np.stack([by_hand(every[s, k : k + GRAIN.bin].astype(np.float64), scale, show) for k in starts])
    kept = Summary(CELL, np.dtype(np.float32)).of(every, STEPS)
    edges = np.arange(len(starts) + 1)
    columns = Summary(CELL, np.dtype(np.float32)).columns(name, [(kept.bins, STEPS)], edges, show)
    np.testing.assert_allclose(columns, expected, rtol=2e-6, atol=1e-6)
    np.testing.assert_allclose(exact_columns(every[s], starts, show, SIGNALS[s]), expected, rtol=2e-6, atol=1e-6)


def test_a_recording_knows_how_far_each_signal_goes() -> None:
    every = values()
    largest = Summary(CELL, np.dtype(np.float32)).of(every, STEPS).largest
    np.testing.assert_allclose(largest, [every[0].max(), 1e6, np.abs(every[2]).max(), every[3].max()], rtol=1e-6)
