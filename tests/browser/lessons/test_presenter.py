"""Presenter mode: letters for a projector, a clicker, a reveal, a pen, notes with a clock in a window of their own."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.support.browser.lesson_page import LessonPage, OpenLesson

PROJECTOR = {"width": 1280, "height": 720}
SMALL_LETTERS = """() => [...document.querySelectorAll("section.step:not([hidden]) *, .foot *, .words h1")]
  .filter((one) => one.checkVisibility() && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .filter((one) => !one.closest(".visually-hidden"))
  .filter((one) => parseFloat(getComputedStyle(one).fontSize) < 23)
  .map((one) => `${one.tagName}.${one.className}: ${one.textContent}`)"""


def presenting(open_lesson: OpenLesson, step: str = "1") -> LessonPage:
    page = open_lesson(step=step, viewport=PROJECTOR)
    page.ready()
    page.press("p")
    expect(page.page.locator("#presenter")).to_be_visible()
    return page


def test_letters_can_be_read_from_the_third_row(open_lesson: OpenLesson) -> None:
    page = presenting(open_lesson)
    for _ in range(3):
        page.ready()
        assert page.page.evaluate(SMALL_LETTERS) == []
        assert page.page.evaluate("document.documentElement.scrollWidth") <= 1280
        page.press("ArrowRight")
    expect(page.page.locator(".top")).to_be_hidden()


def test_a_clicker_reveals_first_and_then_goes_on(open_lesson: OpenLesson) -> None:
    page = presenting(open_lesson, "2")
    page.press("PageDown")
    first, second = page.block("ask").nth(0), page.block("ask").nth(1)
    expect(first.locator(".truth dd")).to_have_text(re.compile("characters$"))
    expect(first.locator(".guessed dd")).to_have_text("–")
    page.press("r")
    expect(second.locator(".truth dd")).to_have_text("the gated one")
    where = page.page.locator("#where")
    for _ in range(3):  # what is below the screen comes first
        if where.inner_text() == "2 of 3":
            page.press("PageDown")
    expect(where).to_have_text("3 of 3")
    page.press("PageUp")
    expect(where).to_have_text("2 of 3")


def test_a_clicker_works_wherever_the_lab_has_the_keyboard(open_lesson: OpenLesson) -> None:
    page = presenting(open_lesson, "3")
    page.text.focus()
    page.text.press("PageUp")
    expect(page.page.locator("#where")).to_have_text("2 of 3")


def test_the_pen_the_sharing_and_leaving(open_lesson: OpenLesson) -> None:
    page = presenting(open_lesson)
    page.press("l")
    cursor = "getComputedStyle(document.body).cursor"
    assert "pen.svg" in page.page.evaluate(cursor)
    lab = page.lab.locator("html")
    expect(lab).to_have_class(re.compile("pen"))
    assert "pen.svg" in page.page.frames[-1].evaluate(cursor)
    page.press("f")
    expect(page.step).to_have_count(0)
    box = page.page.locator(".beside").bounding_box()
    assert box is not None
    assert box["width"] == 1280
    page.press("f")
    expect(page.step).to_be_visible()
    expect(page.page.locator("#lab")).to_be_hidden()
    page.press("f")
    page.press("Escape")
    expect(page.page.locator("#presenter")).to_be_hidden()
    expect(page.page.locator(".top")).to_be_visible()
    assert "pen.svg" not in page.page.evaluate(cursor)


def test_the_notes_follow_in_a_window_of_their_own_with_a_clock(open_lesson: OpenLesson) -> None:
    page = presenting(open_lesson)
    assert page.page.get_by_text("Two minutes.").count() == 0
    with page.page.expect_popup() as came:
        page.press("n")
    notes = came.value
    expect(notes.locator(".note:visible")).to_contain_text("Let them type their own names first. Two minutes.")
    expect(notes.locator(".note:visible")).to_contain_text("Next: An echo dies away")
    expect(notes.locator("#clock")).to_have_text(re.compile(r"^\d:\d\d$"))
    expect(notes.locator("#alone")).to_be_hidden()
    page.page.locator("#next").click()
    expect(notes.locator(".note:visible h1")).to_have_text("An echo dies away")
    expect(notes.locator(".note:visible")).to_contain_text("No notes for this step.")
    notes.locator("body").press("PageUp")
    expect(page.page.locator("#where")).to_have_text("1 of 3")
    expect(notes.locator("#where")).to_have_text("1 of 3")
    notes.close()
