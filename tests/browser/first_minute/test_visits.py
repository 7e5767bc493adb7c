"""The first minute: who comes to it, who is led past it, and what it says where something is missing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from app.content.example_texts import SAMPLES
from app.content.first_minute import BETWEEN, LETTERS, MODELS
from scripts.browser import Server
from tests.support.browser.first_minute_page import DEFAULT


def test_the_first_visit_only_begins_here(open_minute):
    page = open_minute("/")
    page.settle(DEFAULT)
    page.open("/models").open("/")
    expect(page.page).to_have_url(re.compile(r"/explore"))
    page.page.get_by_role("button", name="Help", exact=True).click()
    page.page.get_by_role("link", name="Show the first minute again").click()
    page.settle(DEFAULT)


def test_an_address_with_a_view_goes_to_the_laboratory_at_once(open_minute):
    page = open_minute("/#models=recall-gru&text=Asea")
    expect(page.page).to_have_url(re.compile(r"/explore#models=recall-gru"))
    expect(page.page.get_by_role("textbox", name="Text", exact=True)).to_have_value("Asea")
    assert page.page.context.cookies() == []
    page.open("/models").open("/#first=2&length=60")
    page.settle(f"A{BETWEEN[:58]}?")


def test_a_shared_first_minute_opens_for_who_has_been_here(open_minute):
    page = open_minute("/")
    page.settle(DEFAULT)
    page.open("/models").open("/#first=2&length=60")
    page.settle(f"A{BETWEEN[:58]}?")
    expect(page.page).to_have_url(re.compile(r"/first#first=2&length=60"))


def test_it_can_be_skipped(open_minute):
    page = open_minute("/")
    page.page.get_by_role("link", name="Skip, let me type").click()
    expect(page.page).to_have_url(re.compile(r"/explore"))
    expect(page.page.get_by_role("textbox", name="Text", exact=True)).to_have_value(SAMPLES[0].text)


def test_a_server_that_is_gone_is_said_and_one_that_is_back_goes_on(browser, open_minute):
    with Server() as own:
        page = open_minute(at=own)
        page.settle(DEFAULT)
        own.kill()
        notice = page.page.get_by_role("alert")
        expect(notice).to_contain_text("The server does not answer.")
        page.page.get_by_role("radio", name="C", exact=True).click()
        own.start()
        page.check(f"C{DEFAULT[1:]}", "A")
        expect(notice).to_be_hidden()
        page.faults.clear()  # the browser logs each attempt to reach the server


def test_without_javascript_it_says_so(browser, server):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server.url)
    assert "This page draws with JavaScript, and it is off." in page.locator("main").inner_text()
    context.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1440, 900), (390, 844)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_page(open_minute, width, height, scheme):
    page = open_minute(viewport={"width": width, "height": height}, color_scheme=scheme)
    page.settle(DEFAULT)
    assert page.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    size = float(page.page.locator("#letters").evaluate("(element) => parseFloat(getComputedStyle(element).fontSize)"))
    assert size >= (20 if width > 1000 else 10)
    if width > 1000:
        box = page.page.get_by_role("button", name="Next: make the text longer").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= height


def test_letters_stand_over_their_columns(minute):
    spans = minute.page.locator("#letters span")
    canvas = minute.row(MODELS[0]).locator("canvas").bounding_box()
    assert canvas is not None
    for k in (0, 7, 44):
        box = spans.nth(k).bounding_box()
        assert box is not None
        middle = box["x"] + box["width"] / 2
        assert abs(middle - (canvas["x"] + (k + 0.5) * canvas["width"] / 45)) < 2
    assert LETTERS == ("A", "C")
