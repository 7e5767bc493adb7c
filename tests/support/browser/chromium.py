"""One Chromium for all tests of a process, and a page in it that loads the scripts without the application."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.support.paths import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

ORIGIN = "http://localhost"
"""Nothing listens there: requests are answered from the folder. A browser trusts this host as it trusts https."""


ONE_PROCESS = "--process-per-site"
"""The pages of a context share a process as long as one is open, and with it what that has compiled: parsing and
running plotly.js anew is half of what opening a page costs."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from scripts.browser import chromium

    with chromium(ONE_PROCESS) as running:
        yield running


def _from_disk(route: Route) -> None:
    path = ROOT / route.request.url.removeprefix(f"{ORIGIN}/")
    if path.is_file():
        route.fulfill(path=path)
    else:
        route.fulfill(body="<!doctype html><title>Nothing runs here</title>", content_type="text/html")


@pytest.fixture(scope="module")
def bare(browser: Browser) -> Iterator[Page]:
    """A page on which nothing runs, to try the modules of `static/` by themselves."""
    page = browser.new_page()
    page.route(f"{ORIGIN}/**", _from_disk)
    page.goto(f"{ORIGIN}/")
    yield page
    page.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever asks for the browser is of its tier, wherever it lies."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
