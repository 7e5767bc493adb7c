"""Two texts side by side on the page: their columns, an echo of them, and the keys that read them."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

from app.instruments.texts import felt_from
from models import load
from models.echo.levels import magnitude_levels, picture_levels
from models.figures import colours
from models.measures import drain, record
from models.measures.comparison.intervention_effect import limited
from models.measures.comparison.two_texts import texts
from models.network.intervened_reader import IntervenedReader
from models.network.intervention import parse
from models.network.reader import CompiledReader
from models.network.trace import run
from tests.support.browser.expected_pictures import check_pixels, hex_channels
from tests.support.browser.explore_page import address
from tests.support.browser.open_instrument import Instrument

RNN, GRU, LSTM = "shakespeare-rnn", "shakespeare-gru", "shakespeare-lstm"
TEXT = "To be, or not to be, that is the question: whether tis nobler"
LETTERS = "0.forget_gate.12=0@20~zero@40"


def held(name: str, letters: str, text: str):
    """The trace of an intervened model."""
    lm = load(name)
    return run(lm, text, reader=IntervenedReader(CompiledReader(lm), parse(letters)))


COLUMNS = """(canvas) => {
  const { width, height } = canvas;
  const bytes = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  return { width, height, bytes: Array.from(bytes) };
}"""


def test_two_texts_are_drawn_against_each_other(open_page):
    other = TEXT.replace("be, that", "go, then").replace("question", "big question")
    explore = open_page(
        address(models=LSTM, text=TEXT, instrument="texts", **{"o.other": other, "o.look": "difference"})
    )
    explore.settle()
    picture = explore.page.locator(f'canvas.tx-picture[data-for="{LSTM}"]')
    expect(picture).to_be_visible()
    lm = load(LSTM)
    found = drain(texts(record(lm, TEXT), lm.vocabulary, TEXT, other, 0, "hidden", *explore.window(LSTM)))
    expect(explore.page.locator("#instrument")).to_contain_text(f"{found.edits} edits lead from one text to the other")
    drawn = picture.evaluate(COLUMNS)
    pixels = np.array(drawn["bytes"], np.uint8).reshape(drawn["height"], drawn["width"], 4)
    assert drawn["width"] == len(found.pairs)
    both = (found.pairs >= 0).all(axis=1)
    assert (pixels[:, ~both, 3] == 0).all(), "nothing is painted where nothing is opposite"
    words = picture.get_attribute("aria-label")
    assert words is not None
    high = float(words.rpartition("±")[2])
    check_pixels(pixels[:, both], found.difference[both].astype(np.float32), -high, high, "state")


def test_two_texts_drive_the_picture_of_an_echo(open_page):
    other = TEXT.replace("be, that", "go, then")
    explore = open_page(address(models=LSTM, text=TEXT, instrument="texts", **{"o.other": other}))
    explore.settle()
    picture = explore.page.locator(f'canvas.tx-picture[data-for="{LSTM}"]')
    expect(picture).to_be_visible()
    lm = load(LSTM)
    found = drain(texts(record(lm, TEXT), lm.vocabulary, TEXT, other, 0, "hidden", *explore.window(LSTM)))
    first, lasts = felt_from(found.distance)
    expect(picture).to_have_attribute("aria-label", f"LSTM · 128: hidden state, echo, felt for {lasts} characters")
    drawn = picture.evaluate(COLUMNS)
    pixels = np.array(drawn["bytes"], np.uint8).reshape(drawn["height"], drawn["width"], 4)
    stops = np.array([hex_channels(colour) for _, colour in colours.ECHO], float)
    levels = picture_levels(magnitude_levels(found.difference), signed=False)
    shown = np.stack([np.interp(levels / 254 * 7, range(8), stops[:, k]) for k in range(3)], axis=2)
    assert first is not None
    assert (pixels[:, :first, :3] == np.array(stops[0])).all(), "nothing differs before"
    assert np.abs(pixels[..., :3] - shown.transpose(1, 0, 2)).max() <= 1


def test_a_column_of_two_texts_is_read_with_the_keys(open_page):
    explore = open_page(address(models=LSTM, text=TEXT, instrument="texts", **{"o.other": TEXT.replace("be", "go")}))
    explore.settle()
    scroll = explore.page.locator(".tx-scroll")
    scroll.focus()
    scroll.press("Home")
    for _ in range(4):
        scroll.press("ArrowRight")
    lm = load(LSTM)
    first, second = lm.trace(TEXT), lm.trace(TEXT.replace("be", "go"))
    start = explore.window(LSTM)[0]
    step = start + 4
    far = float((first["0.hidden"][step] - second["0.hidden"][step]).double().norm())
    readout = explore.page.locator(".tx-readout")
    expect(readout).to_contain_text(f"step {step} “{TEXT[step].replace(' ', '·')}” against step {step}")
    numbers = readout.inner_text()
    assert float(numbers.partition("distance ")[2].partition(",")[0]) == pytest.approx(far, rel=0.01)
    explore.wait_at(step)


def test_beside_chunks_stands_what_exactly_so_many_characters_give(open_page):
    explore = open_page(
        address(models=f"{RNN},{LSTM}", text=TEXT, instrument="intervene", **{"o.letters": "reset.20@0"})
    )
    explore.settle()
    instrument = Instrument(explore).settle()
    for name in (RNN, LSTM):
        lm = load(name)
        found = drain(limited(record(lm, TEXT), lm.reader(), 20, 0))
        row = instrument.frame.locator(f'tr[data-exact="{name}"]')
        expect(row.get_by_role("rowheader")).to_have_text("exactly 20 characters")
        cells = [cell.inner_text() for cell in row.locator("td.number").all()]
        assert cells[:2] == [f"{found.free_bits:.3f}", f"{found.bits:.3f}"]
    instrument.frame.get_by_role("button", name="Remove this intervention").click()
    instrument.settle()
    expect(instrument.frame.locator("tr[data-exact]")).to_have_count(0)
