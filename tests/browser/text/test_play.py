"""Play: the text types itself, and nothing of it is lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser.explore_page import address

TEXT = "KEEPER:\nThe king is come, my lord; the king is come.\n"
GRU = "shakespeare-gru"
LAPTOP = {"width": 1440, "height": 900}
"""Named where a page gets a clock of its own, which is one of its whole context."""


def open_it(open_page, **options):
    explore = open_page(address(models=f"{GRU},shakespeare-rnn", text=TEXT), **options)
    explore.settle()
    return explore


def position(explore):
    words = explore.page.locator("#play .where").inner_text()
    found = re.fullmatch(r"(\d+) of (\d+)", words)
    assert found is not None, words
    assert int(found[2]) == len(TEXT)
    return int(found[1])


def check_at(explore, steps):
    """Exactly `steps` characters are read and painted, and the whole text still stands in the editor."""
    explore.settle(steps)
    assert position(explore) == steps
    assert explore.text() == TEXT
    explore.check(TEXT[:steps])


def test_the_text_types_itself_and_can_be_paused(open_page):
    explore = open_it(open_page, viewport=LAPTOP)
    explore.page.clock.install()
    explore.page.get_by_role("combobox", name="Speed of play").select_option("50")
    explore.button("Play").click()
    explore.until(f"Number(document.querySelector('[data-model={GRU}]').dataset.steps) >= 5")
    explore.button("Pause").click()
    steps = position(explore)
    assert 0 < steps < len(TEXT)
    check_at(explore, steps)
    explore.page.clock.run_for(2000)
    check_at(explore, steps)
    explore.button("Play").click()
    explore.settle_and_check(TEXT)
    assert explore.text() == TEXT
    assert explore.page.locator("#play .where").inner_text() == ""


def test_forward_and_back_by_keyboard_from_the_editor(open_page):
    explore = open_it(open_page)
    explore.editor.focus()
    for steps in (len(TEXT) - 1, len(TEXT) - 2, len(TEXT) - 3):
        explore.page.keyboard.press("Control+,")
        check_at(explore, steps)
    explore.page.keyboard.press("Control+.")
    check_at(explore, len(TEXT) - 2)
    explore.page.keyboard.press("Escape")
    explore.settle_and_check(TEXT)


def test_play_and_pause_by_keyboard(open_page):
    explore = open_it(open_page)
    explore.editor.focus()
    explore.page.keyboard.press("Control+Enter")
    expect(explore.button("Pause")).to_be_visible()
    explore.until(f"Number(document.querySelector('[data-model={GRU}]').dataset.steps) >= 3")
    explore.page.keyboard.press("Control+Enter")
    expect(explore.button("Play")).to_be_visible()
    steps = position(explore)
    check_at(explore, steps)
    explore.page.keyboard.press("Control+,")
    check_at(explore, steps - 1)


def test_back_to_the_very_start_and_all_again(open_page):
    explore = open_it(open_page)
    for _ in range(len(TEXT)):
        explore.button("Step back").click()
    check_at(explore, 0)
    assert not explore.pixels(GRU).any()
    expect(explore.button("Step back")).to_be_disabled()
    explore.button("Step forward").click()
    check_at(explore, 1)
    explore.button("Read the whole text").click()
    explore.settle_and_check(TEXT)


def test_typing_ends_play_and_keeps_everything(open_page):
    explore = open_it(open_page)
    explore.caret_to(len(TEXT))
    for _ in range(5):
        explore.page.keyboard.press("Control+,")
    explore.settle(len(TEXT) - 5)
    explore.page.keyboard.type("And so on.")
    assert explore.text() == TEXT + "And so on."
    explore.settle_and_check(TEXT + "And so on.")


def test_emoji_are_played_one_step_each(open_page):
    text = "a🙂b🙂c"
    explore = open_page(address(models=GRU, text=text))
    explore.settle()
    for steps in (4, 3, 2, 1):
        explore.button("Step back").click()
        explore.settle(steps)
        explore.check(text[:steps])
    assert explore.text() == text


@pytest.mark.parametrize("speed", ["20", "50"])
def test_the_values_at_the_cursor_move_along(speed, open_page):
    explore = open_page(address(models="shakespeare-rnn,shakespeare-gru,shakespeare-lstm", text=TEXT * 3))
    explore.settle()
    explore.page.get_by_role("combobox", name="Speed of play").select_option(speed)
    explore.button("Play").click()
    seen = explore.page.evaluate(
        """async () => {
          const seen = [];
          const inspector = document.querySelector("#inspector");
          const [least, end] = [performance.now() + 2000, performance.now() + 20_000];
          while (performance.now() < least || (seen.length < 14 && performance.now() < end)) {
            const words = inspector.querySelector(".at").innerText;
            if (words !== seen.at(-1)?.[0]) seen.push([words, inspector.classList.contains("fading")]);
            await new Promise(requestAnimationFrame);
          }
          return seen;
        }"""
    )
    explore.button("Pause").click()
    steps = []
    for words, fading in seen[1:]:
        step, character = re.match(r"step (\d+) · (.+) · unit", words, re.DOTALL).groups()
        steps.append(int(step))
        assert character == {" ": "·", "\n": "↵"}.get((TEXT * 3)[int(step)], (TEXT * 3)[int(step)])
        assert not fading
    assert steps[1:] == sorted(steps[1:])
    assert len(set(steps)) >= 12, steps
