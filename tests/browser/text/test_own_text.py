"""A text of one's own is never lost without a word, and what the page says stands over it and goes away."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.browser.explore_page import Explore, address, by_number

GRU = "shakespeare-gru"
MINE = "A text of my own, that nobody else has."


# Another view is opened in the very moment in which the last letter was typed.
TYPE_AND_GO = """([own, hash]) => {
  document.execCommand("selectAll");
  document.execCommand("insertText", false, own);
  location.hash = hash;
}"""


def notice(explore: Explore):
    return explore.page.locator("#notice")


def test_undo_takes_back_a_word_at_a_time(open_page):
    explore = open_page(address(models=GRU, text="Begin: "))
    explore.settle()
    explore.caret_to(7)
    explore.page.keyboard.type("one two  three", delay=5)
    explore.settle_on("Begin: one two  three")
    for left in ("one two  ", "one ", ""):
        explore.page.keyboard.press("Control+Z")
        expect(explore.editor).to_have_value(f"Begin: {left}")
    expect(explore.button("Undo")).to_be_disabled()
    explore.button("Redo").click()
    expect(explore.editor).to_have_value("Begin: one ")
    explore.settle_on("Begin: one ")


def test_the_text_of_a_closed_tab_is_offered_back(open_page):
    tab = open_page(address(models=GRU, text="To be"))
    tab.settle()
    tab.replace(MINE)
    tab.settle_on(MINE)
    tab.until("localStorage.getItem('last-text') !== null")
    tab.page.close()
    again = open_page()
    again.visit()
    again.settle()
    assert again.text() != MINE
    expect(notice(again)).to_contain_text(f"The text that you wrote here last is kept: {len(MINE)} characters.")
    again.button("bring it back").click()
    expect(again.editor).to_have_value(MINE)
    expect(notice(again)).to_be_hidden()
    # the first page of this test is closed, and has nothing more to tell
    tab.check_faults = tab.forget = lambda: None


def test_a_sample_takes_the_place_of_ones_own_text_with_a_word_and_of_a_sample_without(open_page):
    explore = open_page()
    explore.settle()
    sample = explore.text()
    samples = explore.choice("Sample")
    other = samples.evaluate(
        "(select) => [...select.options].find((one) => one.value && !one.disabled && one.value !== select.value).value"
    )
    samples.select_option(other)
    explore.until(f"document.querySelector('#text').value !== {sample!r}")
    expect(notice(explore)).to_be_hidden()
    explore.replace(MINE)
    explore.settle_on(MINE)
    samples.select_option(other)
    expect(notice(explore)).to_contain_text("The sample has taken the place of your text. “Undo” brings it back.")
    explore.button("Undo").click()
    explore.settle_on(MINE)


def test_an_address_opened_over_ones_own_text_says_so(open_page):
    explore = open_page(address(models=GRU, text="To be"))
    explore.settle()
    explore.editor.focus()
    explore.page.evaluate(TYPE_AND_GO, [MINE, by_number(address(models=GRU, text="Of another."))])
    expect(notice(explore)).to_contain_text("The text of this address has taken the place of yours.")
    explore.settle_on("Of another.")
    explore.button("Undo").click()
    explore.settle_on(MINE)


def test_a_notice_lies_over_the_page_and_goes_by_itself(open_page):
    explore = open_page(address(models=GRU, text="To be"))
    explore.settle()
    top = "(one) => document.querySelector(one).getBoundingClientRect().top"
    places = f"['#editor', '#panels', '#overview', '.side'].map({top})"
    before = explore.page.evaluate(places)
    explore.button("Share").click()
    expect(notice(explore)).to_be_visible()
    assert explore.page.evaluate(places) == before
    box = notice(explore).bounding_box()
    assert box["y"] + box["height"] <= explore.page.viewport_size["height"]
    explore.page.mouse.move(3, 3)
    expect(notice(explore)).to_be_hidden(timeout=20_000)
    explore.button("Share").click()
    notice(explore).get_by_role("button", name="dismiss").click()
    expect(notice(explore)).to_be_hidden()


def test_ctrl_f_finds_in_the_text_from_anywhere(open_page):
    explore = open_page(address(models=GRU, text=f"Some words. {MINE}"))
    explore.settle()
    words = explore.page.get_by_role("textbox", name="Find", exact=True)
    starts = {
        "the page": lambda: explore.page.evaluate("document.activeElement.blur()"),
        "a picture": lambda: explore.area(GRU).focus(),
        "a choice": lambda: explore.choice("Signal").focus(),
        "a button": lambda: explore.button("Share").focus(),
        "the editor": lambda: explore.editor.focus(),
    }
    for where, start in starts.items():
        start()
        explore.page.keyboard.press("Control+F")
        expect(words, f"from {where}").to_be_focused()
        words.fill("nobody")
        explore.page.keyboard.press("Enter")
        selected = explore.editor.evaluate("(area) => area.value.slice(area.selectionStart, area.selectionEnd)")
        assert selected == "nobody", where
        explore.page.keyboard.press("Escape")
        expect(words).to_be_hidden()


@pytest.mark.parametrize("name", ["server.log", "notes.md", "script.py", "README", "words.txt"])
def test_the_file_picker_takes_any_file_of_plain_text(name, open_page):
    explore = open_page(address(models=GRU, text="To be"))
    explore.settle()
    assert explore.page.locator("#file").get_attribute("accept") is None
    with explore.page.expect_file_chooser() as chooser:
        explore.button("Open …").click()
    chooser.value.set_files([{"name": name, "mimeType": "", "buffer": b"def f(x):\n    return x\n"}])
    expect(notice(explore)).to_contain_text(f"“{name}” is open.")
    explore.settle_on("def f(x):\n    return x\n")
