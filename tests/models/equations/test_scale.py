"""`models.equations.scale`: which values there are, which are saturated, and where the middle of a picture is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.equations.scale import (
    FARTHEST_FACTOR,
    Ends,
    Form,
    Scale,
    Thresholds,
    half_line,
    interval,
    largest_factor,
    logarithmic,
    symmetric,
)

share = st.floats(0.01, 0.99)


@given(value=st.floats(-5, 5), low=share, high=share, bound=share)
def test_a_value_is_saturated_near_the_ends_of_its_interval_or_of_its_tanh(
    value: float, low: float, high: float, bound: float
) -> None:
    at = Thresholds(low, high, bound)
    below, above = interval(0, 4).saturated(at) or (0, 0)
    assert (value < below, value > above) == (value < low * 4, value > high * 4)
    below, above = interval(-2, 3).saturated(at) or (0, 0)
    assert (value < below, value > above) == (value < -2 * bound, value > 3 * bound)
    below, above = symmetric(Ends.OF_TANH).saturated(at) or (0, 0)
    if abs(abs(math.tanh(value)) - bound) > 1e-9:
        assert (value < below, value > above) == (math.tanh(value) < -bound, math.tanh(value) > bound)


@pytest.mark.parametrize("scale", [symmetric(), half_line(), logarithmic(), interval(0, 1, saturation=None)])
def test_saturation_may_not_apply(scale: Scale) -> None:
    assert scale.saturated() is None
    assert scale.saturated(Thresholds(0.3, 0.4, 0.5)) is None


def test_declared_thresholds_are_kept_whatever_is_asked() -> None:
    assert logarithmic(saturation=(0.01, 100.0)).saturated(Thresholds(0.3, 0.4, 0.5)) == (0.01, 100.0)


@pytest.mark.parametrize(
    ("scale", "possible", "middle"),
    [
        (interval(0, 1), (0.0, 1.0), 0.5),
        (interval(-1, 1), (-1.0, 1.0), 0.0),
        (symmetric(), (-1000.0, 1000.0), 0.0),
        (half_line(), (0.0, 1000.0), 0.0),
        (logarithmic(), (0.0, 1000.0), 1.0),
    ],
)
def test_what_a_signal_can_be_held_at_and_the_middle_of_its_picture(
    scale: Scale, possible: tuple[float, float], middle: float
) -> None:
    assert scale.possible(1000.0) == possible
    assert scale.middle == middle


@given(st.lists(st.floats(1e-5, 1e5), min_size=1))
def test_the_largest_factor_is_that_by_which_the_farthest_value_lies_above_or_below_one(values: list[float]) -> None:
    assert largest_factor(np.array(values)) == pytest.approx(10 ** max(abs(math.log10(value)) for value in values))


def test_zero_infinity_and_no_number_have_a_place_in_the_largest_factor() -> None:
    assert largest_factor(np.array([0.0, 1.0])) == FARTHEST_FACTOR
    assert largest_factor(np.array([np.inf, 1.0])) == FARTHEST_FACTOR
    assert largest_factor(np.array([np.nan, 20.0])) == 20.0
    assert largest_factor(np.array([np.nan])) == 1.0


@given(low=st.floats(1e-5, 1e5), high=st.floats(1e-5, 1e5))
def test_of_two_factors_the_one_farther_from_one_leads(low: float, high: float) -> None:
    low, high = sorted((low, high))
    lead = logarithmic().lead(np.array([low]), np.array([high]))[0]
    assert lead == pytest.approx(math.log(high) - -math.log(low), abs=1e-9)


def test_what_is_read_of_values_is_their_tanh_their_logarithm_or_themselves() -> None:
    values = np.array([0.01, 1.0, 3.0])
    np.testing.assert_allclose(symmetric(Ends.OF_TANH).read(values), [math.tanh(v) for v in values])
    np.testing.assert_allclose(logarithmic().read(values), [math.log(v) for v in values])
    for scale in (symmetric(), half_line(), interval(0, 4)):
        assert scale.read(values) is values


@pytest.mark.parametrize(
    ("form", "range_", "saturation"),
    [
        (Form.SYMMETRIC, None, Ends.OF_INTERVAL),
        (Form.INTERVAL, (1.0, 1.0), Ends.OF_INTERVAL),
        (Form.HALF_LINE, None, (2.0, 1.0)),
    ],
)
def test_a_scale_that_contradicts_itself_is_refused(
    form: Form, range_: tuple[float, float] | None, saturation: Ends | tuple[float, float]
) -> None:
    with pytest.raises(ValueError, match=r"ends|begins"):
        Scale(form, range_, saturation)
