"""The page with a text that its editor holds only a slice of."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.browser.explore_page import Explore

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
