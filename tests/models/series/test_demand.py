"""Demand follows its rule: pattern of day and week, heating, noise; each recovered from the rows."""

from __future__ import annotations

import numpy as np
import pytest

from models import CorpusError
from models.series.demand import COMFORT, DAY, HEATING, WEEK, WEEKDAY, WEEKS, demand


def test_heating_and_the_patterns_are_recovered_by_least_squares() -> None:
    rows = demand(730, seed=4).rows
    load, temperature = rows.T
    hours = np.arange(len(rows))
    weekday = (hours // DAY + WEEKDAY) % 7
    of_week = np.eye(WEEK)[weekday * DAY + hours % DAY]  # one level for each hour of the week
    design = np.column_stack([of_week, -np.minimum(temperature - COMFORT, 0)])
    found, *_ = np.linalg.lstsq(design, load, rcond=None)
    assert found[-1] == pytest.approx(HEATING, rel=0.02)
    levels = found[:-1].reshape(7, DAY)
    for day, level in enumerate(WEEKS):
        assert levels[day].mean() == pytest.approx(1000 * level, rel=0.01)
    h = np.arange(DAY)
    pattern = 1 - 0.22 * np.cos(2 * np.pi * (h - 4) / 24) - 0.10 * np.cos(4 * np.pi * (h - 1) / 24)
    assert np.abs(levels[0] / 1000 - pattern).max() < 0.02
    left = load - design @ found
    assert np.corrcoef(left[1:], left[:-1])[0, 1] == pytest.approx(0.6, abs=0.05)


def test_winter_is_colder_than_summer_and_needs_more() -> None:
    days = demand(366).rows.reshape(-1, DAY, 2).mean(axis=1)
    winter, summer = days[:45].mean(axis=0), days[180:225].mean(axis=0)
    assert summer[1] - winter[1] > 10
    assert winter[0] > summer[0] + 100


def test_it_states_its_seasons_its_steps_and_its_resolution() -> None:
    series = demand(30)
    assert (series.seasons, series.seconds, len(series)) == ((24, 168), 3600.0, 720)
    for k, channel in enumerate(series.channels):
        steps = series.rows[:, k] / channel.resolution
        assert np.abs(steps - np.round(steps)).max() < 1e-6


def test_the_same_seed_gives_the_same_rows() -> None:
    assert demand(30, seed=1).sha256 == demand(30, seed=1).sha256 != demand(30, seed=2).sha256


@pytest.mark.parametrize("days", [0, 6, 10**9])
def test_too_few_or_too_many_days_are_refused(days: int) -> None:
    with pytest.raises(CorpusError, match=r"Choose 7 to 36,525\.$"):
        demand(days)
