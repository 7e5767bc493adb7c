"""Where it comes from, in the page: numbers, curves, colours and the triangle are those of the measure."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

from models import load
from models.measures import drain, record
from models.measures.memory.provenance import provenance
from tests.support.browser.explore_page import address
from tests.support.browser.open_instrument import Instrument

RNN, GRU, LSTM = "shakespeare-rnn", "shakespeare-gru", "shakespeare-lstm"
TRANSFORMER = "shakespeare-transformer"
TITLES = {GRU: "GRU · 128", LSTM: "LSTM · 128"}
TEXT = "Then say my name. I gave it when I came, before the long night's talk of wind and flame. " * 4
STEP, UNIT, WINDOW, AGE = 200, 12, 150, 10
PIXELS = """() => {
  const canvas = document.querySelector(".provenance-triangle");
  const { width, height } = canvas;
  return { width, data: [...canvas.getContext("2d").getImageData(0, 0, width, height).data] };
}"""


@pytest.fixture(scope="module")
def measured():
    def found(model, of="unit"):
        lm = load(model)
        return drain(provenance(lm, record(lm, TEXT), 0, UNIT, STEP, window=WINDOW, age=AGE, of=of))

    return {(model, of): found(model, of) for model in (GRU, LSTM) for of in ("unit", "layer")}


@pytest.fixture
def opened(open_page):
    options = {"o.window": WINDOW, "o.age": AGE, "o.model": LSTM}
    explore = open_page(
        address(models=f"{RNN},{GRU},{LSTM}", text=TEXT, instrument="provenance", step=STEP, unit=UNIT, **options)
    )
    explore.settle(len(TEXT))
    return explore, Instrument(explore).settle()


def number(words):
    return float(words.replace("−", "-"))


def strength(values):
    """The size on a logarithmic scale of four decades below the largest, with the sign."""
    most = np.nanmax(np.abs(values))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sign(values) * np.maximum(0, 1 + np.log10(np.abs(values) / most) / 4)


def test_table_curves_colours_and_triangle_are_those_of_the_measure(opened, measured):
    explore, instrument = opened
    expect(instrument.frame).to_contain_text("A Vanilla RNN keeps nothing as it is")
    expect(instrument.frame.locator(".provenance-place")).to_have_text(
        f"Unit {UNIT} after “{TEXT[STEP]}” at step {STEP}"
    )
    lines = instrument.lines()
    for model, title in TITLES.items():
        found = measured[model, "unit"]
        held, total = instrument.fact(model, "held").split("\n")
        assert number(held.partition("= ")[2]) == pytest.approx(found.held, abs=5e-4)
        assert number(total.removeprefix("sum ")) == pytest.approx(found.addends.sum() + found.older, abs=5e-4)
        assert int(instrument.fact(model, "half")) == 1 + int(np.argmax(found.layer_shares[::-1].cumsum() >= 0.5))
        for name, shares in ((title, found.layer_shares), (f"{title}, unit {UNIT}", found.unit_shares)):
            assert lines[name]["x"] == list(range(WINDOW))
            seen = shares[::-1] > 0
            np.testing.assert_allclose(lines[name]["y"][seen], np.log10(shares[::-1][seen]), atol=5e-3)
    first = STEP + 1 - WINDOW
    for of, table in (("layer", measured[LSTM, "layer"].layer_shares), ("unit", measured[LSTM, "unit"].addends)):
        instrument.frame.get_by_label("Of", exact=True).select_option(of)
        instrument.settle()
        place = strength(table)
        levels = (np.sign(place) * np.ceil(np.abs(place) * 8)).astype(int)
        expected = np.zeros(len(TEXT), int)
        expected[first : STEP + 1] = levels
        instrument.tints_come_to(lambda tints, expected=expected: np.abs(tints - expected).max() <= 1)
        triangle = measured[LSTM, of].triangle
        drawn = explore.page.evaluate(PIXELS)
        pixels = np.array(drawn["data"], np.uint8).reshape(drawn["width"], drawn["width"], 4)
        assert pixels.shape[:2] == triangle.shape
        assert ((pixels[..., 3] == 0) == np.isnan(triangle)).all()
        shade = strength(triangle)
        red_over_blue = pixels[..., 0].astype(int) - pixels[..., 2].astype(int)
        if of == "unit":
            assert (red_over_blue[shade > 0.3] > 0).all()
            assert (red_over_blue[shade < -0.3] < 0).all()
        else:
            brightness = pixels[..., :3].astype(int).sum(axis=-1)
            assert brightness[shade > 0.9].min() > brightness[(shade < 0.2)].max()


def test_the_numbers_can_be_taken_away_and_a_click_goes_to_where_it_was_written(opened, measured):
    explore, instrument = opened
    rows = instrument.csv()
    mine = [row for row in rows if row["model"] == TITLES[LSTM]]
    found = measured[LSTM, "unit"]
    assert [int(row["written_at"]) for row in mine] == list(range(found.first, STEP + 1))
    np.testing.assert_allclose([float(row["addend"]) for row in mine], found.addends, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose([float(row["layer_share"]) for row in mine], found.layer_shares, rtol=1e-4)
    canvas = instrument.frame.locator(".provenance-triangle")
    box = canvas.bounding_box()
    cell = box["width"] / WINDOW
    at, written = 140, 100  # row and column
    canvas.hover(position={"x": (written + 0.5) * cell, "y": (at + 0.5) * cell})
    said = instrument.frame.locator(".provenance-cell")
    expect(said).to_contain_text(f"held at step {found.first + at}")
    expect(said).to_contain_text(f"was written at {found.first + written}.")
    canvas.click(position={"x": (written + 0.5) * cell, "y": (at + 0.5) * cell})
    expect(instrument.frame.locator(".provenance-place")).to_contain_text(f"at step {found.first + written}")
    instrument.settle()
    explore.check_faults()


def test_a_head_of_attention_is_shown_by_itself_and_gated_models_stay_as_they_are(open_page):
    lm, head = load(TRANSFORMER), 2
    found = drain(provenance(lm, record(lm, TEXT), 0, UNIT, STEP, window=WINDOW, age=AGE, of="head", head=head))
    options = {"o.window": WINDOW, "o.age": AGE, "o.model": TRANSFORMER}
    explore = open_page(
        address(models=f"{LSTM},{TRANSFORMER}", text=TEXT, instrument="provenance", step=STEP, unit=UNIT, **options)
    )
    explore.settle(len(TEXT))
    instrument = Instrument(explore).settle()
    chooser = instrument.frame.get_by_label("Of", exact=True)
    chooser.select_option(f"head-{head}")
    instrument.settle()
    lines = instrument.lines()
    for one, weights in enumerate(found.heads):
        drawn = lines[f"Transformer · 2 × 64, head {one}"]["y"]
        np.testing.assert_allclose(drawn, np.log10(weights[::-1].astype(np.float32)), atol=5e-3)
    assert f"LSTM · 128, unit {UNIT}" in lines
    expected = np.zeros(len(TEXT), int)
    expected[STEP + 1 - WINDOW : STEP + 1] = np.ceil(strength(found.heads[head]) * 8).astype(int)
    instrument.tints_come_to(lambda tints: np.abs(tints - expected).max() <= 1)
    drawn = explore.page.evaluate(PIXELS)
    pixels = np.array(drawn["data"], np.uint8).reshape(drawn["width"], drawn["width"], 4)
    brightness, shade = pixels[..., :3].astype(int).sum(axis=-1), strength(found.triangle)
    assert brightness[shade > 0.9].min() > brightness[shade < 0.2].max()
    instrument.frame.get_by_label("The triangle and the text show").select_option(LSTM)
    instrument.settle()
    expect(chooser).to_have_value("layer")
    assert chooser.locator("option").count() == 2
