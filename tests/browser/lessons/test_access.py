"""Lessons for those who do not see them, or use no mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.browser.access import SIZES, THEMES, check
from tests.support.browser.lesson_page import OpenLesson


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing(size: str, open_lesson: OpenLesson) -> None:
    width, height = SIZES[size]
    page = open_lesson(viewport={"width": width, "height": height}, reduced_motion="reduce")
    for step in ("1", "2", "3"):
        page.page.evaluate("(hash) => { location.hash = hash }", step)
        expect(page.page.locator("#where")).to_have_text(f"{step} of 3")
        page.ready()
        if step == "2":
            page.block("ask").nth(1).get_by_label("the gated one").check()
            page.block("ask").nth(1).get_by_role("button", name="Measure it").click()
            expect(page.block("ask").nth(1).locator(".truth")).to_be_visible()
        for theme in THEMES:
            page.page.emulate_media(color_scheme=theme)
            check(page.page, f"{size} {theme} step {step}")
    for path in ("lessons", "lessons/01-echo?notes"):
        page.page.goto(f"{page.server.url}/{path}")
        for theme in THEMES:
            page.page.emulate_media(color_scheme=theme)
            check(page.page, f"{size} {theme} {path}")


def test_a_lesson_can_be_gone_through_without_a_mouse(open_lesson: OpenLesson) -> None:
    page = open_lesson(step="2")
    page.ready()
    expect(page.step.locator("h2")).to_be_focused()
    page.page.keyboard.press("Tab")
    expect(page.block("ask").first.get_by_label("Your guess:")).to_be_focused()
    page.page.keyboard.type("12")
    page.page.keyboard.press("Enter")
    expect(page.block("ask").first.locator(".truth")).to_be_visible()
    page.page.keyboard.press("PageDown")
    expect(page.page.locator("#where")).to_have_text("3 of 3")
    expect(page.step.locator("h2")).to_be_focused()
