"""Anomalies: scores against loops written out, thresholds by brute force, counts by hand, and a network that finds
faults which the others miss."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import NotMeasurable, load
from models.measures.anomalies import compare, detection, scores, threshold, unscored, z_of_window
from models.network.series_model import SeriesModel
from models.series.demand import demand
from models.series.faults import Fault, with_faults
from models.series.series import Label
from models.storage.series_card import SeriesCard
from models.training.series.recipes import baselines_of
from models.training.settings import Settings
from tests.support.small_models import small_series_model

SCORES = st.lists(st.one_of(st.just(np.nan), st.integers(0, 6).map(float)), min_size=2, max_size=40)


def alarms(values: np.ndarray, limit: float) -> int:
    """Runs of rows above a limit, counted one by one."""
    count, before = 0, False
    for value in values:
        now = bool(value > limit)
        count += now and not before
        before = now
    return count


@settings(max_examples=200, deadline=None)
@given(SCORES, st.integers(1, 5))
def test_a_threshold_is_the_lowest_that_no_higher_one_exceeds(values: list[float], allowed: int) -> None:
    found = np.array(values)
    if np.isnan(found).all():
        return
    levels = sorted({value for value in values if not np.isnan(value)}, reverse=True)
    expected = levels[0]
    for level in levels:  # from the top, as long as there are few enough alarms
        if alarms(found, level) > allowed:
            break
        expected = level
    assert threshold(found, allowed) == expected


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 9))
def test_the_score_of_a_window_is_that_of_the_rows_before(seed: int, window: int) -> None:
    draw = np.random.default_rng(seed)
    rows = draw.normal(size=(60, 2)) * [1.0, 100.0] + [5.0, 1e4]
    rows[draw.random(rows.shape) < 0.2] = np.nan
    floor = np.array([0.03, 3.0])
    found = z_of_window(rows, window, floor)
    for t in range(60):
        each = []
        for c in range(2):
            before = rows[max(t - window, 0) : t, c]
            before = before[~np.isnan(before)]
            if len(before) > 1 and not np.isnan(rows[t, c]):
                each.append(abs(rows[t, c] - before.mean()) / max(before.std(), floor[c]))
        if each:
            assert found[t] == pytest.approx(max(each), rel=1e-6)
        else:
            assert np.isnan(found[t])


def test_alarms_are_counted_as_by_hand() -> None:
    values = np.zeros(100)
    values[[5, 20, 21, 40, 41, 42, 60, 90]] = 9.0
    values[50:55] = np.nan
    labels = (Label("spike", 20, 21), Label("drift", 38, 44), Label("dropout", 50, 55), Label("stuck", 70, 80))
    found = detection("own", values, 1.0, labels, days=2.0, begun=10, grace=6)
    # alarms: 5 (false), 20–21, 40–42, 60 (within six rows of the dropout), 90 (false)
    assert (found.alarms, found.false, found.found, found.faults) == (5, 2, 2, 3)
    assert (found.precision, found.recall, found.delay) == (0.6, 2 / 3, 1.0)
    assert found.false_per_day == 1.0
    none = detection("own", values, 99.0, (), days=2.0, begun=10, grace=6)
    assert (none.precision, none.recall, none.delay) == (None, None, None)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[SeriesModel, SeriesCard]:
    folder = tmp_path_factory.mktemp("anomalies") / "town"
    card = small_series_model(
        folder, replace(demand(120, seed=7), seasons=(24,)), Settings(units=16, epochs=12.0, streams=8, segment=48)
    )
    model = load(folder)
    assert isinstance(model, SeriesModel)
    return model, card


def test_a_network_finds_spikes_that_lie_within_what_is_usual_in_a_day(
    trained: tuple[SeriesModel, SeriesCard],
) -> None:
    model, card = trained
    later = replace(demand(200, seed=8), seasons=(24,))
    normal, test = (replace(later, rows=later.rows[span]) for span in (slice(0, 2400), slice(2400, 4800)))
    faults = tuple(Fault("spike", 100 + 97 * k, 1, 0, 1.5 * (-1) ** k) for k in range(20))
    found = compare(model, baselines_of(card), normal, with_faults(test, faults), per_day=0.1)
    surprise, window, season = found
    assert [one.detector for one in found] == ["surprise", "last 24", "season 24"]
    assert surprise.recall is not None
    assert window.recall is not None
    assert season.recall is not None
    assert surprise.recall > max(window.recall, season.recall)
    assert surprise.delay == 0.0
    for one in found:
        assert alarms(scores(model, baselines_of(card), normal, 24, 24)[one.detector], one.threshold) <= 9


def test_the_scores_are_what_the_table_says_and_the_beginning_has_none(
    trained: tuple[SeriesModel, SeriesCard],
) -> None:
    model, card = trained
    known, series = baselines_of(card), demand(30, seed=9)
    assert unscored(known, 10) == 24
    found = scores(model, known, series, 10, 24)
    assert all(np.isnan(values[:24]).all() for values in found.values())
    np.testing.assert_array_equal(found["surprise"][24:], model.trace(series).surprise.numpy()[24:])
    off = np.abs(series.rows[24:] - series.rows[:-24] - known[-1].mean) / known[-1].deviation
    np.testing.assert_allclose(found["season 24"][24:], off.max(axis=1))


def test_what_cannot_be_compared_is_refused(trained: tuple[SeriesModel, SeriesCard], tmp_path: Path) -> None:
    model, card = trained
    known, series = baselines_of(card), demand(30)
    for changes, options, words in (
        ({"seconds": None}, {"per_day": 1.0}, "how many seconds"),
        ({}, {"per_day": 0.0}, "more than 0 alarms"),
        ({}, {"per_day": 0.01}, "too short to tell 0.01 alarms a day"),
        ({}, {"per_day": 1.0, "window": 715}, "first 715 are not scored"),
    ):
        other = replace(series, **changes)  # type: ignore[arg-type]
        with pytest.raises(NotMeasurable, match=words):
            compare(model, known, other, other, **options)  # type: ignore[arg-type]
