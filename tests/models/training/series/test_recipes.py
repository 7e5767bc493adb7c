"""From a series to a card on disk and back: every figure of the card computed another way."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models import CheckpointError, CorpusError, Diverged, load
from models.network.series_model import SeriesModel
from models.series.series import Channel
from models.storage.checkpoint import load_series_model
from models.storage.series_card import SeriesCard, read_series_card
from models.training.series.recipes import measure_series
from tests.support.small_models import SMALL_SERIES, small_series, small_series_model

SERIES = small_series()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("series") / "small"
    small_series_model(place)
    return place


def test_the_card_states_the_channels_and_the_series(folder: Path) -> None:
    card = read_series_card(folder)
    training = SERIES.split("train")
    for k, channel in enumerate(card.channels):
        assert (channel.name, channel.unit) == (SERIES.channels[k].name, SERIES.channels[k].unit)
        assert channel.mean == pytest.approx(training[:, k].mean())
        assert channel.deviation == pytest.approx(training[:, k].std())
        assert channel.resolution == SERIES.channels[k].resolution
    assert (card.series.seconds_per_step, card.series.seasons, card.series.rows) == (3600.0, [24, 168], 480)
    assert card.series.sha256 == SERIES.sha256
    assert card.training["finished"]
    assert "min_count" not in card.training


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_the_bits_of_the_card_are_those_of_the_densities(folder: Path, split: str) -> None:
    card = read_series_card(folder)
    for step, stated in ((None, card.measured[split]), (0, card.untrained[split])):
        trace = load(folder, step=step).trace(SERIES.split(split))
        rows, mean, deviation = (one.numpy() for one in (trace.rows, trace.mean, trace.deviation))
        off = (rows[1:] - mean[:-1]) / deviation[:-1]
        nats = 0.5 * off**2 + np.log(deviation[:-1] / SERIES.resolution) + 0.5 * math.log(2 * math.pi)
        assert stated.bits_per_reading == pytest.approx(nats.mean() / math.log(2), abs=1e-3)
        assert stated.readings == nats.size
        assert trace.bits_per_reading == pytest.approx(stated.bits_per_reading, abs=1e-3)
        np.testing.assert_allclose(trace.surprise.numpy()[1:], nats.sum(axis=1) / math.log(2), atol=2e-3)


def test_a_model_comes_back_from_disk_as_a_series_model(folder: Path) -> None:
    model = load(str(folder))
    assert isinstance(model, SeriesModel)
    assert (model.name, model.codec.names) == ("small", SERIES.names)
    twin = load(f"{folder}@0")
    assert twin.name == "small@0"
    assert not np.array_equal(twin.readout.weight, model.readout.weight)
    clamped = load(f"{folder}~zero@57")
    assert clamped.interventions
    whole, cut = model.trace(SERIES), clamped.trace(SERIES)
    assert np.array_equal(whole["0.hidden"][:57], cut["0.hidden"][:57])
    assert not np.array_equal(whole["0.hidden"][57:], cut["0.hidden"][57:])


def test_a_series_that_the_model_does_not_read_is_refused_and_columns_may_stand_in_any_order(folder: Path) -> None:
    model, card = load_series_model(folder), read_series_card(folder)
    expected = measure_series(model, card, SERIES, "test")
    assert measure_series(model, card, SERIES.picked(["temperature", "demand"]), "test") == expected
    with pytest.raises(CheckpointError, match="steps of 3600 seconds, and demand has steps of 60"):
        measure_series(model, card, replace(SERIES, seconds=60.0))
    with pytest.raises(CorpusError, match="no channel called 'temperature'"):
        measure_series(model, card, SERIES.picked(["demand"]))
    assert measure_series(model, card, replace(SERIES, rows=np.full_like(SERIES.rows, np.nan))) is None


def test_a_training_that_diverges_leaves_the_best_so_far_and_says_why(tmp_path: Path) -> None:
    wild = replace(SMALL_SERIES, learning_rate=1e4, warmup=0, clip=1e9, epochs=50.0)
    with pytest.raises(Diverged, match=r"best so far is kept.*bits per reading"):
        small_series_model(tmp_path / "wild", settings=wild)
    assert "diverged" in read_series_card(tmp_path / "wild").training
    assert isinstance(load(tmp_path / "wild"), SeriesModel)


def test_a_card_of_seasons_and_gaps_is_written_too(tmp_path: Path) -> None:
    rows = SERIES.rows[:, :1].copy()
    rows[100:130] = np.nan
    own = replace(SERIES, rows=rows, channels=(Channel("x", "", 1.0),), seconds=None, seasons=())
    card = small_series_model(tmp_path / "own", own)
    assert card.series.seconds_per_step is None
    assert [one.lag for one in card.baselines] == [0, 1]
    assert card.measured["train"].readings == int((~np.isnan(rows[: round(0.8 * len(rows))][1:])).sum())


def test_json_holds_what_the_card_holds(folder: Path) -> None:
    stored = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    assert SeriesCard.model_validate(stored) == read_series_card(folder)
