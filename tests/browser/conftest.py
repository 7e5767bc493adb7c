"""A real Chromium before a real server. A page that logs an error, throws or breaks its policy fails the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from models import load
from scripts.browser import Server
from tests.support.browser.expected_pictures import Reading, Reference
from tests.support.browser.explore_page import PATIENCE_MS, Explore

LAPTOP = {"width": 1440, "height": 900}

# A bound for what never comes, and no measure of speed: other work may have the processors meanwhile.
expect.set_options(timeout=PATIENCE_MS)

OpenPage = Callable[..., Explore]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The server that most tests share."""
    with Server() as running:
        yield running


@pytest.fixture(scope="session")
def reference() -> Reference:
    """What the models themselves compute, in this process."""
    model = lru_cache(maxsize=None)(load)

    @lru_cache(maxsize=8)
    def read(name: str, text: str) -> Reading:
        return Reading(model(name), text)

    return read


def new_context(browser: Browser, **options: Any) -> BrowserContext:
    context = browser.new_context(
        **{"viewport": LAPTOP, "permissions": ["clipboard-read", "clipboard-write"], **options}
    )
    context.set_default_timeout(PATIENCE_MS)
    return context


@pytest.fixture(scope="session")
def laptop(browser: Browser, server: Server) -> BrowserContext:
    """What most tests look through: it keeps the scripts that it has loaded, and forgets all else after each test."""
    context = new_context(browser)
    context.new_page().goto(f"{server.url}/healthz")  # stays open, and so does the process; see ONE_PROCESS
    return context


@pytest.fixture
def open_page(browser: Browser, laptop: BrowserContext, server: Server, reference: Reference) -> Iterator[OpenPage]:
    """Opens the page: at the `size` of a laptop or at another one, and with what `media` says of themes and motion.

    With options of a context, such as `viewport`, it is opened in a browser that has never seen it. That costs a second
    more: it is for tests of first visits, of touch, of the density of pixels, and for those that advance a clock.

    What is open at the end of the test must have logged no error, except those whose words the test adds to `expected`.
    """
    contexts: list[BrowserContext] = []
    pages: list[Explore] = []

    def open_it(
        address: str = "",
        *,
        at: Server = server,
        size: tuple[int, int] | None = None,
        media: dict[str, Any] | None = None,
        **options: Any,
    ) -> Explore:
        context = laptop
        if options:
            context = new_context(browser, **options)
            contexts.append(context)
        explore = Explore(context.new_page(), at, reference)
        pages.append(explore)
        if size is not None:
            explore.page.set_viewport_size({"width": size[0], "height": size[1]})
        if media is not None:
            explore.page.emulate_media(**media)
        explore.open(address)
        return explore

    yield open_it
    try:
        for page in pages:
            page.check_faults()
    finally:
        for page in pages:
            page.forget()
        for context in contexts:
            context.close()


@pytest.fixture(scope="module")
def one_page(laptop: BrowserContext, server: Server, reference: Reference) -> Iterator[Explore]:
    page = Explore(laptop.new_page(), server, reference)
    page.open()
    page.settle()  # before that nobody hears of another address
    yield page
    page.forget()


@pytest.fixture
def tour(one_page: Explore) -> Iterator[Explore]:
    """One page for all the tests of a file that only look, each at what `go` leads to: an opened page takes seconds."""
    yield one_page
    one_page.check_faults()


@pytest.fixture
def explore(open_page: OpenPage) -> Explore:
    """The first visit, settled."""
    page = open_page()
    page.settle()
    return page
