"""Baselines, one by one against the formula written out, and their stand-ins where a value is missing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from models import CorpusError
from models.series.baselines import baseline_bits, fitted

RESOLUTION = np.array([0.1, 2.0])


def rows(count: int = 400, seed: int = 0) -> np.ndarray:
    draw = np.random.default_rng(seed)
    return np.cumsum(draw.normal(size=(count, 2)), axis=0) * [0.5, 10.0] + [3.0, 50.0]


def test_each_is_the_gaussian_of_its_error_on_the_training_split() -> None:
    training, after = rows(), rows(seed=1)
    found = fitted(training, RESOLUTION, (7,))
    assert [one.lag for one in found] == [0, 1, 7]
    assert [one.words for one in found] == ["a fixed mean", "last value", "7 steps before"]
    for k, lag in enumerate((0, 1, 7)):
        errors = training if lag == 0 else training[lag:] - training[:-lag]
        before = np.zeros_like(after[lag:]) if lag == 0 else after[:-lag]
        density = norm.pdf(after[lag:], before + errors.mean(axis=0), errors.std(axis=0))
        bits = baseline_bits(found, k, after, RESOLUTION)
        np.testing.assert_allclose(bits[max(lag, 1) :], -np.log2(density * RESOLUTION)[1 - min(lag, 1) :], rtol=1e-9)
        assert np.isnan(bits[0]).all()


def test_where_a_value_is_missing_the_next_simpler_baseline_stands_in_and_all_score_the_same_readings() -> None:
    training, after = rows(), rows(60, seed=2)
    after[10:14, 0] = np.nan
    after[0:3, 1] = np.nan
    found = fitted(training, RESOLUTION, (7,))
    fixed, last, week = (baseline_bits(found, k, after, RESOLUTION) for k in range(3))
    scored = ~np.isnan(after)
    scored[0] = False
    for bits in (fixed, last, week):
        assert np.array_equal(~np.isnan(bits), scored)
    np.testing.assert_array_equal(week[1:7], last[1:7])  # no week has passed
    np.testing.assert_array_equal(week[17:21, 0], last[17:21, 0])  # nothing was read a week before
    assert last[3, 1] == fixed[3, 1]  # nothing at all was read before
    density = norm.pdf(after[14, 0], after[9, 0] + found[1].mean[0], found[1].deviation[0])
    assert last[14, 0] == pytest.approx(-math.log2(density * RESOLUTION[0]))


def test_a_deviation_is_at_least_that_of_rounding() -> None:
    still = np.tile([[1.0, 5.0], [1.0, 6.0]], (50, 1))
    still[40, 0] = 2.0
    assert (fitted(still, RESOLUTION, (2,))[2].deviation >= RESOLUTION / math.sqrt(12)).all()
    assert fitted(still, RESOLUTION, (2,))[2].deviation[1] == RESOLUTION[1] / math.sqrt(12)


def test_a_channel_that_never_changes_or_is_never_read_is_refused_and_a_season_too_long_is_left_out() -> None:
    same, gone = rows(), rows()
    same[:, 1] = 4.0
    with pytest.raises(CorpusError, match="Channel 2 never changes"):
        fitted(same, RESOLUTION, ())
    gone[:, 0] = np.nan
    with pytest.raises(CorpusError, match="fewer than two readings"):
        fitted(gone, RESOLUTION, ())
    assert [one.lag for one in fitted(rows(50), RESOLUTION, (24, 168))] == [0, 1, 24]
