"""Why this value?: the numbers that the page prints add up to the value in the picture; causes can be followed."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from tests.support.browser.explore_page import Explore, address
from tests.support.browser.open_instrument import Instrument

TEXT = "KEEPER:\nWhat have I kept? €\nAnd then: the sea, the sea; a door.\n"
CELLS = "shakespeare-rnn,shakespeare-gru,shakespeare-lstm"
DEEP = "python-gru,python-lstm"
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
FUNCTIONS = {"tanh": math.tanh, "σ": lambda x: 1 / (1 + math.exp(-x))}


def number(words: str) -> float:
    """A number as the page writes it: −0.71, +1.03, 5.3·10⁻⁶."""
    return float(words.strip().replace("−", "-").replace("·10", "e").translate(RAISED))


def why(explore: Explore) -> Instrument:
    """The instrument, once every model has an answer."""
    explore.until("document.querySelectorAll('.why-model').length === document.querySelectorAll('[data-model]').length")
    explore.until("[...document.querySelectorAll('.why-model')].every((one) => one.children.length > 0)")
    return Instrument(explore).settle()


def model(explore: Explore, name: str) -> Locator:
    return explore.page.locator(f'#instrument .why-model[data-for="{name}"]')


def place(explore: Explore) -> tuple[int, int]:
    """The step and the unit that are explained."""
    step, unit = explore.page.locator(".why-place b").all_text_contents()
    return int(step.replace(",", "")), int(unit)


def terms(listed: Locator) -> list[float]:
    """What the lines of a list say that they add."""
    return [number(words) for words in listed.locator("li .why-number").all_inner_texts()]


def open_all(explore: Explore) -> None:
    """Unfold every signal that the values are made of."""
    while (shut := explore.page.locator(".why-gate:not([open]) > summary")).count():
        shut.first.click()
        why(explore)


@pytest.mark.parametrize(("models", "layer"), [(CELLS, 0), (DEEP, 1)])
def test_all_that_is_printed_adds_up_to_the_value_of_the_cell(open_page, models: str, layer: int) -> None:
    explore = open_page(address(models=models, layer=layer, text=TEXT))
    explore.settle()
    first = explore.models()[0]
    start, _ = explore.window(first)
    explore.page.mouse.click(*explore.place(first, 20, 7))
    explore.button("Why?").click()
    why(explore)
    assert place(explore) == (start + 20, 7)
    explore.page.get_by_label("all digits").check()
    explore.page.get_by_label("Units named").select_option(label="all")
    why(explore)
    open_all(explore)
    for name, (reading, _, signal) in explore.readings().items():
        shown = model(explore, name)
        value = float(reading.signal(layer, signal)[start + 20, 7])
        assert float(shown.locator("h3 .exact").get_attribute("data-value")) == pytest.approx(value, abs=1e-9)
        declared = reading.lm.cell
        lists = {one.get_attribute("data-signal"): one for one in shown.locator(".why-terms").all()}
        assert lists.keys() == {one.name for one in declared.signals if "W" in one.formula.text()}, (
            "every signal with a pre-activation is explained"
        )
        for gate, listed in lists.items():
            added = terms(listed)
            known = TEXT[start + 20] in reading.lm.vocabulary
            assert len(added) >= 2 + (known and not layer) + reading.lm.units * (1 + bool(layer)) - 1
            function = FUNCTIONS["tanh" if "tanh" in declared.signal(gate).formula.text() else "σ"]
            wanted = float(reading.signal(layer, gate)[start + 20, 7])
            # Each of some hundred numbers is printed to seven digits.
            assert function(math.fsum(added)) == pytest.approx(wanted, abs=1e-6), (name, gate)


def test_the_equation_stands_over_its_numbers(open_page) -> None:
    explore = open_page(address(models=CELLS, text=TEXT, step=12, unit=3, instrument="why"))
    explore.settle()
    why(explore)
    for name, (reading, _, _) in explore.readings().items():
        formula = model(explore, name).locator(".formula").first
        signals = {one.symbol: one.name for one in reading.lm.cell.signals}
        equation = reading.lm.cell.equation(reading.lm.cell.signals[0])
        assert formula.get_attribute("aria-label").startswith(f"{equation}: ")
        assert formula.locator("math msub").count() >= 2
        for line in formula.locator("mtable").all():
            above, below = (row.locator("mtd").all_text_contents() for row in line.locator("mtr").all())
            assert len(above) == len(below)
            for symbol, words in zip(above, below, strict=True):
                now, before = (re.fullmatch(rf"([{''.join(signals)}]){end}", symbol) for end in ("t", "t−1"))
                if now or before:
                    letter, step = (now or before)[1], 12 if now else 11
                    value = float(reading.signal(0, signals[letter])[step, 3])
                    assert number(words.strip("()")) == pytest.approx(value, rel=6e-3, abs=1e-9), (name, symbol)


def test_arrow_keys_walk_through_time_and_units(open_page) -> None:
    explore = open_page(address(models="shakespeare-lstm", text=TEXT, signal="forget_gate"))
    explore.settle()
    explore.page.mouse.click(*explore.place("shakespeare-lstm", 15, 9))
    area = explore.area("shakespeare-lstm")
    area.focus()
    area.press("Enter")
    reading = explore.readings()["shakespeare-lstm"][0]
    for keys, step, unit in [("", 15, 9), ("ArrowRight", 16, 9), ("ArrowDown", 16, 10), ("Shift+ArrowLeft", 6, 10)]:
        if keys:
            area.press(keys)
        value = float(reading.signal(0, "forget_gate")[step, unit])
        exact = model(explore, "shakespeare-lstm").locator("h3 .exact")
        expect(exact).to_have_attribute("data-value", re.compile(re.escape(f"{value:.9g}"[:9])))
        assert place(explore) == (step, unit)
        expect(area).to_be_focused()


def test_one_walks_from_a_value_to_what_made_it_and_back(open_page) -> None:
    explore = open_page(
        address(models=DEEP, layer=1, text=TEXT, step=30, unit=5, signal="update_gate", instrument="why")
    )
    explore.settle()
    why(explore)
    back = explore.button("↩ back")
    expect(back).to_be_disabled()
    gru = model(explore, "python-gru")
    expect(gru.locator("h3 .why-signal")).to_have_text("update gate, layer 1")
    # To a unit of the same layer a step before …
    unit = gru.locator(".why-from", has_text=re.compile(r"^unit \d+$")).first
    towards = int(unit.inner_text().removeprefix("unit "))
    unit.click()
    expect(gru.locator("h3 .why-signal")).to_have_text("hidden state, layer 1")
    assert place(explore) == (29, towards)
    reading = explore.readings()["python-gru"][0]
    exact = float(gru.locator("h3 .exact").get_attribute("data-value"))
    assert exact == pytest.approx(float(reading.signal(1, "hidden")[29, towards]), abs=1e-9)
    expect(back).to_be_focused()
    # … which a link to the page finds again …
    explore.until("location.hash.includes('o.of=')")
    link = explore.page.url
    explore.page.goto("about:blank")
    explore.page.goto(link)
    explore.settle()
    expect(gru.locator("h3 .why-signal")).to_have_text("hidden state, layer 1")
    # … from there to a unit of the layer below, at the same step.
    gru.locator(".why-gate summary").first.click()
    below = gru.locator(".why-from", has_text=re.compile(r"^layer 0, unit \d+$")).first
    lower = int(below.inner_text().removeprefix("layer 0, unit "))
    below.click()
    expect(gru.locator("h3 .why-signal")).to_have_text("hidden state, layer 0")
    assert place(explore) == (29, lower)
    back.press("Enter")
    expect(gru.locator("h3 .why-signal")).to_have_text("hidden state, layer 1")
    assert place(explore) == (29, towards)
    gru.get_by_role("button", name="explain the picture").click()
    expect(gru.locator("h3 .why-signal")).to_have_text("update gate, layer 1")


def test_what_is_not_there_is_said(open_page) -> None:
    explore = open_page(
        address(models="shakespeare-rnn,shakespeare-rnn-wide", text=TEXT, step=0, unit=200, instrument="why")
    )
    explore.settle()
    why(explore)
    panels = explore.page.locator(".why-model")
    expect(panels.first).to_contain_text("has units 0 to 127 only")
    expect(panels.last).to_contain_text("Nothing came before")
    assert all(
        "unit" not in words or "other units" in words for words in panels.last.locator(".why-from").all_inner_texts()
    )
    unknown = TEXT.index("€")
    explore.go(address(models="shakespeare-rnn", text=TEXT, step=unknown, unit=4, instrument="why"))
    expect(explore.page.locator(".why-model")).to_contain_text("does not know “€”")
    expect(explore.page.locator(".why-terms .character")).to_have_count(0)


def test_the_numbers_can_be_taken_along(open_page) -> None:
    explore = open_page(address(models=CELLS, text=TEXT, step=12, unit=3, instrument="why"))
    explore.settle()
    rows = why(explore).csv()
    reading = explore.readings()["shakespeare-lstm"][0]
    mine = [row for row in rows if row["model"] == "LSTM · 128"]
    assert {row["signal"] for row in mine} == set(reading.lm.cell.names())
    gate = [row for row in mine if row["signal"] == "output_gate"]
    total = math.fsum(float(row["adds"]) for row in gate)
    assert FUNCTIONS["σ"](total) == pytest.approx(float(reading.signal(0, "output_gate")[12, 3]), abs=1e-6)
    for row in gate:
        if row["weight"]:
            product = float(row["weight"]) * float(row["state"]) * float(row["gain"])
            assert product == pytest.approx(float(row["adds"]), rel=1e-9)
    assert {(row["step"], row["unit"]) for row in rows} == {("12", "3")}
    assert np.isfinite([float(row["value"]) for row in rows]).all()
