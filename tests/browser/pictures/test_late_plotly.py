"""The laboratory before Plotly is there, and when it does not come: pictures wait for nothing."""

from __future__ import annotations

import re

from playwright.sync_api import Route, expect

from tests.support.browser.explore_page import Explore

MODELS = ["shakespeare-rnn", "shakespeare-gru", "shakespeare-lstm"]
TEXT = "The king is come, and all the gates are open."
ADDRESS = f"models={','.join(MODELS)}&text={TEXT.replace(' ', '+')}"


def hold(page: Explore) -> list[Route]:
    """Requests for Plotly are kept waiting, in the list."""
    held: list[Route] = []
    page.page.route("**/assets/plotly-*.js", lambda route: held.append(route))
    return held


def painted(page: Explore) -> None:
    for model in MODELS:
        expect(page.panel(model)).to_have_attribute("data-window", f"0:{len(TEXT)}")
    page.check(TEXT)


def test_pictures_are_painted_before_plotly_and_axes_when_it_is_there(open_page):
    page = open_page("text=a")
    page.page.goto("about:blank")
    held = hold(page)
    page.open(ADDRESS)
    painted(page)
    page.until("document.querySelector('script[src*=plotly]') !== null")
    assert page.page.locator(".axes svg").count() == 0
    page.comes_to(lambda: len(held), 1)
    held[0].continue_()
    page.settle()
    for model in MODELS:
        assert page.ticks(model).count() > 1
        assert page.bar(model)


def test_a_chart_is_drawn_when_plotly_has_come(open_page):
    page = open_page("text=a")
    page.page.goto("about:blank")
    held = hold(page)
    page.open(f"{ADDRESS}&instrument=forgetting&step=4")
    painted(page)
    page.until("document.querySelector('script[src*=plotly]') !== null")
    assert page.page.locator("#instrument .main-svg").count() == 0
    page.comes_to(lambda: len(held), 1)
    held[0].continue_()
    expect(page.page.locator("#instrument .main-svg").first).to_be_visible()


def test_the_picture_can_be_exported_as_soon_as_plotly_has_come(open_page):
    page = open_page("text=a")
    page.page.goto("about:blank")
    held = hold(page)
    page.open(ADDRESS)
    painted(page)
    page.until("document.querySelector('script[src*=plotly]') !== null")
    with page.page.expect_download() as download:
        page.take("Picture as PNG")
        page.comes_to(lambda: len(held), 1)
        held[0].continue_()
    assert download.value.suggested_filename.endswith(".png")


def test_where_plotly_does_not_come_the_page_says_so_and_pictures_stay(open_page):
    page = open_page("text=a")
    page.page.goto("about:blank")
    page.expected += [r"plotly-.*net::ERR_FAILED", "net::ERR_FAILED"]
    page.page.route("**/assets/plotly-*.js", lambda route: route.abort())
    page.open(ADDRESS)
    painted(page)
    expect(page.page.locator("#notice")).to_contain_text(re.compile("axes and charts could not be loaded. Reload"))
