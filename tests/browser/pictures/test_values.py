"""Every number that the page prints is the one that the model computes, to the printed digits."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from models import catalogue
from tests.support.browser.explore_page import address

PROSE = "KEEPER:\nWhat have I kept? \nAnd then: the sea, the sea; a door.\n"
CODE = 'def kept(text, n=3):\n    return [c for c in text if c in "([{"][:n]\n'
FAMILIES = {
    "shakespeare": ("shakespeare-rnn,shakespeare-gru,shakespeare-lstm", PROSE),
    "python": ("python-rnn,python-gru,python-lstm", CODE),
}
SEEN = {" ": "·", "\n": "↵"}
SAID = {" ": "space", "\n": "new line"}
CELLS = [(0, 0), (7, 3), (19, 127), (40, 64), (58, 1)]


def number(words: str) -> float:
    return float(words.replace("−", "-"))


def rounded(value: float, digits: int) -> float:
    """`value` with so many significant digits."""
    return float(f"{value:.{digits}g}")


@pytest.mark.parametrize("family", FAMILIES)
def test_hovering_shows_the_exact_values_of_that_cell(family, open_page):
    models, text = FAMILIES[family]
    explore = open_page(address(models=models, text=text, instrument="why"))
    explore.settle()
    first = explore.models()[0]
    start, _ = explore.window(first)
    readings = explore.readings()
    for column, unit in CELLS:
        step = start + column
        explore.hover(first, column, unit)
        explore.wait_at(step, unit)
        assert explore.at() == (step, SEEN.get(text[step], text[step]), unit)
        for model, (reading, layer, signal) in readings.items():
            shown = explore.inspected(model)
            exact = shown.locator(".exact")
            expect(exact).to_be_visible()
            value = float(reading.signal(layer, signal)[step, unit])
            assert number(exact.inner_text()) == pytest.approx(rounded(value, 7), abs=2e-7), model
            for declared in reading.lm.cell.signals:
                chip = shown.locator(f'[data-signal="{declared.name}"]')
                value = float(reading.signal(layer, declared.name)[step, unit])
                assert float(chip.get_attribute("data-value")) == pytest.approx(value, abs=2e-7)
                printed = re.search(r"[−\d.e]+$", chip.inner_text())[0]
                assert abs(number(printed) - value) <= 0.0005 + 1e-6, (model, declared.name)
                assert number(printed) != 0 or value == 0, (model, declared.name)


@pytest.mark.parametrize("family", FAMILIES)
def test_what_comes_next(family, open_page):
    """The bars are the most probable characters in their order, with their shares, and the one that came is marked."""
    models, text = FAMILIES[family]
    explore = open_page(address(models=models, text=text, step=20, instrument="why"))
    explore.settle()
    readings = explore.readings()
    explore.wait_at(20)
    for model, (reading, _, _) in readings.items():
        bars = explore.expectation(model).get_by_role("listitem")
        expect(bars).to_have_count(8)
        shares = np.exp(reading.log_probabilities[20].astype(float))
        ranked = list(np.argsort(-shares, kind="stable"))
        truth = reading.lm.vocabulary.characters.index(text[21])
        wanted = ranked[:8] if truth in ranked[:8] else [*ranked[:7], truth]
        for bar, k in zip(bars.all(), wanted, strict=True):
            character = reading.lm.vocabulary.characters[k]
            name, percent = re.fullmatch(r"(.+): (.+)", bar.get_attribute("aria-label"), re.DOTALL).groups()
            came = ", which came next" if k == truth else ""
            assert name == SAID.get(character, f"“{character}”") + came
            assert percent == bar.locator("small").inner_text()
            if percent.startswith("<"):
                assert shares[k] < 0.001
            elif percent.startswith(">"):
                assert shares[k] > 0.999
            else:
                digits = len(percent.split()[0].partition(".")[2])
                assert abs(float(percent.split()[0]) - 100 * shares[k]) <= 0.5 * 10**-digits + 1e-4


def test_bits_per_character_are_those_of_the_text(open_page):
    names = [name for name, entry in catalogue().items() if entry.card.corpus.name == "shakespeare"]
    explore = open_page(address(models=",".join([*names, "shakespeare-lstm@0"]), text=PROSE))
    for text in (PROSE, "An é 漢 unknown!", "AB"):
        explore.replace(text)
        explore.settle()
        for model, (reading, _, _) in explore.readings().items():
            assert explore.panel(model).locator(".bits").inner_text() == f"{reading.bits_per_character:.2f} bits/char"
    for text in ("", "A", "é"):
        explore.replace(text)
        explore.settle()
        assert explore.panel("shakespeare-gru").locator(".bits").inner_text() == ""


@pytest.mark.parametrize("model", ["shakespeare-gru", "shakespeare-lstm"])
def test_the_line_of_surprise_goes_through_every_value(model, open_page):
    """Read off the canvas: each column has ink at the height of −log₂ p, and peaks have none above it."""
    text = (PROSE * 3)[:120]
    explore = open_page(address(models=model, text=text, columns=120, theme="light"))
    explore.settle()
    explore.page.mouse.move(2, 2)
    surprise = explore.reference(model, text).surprise
    assert math.isnan(surprise[0])
    ink, width, height = explore.page.evaluate(
        """() => {
          const area = document.querySelector(".surprise-area");
          const canvas = area.querySelector("canvas");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          const at = (y, x) => data[(y * canvas.width + x) * 4 + 3];
          const row = (y) => Array.from({ length: canvas.width }, (_, x) => at(y, x));
          const rows = Array.from({ length: canvas.height }, (_, y) => row(y));
          return [rows, area.clientWidth, area.clientHeight];
        }"""
    )
    ink = np.array(ink)
    across = width / 120
    for k in range(2, len(text) - 1):
        x = int((k + 0.5) * across)
        y = height * (1 - min(float(surprise[k]), 12.0) / 12)
        near = ink[max(0, int(y) - 1) : int(y) + 2, x - 1 : x + 2]
        assert near.max() > 80, f"step {k}: no ink at {surprise[k]:.2f} bits"
        if surprise[k - 1] < surprise[k] > surprise[k + 1] and surprise[k] < 11:
            top = int(np.flatnonzero(ink[:height, x] > 100)[0])
            assert top >= y - 3, f"step {k}: the peak of {surprise[k]:.2f} bits is drawn {y - top:.0f} pixels too high"


def test_equations_keep_their_digits(explore):
    """Small numbers are not rounded away, and the minus sign is a true one."""
    value = {symbol: {"kind": "value", "symbol": symbol, "lag": 0, "children": []} for symbol in "oc"}
    tanh = {"kind": "apply", "function": "tanh", "children": [value["c"]]}
    signal = {"symbol": "h", "formula": {"kind": "product", "children": [value["o"], tanh]}}
    cases = [
        ({"h": -0.0021, "o": 0.0021, "c": -10.2}, "−0.00210 = 0.00210·tanh(−10.2)"),
        ({"h": 2.14e-5, "o": 0.91, "c": 0}, "2.1e−5 = 0.910·tanh(0.00)"),
        ({"h": -2.14e-5, "o": 1, "c": -2.14e-5}, "−2.1e−5 = 1.00·tanh(−2.1e−5)"),
    ]
    for now, wanted in cases:
        words = explore.page.evaluate(
            """([signal, now]) => import("/static/format/equation.js").then(
              ({ substitute }) => substitute(signal, new Map(Object.entries(now)), null))""",
            [signal, now],
        )
        assert words == wanted
