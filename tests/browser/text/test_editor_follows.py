"""The editor shows the place that the pictures show."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.browser.explore_page import Explore, address

GRU = "shakespeare-gru"
TEXT = "".join(f"Line {k:03d} of a text that is longer than the editor.\n" for k in range(38))
PASTED = "".join(f"Pasted line {k:03d}, one of very many that all say the same.\n" for k in range(180))

SEEN = """(area, step) => {
  const range = new Range();
  const letters = document.querySelector("#mirror").firstChild;
  range.setStart(letters, step);
  range.setEnd(letters, step + 1);
  const letter = range.getBoundingClientRect();
  const page = area.getBoundingClientRect();
  const same = letters.data.startsWith(area.value) && letter.height > 0;
  return same && letter.top >= page.top - 1 && letter.bottom <= page.bottom + 1;
}"""


def sees(explore: Explore, step: int) -> bool:
    """Whether the character at a step stands in the part of the text that the editor shows."""
    return bool(explore.editor.evaluate(SEEN, step))


def wait_seen(explore: Explore, step: int) -> None:
    mirrored = f"({SEEN})(document.querySelector('#text'), {step})"
    explore.until(mirrored)


@pytest.fixture
def opened(open_page):
    def open_it(**words):
        explore = open_page(address(models=GRU, text=TEXT, **words))
        explore.settle()
        return explore

    return open_it


def test_on_load_it_shows_the_held_step(opened):
    explore = opened(step=900, **{"from": 850})
    wait_seen(explore, 900)
    assert not sees(explore, 0)
    assert not sees(explore, len(TEXT) - 2)


def test_on_load_without_a_held_step_it_shows_where_the_window_begins(opened):
    explore = opened(**{"from": 400})
    wait_seen(explore, 400)
    assert not sees(explore, len(TEXT) - 2)


def test_a_click_in_a_picture_brings_its_character(opened):
    explore = opened(**{"from": 300, "columns": 900})
    explore.editor.evaluate("(area) => { area.scrollTop = area.scrollHeight }")
    start, stop = explore.window(GRU)
    place = (start + stop) // 2
    assert not sees(explore, place)
    explore.page.mouse.click(*explore.place(GRU, place - start, 40))
    explore.wait_at(place)
    wait_seen(explore, place)
    explore.area(GRU).focus()
    explore.page.keyboard.press("Home")
    explore.wait_at(0)
    wait_seen(explore, 0)


def test_the_overview_brings_where_the_window_goes(opened):
    explore = opened()
    strip = explore.page.locator("#overview [role=scrollbar]")
    box = strip.bounding_box()
    for share in (0.2, 0.6):
        explore.page.mouse.click(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
        explore.until(
            f"Math.abs(document.querySelector('[data-model]').dataset.window.split(':')[0] - {share * len(TEXT)}) < 120"
        )
        explore.settle()
        wait_seen(explore, explore.window(GRU)[0])


def test_after_a_large_paste_it_shows_its_beginning_as_the_pictures_do(opened):
    explore = opened()
    explore.editor.press("Control+A")
    explore.paste(PASTED)
    explore.settle(len(PASTED))
    assert explore.window(GRU)[0] == 0
    wait_seen(explore, 0)
    expect(explore.page.locator("#count")).to_have_text(f"{len(PASTED):,}")
