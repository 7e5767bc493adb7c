"""The first minute, opened by somebody who has never been here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from scripts.browser import Server
from tests.support.browser.first_minute_page import DEFAULT, LAPTOP, Minute, Open


@pytest.fixture
def open_minute(browser: Browser, server: Server) -> Iterator[Open]:
    contexts: list[BrowserContext] = []
    pages: list[Minute] = []

    def open_it(path: str = "/first", *, still: bool = True, at: Server = server, **options: object) -> Minute:
        motion = "reduce" if still else "no-preference"
        context = browser.new_context(**{"viewport": LAPTOP, "reduced_motion": motion, **options})
        contexts.append(context)
        pages.append(Minute(context.new_page(), at))
        return pages[-1].open(path)

    yield open_it
    try:
        assert [fault for page in pages for fault in page.faults] == []
        assert [fault for page in pages for fault in page.page.evaluate("globalThis.faults ?? []")] == []
    finally:
        for context in contexts:
            context.close()


@pytest.fixture
def minute(open_minute: Open) -> Minute:
    page = open_minute()
    page.settle(DEFAULT)
    return page
