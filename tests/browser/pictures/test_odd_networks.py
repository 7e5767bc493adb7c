"""Networks that nobody ships: of a few units or of thousands, of thousands of characters, of characters without ink."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from models.measures.memory.edit_sensitivity import MOST, sample_size
from models.measures.memory.forgetting import DIRECTIONS
from models.network.stack import Stack
from models.storage.card import parameter_count
from scripts.browser import Server
from tests.support.browser.explore_page import address
from tests.support.browser.open_instrument import Instrument
from tests.support.small_models import make_tiny
from tests.support.texts import LETTERS

FEW = {"one": ("lstm", 1, 1), "two": ("rnn", 2, 1), "three": ("gru", 3, 2), "eight": ("lstm", 8, 1)}
CODES = {"\0": "0000", "\u00ad": "00AD", "\u200d": "200D", "\ufe0f": "FE0F"}
MANY = 5_000
LARGE = 1_536
TEXT = "To be, or not to be: that is the question."

BOXES = """(panel) => [...panel.querySelectorAll(".axes .cbaxis text")].map((text) => {
  const { top, bottom } = text.getBoundingClientRect();
  return [top, bottom];
}).sort((a, b) => a[0] - b[0])"""

DRAWN = """
globalThis.drawn = [];
const { fillText } = OffscreenCanvasRenderingContext2D.prototype;
OffscreenCanvasRenderingContext2D.prototype.fillText = function (words, ...place) {
  drawn.push(words);
  return fillText.call(this, words, ...place);
};
"""
"""Keeps what is drawn as letters; the strip draws on a sheet of its own, which is then copied."""


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("odd")
    for name, shape in FEW.items():
        make_tiny(folder / name, name, *shape)
    make_tiny(folder / "inkless", "inkless", "gru", 8, 1, characters="ab" + "".join(CODES))
    han = "".join(map(chr, range(0x4E00, 0x4E00 + MANY - len(LETTERS))))
    make_tiny(folder / "many", "many", "gru", 16, 1, characters=LETTERS + han)
    make_tiny(folder / "large", "large", "rnn", LARGE, 1)
    with Server(HIDDEN_STATE_MODEL_FOLDERS=str(folder)) as running:
        yield running


@pytest.mark.parametrize("width", [1440, 390])
def test_the_picture_of_a_few_units_can_be_seen_and_its_numbers_read(width, open_page, odd):
    explore = open_page(
        address(models=",".join(FEW), text=TEXT),
        at=odd,
        viewport={"width": width, "height": 900 if width > 400 else 844},
    )
    explore.settle()
    signals = ["hidden", "cell"]
    for signal in signals:
        explore.choice("Signal").select_option(signal)
        explore.settle()
        for name, (_, units, _) in FEW.items():
            panel = explore.panel(name)
            box = panel.locator("canvas.heatmap").bounding_box()
            assert box["height"] >= max(24, 8 * units), f"{name}: {units} units in {box['height']} pixels"
            boxes = panel.evaluate(BOXES)
            assert boxes, name
            assert all(above[1] <= below[0] + 1 for above, below in pairwise(boxes)), f"{name} {signal}: {boxes}"
            ticks = [explore.ticks(name).nth(k).bounding_box() for k in range(explore.ticks(name).count())]
            assert ticks, name
            ticks.sort(key=lambda one: one["y"])
            assert all(a["y"] + a["height"] <= b["y"] + 1 for a, b in pairwise(ticks)), f"{name}: {ticks}"


def test_a_single_unit_is_pointed_at_and_read(open_page, odd):
    explore = open_page(address(models="one", text=TEXT), at=odd)
    explore.settle()
    explore.hover("one", 7, 0)
    explore.wait_at(7, 0)
    expect(explore.inspected("one")).to_be_visible()


def test_characters_without_ink_that_a_model_knows_show_their_code(open_page, odd):
    inkless = "".join(CODES)
    text = f"ab{inkless}ba{inkless}ab"
    explore = open_page(address(models="inkless", text="ab"), at=odd)
    explore.page.add_init_script(DRAWN)
    explore.page.goto("about:blank")
    explore.open(address(models="inkless", text=text, step=2, columns=24, instrument="why"))
    explore.settle()
    assert explore.text() == text
    assert explore.panel("inkless").locator("canvas.marks").is_hidden(), "the model knows them all"

    drawn = "".join(explore.page.evaluate("drawn"))
    for code in CODES.values():
        assert code in drawn, f"strip: {code} is not in {drawn!r}"
    assert not set(drawn) & set(inkless)

    instrument = Instrument(explore).settle()
    for k, code in enumerate(CODES.values()):
        explore.page.evaluate(
            "(hash) => { location.hash = hash }",
            address(models="inkless", text=text, step=2 + k, columns=24, instrument="why"),
        )
        explore.wait_at(2 + k)
        assert explore.at()[1] == code
        expect(instrument.frame).to_contain_text(f"“{code}”")
    labels = explore.expectation("inkless").get_by_role("listitem")
    names = [
        label.get_attribute("aria-label").split(":")[0].removesuffix(", which came next") for label in labels.all()
    ]
    assert sorted(names) == sorted(["“a”", "“b”", *(f"U+{code}" for code in CODES.values())])
    seen = "".join(labels.all_inner_texts())
    assert all(code in seen for code in CODES.values()), seen

    explore.go(address(models="inkless", text=f"ab{inkless}", instrument="generate"))
    explore.settle(6)
    explore.caret_to(6)
    expect(instrument.frame).to_contain_text(f"after “ab{''.join(CODES.values())}”")


def test_of_thousands_of_characters_forgetting_tries_a_sample_and_says_so(open_page, odd):
    explore = open_page(address(models="many", text=TEXT * 5, step=5, instrument="forgetting"), at=odd)
    explore.settle()
    instrument = Instrument(explore).settle()
    words = f"{MOST} of {MANY - 1:,} other characters were tried, a sample spread evenly over the vocabulary."
    expect(instrument.frame).to_contain_text(words)
    (line,) = [line for line in instrument.lines().values() if line["dash"] == "solid"]
    assert len(line["y"]) > 100


def test_a_network_of_thousands_of_units_is_shown_and_its_forgetting_is_a_sample_that_says_so(open_page, odd):
    explore = open_page(address(models="large", text=TEXT, step=5, instrument="forgetting"), at=odd)
    explore.settle()
    assert explore.page.evaluate("document.querySelector('canvas.heatmap').height") == LARGE
    instrument = Instrument(explore).settle()  # waits a minute and a half, and no longer
    weights = parameter_count(Stack.of("rnn", LARGE, 1), len(LETTERS))
    tried, others = sample_size(weights), len(LETTERS) - 1
    assert 8 < tried < others
    expect(instrument.frame).to_contain_text(f"{tried} of {others} other characters were tried")
    expect(instrument.frame).to_contain_text(f"followed in {DIRECTIONS} random directions of {LARGE:,}, a sample")
