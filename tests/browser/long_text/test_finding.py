"""Finding words and steps in a text of which the editor holds only a slice."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.browser.long_text_page import BOOK, GRU, NEEDLE


def test_found_words_are_shown_everywhere(long):
    place = BOOK.index(NEEDLE)
    long.editor.press("Control+Home")
    long.find(NEEDLE.strip().upper())
    long.told("1 match")
    long.wait_at(place)
    start, stop = long.window(GRU)
    assert start <= place < stop
    assert NEEDLE in long.text()
    long.page.keyboard.press("Escape")
    expect(long.editor).to_be_focused()
    long.page.keyboard.type("found")
    text = BOOK[:place] + "found" + BOOK[place + len(NEEDLE.strip()) :]
    long.settle_and_check(text)
    assert long.whole() == text


def test_the_next_and_the_one_before_and_round_the_end(long):
    places = [k for k in range(len(BOOK)) if BOOK.startswith("nine nine", k)]
    long.editor.press("Control+Home")
    long.find("nine nine")
    long.wait_at(places[0])
    for place in places[1:4]:
        long.page.keyboard.press("Enter")
        long.wait_at(place)
    for place in [*places[2::-1], places[-1]]:
        long.page.keyboard.press("Shift+Enter")
        long.wait_at(place)
    long.told("from the end again")
    long.page.keyboard.press("F3")
    long.wait_at(places[0])
    long.told("from the start again")


def test_without_a_match_it_says_so_and_nothing_moves(long):
    long.go_to(5_000)
    long.find("Nine")
    long.told("matches")
    long.page.get_by_role("checkbox", name="match case").check()
    long.told("no match")
    before = long.window(GRU)
    long.page.get_by_role("textbox", name="Find", exact=True).fill("(.*)")
    long.told("no match")
    assert long.window(GRU) == before


def test_to_a_step_and_not_to_one_that_there_is_not(long):
    long.area(GRU).press("Control+G")
    field = long.page.get_by_role("textbox", name="Step", exact=True)
    for wrong in ("", "x", "-1", "1.5", str(len(BOOK))):
        field.fill(wrong)
        field.press("Enter")
        long.told(f"a number from 0 to {len(BOOK) - 1:,}")
    field.fill("#12,345")
    field.press("Enter")
    long.wait_at(12_345)
    assert long.at()[1] == {" ": "·", "\n": "↵"}.get(BOOK[12_345], BOOK[12_345])
    long.button("Close").click()
    expect(long.page.get_by_role("search")).to_be_hidden()
