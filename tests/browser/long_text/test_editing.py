"""Texts that the editor holds only a slice of: whatever one does in the slice is done to the whole."""

from __future__ import annotations

import random

from playwright.sync_api import expect

from tests.support.browser.long_text_page import BOOK, GRU


def test_of_a_long_text_the_editor_holds_a_slice_and_the_start_is_shown(long):
    assert len(long.text()) < 20_000
    assert long.text() in BOOK
    assert long.count() == len(BOOK)
    assert long.window(GRU)[0] == 0


def test_filled_in_by_a_script_it_is_the_same(blank):
    blank.editor.fill(BOOK)
    blank.settle_and_check(BOOK)
    assert blank.whole() == BOOK
    blank.editor.evaluate("(area, text) => { area.value = text; area.dispatchEvent(new Event('input')) }", BOOK[::-1])
    blank.settle_and_check(BOOK[::-1])
    assert blank.whole() == BOOK[::-1]
    blank.editor.fill("short")
    blank.settle_on("short")


def test_a_reload_keeps_it(long):
    long.go_to(30_000)
    long.page.keyboard.type("kept ")
    text = BOOK[:30_000] + "kept " + BOOK[30_000:]
    long.settle(len(text))
    long.page.reload()
    long.settle_and_check(text)
    assert long.whole() == text


def test_typed_at_the_end_in_the_middle_and_at_the_start(long):
    text = BOOK
    for key, place in (("Control+End", len(BOOK)), (None, 31_416), ("Control+Home", 0)):
        if key is None:
            long.go_to(place)
        else:
            long.editor.press(key)
        long.page.keyboard.type("Here I type. ")
        text = text[:place] + "Here I type. " + text[place:]
        long.settle_and_check(text)
        start, stop = long.window(GRU)
        assert start <= place < stop
    assert long.whole() == text
    for _ in range(9):  # each time three words
        long.page.keyboard.press("Control+Z")
    long.settle_and_check(BOOK)
    assert long.whole() == BOOK


def test_all_is_copied_cut_pasted_deleted_and_typed_over(long):
    assert long.whole() == BOOK
    long.page.keyboard.press("Control+X")
    long.settle_and_check("")
    long.page.keyboard.press("Control+V")
    long.settle_and_check(BOOK)
    assert long.whole() == BOOK
    long.page.keyboard.type("Over")
    long.settle_on("Over")
    long.page.keyboard.press("Control+Z")
    long.settle_and_check(BOOK)
    long.editor.press("Control+A")
    long.page.keyboard.press("Delete")
    long.settle_on("")
    for _ in range(9):
        long.page.keyboard.press("Control+Z")
    long.settle_on("To be")
    for _ in range(9):
        long.page.keyboard.press("Control+Y")
    long.settle_on("")


def test_the_keys_of_the_caret_go_through_the_whole_text(long):
    long.editor.press("Control+End")
    long.page.keyboard.press("Control+Home")
    for _ in range(700):
        long.page.keyboard.press("ArrowDown")
    long.page.keyboard.type("@")
    place = sum(len(line) + 1 for line in BOOK.split("\n")[:700])
    assert long.whole() == BOOK[:place] + "@" + BOOK[place:]


def test_keys_that_come_faster_than_the_browser_tells_of_the_caret_do_not_end_at_the_slice(long):
    """No event of the caret or of scrolling is heard while the keys come, as on a busy machine."""
    long.page.evaluate(
        """() => {
          globalThis.deaf = true;
          const stop = (event) => deaf && event.stopImmediatePropagation();
          for (const kind of ["selectionchange", "scroll"]) addEventListener(kind, stop, { capture: true });
        }"""
    )
    long.editor.press("Control+Home")
    for _ in range(120):
        long.page.keyboard.press("ArrowDown")
    long.page.evaluate("globalThis.deaf = false")
    long.page.keyboard.type("@")
    place = sum(len(line) + 1 for line in BOOK.split("\n")[:120])
    assert long.whole() == BOOK[:place] + "@" + BOOK[place:]


def test_a_selection_may_be_longer_than_the_slice(long):
    long.go_to(20_000)
    for _ in range(500):
        long.page.keyboard.press("Shift+ArrowDown")
    long.frames()  # the browser has told of the selection
    long.page.keyboard.press("Control+C")
    copied = str(long.page.evaluate("navigator.clipboard.readText()"))
    assert copied.count("\n") == 500
    assert BOOK[20_000:].startswith(copied)
    long.page.keyboard.type("?")
    text = BOOK[:20_000] + "?" + BOOK[20_000 + len(copied) :]
    long.settle_and_check(text)
    assert long.whole() == text
    long.go_to(20_001)
    long.page.keyboard.press("Control+Shift+Home")
    long.page.keyboard.press("Backspace")
    long.settle_and_check(text[20_001:])


def test_what_is_typed_after_scrolling_away_goes_to_the_caret(long):
    long.go_to(1_000)
    box = long.editor.bounding_box()
    long.page.mouse.move(box["x"] + 60, box["y"] + 20)
    for _ in range(60):
        long.page.mouse.wheel(0, 300)
        long.frames()
    long.comes_to(lambda: BOOK.index(long.text()) > 5_000, True)  # the slice goes along
    long.page.keyboard.type("x")
    assert long.whole() == BOOK[:1_000] + "x" + BOOK[1_000:]


def test_the_bar_tells_of_the_whole_text_and_goes_anywhere(long):
    long.editor.press("Control+Home")
    bar = long.page.locator(".scroller")
    expect(bar).to_be_visible()
    box = bar.bounding_box()
    long.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.5)
    long.until("document.querySelector('#text').scrollTop > 0")
    middle = BOOK.index(long.text()) + len(long.text()) / 2
    assert abs(middle - len(BOOK) / 2) < len(BOOK) / 8
    long.editor.fill("short")
    expect(bar).to_be_hidden()


def test_words_that_an_input_method_composes(long):
    session = long.page.context.new_cdp_session(long.page)
    long.go_to(40_000)
    for part in ("t", "th", "the"):
        session.send("Input.imeSetComposition", {"text": part, "selectionStart": len(part), "selectionEnd": len(part)})
    session.send("Input.insertText", {"text": "thé"})
    text = BOOK[:40_000] + "thé" + BOOK[40_000:]
    long.settle_and_check(text)
    assert long.whole() == text
    session.send("Input.imeSetComposition", {"text": "a", "selectionStart": 1, "selectionEnd": 1})
    session.send("Input.insertText", {"text": "all"})
    long.settle_on("all")


def test_edits_anywhere_one_after_the_other(long):
    """Against a Python string; places count code points, of which some take two units."""
    draw = random.Random(8)
    text = BOOK[:30_000] + "🙂🙃" * 20 + BOOK[30_000:]
    long.put(text)
    for _ in range(25):
        place = draw.choice([draw.randrange(len(text)), 30_000 + draw.randrange(40)])
        long.go_to(place)
        act = draw.choice(["type", "delete", "backspace", "over", "paste", "undo"])
        if act == "type":
            long.page.keyboard.insert_text("so 🙂 ")
            text = text[:place] + "so 🙂 " + text[place:]
        elif act == "delete":
            long.page.keyboard.press("Delete")
            text = text[:place] + text[place + 1 :]
        elif act == "backspace":
            long.page.keyboard.press("Backspace")
            text = text[: max(0, place - 1)] + text[place:]
        elif act == "over":
            for _ in range(3):
                long.page.keyboard.press("Shift+ArrowRight")
            long.page.keyboard.type("#")
            text = text[:place] + "#" + text[place + 3 :]
        elif act == "paste":
            long.paste("pasted\r\nlines\n")
            text = text[:place] + "pasted\nlines\n" + text[place:]
        else:
            long.page.keyboard.type("gone")
            long.page.keyboard.press("Control+Z")
    assert long.whole() == text
    long.settle_and_check(text)


def test_play_goes_back_and_on_in_a_long_text(long):
    for _ in range(2):
        long.editor.press("Control+,")
    long.settle(len(BOOK) - 2)
    long.check(BOOK[:-2])
    long.page.keyboard.press("Control+.")
    long.settle(len(BOOK) - 1)
    long.check(BOOK[:-1])
    assert BOOK.endswith(long.text()), "what is played is in view"
    long.page.keyboard.press("Escape")
    long.settle_and_check(BOOK)
