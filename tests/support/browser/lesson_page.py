"""A lesson as a test sees it: its steps and blocks, and the laboratory beside the words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import FrameLocator, Locator, Page, expect

from scripts.browser import Server
from tests.support.browser.explore_page import WATCH
from tests.support.paths import ROOT

SAMPLE = ROOT / "tests" / "support" / "lessons"
"""A folder with a lesson of every kind of block."""

BLOCKS = "section.step:not([hidden]) [data-block]"


class LessonPage:
    """One open lesson; `faults` is all that it logged as an error."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        self.server = server
        self.faults: list[str] = []
        page.add_init_script(WATCH)
        page.on("console", lambda message: message.type == "error" and self.faults.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))

    def open(self, lesson: str, step: str = "") -> None:
        self.page.goto(f"{self.server.url}/lessons/{lesson}{step and '#'}{step}")

    def check_faults(self) -> None:
        """No page or frame has logged an error or broken its policy."""
        found = [fault for frame in self.page.frames for fault in frame.evaluate("globalThis.faults ?? []")]
        assert [*self.faults, *found] == []

    @property
    def lab(self) -> FrameLocator:
        return self.page.frame_locator("#lab")

    @property
    def text(self) -> Locator:
        """The lab's text box."""
        return self.lab.locator("#text")

    @property
    def step(self) -> Locator:
        """The step on the screen."""
        return self.page.locator("section.step:visible")

    def block(self, name: str) -> Locator:
        return self.step.locator(f"hs-{name}")

    def ready(self) -> None:
        """Wait until every block of the step is; none may be in error."""
        blocks = self.page.locator(BLOCKS)
        for block in blocks.all():
            expect(block, f"{block.get_attribute('data-state')}: {block.inner_text()}").to_have_attribute(
                "data-block", "ready"
            )

    def titles(self) -> list[str]:
        return [one.get_attribute("title") or "" for one in self.page.locator(".dots a").all()]

    def press(self, key: str) -> None:
        """A key on the page itself, not in the lab."""
        self.page.evaluate("() => { document.activeElement?.blur(); window.focus(); }")
        self.page.keyboard.press(key)


OpenLesson = Callable[..., LessonPage]


def lessons_of(folder: Path) -> list[str]:
    """The lessons of a folder, by their ids."""
    return [path.stem for path in sorted(folder.glob("*.md")) if path.name != "README.md"]
