"""A browser that lacks something is told once what, and goes on with the rest."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

LACKING = {
    "popovers": "delete HTMLElement.prototype.popover",
    "grids within grids": """
        const { supports } = CSS;
        CSS.supports = (...words) => !words.includes("subgrid") && supports(...words);
    """,
    "compression": "delete globalThis.CompressionStream",
}


@pytest.mark.parametrize("what", LACKING)
@pytest.mark.parametrize("path", ["/explore", "/first"])
def test_what_is_missing_is_said_once(what, path, browser, server):
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(LACKING[what])
    page.goto(f"{server.url}{path}")
    notice = page.locator("#no-support")
    expect(notice).to_have_text(re.compile(f"lacks what the page needs: {what}. .* Chrome and Edge from 117"))
    page.reload()
    expect(page.locator("main")).to_be_visible()
    expect(notice).to_have_count(0)
    context.close()


def test_a_browser_that_has_all_is_told_nothing(explore):
    expect(explore.page.locator("#no-support")).to_have_count(0)


def test_without_highlights_the_page_works_and_says_so_once(open_page):
    explore = open_page(viewport={"width": 1440, "height": 900})
    explore.page.evaluate("localStorage.clear()")
    explore.page.add_init_script("Object.defineProperty(CSS, 'highlights', { value: undefined })")
    explore.page.goto("about:blank")
    explore.open("text=To%20be%20%E6%BC%A2")
    explore.settle_and_check("To be 漢")
    notice = explore.page.locator("#notice")
    expect(notice).to_contain_text("This browser cannot mark characters in the text")
    explore.page.reload()
    explore.settle()
    expect(notice).to_be_hidden()
