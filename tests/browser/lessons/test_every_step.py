"""Each step of each lesson: all blocks come, none is in error, and nothing is logged."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from app.lessons.parser import parse
from app.lessons.shelf import shipped
from tests.support.browser.lesson_page import SAMPLE, OpenLesson, lessons_of

FOLDERS = {name: folder for folder in (SAMPLE, shipped()) for name in lessons_of(folder)}


def steps_of(name: str) -> int:
    return len(parse(f"{name}.md", (FOLDERS[name] / f"{name}.md").read_text(encoding="utf-8")).steps)


@pytest.mark.parametrize("name", FOLDERS)
def test_each_step_comes_whole(open_lesson: OpenLesson, name: str) -> None:
    page = open_lesson(name, "1")
    count = steps_of(name)
    assert count == len(page.titles()) > 0
    for k in range(count):
        page.ready()
        expect(page.page.locator("#where")).to_have_text(f"{k + 1} of {count}")
        expect(page.step.locator("h2")).to_have_text(page.titles()[k])
        assert page.step.inner_text().strip() != page.titles()[k], "a step says something before the first click"
        expect(page.lab.locator("[data-model] canvas.heatmap").first).to_be_visible()
        if k + 1 < count:
            page.press("ArrowRight")
    assert page.page.locator("section.step [data-block=error], .words > header .mistake").count() == 0
