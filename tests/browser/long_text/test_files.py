"""A file in the place of the text, opened or dropped; and a text of the size that all this is for."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.browser.long_text_page import BOOK, GRU


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
        (b"\x7fELF\x00", "byte 4, counted from 0, is zero"),
        (b"x" * 2_000_001, "2,000,001 characters; this server reads at most 2,000,000 characters"),
    ],
)
def test_what_cannot_be_opened_is_told_and_the_text_stays(data, told, blank):
    open_file(blank, data)
    expect(blank.page.get_by_role("alert")).to_contain_text(told)
    blank.settle_on("To be")
    expect(blank.button("Undo")).to_be_disabled()


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
