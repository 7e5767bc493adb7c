"""How long a gate or a series keeps half of what it had, counted out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.measures.units.half_life import by_autocorrelation, by_gate
from tests.support.series import slow_series

DRAW = np.random.default_rng(8)


@given(arrays(np.float64, st.integers(2, 30), elements=st.sampled_from([0.0, 0.25, 0.5, 0.7, 0.9, 0.99, 1.0])))
def test_half_life_by_the_gate_is_counted_out(keep: np.ndarray) -> None:
    found = by_gate(keep)
    limit = len(keep) // 2
    lags = []
    for a in range(len(keep) - limit):
        left, lag = 1.0, np.inf
        for t in range(a + 1, len(keep)):
            left *= keep[t]
            if left <= 0.5 + 1e-12:
                lag = t - a
                break
        lags.append(lag)
    lags.sort()
    expected = [lags[(len(lags) - 1) * k // 4] for k in (1, 2, 3)]
    assert found.lags == tuple(lag if lag <= limit else np.inf for lag in expected)
    assert (found.limit, found.starts) == (limit, len(keep) - limit)


def test_a_steady_gate_loses_half_in_its_half_life() -> None:
    found = by_gate(np.full(200, 0.5 ** (1 / 8)))
    assert found.steady == pytest.approx(8)
    assert found.lags == (8, 8, 8)


def test_a_gate_that_never_leaves_one_keeps_for_ever() -> None:
    assert by_gate(np.ones(9)).steady == np.inf
    assert by_gate(np.ones(9)).lags == (np.inf,) * 3


@pytest.mark.parametrize("keep", [[], [0.5], [0.5, np.nan]])
def test_a_gate_of_which_nothing_can_be_told(keep: list[float]) -> None:
    assert by_gate(np.array(keep)) is None


@pytest.mark.parametrize("steps", [40, 301])
def test_half_life_by_autocorrelation_is_counted_out(steps: int) -> None:
    x = slow_series(DRAW, steps)
    tilde = x - x.mean()
    own = [float((tilde[: steps - k] * tilde[k:]).sum() / (tilde**2).sum()) for k in range(steps // 2 + 1)]
    k = next(k for k, one in enumerate(own) if one <= 0.5)
    expected = np.interp(0.5, [own[k], own[k - 1]], [k, k - 1])
    assert by_autocorrelation(x) == pytest.approx(expected)


def test_half_life_by_autocorrelation_may_be_beyond_or_not_at_all() -> None:
    assert by_autocorrelation(np.array([0.0, 0.0, 1.0, 1.0])[:3]) is not None
    assert by_autocorrelation(np.full(9, 0.2)) is None
    assert by_autocorrelation(np.array([0.1])) is None
