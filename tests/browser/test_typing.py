"""Whatever one does to the text, the picture is the one that a fresh run gives."""

from __future__ import annotations

import random

import pytest
from explore import address
from playwright.sync_api import expect

from app.settings import Settings

LINES = "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:\n"
LIMIT = Settings().text_limit_characters


def test_typed_fast(explore):
    explore.replace("")
    explore.page.keyboard.type(LINES)
    expect(explore.editor).to_have_value(LINES)
    explore.settle_and_check()


def test_one_key_at_a_time_the_steps_follow(explore):
    explore.replace("The ki")
    for character in "ng is":
        before = explore.text()
        explore.page.keyboard.type(character)
        explore.settle()
        assert explore.steps("shakespeare-lstm") == len(before) + 1
        explore.check()


def test_typed_in_the_middle(explore):
    whole = explore.text()
    explore.caret_to(40)
    explore.page.keyboard.type("so long ago, ")
    expect(explore.editor).to_have_value(whole[:40] + "so long ago, " + whole[40:])
    explore.settle_and_check()
    start, stop = explore.window("shakespeare-lstm")
    assert start <= 40 < stop, "the edit is not in view"


def test_deleted_and_undone(explore):
    whole = explore.text()
    explore.caret_to(30, 50)
    explore.page.keyboard.press("Backspace")
    expect(explore.editor).to_have_value(whole[:30] + whole[50:])
    explore.settle_and_check()
    explore.page.keyboard.press("Delete")
    explore.settle_and_check()
    explore.page.keyboard.press("Control+Z")
    explore.page.keyboard.press("Control+Z")
    expect(explore.editor).to_have_value(whole)
    explore.settle_and_check()


def test_emptied(explore):
    explore.replace("Gone.")
    explore.editor.press("Control+A")
    explore.page.keyboard.press("Backspace")
    expect(explore.editor).to_have_value("")
    explore.settle_and_check()
    assert not explore.pixels("shakespeare-gru").any()
    explore.page.keyboard.type("B")
    explore.settle_and_check()


def test_replaced_by_a_text_of_the_same_length(explore):
    whole = explore.text()
    explore.replace(whole[::-1])
    explore.settle_and_check(whole[::-1])


def test_many_edits_anywhere(explore):
    """As fast as the browser takes them, at places far apart; at the end nothing may be left of what was in between."""
    draw = random.Random(5)
    for _ in range(40):
        length = explore.editor.evaluate("(area) => area.value.length")
        start = draw.randrange(length)
        explore.caret_to(start, min(length, start + draw.choice([0, 0, 1, 3, 9])))
        explore.page.keyboard.type(draw.choice(["x", "of ", "\n", "Q!", "and the "]))
    explore.settle_and_check()


@pytest.mark.slow
def test_pasted_as_much_as_the_limit_takes(explore):
    """And read from both ends and the middle."""
    text = (LINES * (LIMIT // len(LINES) + 1))[:LIMIT]
    explore.editor.press("Control+A")
    explore.paste(text)
    expect(explore.editor).to_have_value(text)
    explore.settle_and_check()
    assert explore.window("shakespeare-lstm")[1] == LIMIT
    for place in (0, LIMIT // 2):
        explore.page.evaluate("(from) => document.querySelector('#overview [role=scrollbar]').focus()", place)
        explore.page.keyboard.press("Home")
        if place:
            box = explore.page.locator("#overview [role=scrollbar]").bounding_box()
            explore.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        explore.settle_and_check()
        start, stop = explore.window("shakespeare-lstm")
        assert start <= place <= stop
    explore.caret_to(10, 16)
    explore.page.keyboard.type("again ")
    explore.settle_and_check(text[:10] + "again " + text[16:])


def test_a_text_of_the_longest_length_can_be_edited_in_the_middle(explore):
    text = (LINES * (LIMIT // len(LINES) + 1))[: LIMIT - 50]
    explore.editor.press("Control+A")
    explore.paste(text)
    explore.settle()
    explore.caret_to(9_000)
    explore.page.keyboard.type("in the middle ")
    explore.settle_and_check(text[:9_000] + "in the middle " + text[9_000:])


def test_over_the_limit_the_server_says_why_and_the_text_stays(explore):
    text = (LINES * (LIMIT // len(LINES) + 1))[:LIMIT]
    explore.editor.press("Control+A")
    explore.paste(text + "and seven more")
    notice = explore.page.get_by_role("alert")
    expect(notice).to_contain_text(f"{LIMIT + 14:,} characters")
    expect(notice).to_contain_text(f"at most {LIMIT:,}")
    expect(explore.editor).to_have_value(text + "and seven more")
    for _ in range(14):
        explore.page.keyboard.press("Backspace")
    expect(explore.editor).to_have_value(text)
    explore.settle_and_check()
    expect(notice).to_be_hidden()
    explore.replace("Now short again.")
    explore.settle_and_check("Now short again.")


@pytest.mark.parametrize("place", [0, LIMIT - 20])
def test_over_the_limit_nothing_is_shown_over_other_characters(place, explore):
    """From the edit on the pictures are empty, wherever one looks; they come back when the text fits again."""
    text = (LINES * (LIMIT // len(LINES) + 1))[:LIMIT]
    explore.editor.press("Control+A")
    explore.paste(text)
    explore.settle()
    explore.caret_to(place)
    explore.page.keyboard.type("Z")
    notice = explore.page.get_by_role("alert")
    expect(notice).to_contain_text(f"{LIMIT + 1:,} characters")
    for key in ("Home", "End"):
        explore.page.locator("#overview [role=scrollbar]").press(key)
        explore.page.wait_for_timeout(400)
        for model in explore.models():
            start, stop = explore.window(model)
            assert stop <= max(place, start)
            assert (explore.pixels(model)[:, max(0, stop - start) :] == 0).all()
    explore.caret_to(place + 1)
    explore.page.keyboard.type("Y")
    expect(notice).to_contain_text(f"{LIMIT + 2:,} characters")
    explore.page.keyboard.press("Backspace")
    expect(notice).to_contain_text(f"{LIMIT + 1:,} characters")
    explore.page.keyboard.press("Backspace")
    expect(explore.editor).to_have_value(text)
    explore.settle_and_check()
    expect(notice).to_be_hidden()


def test_far_over_the_limit_and_over_the_largest_message(explore):
    """A megabyte that is pasted is not sent at all; the page says so itself, and goes on."""
    before = explore.text()
    size = Settings().message_limit_bytes
    explore.caret_to(len(before))
    explore.paste("Too much. " * (size // 10 + 1))
    expect(explore.page.get_by_role("alert")).to_contain_text(f"at most {LIMIT:,}")
    explore.page.keyboard.press("Control+Z")
    expect(explore.editor).to_have_value(before)
    explore.settle_and_check()
    explore.page.keyboard.type("And on.")
    explore.settle_and_check(before + "And on.")


def test_the_window_stays_where_it_is_read_while_the_text_grows_elsewhere(open_page):
    explore = open_page(address(models="shakespeare-gru", text=LINES * 4, columns=60, **{"from": 20}))
    explore.settle_and_check()
    assert explore.window("shakespeare-gru") == (20, 80)
    explore.caret_to(30)
    explore.page.keyboard.type("oh ")
    explore.settle_and_check()
    assert explore.window("shakespeare-gru") == (20, 80)
