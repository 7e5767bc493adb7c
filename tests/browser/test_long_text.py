"""Texts that the editor holds only a slice of: whatever one does in the slice is done to the whole."""

from __future__ import annotations

import random

import pytest
from playwright.sync_api import expect

from tests.support.explore_page import Explore, address

GRU = "shakespeare-gru"
LINE = "Shall I compare thee to a summer's day, and call it {}?\n"
NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
BOOK = "".join(LINE.format(" ".join(NUMBERS[int(digit)] for digit in str(k))) for k in range(1_000))
NEEDLE = LINE.format("seven seven seven")  # stands there once
assert len(BOOK) > 60_000
assert BOOK.count(NEEDLE) == 1


class Long(Explore):
    """The page with a long text, read by one small model."""

    def put(self, text: str) -> None:
        self.editor.press("Control+A")
        self.paste(text)

    def whole(self) -> str:
        """All of the text, through the clipboard."""
        self.page.evaluate("navigator.clipboard.writeText('')")
        self.editor.press("Control+A")
        self.page.keyboard.press("Control+C")
        return str(self.page.evaluate("navigator.clipboard.readText()"))

    def go_to(self, step: int) -> None:
        """The caret before a step, and back in the editor."""
        self.editor.press("Control+G")
        self.page.keyboard.type(str(step))
        self.page.keyboard.press("Enter")
        self.page.keyboard.press("Escape")
        expect(self.editor).to_be_focused()

    def count(self) -> int:
        return int(self.page.locator("#count").inner_text().replace(",", ""))

    def find(self, words: str) -> None:
        self.editor.press("Control+F")
        self.page.get_by_role("textbox", name="Find", exact=True).fill(words)

    def told(self, words: str) -> None:
        expect(self.page.locator("#found")).to_contain_text(words)


@pytest.fixture
def blank(open_page):
    """No text yet."""
    explore = open_page(address(models=GRU, text="To be"))
    explore.__class__ = Long
    explore.settle()
    return explore


@pytest.fixture
def long(blank):
    """The book, pasted and read."""
    blank.put(BOOK)
    blank.settle_and_check(BOOK)
    return blank


# ── how it comes in ──────────────────────────────────────────────────────────────────────────────────────


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


# ── editing ──────────────────────────────────────────────────────────────────────────────────────────────


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


# ── play ─────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── finding ──────────────────────────────────────────────────────────────────────────────────────────────


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


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────


def open_file(explore, data: bytes, name: str = "book.txt") -> None:
    with explore.page.expect_file_chooser() as chooser:
        explore.button("Open …").click()
    chooser.value.set_files({"name": name, "mimeType": "text/plain", "buffer": data})


def drop(explore, data: bytes) -> None:
    explore.page.evaluate(
        """(bytes) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([new Uint8Array(bytes)], "dropped.txt"));
          const fire = (name) => {
            const event = new DragEvent(name, { dataTransfer, bubbles: true, cancelable: true });
            document.querySelector("#inspector").dispatchEvent(event);
          };
          fire("dragenter");
          globalThis.hinted = !document.querySelector("#drop").hidden;
          fire("dragover");
          fire("drop");
        }""",
        list(data),
    )


def test_a_file_takes_the_place_of_the_text_and_undo_brings_that_back(blank):
    open_file(blank, BOOK.encode())
    blank.settle_and_check(BOOK)
    assert blank.window(GRU)[0] == 0
    notice = blank.page.get_by_role("alert")
    expect(notice).to_contain_text("“book.txt” is open")
    assert blank.whole() == BOOK
    blank.button("Undo").click()
    blank.settle_on("To be")
    expect(notice).to_be_hidden()
    blank.button("Redo").click()
    blank.settle_and_check(BOOK)


def test_a_file_may_be_dropped_anywhere(blank):
    drop(blank, "Dropped.\r\nCafé\n".encode())
    blank.settle_on("Dropped.\nCafé\n")
    assert blank.page.evaluate("hinted")
    assert blank.page.locator("#drop").is_hidden()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"caf\xe9 au lait", "byte 3, counted from 0, is 0xe9"),
        (b"", "is empty"),
        (b"PK\x03\x04\x00", "byte 4, counted from 0, is zero"),
        (b"x" * 2_000_001, "2,000,001 characters; this server reads at most 2,000,000 characters"),
    ],
)
def test_what_cannot_be_opened_is_told_and_the_text_stays(data, told, blank):
    open_file(blank, data)
    expect(blank.page.get_by_role("alert")).to_contain_text(told)
    blank.settle_on("To be")
    expect(blank.button("Undo")).to_be_disabled()


# ── the size that it is all for ──────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_a_million_characters(blank):
    text = (BOOK * 16)[:1_000_000]
    blank.put(text)
    blank.until(f"Number(document.querySelector('[data-model={GRU}]').dataset.steps) > 0")
    assert blank.window(GRU)[0] == 0
    blank.editor.press("Control+End")
    blank.page.keyboard.type("Typed before all is read. ")
    text += "Typed before all is read. "
    blank.settle(len(text))
    blank.go_to(500_000)
    blank.page.keyboard.type("Typed in the middle. ")
    text = text[:500_000] + "Typed in the middle. " + text[500_000:]
    blank.settle_and_check(text)
    assert blank.whole() == text
