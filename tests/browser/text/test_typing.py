"""Whatever one does to the text, the picture is the one that a fresh run gives."""

from __future__ import annotations

import random

import pytest
from playwright.sync_api import expect

from scripts.browser import Server
from tests.support.browser.explore_page import address

LINES = "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:\n"


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


LIMIT = 3_000
FULL = (LINES * (LIMIT // len(LINES) + 1))[:LIMIT]


@pytest.fixture(scope="module")
def narrow_server():
    """A server that reads short texts only."""
    with Server(HIDDEN_STATE_TEXT_LIMIT_CHARACTERS=str(LIMIT)) as running:
        yield running


@pytest.fixture
def narrow(narrow_server, open_page):
    explore = open_page(at=narrow_server)
    explore.settle()
    return explore


def test_pasted_as_much_as_the_limit_takes(narrow):
    narrow.editor.press("Control+A")
    narrow.paste(FULL)
    narrow.settle_on(FULL)
    assert narrow.window("shakespeare-lstm")[0] == 0, "the start is shown, which is read first"
    narrow.caret_to(LIMIT)
    narrow.page.keyboard.press("Backspace")
    narrow.settle_and_check(FULL[:-1])
    assert narrow.window("shakespeare-lstm")[1] == LIMIT - 1


def test_over_the_limit_the_page_says_why_and_the_text_stays(narrow):
    narrow.editor.press("Control+A")
    narrow.paste(FULL + "and seven more")
    notice = narrow.page.get_by_role("alert")
    expect(notice).to_contain_text(f"{LIMIT + 14:,} characters")
    expect(notice).to_contain_text(f"at most {LIMIT:,}")
    expect(narrow.editor).to_have_value(FULL + "and seven more")
    for _ in range(14):
        narrow.page.keyboard.press("Backspace")
    narrow.settle_on(FULL)
    expect(notice).to_be_hidden()
    narrow.replace("Now short again.")
    narrow.settle_and_check("Now short again.")


@pytest.mark.parametrize(("place", "keys"), [(0, ("End", "Home")), (LIMIT - 20, ("Home", "End"))])
def test_over_the_limit_nothing_is_shown_over_other_characters(place, keys, narrow):
    """From the edit on the pictures are empty, wherever one looks; they come back when the text fits again."""
    received = []
    narrow.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(frame)))
    narrow.page.reload()
    narrow.settle()
    narrow.editor.press("Control+A")
    narrow.paste(FULL)
    narrow.settle()
    narrow.caret_to(place)
    narrow.page.keyboard.type("Z")
    notice = narrow.page.get_by_role("alert")
    expect(notice).to_contain_text(f"{LIMIT + 1:,} characters")
    for key in keys:
        before = len(received)
        narrow.page.locator("#overview [role=scrollbar]").press(key)
        # The server knows the text before, and sends the columns of that.
        narrow.comes_to(lambda before=before: len(received) >= before + len(narrow.models()), True)
        narrow.frames()
        for model in narrow.models():
            start, stop = narrow.window(model)
            assert stop <= max(place, start)
            assert (narrow.pixels(model)[:, max(0, stop - start) :] == 0).all()
    narrow.caret_to(place + 1)
    narrow.page.keyboard.type("Y")
    expect(notice).to_contain_text(f"{LIMIT + 2:,} characters")
    narrow.page.keyboard.press("Backspace")
    expect(notice).to_contain_text(f"{LIMIT + 1:,} characters")
    narrow.page.keyboard.press("Backspace")
    narrow.settle_on(FULL)
    expect(notice).to_be_hidden()


def test_far_over_the_limit_nothing_freezes_and_nothing_is_lost(narrow):
    """Megabytes that are pasted are not sent at all; the page says so itself, and goes on."""
    before = narrow.text()
    narrow.caret_to(len(before))
    narrow.paste("Too much. " * 1_000_000)
    expect(narrow.page.get_by_role("alert")).to_contain_text(f"at most {LIMIT:,}")
    narrow.page.keyboard.press("Control+Z")
    expect(narrow.editor).to_have_value(before)
    narrow.settle_and_check()
    narrow.page.keyboard.type("And on.")
    narrow.settle_and_check(before + "And on.")


def test_the_window_stays_where_it_is_read_while_the_text_grows_elsewhere(open_page):
    explore = open_page(address(models="shakespeare-gru", text=LINES * 4, columns=60, **{"from": 20}))
    explore.settle_and_check()
    assert explore.window("shakespeare-gru") == (20, 80)
    explore.caret_to(30)
    explore.page.keyboard.type("oh ")
    explore.settle_and_check()
    assert explore.window("shakespeare-gru") == (20, 80)
