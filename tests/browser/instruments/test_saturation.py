"""The instrument of saturation in the page, against counts made here from the models' own traces."""

from __future__ import annotations

import csv
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from models.figures import colours
from tests.support.browser.explore_page import address
from tests.support.browser.open_instrument import Instrument

TEXT = "Then say my name. I gave it when I came, before the long night's talk of wind and flame. " * 3
LSTM, RNN, GRU = "shakespeare-lstm", "shakespeare-rnn", "shakespeare-gru"
GREENS = {(132, 255, 168), (0, 105, 46)}


def counts(values, below, above):
    """(2, H): in how many steps each unit is below and above, in float32 as the values are."""
    return np.stack([(values < np.float32(below)).sum(axis=0), (values > np.float32(above)).sum(axis=0)])


def percent(count, of):
    share = count / of
    if share in (0, 1):
        return f"{share:.0%}".replace("%", "\u00a0%")
    return f"{100 * share:.1f}\u00a0%"


@pytest.fixture
def at(open_page):
    """Opens the page with the instrument, and waits until the models have been counted."""

    def open_it(text=TEXT, models=LSTM, **words):
        explore = open_page(address(models=models, text=text, instrument="saturation", **words))
        explore.settle()
        Instrument(explore).settle()
        for model in models.split(","):
            expect(sentence(explore, model)).to_contain_text("saturated over")
        return explore

    return open_it


def part(explore, model):
    return explore.page.locator(f'.sat-model[data-for="{model}"]')


def sentence(explore, model):
    return part(explore, model).locator(".sat-sentence")


def readout(explore, model):
    return part(explore, model).locator(".sat-readout")


def scatter(explore, model, title):
    return part(explore, model).get_by_role("application", name=re.compile(title, re.IGNORECASE))


def said(values, below, above):
    """The sentence's numbers."""
    left, right = counts(values, below, above).sum(axis=1)
    return f"{percent(left + right, values.size)} of values saturated"


def table(explore):
    with explore.page.expect_download() as download:
        explore.button("CSV").click()
    with open(download.value.path(), newline="") as file:  # noqa: PTH123 - csv reads from a file
        return list(csv.DictReader(file))


def test_the_counts_of_every_unit_and_signal_are_those_of_the_models(at):
    explore = at(models=f"{RNN},{GRU},{LSTM},{LSTM}@0", columns=70)
    start, stop = explore.window(LSTM)
    assert stop - start == 70
    rows = table(explore)
    for model in explore.models():
        reading = explore.reference(model, TEXT)
        for signal in reading.lm.cell.signals:
            mine = [row for row in rows if row["model"] == model and row["signal"] == signal.name]
            assert [int(row["unit"]) for row in mine] == list(range(128))
            assert {(int(row["first_step"]), int(row["last_step"]), int(row["steps"])) for row in mine} == {
                (start, stop - 1, 70)
            }
            found = [[int(row[f"steps_{side}"]) for row in mine] for side in ("below", "above")]
            values = reading.signal(0, signal.name)[start:stop]
            assert found == counts(values, *signal.saturated).tolist(), (model, signal.name)
        hidden = reading.signal(0, "hidden")[start:stop]
        expect(sentence(explore, model)).to_contain_text(said(hidden, -0.9, 0.9))
        expect(sentence(explore, model)).to_contain_text(f"over steps {start}–{stop - 1}")
        expect(explore.panel(model).locator(".extra")).to_have_text(
            said(hidden, -0.9, 0.9).removesuffix(" of values saturated") + " saturated"
        )
    expect(part(explore, RNN)).to_contain_text("This cell has no gate; its hidden state:")


def test_a_dot_names_its_unit_and_a_click_holds_it(at):
    explore = at(signal="forget_gate")
    start, stop = explore.window(LSTM)
    values = explore.reference(LSTM, TEXT).signal(0, "forget_gate")[start:stop]
    left, right = counts(values, 0.1, 0.9) / len(values)
    # One that stands apart from all others.
    apart = [np.sort(np.hypot(right - right[unit], left - left[unit]))[1] for unit in range(128)]
    unit = int(np.argmax(apart))
    canvas = scatter(explore, LSTM, "forget gate")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    pad = explore.page.evaluate("import('/static/instruments/saturation/scatter.js').then(({ PAD }) => PAD)")
    side = box["width"] - pad["left"] - pad["right"]
    place = box["x"] + pad["left"] + right[unit] * side, box["y"] + pad["top"] + (1 - left[unit]) * side
    explore.page.mouse.move(*place)
    expect(readout(explore, LSTM)).to_contain_text(f"Unit {unit}, forget gate")
    expect(readout(explore, LSTM)).to_contain_text(f"above 0.9, in {percent(right[unit] * len(values), len(values))}")
    explore.page.mouse.click(*place)
    explore.wait_at(stop - 1, unit)
    explore.page.mouse.move(5, 5)
    expect(readout(explore, LSTM)).to_contain_text(f"Unit {unit}, forget gate")
    explore.until(f"location.hash.includes('unit={unit}')")


def test_units_are_reached_by_arrow_keys_and_held_by_enter(at):
    explore = at()
    start, stop = explore.window(LSTM)
    values = explore.reference(LSTM, TEXT).signal(0, "output_gate")[start:stop]
    left, right = counts(values, 0.1, 0.9)
    across = sorted(range(128), key=lambda unit: (right[unit], left[unit], unit))
    canvas = scatter(explore, LSTM, "output gate")
    for key, unit in (("End", across[-1]), ("ArrowLeft", across[-2]), ("Home", across[0]), ("ArrowRight", across[1])):
        canvas.press(key)
        expect(readout(explore, LSTM)).to_contain_text(re.compile(rf"Unit {unit}\b.*output gate"))
    canvas.press("Enter")
    explore.wait_at(stop - 1, across[1])


def test_a_tick_stands_in_exactly_the_saturated_cells(at):
    for signal, below, above in (("forget_gate", 0.2, 0.9), ("candidate", -0.8, 0.8)):
        explore = at(signal=signal, columns=60, **{"o.low": 0.2, "o.bound": 0.8})
        start, stop = explore.window(LSTM)
        over = explore.panel(LSTM).locator("canvas.overlay")
        width, height = over.evaluate("(canvas) => [canvas.width, canvas.height]")
        drawn = "getContext('2d').getImageData(0, 0, 900, 90).data.some((byte) => byte > 0)"
        explore.until(f"document.querySelector('canvas.overlay').{drawn}")
        pixels = np.array(over.evaluate(
            "(c) => Array.from(new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer))"
        ), np.uint32).reshape(height, width)  # fmt: skip
        painted = {(int(p) & 255, int(p) >> 8 & 255, int(p) >> 16 & 255) for p in np.unique(pixels) if p}
        assert painted <= GREENS
        values = explore.reference(LSTM, TEXT).signal(0, signal)[start:stop]
        cell = width / 60
        rows = ((np.arange(128) + 0.5) * height / 128).astype(int)
        for column in range(60):
            left, right = int(column * cell + 0.2 * cell), int((column + 1) * cell - 0.2 * cell)
            assert ((pixels[rows, left] > 0) == (values[column] < np.float32(below))).all(), column
            assert ((pixels[rows, right] > 0) == (values[column] > np.float32(above))).all(), column
        explore.page.get_by_label("ticks in the pictures").uncheck()
        expect(over).to_be_hidden()


def test_the_lane_shows_the_share_of_units_at_each_step(at):
    explore = at(signal="input_gate", columns=60)
    start, stop = explore.window(LSTM)
    values = explore.reference(LSTM, TEXT).signal(0, "input_gate")[start:stop]
    lane = explore.panel(LSTM).locator(".lane canvas")
    width, height = lane.evaluate("(canvas) => [canvas.width, canvas.height]")
    low, high = (tuple(bytes.fromhex(colours.GATE[k][1][1:])) for k in (0, -1))
    explore.until("document.querySelector('.lane canvas').getContext('2d').getImageData(5, 5, 1, 1).data[3] === 255")
    for column in range(0, 60, 7):
        bytes_ = lane.evaluate(
            "(c, x) => Array.from(c.getContext('2d').getImageData(x, 0, 1, c.height).data)",
            int((column + 0.5) * width / 60),
        )
        shades = [tuple(bytes_[k : k + 3]) for k in range(0, 4 * height, 4)]
        left, right = (values[column] < np.float32(0.1)).mean(), (values[column] > np.float32(0.9)).mean()
        assert abs(shades.count(low) - left * height) <= 1
        assert abs(shades.count(high) - right * height) <= 1


def test_other_thresholds_count_anew_and_stand_in_the_address(at):
    explore = at(signal="forget_gate")
    start, stop = explore.window(LSTM)
    values = explore.reference(LSTM, TEXT).signal(0, "forget_gate")[start:stop]
    expect(sentence(explore, LSTM)).to_contain_text(said(values, 0.1, 0.9))
    explore.page.get_by_label("gates below").fill("0.35")
    expect(sentence(explore, LSTM)).to_contain_text(said(values, 0.35, 0.9))
    explore.page.get_by_label("above", exact=True).press("ArrowDown")
    expect(sentence(explore, LSTM)).to_contain_text(said(values, 0.35, 0.89))
    explore.until("location.hash.includes('o.low=0.35') && location.hash.includes('o.high=0.89')")
    explore.page.reload()
    expect(sentence(explore, LSTM)).to_contain_text(said(values, 0.35, 0.89))
    explore.page.get_by_label("gates below").fill("0.95")
    expect(explore.page.locator("#instrument .faults")).to_contain_text("not both")
    explore.button("reset").click()
    expect(sentence(explore, LSTM)).to_contain_text(said(values, 0.1, 0.9))


def test_typing_is_counted_and_a_long_text_as_a_whole(at):
    explore = at(**{"o.steps": "whole"})
    explore.editor.press("Control+End")
    explore.page.keyboard.type("no more")
    text = TEXT + "no more"
    hidden = explore.reference(LSTM, text).signal(0, "hidden")
    expect(sentence(explore, LSTM)).to_contain_text(f"over steps 0–{len(text) - 1}")
    expect(sentence(explore, LSTM)).to_contain_text(said(hidden, -0.9, 0.9))
    text = TEXT * 40
    explore.replace(text)
    explore.settle()
    hidden = explore.reference(LSTM, text).signal(0, "hidden")
    expect(sentence(explore, LSTM)).to_contain_text(f"over steps 0–{len(text) - 1:,}")
    expect(sentence(explore, LSTM)).to_contain_text(said(hidden, -0.9, 0.9))
    explore.editor.press("Control+Home")
    explore.area(LSTM).press("9")  # the whole text in the window
    expect(explore.page.locator("#instrument")).to_contain_text("zoom in to one a column for ticks")


def test_without_a_text_it_says_why_there_is_nothing(open_page):
    explore = open_page(address(models=LSTM, text="", instrument="saturation"))
    expect(explore.page.locator("#instrument .faults")).to_contain_text("no character stands in these steps")
    explore.editor.fill("A")
    expect(sentence(explore, LSTM)).to_contain_text("saturated over step 0")


def test_the_strips_go_with_the_instrument(at):
    explore = at()
    expect(explore.panel(LSTM).locator(".lane")).to_be_visible()
    explore.button("Close the instrument").click()
    expect(explore.panel(LSTM).locator(".lane")).to_have_count(0)
    expect(explore.panel(LSTM).locator(".extra")).to_be_hidden()
    explore.settle_and_check()
