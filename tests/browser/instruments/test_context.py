"""Used context and over length in the page: curves and numbers are those that the measures give."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from models import catalogue, load
from models.measures import drain, record
from models.measures.memory.over_length import over_length
from models.measures.memory.used_context import context
from models.measures.rounding import shaken
from models.network.intervened_reader import IntervenedReader
from models.network.intervention import parse
from models.recording.recording import Recording
from tests.support.browser.explore_page import address
from tests.support.browser.open_instrument import Instrument

RNN, LSTM = "shakespeare-rnn", "shakespeare-lstm"
TITLES = {RNN: "Vanilla RNN · 128", LSTM: "LSTM · 128", f"{RNN}@0": "Vanilla RNN · 128, untrained"}
TEXT = "Then say my name. I gave it when I came, before the long night's talk of wind and flame. " * 4
LONG = "The king is come, my lord; the king is come.\n" * 2500


def recording(model):
    return record(load(model), TEXT)


@pytest.fixture
def at(open_page):
    def open_it(name, models=f"{RNN},{LSTM}", text=TEXT, **words):
        explore = open_page(address(models=models, text=text, instrument=name, **words))
        explore.settle()
        return explore, Instrument(explore).settle()

    return open_it


def uses(found):
    return "none" if found.uses is None else f"{found.lags} or more" if found.uses == found.lags else str(found.uses)


def check_context(instrument, models, past, **options):
    for model in models:
        found = drain(context(load(model), recording(model), past=past, **options))
        line = instrument.lines()[TITLES[model]]
        assert line["x"] == list(range(found.lags + 1))
        positive = found.mean > 0
        np.testing.assert_allclose(line["y"][positive], np.log10(found.mean[positive]), atol=5e-3)
        assert np.isnan(line["y"][~positive]).all()
        assert instrument.fact(model, "uses").partition(" ±")[0] == uses(found)
        for k in (5, 10, 20):
            assert float(instrument.fact(model, f"beyond_{k}").replace("−", "-")) == pytest.approx(
                found.mean[k], abs=6e-4
            )


def test_the_used_context_of_each_model_is_that_of_the_measure(at):
    _, instrument = at("context", **{"o.positions": 60, "o.lags": 40})
    check_context(instrument, [RNN, LSTM], "another", positions=60, lags=40)
    instrument.frame.get_by_role("combobox", name="Other past").select_option("zero")
    instrument.settle()
    check_context(instrument, [RNN, LSTM], "zero", positions=60, lags=40)
    expect(instrument.frame).to_contain_text("60 positions")
    rows = instrument.csv()
    assert len(rows) == 2 * 41
    mine = [row for row in rows if row["model"] == TITLES[LSTM]]
    found = drain(context(load(LSTM), recording(LSTM), past="zero", positions=60, lags=40))
    np.testing.assert_allclose([float(row["mean_bits_lost"]) for row in mine], found.mean, atol=1e-5)
    np.testing.assert_allclose([float(row["standard_error"]) for row in mine], found.error, atol=1e-5)
    assert {row["past"] for row in rows} == {"zero"}


def test_an_untrained_twin_uses_nothing(at):
    _, instrument = at("context", models=f"{RNN},{RNN}@0", **{"o.positions": 100, "o.lags": 30})
    assert instrument.fact(f"{RNN}@0", "uses") == uses(
        drain(context(load(f"{RNN}@0"), recording(f"{RNN}@0"), positions=100, lags=30))
    )
    assert instrument.lines()[TITLES[f"{RNN}@0"]]["dash"] == "dash"


@pytest.mark.parametrize("name", ["context", "overlength"])
def test_a_text_that_is_too_short_says_so(at, name):
    explore, instrument = at(name, text="To be.")
    expect(instrument.frame.locator(".faults p")).to_have_count(1)
    expect(instrument.frame.locator(".faults p")).to_contain_text("The text has 6 characters, too few")
    explore.replace(TEXT)
    explore.settle()
    instrument.settle()
    expect(instrument.frame.locator(".faults p")).to_have_count(0)
    expect(instrument.frame.locator(".chart").first).to_be_visible()


@pytest.mark.parametrize(
    ("name", "option"), [("context", {"o.positions": 50000}), ("overlength", {"o.readings": 2000})]
)
def test_the_work_on_a_long_text_shows_how_far_it_is_and_can_be_stopped(open_page, name, option):
    explore = open_page(address(models=LSTM, text=""))
    explore.settle()
    explore.paste(LONG)
    explore.settle(len(LONG))
    explore.go(address(models=LSTM, instrument=name, **option))
    instrument = Instrument(explore)
    bar = instrument.frame.get_by_role("progressbar", name=re.compile("LSTM · 128: .* measured"))
    expect(bar).to_be_visible()
    instrument.frame.get_by_role("button", name="stop").click()
    expect(instrument.frame).to_contain_text("Stopped.")
    expect(instrument.frame).to_have_attribute("aria-busy", "false")


def test_over_length_draws_what_the_measure_gives(at):
    _, instrument = at("overlength", **{"o.length": 150})
    for model in (RNN, LSTM):
        found = drain(over_length(recording(model), length=150))
        assert instrument.fact(model, "degrades") == "no, within 150"
        assert float(instrument.fact(model, "bits")) == pytest.approx(found.bits.mean[-1], abs=6e-4)
        expect(instrument.frame).to_contain_text(f"{found.readings} readings.")
        for index, name in enumerate(("bits", "saturation", "norm")):
            line = instrument.lines(index)[TITLES[model]]
            np.testing.assert_allclose(line["y"], getattr(found, name).median, atol=1e-4)
            ends = np.maximum(found.edges[1:] - 1, found.edges[:-1])
            np.testing.assert_allclose(line["x"], np.sqrt(found.edges[:-1] * ends))
    expect(instrument.frame).to_contain_text("bits would have been found")
    rows = instrument.csv()
    mine = [row for row in rows if row["model"] == TITLES[LSTM]]
    np.testing.assert_allclose([float(row["norm_high"]) for row in mine], found.norm.high, atol=1e-4)


def test_the_state_of_over_length_can_be_chosen_and_what_has_none_says_so(at):
    _, instrument = at("overlength", **{"o.length": 100})
    instrument.frame.get_by_role("combobox", name="State").select_option("cell")
    instrument.settle()
    expect(instrument.frame.locator(".faults p")).to_contain_text("This cell has no signal 'cell'")
    found = drain(over_length(recording(LSTM), length=100, signal="cell"))
    np.testing.assert_allclose(instrument.lines(2)[TITLES[LSTM]]["y"], found.norm.median, rtol=1e-4)
    assert TITLES[RNN] not in instrument.lines(2)


def test_each_panel_says_how_far_back_its_model_looks_where_there_is_room(open_page):
    held = f"{LSTM}~0.forget_gate.12=0@57"
    explore = open_page(address(models=f"{RNN},{LSTM},{RNN}@0,{held}", text=TEXT))
    explore.settle()
    for model in (RNN, LSTM):
        used = catalogue()[model].card.used_context
        assert used is not None
        words = explore.panel(model).locator(".uses")
        expect(words).to_have_text(f"uses {used.k} characters")
        expect(words).to_have_attribute("title", re.compile(re.escape(f"({used.words()})")))
    for model in (f"{RNN}@0", held):
        expect(explore.panel(model).locator(".uses")).to_have_text("")
    explore.page.set_viewport_size({"width": 390, "height": 844})
    expect(explore.panel(RNN).locator(".uses")).to_be_hidden()


def test_how_far_back_a_model_looks_is_never_cut(open_page):
    """A cut number would be another one: 4 for 41."""
    explore = open_page(address(models=f"{RNN},{LSTM}", text=TEXT, echo=20))
    explore.settle()
    seen = set()
    for width in range(1440, 900, -20):
        explore.page.set_viewport_size({"width": width, "height": 720})
        explore.frames()
        for model in (RNN, LSTM):
            words = explore.panel(model).locator(".uses")
            whole, shown = words.evaluate(
                """(span) => {
                  const text = document.createRange();
                  text.selectNodeContents(span);
                  const [letters, box] = [text.getBoundingClientRect(), span.getBoundingClientRect()];
                  const within = letters.left >= box.left - 1 && letters.right <= box.right + 1;
                  return [within && letters.bottom <= box.bottom + 4, letters.top < box.bottom - 2];
                }"""
            )
            assert whole or not shown, f"at {width} pixels {model} says {words.inner_text()!r} in part"
            seen.add(whole)
    assert seen == {True, False}, "both are tried"


def test_an_instrument_says_where_rounding_decides_the_reading(at):
    held = "shakespeare-gru~0.reset_gate=1@0"
    explore, _ = at("saturation", models=f"{LSTM},{held}")
    said = explore.page.locator("#instrument .faults .rounding")
    expect(said).to_have_count(1)
    lm = load("shakespeare-gru")
    read = Recording(IntervenedReader(lm.reader(), parse("0.reset_gate=1@0")))
    read.edit(0, 0, lm.vocabulary.encode(TEXT))
    while read.read():
        pass
    words = drain(shaken(read)).words()
    assert words.startswith("Rounding decides here")
    expect(said).to_contain_text(words)
    expect(said).to_contain_text("GRU · 128")
