"""Going through a lesson: keys, addresses, what stays, and the list with what was seen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser.lesson_page import LessonPage, OpenLesson
from tests.support.patience import wait_for

OWN = "My own words stay where I am."


def at(page: LessonPage, number: int) -> None:
    expect(page.page.locator("#where")).to_have_text(f"{number} of 3")


def test_keys_lead_through_the_steps(opened: LessonPage) -> None:
    for key, number in [
        ("PageDown", 2), ("ArrowRight", 3), ("ArrowRight", 3), ("PageUp", 2), ("ArrowLeft", 1), ("3", 3), ("7", 3),
        ("Home", 1), ("End", 3),
    ]:  # fmt: skip
        opened.press(key)
        at(opened, number)
    opened.page.go_back()
    at(opened, 1)


def test_keys_in_the_lab_are_the_labs_but_a_clicker_goes_on(opened: LessonPage) -> None:
    opened.text.focus()
    opened.text.press("End")
    opened.text.press("3")
    at(opened, 1)
    opened.lab.locator("#find-open").press("PageDown")
    at(opened, 2)


def test_an_address_leads_to_a_step(open_lesson: OpenLesson) -> None:
    page = open_lesson(step="measure-it-yourself")
    at(page, 3)
    expect(page.lab.locator("#instrument-title")).to_have_text("Saturation")
    page.page.evaluate("location.hash = '#an-echo-dies-away'")
    at(page, 2)
    page.ready()
    expect(page.lab.locator(".panel")).to_have_count(2)


def test_the_lab_is_not_loaded_again_between_steps_and_a_pupils_text_stays(opened: LessonPage) -> None:
    frame = opened.page.frames[-1]
    frame.evaluate("globalThis.mark = 1")
    opened.text.fill(OWN)
    expect(opened.lab.locator("#count")).to_have_text(str(len(OWN)))
    kept = "JSON.parse(localStorage.getItem('lesson:01-echo'))?.text"
    wait_for(lambda: opened.page.evaluate(kept) == OWN)
    opened.press("2")  # brings a text of its own
    opened.ready()
    expect(opened.text).to_have_value(re.compile("^KEEPER:"))
    opened.press("3")
    opened.ready()
    expect(opened.text).to_have_value(OWN)
    assert frame.evaluate("globalThis.mark") == 1


def test_the_words_of_explore_are_not_touched(opened: LessonPage) -> None:
    """The lab writes neither the text that Explore keeps nor the one that it offers to bring back."""
    opened.text.fill(OWN)
    expect(opened.lab.locator("#count")).to_have_text(str(len(OWN)))
    opened.page.goto(f"{opened.server.url}/explore")
    expect(opened.page.locator("#text")).not_to_have_value(OWN)


def test_the_list_remembers_how_far_one_has_come(opened: LessonPage) -> None:
    opened.press("PageDown")
    at(opened, 2)
    opened.page.goto(f"{opened.server.url}/lessons")
    entry = opened.page.locator("[data-lesson='01-echo']")
    expect(entry.locator(".how-far")).to_have_text("2 of 3 steps seen")
    entry.get_by_role("link").click()
    at(opened, 2)


def test_the_lab_wears_the_theme_of_the_lesson(opened: LessonPage) -> None:
    theme = opened.page.locator("#theme")
    for name in ("light", "dark"):
        theme.click()
        expect(theme).to_have_text(f"Theme: {name}")
        expect(opened.lab.locator("html")).to_have_attribute("data-theme", name)


def test_what_does_not_fit_the_screen_is_scrolled_to_before_the_next_step(open_lesson: OpenLesson) -> None:
    page = open_lesson(viewport={"width": 1000, "height": 330})
    page.ready()
    page.press("PageDown")
    at(page, 1)
    assert page.step.evaluate("(step) => step.scrollTop") > 0
    for _ in range(8):
        page.press("PageDown")
    assert page.page.locator("#where").inner_text() != "1 of 3"


def test_a_changed_picture_comes_back_by_the_button(open_lesson: OpenLesson) -> None:
    page = open_lesson(step="3")
    page.ready()
    page.lab.locator("#instrument").get_by_role("button", name="Close").click()
    expect(page.lab.locator("#instrument")).to_be_hidden()
    page.block("view").get_by_role("button").click()
    expect(page.lab.locator("#instrument-title")).to_have_text("Saturation")


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_step_fits_its_screen(open_lesson: OpenLesson, width: int, height: int, scheme: str) -> None:
    page = open_lesson(viewport={"width": width, "height": height}, color_scheme=scheme)
    page.ready()
    assert page.page.evaluate("document.documentElement.scrollWidth") <= width
    words, lab = page.step.bounding_box(), page.page.locator("#lab").bounding_box()
    assert words is not None
    assert lab is not None
    if width < 760:
        assert lab["y"] >= words["y"] + words["height"] - 1, "the lab is under the prose"
    else:
        assert lab["x"] >= words["x"] + words["width"] - 1
        assert page.page.evaluate("document.documentElement.scrollHeight") <= height
    expect(page.page.locator("#next")).to_be_in_viewport()
