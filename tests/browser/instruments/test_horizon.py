"""The memory horizon and the gradients in the page: curves, lags and factors are those that the measures give."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from models import load
from models.measures import drain, record
from models.measures.memory.gradients import gradients
from models.measures.memory.horizon import horizon
from tests.support.browser.explore_page import address
from tests.support.browser.open_instrument import Instrument

RNN, LSTM = "shakespeare-rnn", "shakespeare-lstm"
TITLES = {RNN: "Vanilla RNN · 128", LSTM: "LSTM · 128", f"{RNN}@0": "Vanilla RNN · 128, untrained"}
TEXT = "Then say my name. I gave it when I came, before the long night's talk of wind and flame. " * 3
LONG = "The king is come, my lord; the king is come.\n" * 2500


def reading(model, text=TEXT):
    lm = load(model)
    return lm, record(lm, text)


@pytest.fixture
def at(open_page):
    def open_it(name, models=f"{RNN},{LSTM}", text=TEXT, **words):
        explore = open_page(address(models=models, text=text, instrument=name, **words))
        explore.settle()
        return explore, Instrument(explore).settle()

    return open_it


def lag_words(lag, lags):
    return f"not within {lags}" if lag is None else str(lag)


def check_horizon(instrument, models, curve, **options):
    for model in models:
        found = drain(horizon(*reading(model), curve=curve, **options))
        band = found.band
        line = instrument.lines()[TITLES[model]]
        assert line["x"] == list(range(band.lags + 1))
        shares = band.median - band.median[0]
        np.testing.assert_allclose(line["y"], np.where(np.isfinite(shares), shares, np.nan), atol=5e-3)
        assert instrument.fact(model, "lag_e") == lag_words(found.lag_e, band.lags)
        assert instrument.fact(model, "lag_percent") == lag_words(found.lag_percent, band.lags)
        assert instrument.fact(model, "positions") == str(len(band.steps))
        assert float(instrument.fact(model, "start")) == pytest.approx(10 ** band.median[0], rel=6e-3)


def test_the_horizon_of_each_model_is_that_of_the_measure(at):
    _, instrument = at("horizon", **{"o.positions": 12, "o.lags": 60})
    check_horizon(instrument, [RNN, LSTM], "edit", positions=12, lags=60)
    expect(instrument.frame).to_contain_text("Positions from step")
    curve = instrument.frame.get_by_role("combobox", name="Curve")
    curve.select_option("retention")
    instrument.settle()
    check_horizon(instrument, [RNN, LSTM], "retention", positions=12, lags=60)
    expect(instrument.frame).to_contain_text("Vanilla RNN · 128: no gate keeps the past")


def test_untrained_models_stand_beside_trained_ones(at):
    _, instrument = at("horizon", models=f"{RNN},{RNN}@0", **{"o.positions": 8, "o.lags": 40})
    check_horizon(instrument, [RNN, f"{RNN}@0"], "edit", positions=8, lags=40)
    lines = instrument.lines()
    assert lines[TITLES[RNN]]["dash"] == "solid"
    assert lines[TITLES[f"{RNN}@0"]]["dash"] == "dash"


def test_the_value_itself_can_be_shown(at):
    _, instrument = at("horizon", models=RNN, **{"o.positions": 8, "o.lags": 40})
    band = drain(horizon(*reading(RNN), positions=8, lags=40)).band
    instrument.frame.get_by_role("checkbox", name="as a share of lag 0").uncheck()
    instrument.settle()
    np.testing.assert_allclose(instrument.lines()[TITLES[RNN]]["y"], band.median, atol=5e-3)
    rows = instrument.csv()
    assert len(rows) == 41
    for name, logs in {"median": band.median, "quartile_1": band.low, "quartile_3": band.high}.items():
        np.testing.assert_allclose([float(row[name]) for row in rows], 10**logs, rtol=2e-2)


def test_a_text_that_is_too_short_says_so_once(at):
    explore, instrument = at("horizon", text="To be.")
    faults = instrument.frame.locator(".faults p")
    expect(faults).to_have_count(1)
    expect(faults).to_contain_text("The text has 6 characters, too few")
    expect(instrument.frame.locator(".chart")).to_be_hidden()
    explore.replace(TEXT)
    explore.settle()
    instrument.settle()
    expect(faults).to_have_count(0)
    expect(instrument.frame.locator(".chart")).to_be_visible()


def test_the_work_on_a_long_text_shows_how_far_it_is_and_can_be_stopped(open_page):
    explore = open_page(address(models=LSTM, text=""))
    explore.settle()
    explore.paste(LONG)
    explore.settle(len(LONG))
    explore.go(address(models=LSTM, instrument="horizon", **{"o.curve": "jacobian", "o.positions": 1000}))
    instrument = Instrument(explore)
    bar = instrument.frame.get_by_role("progressbar", name=re.compile("LSTM · 128: .* measured"))
    expect(bar).to_be_visible()
    instrument.frame.get_by_role("button", name="stop").click()
    expect(instrument.frame).to_contain_text("Stopped.")
    expect(bar).to_be_hidden()
    expect(instrument.frame).to_have_attribute("aria-busy", "false")
    field = instrument.frame.get_by_role("spinbutton", name="Positions")
    field.fill("2")
    field.press("Enter")
    instrument.settle()
    assert instrument.fact(LSTM, "positions") == "2"


def test_gradients_of_trained_and_untrained_twins(at):
    """The twin is read along without a panel of its own, in the colour of its model, dashed."""
    explore, instrument = at("gradients", models=RNN, **{"o.positions": 10, "o.lags": 40})
    assert explore.models() == [RNN]
    lines = instrument.lines()
    for model in (RNN, f"{RNN}@0"):
        found = drain(gradients(*reading(model), positions=10, lags=40))
        line = lines[TITLES[model]]
        np.testing.assert_allclose(line["y"], found.band.median, atol=5e-3)
        factor = float(re.search(r"[\d.]+", instrument.fact(model, "per_step"))[0])
        assert factor == pytest.approx(found.per_step, rel=1e-2)
        verdict = "vanishes" if found.per_step < 0.99 else "explodes" if found.per_step > 1.01 else "holds"
        assert instrument.fact(model, "verdict") == verdict
        pace = float(re.search(r"in ([\d.]+) steps", instrument.fact(model, "pace"))[1])
        assert pace == pytest.approx(np.log(0.5 if verdict == "vanishes" else 2) / np.log(found.per_step), rel=0.05)
    assert lines[TITLES[RNN]]["color"] == lines[TITLES[f"{RNN}@0"]]["color"]
    assert [lines[TITLES[one]]["dash"] for one in (RNN, f"{RNN}@0")] == ["solid", "dash"]
    rows = instrument.csv()
    assert len(rows) == 2 * 41


def test_what_a_factor_means(bare):
    words = bare.evaluate(
        """() => import("/static/instruments/gradients.js").then(({ meaning }) =>
          [0.5, 2, 1.005, 0.9945, null, 0.9].map((factor) => Object.values(meaning(factor)).join(", ")))"""
    )
    assert words == [
        "vanishes, ½ in 1 steps",
        "explodes, 2× in 1 steps",
        "holds, < 1 % a step",
        "holds, < 1 % a step",
        "–, –",
        "vanishes, ½ in 6.6 steps",
    ]


def test_where_everything_is_held_at_zero_there_is_nothing_to_forget(at):
    held = f"{RNN}~0.hidden=0@0"
    _, instrument = at("horizon", models=held)
    assert instrument.fact(held, "lag_e") == instrument.fact(held, "lag_percent") == "–"
    expect(instrument.frame).to_contain_text("zero at lag 0, so there is nothing to forget")


def test_what_ships_of_recoverability_is_not_said_of_an_intervened_network(at):
    _, instrument = at("recoverability", models=f"{RNN},{LSTM}~0.hidden.3=0@0")
    expect(instrument.frame).to_contain_text("No probe ships for LSTM · 128, unit 3 silenced; measure it on your text.")
    assert {row["model"] for row in instrument.csv()} == {TITLES[RNN]}
