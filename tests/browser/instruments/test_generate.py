"""The instrument that writes: it types what the model writes by a seed; marked, stopped, undone, and in the address."""

from __future__ import annotations

import re
from itertools import islice
from urllib.parse import unquote

import numpy as np
import pytest
from playwright.sync_api import expect

from models import load
from models.measures import record
from models.recording.continuation import continuation
from tests.support.browser.explore_page import Explore, address

LSTM, GRU = "shakespeare-lstm", "shakespeare-gru"
TEXT = "KING RICHARD:\n"

MARKED = """() => {
  const spans = [];
  for (const range of CSS.highlights.get("written")) spans.push([range.startOffset, range.endOffset]);
  return spans;
}"""


def written(model: str, text: str, count: int, temperature: float, seed: int) -> str:
    lm = load(model)
    ids = islice(continuation(record(lm, text), len(text) - 1, temperature, seed), count)
    return lm.vocabulary.decode(np.array(list(ids), np.int32))


@pytest.fixture
def at(open_page):
    def open_it(text=TEXT, models=f"{LSTM},{GRU}", viewport=None, **options):
        words = {f"o.{name}": value for name, value in options.items()}
        own = {} if viewport is None else {"viewport": viewport}  # a context of its own, for a clock of its own
        explore = open_page(address(models=models, text=text, instrument="generate", **words), **own)
        explore.settle()
        return explore

    return open_it


def marked(explore: Explore) -> list[list[int]]:
    return explore.page.evaluate(MARKED)


def test_the_page_types_what_the_model_writes_and_all_models_read_along(at) -> None:
    explore = at(count=60, temperature=0.7, seed=5, speed=200)
    explore.button("Write on").click()
    whole = TEXT + written(LSTM, TEXT, 60, 0.7, 5)
    explore.settle_on(whole)
    expect(explore.page.locator("#instrument")).to_contain_text("60 characters written by LSTM · 128 after step 13")
    explore.comes_to(lambda: marked(explore), [[len(TEXT), len(whole)]])
    explore.button("Undo").click()
    explore.settle_on(TEXT)
    explore.comes_to(lambda: marked(explore), [])
    expect(explore.page.locator("#instrument")).to_contain_text("It goes on from the caret")
    expect(explore.page.locator("#instrument")).not_to_contain_text("removes them")


def test_it_goes_on_from_the_caret_in_the_middle_by_the_model_that_was_chosen(at) -> None:
    text = "ROMEO:\nO, speak again.\n\nJULIET:\nWhat?\n"
    explore = at(text=text, count=40, temperature=0, speed=200)
    explore.page.get_by_label("The model that writes").select_option(GRU)
    explore.caret_to(24)
    explore.button("Write on").click()
    more = written(GRU, text[:24], 40, 0, 0)
    explore.settle_on(text[:24] + more + text[24:])
    explore.comes_to(lambda: marked(explore), [[24, 64]])


def test_it_can_be_stopped_at_any_time_and_what_stands_then_stays(at) -> None:
    explore = at(count=2000, speed=20, viewport={"width": 1440, "height": 900})
    explore.page.clock.install()
    explore.button("Write on").click()
    explore.until("document.querySelector('#text').value.length > 18")
    explore.page.keyboard.press("Escape")
    expect(explore.button("Write on")).to_be_visible()
    text = explore.text()
    assert text == TEXT + written(LSTM, TEXT, 2000, 0.7, 0)[: len(text) - len(TEXT)]
    assert len(text) < 500
    explore.page.clock.run_for(2000)
    explore.settle_on(text)
    explore.comes_to(lambda: marked(explore), [[len(TEXT), len(text)]])


def test_who_types_meanwhile_stops_it(at) -> None:
    explore = at(count=2000, speed=20)
    explore.button("Write on").click()
    explore.until("document.querySelector('#text').value.length > 18")
    explore.caret_to(0)
    explore.page.keyboard.insert_text("X")
    expect(explore.button("Write on")).to_be_visible()
    text = explore.text()
    assert text.startswith("X" + TEXT)
    explore.settle_on(text)
    expect(explore.page.locator("#instrument")).not_to_contain_text("removes them")
    explore.comes_to(lambda: marked(explore), [[len(TEXT) + 1, len(text)]])


def test_the_mark_stays_on_its_characters_and_on_no_others(at) -> None:
    explore = at(count=30, speed=200)
    explore.button("Write on").click()
    explore.settle_on(TEXT + written(LSTM, TEXT, 30, 0.7, 0))
    start = len(TEXT)
    explore.caret_to(3)
    explore.page.keyboard.insert_text("DOM")
    explore.comes_to(lambda: marked(explore), [[start + 3, start + 33]])
    explore.caret_to(start + 13)
    explore.page.keyboard.insert_text("mine")
    explore.comes_to(lambda: marked(explore), [[start + 3, start + 13], [start + 17, start + 37]])
    explore.caret_to(start + 10, start + 20)
    explore.page.keyboard.press("Delete")
    explore.comes_to(lambda: marked(explore), [[start + 3, start + 27]])


def test_text_mark_and_options_come_back_from_the_address(at, open_page) -> None:
    explore = at(count=30, seed=9, temperature=0.4, speed=200)
    explore.button("Write on").click()
    whole = TEXT + written(LSTM, TEXT, 30, 0.4, 9)
    explore.settle_on(whole)
    explore.until("location.hash.includes('generated=14-44')")
    again = open_page(unquote(explore.page.url.partition("#")[2]).replace("\n", "%0A").replace("'", "%27"))
    again.settle_on(whole)
    again.comes_to(lambda: marked(again), [[14, 44]])
    expect(again.page.get_by_label("seed")).to_have_value("9")
    expect(again.page.get_by_label("temperature")).to_have_value("0.4")


def test_before_the_first_character_it_says_that_there_is_nothing_to_go_on_from(at) -> None:
    explore = at(text="")
    expect(explore.page.locator("#instrument")).to_contain_text("Write a character first")
    explore.button("Write on").click()
    expect(explore.page.locator("#instrument .faults")).to_contain_text(re.compile("expects nothing"))
    assert explore.text() == ""
