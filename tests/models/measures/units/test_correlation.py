"""Correlations of series that change slowly, and what chance gives: each computed another way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.measures import drain
from models.measures.units.correlation import FEWEST, NEAR, Shifts, cohens_d, ranks, standardised
from models.measures.units.selective_units import SHIFTS, correlations, followers
from tests.support.series import r_of, slow_series

DRAW = np.random.default_rng(8)


@pytest.mark.parametrize("steps", [2, 3, 199, 256, 401])
def test_all_shifts_at_once_are_each_shift_by_itself(steps: int) -> None:
    x, y = slow_series(DRAW, steps), DRAW.random(steps) < 0.4
    y[:2] = True, False
    found = Shifts(standardised(x)).against(standardised(y))
    expected = [r_of(x, np.roll(y, k)) for k in range(steps)]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_chance_is_what_the_far_shifts_give() -> None:
    steps = 307
    x, y = slow_series(DRAW, steps), slow_series(DRAW, steps)
    shifts = Shifts(standardised(x))
    chance = shifts.chance(shifts.against(standardised(y)))
    others = [abs(r_of(x, np.roll(y, k))) for k in range(NEAR, steps - NEAR + 1)]
    assert chance.usual == pytest.approx(np.quantile(others, 0.95))
    assert chance.rare == pytest.approx(np.quantile(others, 0.99))
    better = sum(one >= abs(r_of(x, y)) for one in others)
    assert chance.as_good == pytest.approx((1 + better) / (1 + len(others)))


def test_what_has_nothing_to_do_with_each_other_is_seldom_beyond_chance() -> None:
    """Of pairs of slow series about one in twenty: independent draws would call most of them certain."""
    beyond = 0
    for _ in range(400):
        shifts = Shifts(standardised(slow_series(DRAW, 600)))
        found = shifts.against(standardised(slow_series(DRAW, 600)))
        beyond += abs(found[0]) > shifts.chance(found).usual
    assert 8 <= beyond <= 36


def test_a_copy_is_beyond_all_shifts() -> None:
    x = slow_series(DRAW, 500)
    shifts = Shifts(standardised(x))
    found = shifts.against(standardised(3 - 2 * x))
    assert found[0] == pytest.approx(-1)
    assert shifts.chance(found).as_good == pytest.approx(1 / (500 - 2 * NEAR + 2))


def test_too_few_steps_tell_nothing_of_chance() -> None:
    x = standardised(slow_series(DRAW, FEWEST - 1))
    assert Shifts(x).chance(x) is None


@given(arrays(np.int32, st.integers(1, 40), elements=st.integers(-3, 3)))
def test_ranks_share_the_mean_of_their_places(series: np.ndarray) -> None:
    expected = [((series < one).sum() + (series <= one).sum() - 1) / 2 for one in series]
    np.testing.assert_allclose(ranks(series), expected)


@given(arrays(np.bool_, 30), st.integers(0, 2**31))
def test_cohens_d_and_r_are_two_ways_to_say_it(holds: np.ndarray, seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=30)
    d = cohens_d(x, holds)
    if holds.all() or not holds.any():
        assert np.isnan(d)
        return
    one, other = x[holds], x[~holds]
    inside = [((group - group.mean()) ** 2).sum() for group in (one, other)]
    assert d == pytest.approx((one.mean() - other.mean()) / np.sqrt(sum(inside) / 28))
    # r = d / √(d² + (n − 2) / (n·p·q)), from t = r·√((n − 2) / (1 − r²)) = d·√(n·p·q)
    share = holds.mean()
    assert r_of(x, holds) == pytest.approx(d / np.sqrt(d**2 + 28 / (30 * share * (1 - share))))


@pytest.mark.parametrize("series", [[], [0.1] * 7, [1.0, np.nan], [np.inf, 1.0]])
def test_what_never_changes_or_is_no_number_has_no_correlation(series: list[float]) -> None:
    assert standardised(np.array(series)) is None


def test_correlations_of_all_units_are_those_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    values_, told = DRAW.normal(size=(70, 5)).astype(np.float32), DRAW.normal(size=(70, 3))
    values_[:, 1] = 0.3
    values_[:, 2] = 1e4 + 1e-2 * values_[:, 2]
    told[:, 2] = 4.0
    monkeypatch.setattr("models.measures.units.selective_units.TOGETHER", 32)
    found = drain(correlations(values_, lambda a, b: told[a:b], 3))
    assert np.isnan(found[:, 1]).all()
    assert np.isnan(found[2]).all()
    for j in (0, 2, 3, 4):
        for k in (0, 1):
            assert found[k, j] == pytest.approx(r_of(values_[:, j], told[:, k]), abs=1e-9)


def test_followers_come_with_what_the_best_of_all_units_gives_by_chance() -> None:
    steps = 260
    told = DRAW.random(steps) < 0.5
    values_ = np.stack([slow_series(DRAW, steps) for _ in range(9)], axis=1).astype(np.float32)
    values_[:, 4] -= told
    found = drain(followers(values_, told))
    direct = [r_of(values_[:, j], told) for j in range(9)]
    order = sorted(range(9), key=lambda j: -abs(direct[j]))[:5]
    assert [j for j, _ in found.units] == order
    assert order[0] == 4
    np.testing.assert_allclose([r for _, r in found.units], [direct[j] for j in order], atol=1e-9)
    by = sorted({int(k) for k in np.linspace(NEAR, steps - NEAR, SHIFTS)})
    best = [max(abs(r_of(values_[:, j], np.roll(told, k))) for j in range(9)) for k in by]
    assert found.mark == pytest.approx(np.quantile(best, 0.95))


def test_nobody_follows_what_never_changes() -> None:
    assert drain(followers(np.ones((10, 2), np.float32), np.zeros(10, bool))) is None
