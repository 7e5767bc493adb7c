"""Room on the page: nothing scrolls that need not, nothing lies over another thing, nothing is too small to be read."""

from __future__ import annotations

import itertools
import re

import pytest
from playwright.sync_api import expect

from tests.support.browser.explore_page import Explore, address
from tests.support.browser.open_instrument import Instrument

THREE = "shakespeare-rnn,shakespeare-gru,shakespeare-lstm"
LSTM = "shakespeare-lstm"
FIVE = "recall-rnn,recall-gru,recall-lstm,recall-rnn-growing,recall-rnn@0"
TEXT = "To be, or not to be, that is the question: whether tis nobler in the mind to suffer the slings of fortune. " * 3
SIZES = {"projector": (1280, 720), "laptop": (1440, 900), "tablet": (1024, 768), "phone": (390, 844)}

OVERLAPS = """(selector) => {
  const found = [];
  for (const axis of document.querySelectorAll(selector)) {
    const all = [...axis.querySelectorAll("text")].filter((one) => one.textContent.trim() !== "");
    const boxes = all.map((one) => [one.textContent, one.getBoundingClientRect()]).sort((a, b) => a[1].top - b[1].top);
    for (let k = 1; k < boxes.length; k++) {
      const [[above, { bottom }], [below, { top }]] = [boxes[k - 1], boxes[k]];
      if (top < bottom - 4) found.push(`${above} and ${below}: ${bottom - top} px`);
    }
  }
  return found;
}"""
"""Texts one above the other whose lines lie over each other; a line is about 4 px higher than its figures."""

SMALL = """() => [...document.querySelectorAll("body *")].filter((one) =>
    one.checkVisibility() && !one.closest("[aria-hidden=true] canvas, sup, sub, math, tspan, .visually-hidden") &&
    [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "") &&
    parseFloat(getComputedStyle(one).fontSize) < 11
  ).map((one) => `${one.tagName}.${one.className}: ${one.textContent.slice(0, 20)}`)"""


def open_at(open_page, size: str, **words) -> Explore:
    explore = open_page(address(**words), size=SIZES[size])
    explore.settle()
    return explore


def show(explore: Explore, *, models: str, echo: str | None = None, signal: str | None = None, **words) -> None:
    """Another view in the open page, once it is painted."""
    chosen = {name: value for name, value in {"echo": echo, "signal": signal}.items() if value is not None}
    explore.go(address(models=models, **chosen, **words))
    for model in models.split(","):
        panel = explore.panel(model)
        if echo is None:
            expect(panel).not_to_have_attribute("data-echo", re.compile(""))
        else:
            expect(panel).to_have_attribute("data-echo", echo.partition(":")[0])
    if signal is not None:
        expect(explore.panel(LSTM)).to_have_attribute("data-signal", signal)
    explore.settle()
    if "instrument" in words:
        Instrument(explore).settle()


@pytest.mark.parametrize(("size", "echo"), list(itertools.product(("projector", "laptop", "tablet"), (None, "30:x"))))
def test_three_panels_do_not_make_the_page_scroll(size, echo, open_page):
    words = {} if echo is None else {"echo": echo}
    explore = open_at(open_page, size, models=THREE, text=TEXT, **words)
    height = SIZES[size][1]
    explore.until(f"document.documentElement.scrollHeight <= {height}")
    assert explore.page.locator("#look").bounding_box()["height"] <= 30, "the row above the pictures has two lines"
    box = explore.page.locator(".overview").bounding_box()
    assert box["y"] + box["height"] <= height
    for model in explore.models():
        assert explore.heatmap(model).bounding_box()["height"] >= 128


def test_heads_of_panels_end_before_the_side_and_can_be_closed(open_page):
    """With values, with an echo, and beside an instrument."""
    explore = open_at(open_page, "tablet", models=THREE, text=TEXT, step=30)
    for words in ({}, {"echo": "30:x"}, {"instrument": "forgetting"}):
        show(explore, models=THREE, text=TEXT, step=30, **words)
        side = explore.page.locator(".side").bounding_box()["x"]
        for model in explore.models():
            head = explore.panel(model).locator(".panel-head")
            rights = head.evaluate("(one) => [...one.children].map((part) => part.getBoundingClientRect().right)")
            assert max(rights) <= side, words
            for cut in ("h2", ".bits"):
                fits = head.locator(cut).evaluate("(one) => one.scrollWidth <= one.clientWidth + 1")
                assert fits, f"{words} {model} {cut}"
        for model in explore.models():
            explore.panel(model).locator("button.remove").click()  # by its middle, where nothing else may lie
            expect(explore.panel(model)).to_have_count(0)


@pytest.mark.parametrize("size", ["projector", "laptop"])
def test_of_five_panels_each_picture_can_be_read(size, open_page):
    explore = open_at(open_page, size, models=FIVE, text="A" + "the tide comes in" * 3 + "?")
    assert len(explore.models()) == 5
    for model in explore.models():
        assert explore.heatmap(model).bounding_box()["height"] >= 72, model


@pytest.mark.parametrize("size", SIZES)
def test_numbers_of_axes_do_not_lie_over_each_other_and_nothing_is_small(size, open_page):
    same = {"models": THREE, "text": TEXT, "instrument": "saturation"}
    explore = open_at(open_page, size, **same)
    for words in ({"echo": "30:x"}, {"signal": "cell"}, {"signal": "cell", "scale": "largest"}):
        show(explore, **same, **words)
        assert explore.page.evaluate(OVERLAPS, ".axes .yaxislayer-above, .axes .cbaxis") == [], words
        assert explore.page.evaluate(SMALL) == [], words


def test_step_numbers_do_not_run_into_each_other(open_page):
    """What is written on the canvas of step numbers, and how wide, at many windows."""
    explore = open_at(open_page, "laptop", models="shakespeare-gru", text=TEXT * 40)
    explore.page.evaluate(
        """() => {
          const write = OffscreenCanvasRenderingContext2D.prototype.fillText;
          OffscreenCanvasRenderingContext2D.prototype.fillText = function (words, x, ...more) {
            if (this.canvas.height === document.querySelector(".step-numbers").height) {
              const half = this.measureText(words).width / 2;
              (globalThis.written ??= []).push([words, x - half, x + half, this.font]);
            }
            return write.call(this, words, x, ...more);
          };
        }"""
    )
    seen = 0
    for start, columns in itertools.product((0, 7, 993, 9_940, 12_000), (40, 117, 1_000, 12_000)):
        explore.page.evaluate("globalThis.written = []")
        explore.go(address(models="shakespeare-gru", columns=columns, **{"from": start}))
        explore.until("globalThis.written.length > 0")
        explore.frames()
        written = explore.page.evaluate("globalThis.written")
        width = explore.page.locator(".step-numbers").bounding_box()["width"]
        for words, left, right, font in written:
            assert left >= -0.5, f"{words} is cut off at the left"
            assert right <= width + 0.5, f"{words} is cut off at the right"
            assert float(font.split("px")[0].split()[-1]) >= 11
        for (before, _, end, _), (after, begin, _, _) in itertools.pairwise(written):
            assert begin >= end + 4, f"{before} runs into {after}"
        seen += len(written)
    assert seen > 60


def test_on_a_phone_each_instrument_that_is_opened_comes_into_sight(open_page):
    explore = open_at(open_page, "phone", models="shakespeare-gru", text=TEXT)
    for name in ("saturation", "forgetting", "horizon"):
        explore.page.evaluate("scrollTo(0, 0)")
        explore.button("Instruments ▾").click()
        explore.page.locator(f'#menu [data-name="{name}"]').click()
        Instrument(explore).settle()
        top = explore.page.locator("#instrument > header").bounding_box()
        assert 0 <= top["y"] <= SIZES["phone"][1] / 2, f"{name} opened at {top['y']:.0f}"
