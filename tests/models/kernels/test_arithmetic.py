"""The functions under the cells: how exact they are, and that a row's result is its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit
from numpy.typing import NDArray

from models.kernels.arithmetic import exp, log_softmax, sigmoid, tanh

Array = NDArray[np.floating[Any]]
DTYPES = (np.float32, np.float64)
SIZES = st.one_of(st.integers(1, 40), st.sampled_from([65, 128, 284]))


@njit
def _exp(x, out):  # type: ignore[no-untyped-def]
    for i in range(x.size):
        out[i] = exp(x[i])


@njit
def _sigmoid(x, out):  # type: ignore[no-untyped-def]
    for i in range(x.size):
        out[i] = sigmoid(x[i])


@njit
def _tanh(x, out):  # type: ignore[no-untyped-def]
    for i in range(x.size):
        out[i] = tanh(x[i])


LOOPS: dict[str, Callable[[Array, Array], None]] = {"exp": _exp, "sigmoid": _sigmoid, "tanh": _tanh}
TRUTH = {"exp": np.exp, "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "tanh": np.tanh}


def each(function: str, x: Array) -> Array:
    out = np.empty_like(x)
    LOOPS[function](x, out)
    return out


def grid(dtype: type[np.floating[Any]], reach: float) -> Array:
    """Evenly spaced, and close to zero at every order of magnitude, both signs."""
    small = np.logspace(-30, 0, 20_001)
    return np.concatenate([np.linspace(-reach, reach, 400_001), small, -small]).astype(dtype)


@pytest.mark.parametrize(
    ("function", "dtype", "ulps"),
    [
        ("exp", np.float32, 1.0),
        ("exp", np.float64, 1.0),
        ("sigmoid", np.float32, 2.5),
        ("sigmoid", np.float64, 2.5),
        ("tanh", np.float32, 2.5),
        ("tanh", np.float64, 2.5),
    ],
)
def test_functions_are_within_a_few_units_in_the_last_place(
    function: str, dtype: type[np.floating[Any]], ulps: float
) -> None:
    x = grid(dtype, 86.0)
    exact = TRUTH[function](x.astype(np.longdouble))
    error = np.abs(each(function, x) - exact) / np.spacing(np.abs(exact.astype(dtype)))
    worst = int(error.argmax())
    assert error[worst] <= ulps, f"{function}({x[worst]!r}) is {float(error[worst]):.2f} ulp off"


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("large", [90.0, 1e4, 1e30, math.inf])
def test_bounded_functions_saturate_and_exp_stays_finite_in_float32(
    dtype: type[np.floating[Any]], large: float
) -> None:
    x = np.array([large, -large], dtype)
    assert each("tanh", x).tolist() == [1.0, -1.0]
    high, low = each("sigmoid", x).tolist()
    assert high == 1.0
    assert 0.0 <= low < 1e-38
    if dtype is np.float32:
        assert np.isfinite(each("exp", x)).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", LOOPS)
def test_nan_goes_in_and_nan_comes_out(function: str, dtype: type[np.floating[Any]]) -> None:
    x = np.linspace(-3, 3, 37).astype(dtype)  # long enough for vector lanes and a remainder
    x[[0, 5, 17, 36]] = np.nan
    out = each(function, x)
    assert np.isnan(out[[0, 5, 17, 36]]).all()
    assert np.isfinite(np.delete(out, [0, 5, 17, 36])).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_nothing_happens_at_zero(dtype: type[np.floating[Any]]) -> None:
    zero = np.array([0.0, -0.0], dtype)
    assert each("exp", zero).tolist() == [1.0, 1.0]
    assert each("sigmoid", zero).tolist() == [0.5, 0.5]
    assert each("tanh", zero).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("dtype", DTYPES)
def test_functions_never_turn_back(dtype: type[np.floating[Any]]) -> None:
    x = np.sort(grid(dtype, 20.0))
    for function in ("sigmoid", "tanh"):
        falls = -np.diff(each(function, x)).min()
        assert falls <= np.finfo(dtype).eps, f"{function} falls by {falls}"  # an ulp or two, not a step


@given(st.integers(1, 40), SIZES, st.sampled_from(DTYPES), st.data())
def test_any_split_of_the_rows_gives_the_same_bits(
    steps: int, size: int, dtype: type[np.floating[Any]], data: st.DataObject
) -> None:
    whole = np.random.default_rng(0).standard_normal((steps, size)).astype(dtype)
    parts = whole.copy()
    log_softmax(whole)
    cuts = data.draw(st.sets(st.integers(0, steps)))
    for start, end in pairwise(sorted(cuts | {0, steps})):
        log_softmax(parts[start:end])
    assert parts.tobytes() == whole.tobytes()


@given(st.integers(0, 9), SIZES, st.floats(0, 30), st.sampled_from(DTYPES))
def test_log_softmax_is_the_log_of_probabilities_that_add_up_to_one(
    steps: int, size: int, spread: float, dtype: type[np.floating[Any]]
) -> None:
    logits = (np.random.default_rng(0).standard_normal((steps, size)) * spread).astype(dtype)
    out = logits.copy()
    log_softmax(out)
    wide = logits.astype(np.longdouble)
    exact = wide - np.log(np.exp(wide).sum(axis=1, keepdims=True))
    assert np.abs(out - exact).max(initial=0) <= np.finfo(dtype).eps * (20 + 8 * spread)
    assert np.exp(out.astype(np.float64)).sum(axis=1) == pytest.approx(1.0, abs=float(1e3 * np.finfo(dtype).eps))


def test_log_softmax_withstands_logits_that_overflow_exp() -> None:
    for dtype in DTYPES:
        logits = np.array([[1e4, 0.0, -1e4], [-1e4, -1e4, -1e4]], dtype)
        log_softmax(logits)
        assert logits[0].tolist() == [0.0, -1e4, -2e4]
        assert logits[1] == pytest.approx(-math.log(3))
