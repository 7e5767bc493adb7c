"""Every model, trained and untrained, every signal and layer: each pixel is the number that the model computes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from models import catalogue
from models.cells import CELLS
from tests.support.browser.expected_pictures import bounds, table
from tests.support.browser.explore_page import address

PROSE = "KEEPER:\nWhat have I kept? \nAnd then: the sea, the sea; a door.\n"
CODE = 'def kept(text, n=3):\n    return [c for c in text if c in "([{"][:n]\n'
MODELS = catalogue()


def text_for(model: str) -> str:
    return CODE if MODELS[model.partition("@")[0]].card.corpus.name == "python" else PROSE


@pytest.mark.parametrize("model", MODELS)
def test_every_signal_of_every_layer(model, tour):
    card, explore = MODELS[model].card, tour
    explore.go(address(models=f"{model},{model}@0", text=text_for(model)))
    expect(explore.panel(model)).to_be_visible()
    explore.settle_on(text_for(model))
    assert explore.models() == [model, f"{model}@0"]
    for layer in range(card.layers):
        for signal in CELLS[card.cell].signals:
            explore.go(address(models=f"{model},{model}@0", layer=layer, signal=signal.name, text=text_for(model)))
            for shown in explore.models():
                expect(explore.panel(shown)).to_have_attribute("data-signal", signal.name)
                expect(explore.panel(shown)).to_have_attribute("data-layer", str(layer))
            explore.settle_and_check()


def test_the_trained_and_the_untrained_pictures_differ(open_page):
    explore = open_page(address(models="shakespeare-lstm,shakespeare-lstm@0", text=PROSE))
    explore.settle()
    assert (explore.pixels("shakespeare-lstm") != explore.pixels("shakespeare-lstm@0")).any()


def test_the_colours_of_all_bytes(explore):
    """The page's own table of colours, byte by byte."""
    rows = explore.page.evaluate(
        """async () => {
          const { lookup } = await import("/static/picture/colour.js");
          const { Levels } = await import("/static/picture/levels.js");
          const socket = new WebSocket(`ws://${location.host}/ws`);
          const hello = JSON.parse((await new Promise((done) => (socket.onmessage = done))).data);
          socket.close();
          const unpack = (pixel) => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255, pixel >>> 24];
          const levels = new Levels(hello.picture);
          const of = (stops) => Array.from(lookup(stops, hello.colours.none, levels), unpack);
          return { signed: of(hello.colours.signed), gate: of(hello.colours.gate) };
        }"""
    )
    for kind in ("signed", "gate"):
        for byte, (row, wanted) in enumerate(
            zip(rows[kind], table("gate" if kind == "gate" else "state"), strict=True)
        ):
            assert row[3] == 255
            assert max(abs(row[k] - wanted[k]) for k in range(3)) <= 0.5 + 1e-6, (kind, byte)


def test_the_cell_state_says_its_range_and_all_panels_share_it(open_page):
    models = "shakespeare-lstm,shakespeare-lstm-deep"
    explore = open_page(address(models=models, signal="cell", text=PROSE * 3))
    explore.settle_and_check()
    low, high = bounds(list(explore.readings().values()))
    assert low == -high
    for model in explore.models():
        assert explore.panel(model).locator(".range").inner_text() == f"log scale, ±{high:,.0f}"
        assert {"0", "+1", "−1", "+10"} <= set(explore.bar(model))
    explore.replace("A")
    explore.settle_and_check()
    small = bounds(list(explore.readings().values()))[1]
    assert explore.panel("shakespeare-lstm").locator(".range").inner_text() == f"log scale, ±{small:,.0f}"


def test_the_range_of_the_cell_state_can_be_chosen(open_page):
    """Beyond it stands the colour of the end; the gates and the hidden state keep their own ranges."""
    explore = open_page(address(models="shakespeare-lstm,shakespeare-lstm-deep", signal="cell", text=PROSE * 3))
    explore.settle_and_check()
    explore.choice("Scale of unbounded signals").select_option("1")
    one = re.compile(r"±1(?!,?\d)")  # and not ±1,000
    expect(explore.panel("shakespeare-lstm").locator(".range")).to_contain_text(one)
    explore.settle()
    explore.check(scale=1.0)
    explore.choice("Scale of unbounded signals").select_option("")
    expect(explore.panel("shakespeare-lstm").locator(".range")).not_to_contain_text(one)
    explore.settle_and_check()
    explore.choice("Signal").select_option("hidden")
    explore.settle_and_check()
    expect(explore.choice("Scale of unbounded signals")).to_be_hidden()


def test_fixed_ranges_stand_beside_the_colour_bar(tour):
    explore = tour
    for signal, labels in (("hidden", ["−1", "0", "+1"]), ("forget_gate", ["0", "0.5", "1"])):
        explore.go(address(models="shakespeare-lstm", signal=signal, text=PROSE))
        expect(explore.panel("shakespeare-lstm")).to_have_attribute("data-signal", signal)
        explore.settle_on(PROSE)
        explore.comes_to(lambda: explore.bar("shakespeare-lstm"), labels)
        assert explore.panel("shakespeare-lstm").locator(".range").inner_text() == ""


def test_choices_for_all_panels_and_for_one(explore):
    """By the page's own controls: the signal for all, one panel that goes its own way, and back."""
    explore.choice("Signal").select_option("candidate")
    explore.settle_and_check()
    assert explore.showing("shakespeare-gru") == (0, "candidate")
    assert explore.showing("shakespeare-lstm") == (0, "candidate")
    assert explore.showing("shakespeare-rnn") == (0, "hidden")
    expect(explore.panel("shakespeare-rnn").locator(".instead")).to_contain_text("has no candidate")
    own = explore.panel("shakespeare-lstm").get_by_role("combobox")
    own.last.select_option("cell")
    explore.settle_and_check()
    assert explore.showing("shakespeare-lstm") == (0, "cell")
    assert explore.showing("shakespeare-gru") == (0, "candidate")
    explore.choice("Signal").select_option("hidden")
    explore.settle_and_check()
    assert {explore.showing(model) for model in explore.models()} == {(0, "hidden")}


def test_the_untrained_twin_is_one_click_away_and_back(explore):
    explore.twin("shakespeare-gru").click()
    explore.settle_and_check()
    assert explore.models() == ["shakespeare-rnn", "shakespeare-gru@0", "shakespeare-lstm"]
    explore.twin("shakespeare-gru@0").click(modifiers=["Shift"])
    explore.settle_and_check()
    assert explore.models() == ["shakespeare-rnn", "shakespeare-gru@0", "shakespeare-gru", "shakespeare-lstm"]
    explore.button("show all untrained").click()
    explore.settle_and_check()
    assert explore.models() == ["shakespeare-rnn@0", "shakespeare-gru@0", "shakespeare-lstm@0"]
    explore.button("show all trained").click()
    explore.settle_and_check()
    assert explore.models() == ["shakespeare-rnn", "shakespeare-gru", "shakespeare-lstm"]


def test_models_come_and_go(explore):
    group = explore.page.get_by_role("group", name="Models")
    deep = group.get_by_role("checkbox", name=MODELS["shakespeare-lstm-deep"].card.title)
    deep.check()
    explore.settle_and_check()
    assert explore.models()[-1] == "shakespeare-lstm-deep"
    explore.choice("Layer").select_option("1")
    explore.settle_and_check()
    assert explore.showing("shakespeare-lstm-deep") == (1, "hidden")
    assert explore.showing("shakespeare-lstm") == (0, "hidden")
    explore.panel("shakespeare-rnn").get_by_role("button", name="Remove").click()
    explore.settle_and_check()
    assert "shakespeare-rnn" not in explore.models()
    group.get_by_role("checkbox", name=MODELS["shakespeare-lstm-deep"].card.title).uncheck()
    explore.settle_and_check()
    assert explore.models() == ["shakespeare-gru", "shakespeare-lstm"]


def test_another_family_brings_its_models_and_its_sample(explore):
    explore.choice("Trained on").select_option("python")
    explore.settle_and_check()
    assert explore.models() == ["python-rnn", "python-gru", "python-lstm"]
    assert explore.text().startswith("def remember(")
    explore.choice("Sample").select_option("nested")
    explore.settle_and_check()
    assert explore.text().startswith("values = [[1")
    explore.choice("Layer").select_option("1")
    explore.settle_and_check()
    explore.choice("Trained on").select_option("shakespeare")
    explore.settle_and_check()
    assert explore.models() == ["shakespeare-rnn", "shakespeare-gru", "shakespeare-lstm"]


def test_a_text_of_ones_own_stays_when_the_family_changes(explore):
    explore.replace("My own words, (these).")
    explore.choice("Trained on").select_option("python")
    explore.settle_and_check("My own words, (these).")
    assert explore.models() == ["python-rnn", "python-gru", "python-lstm"]
