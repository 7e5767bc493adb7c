"""A real Chromium before a real server. A page that logs an error, throws or breaks its policy fails the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from app.content.example_texts import SAMPLES
from models import load
from scripts.browser import Server
from tests.support.browser.expected_pictures import Reading, Reference
from tests.support.browser.explore_page import PATIENCE_MS, Explore, address

LAPTOP = {"width": 1440, "height": 900}

# A bound for what never comes, and no measure of speed: other work may have the processors meanwhile.
expect.set_options(timeout=PATIENCE_MS)

OpenPage = Callable[..., Explore]

FIRST = "shakespeare-rnn,shakespeare-gru,shakespeare-lstm"

NO_MEDIA: dict[str, Any] = dict.fromkeys(("color_scheme", "reduced_motion", "forced_colors", "contrast"), "null")
"""Back to what the browser says by itself."""


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
        hash_: str = "",
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
        explore.open(hash_)
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


class SharedPage:
    """A page that the tests of a file share, opened when it is first wanted and again after a test that failed."""

    def __init__(self, laptop: BrowserContext, server: Server, reference: Reference) -> None:
        self._parts = laptop, server, reference
        self._page: Explore | None = None

    def page(self) -> Explore:
        if self._page is None:
            laptop, server, reference = self._parts
            self._page = Explore(laptop.new_page(), server, reference)
            self._page.open()
            self._page.settle()  # before that nobody hears of another address
        return self._page

    def close(self) -> None:
        if self._page is not None:
            self._page.forget()
        self._page = None


@pytest.fixture(scope="module")
def shared_page(laptop: BrowserContext, server: Server, reference: Reference) -> Iterator[SharedPage]:
    shared = SharedPage(laptop, server, reference)
    yield shared
    shared.close()


@pytest.fixture
def go_to(shared_page: SharedPage, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """Leads the page that a file's tests share to an address, as a link does, at the `size` of a laptop or another.

    That takes a tenth of a second, and an opened page takes seconds. Use it unless a test is about what happens when
    the page is opened, about what it remembers of earlier, or about a server of its own.
    """
    failed = request.session.testsfailed

    def lead(hash_: str = "", *, size: tuple[int, int] | None = None, media: dict[str, Any] | None = None) -> Explore:
        explore = shared_page.page()
        explore.leave()
        explore.page.emulate_media(**{**NO_MEDIA, **(media or {})})
        width, height = size or (LAPTOP["width"], LAPTOP["height"])
        explore.page.set_viewport_size({"width": width, "height": height})
        explore.go(hash_)
        return explore

    yield lead
    try:
        shared_page.page().check_faults()
    except AssertionError:
        shared_page.close()
        raise
    if request.session.testsfailed > failed:
        shared_page.close()


@pytest.fixture
def tour(go_to: OpenPage) -> Explore:
    """The page that a file's tests share, for tests that lead it to several addresses with `go`."""
    return go_to()


@pytest.fixture
def begun(go_to: OpenPage) -> Explore:
    """The models and the text of a first visit, settled."""
    page = go_to(address(models=FIRST, text=SAMPLES[0].text))
    page.settle()
    return page


@pytest.fixture
def explore(open_page: OpenPage) -> Explore:
    """The first visit, settled."""
    page = open_page()
    page.settle()
    return page
