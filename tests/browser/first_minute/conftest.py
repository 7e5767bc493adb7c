"""The first minute, opened by somebody who has never been here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from scripts.browser import Server
from tests.support.browser.first_minute_page import DEFAULT, Minute, Open

LAPTOP: Any = {"width": 1440, "height": 900}


@pytest.fixture
def open_minute(browser: Browser, laptop: BrowserContext, server: Server) -> Iterator[Open]:
    """Opens it at the `size` of a laptop or at another one, and with what `media` says; if it is to be `fresh`, in a
    browser that has never seen it, which takes longer."""
    pages: list[Minute] = []
    contexts: list[BrowserContext] = []

    def open_it(
        path: str = "/first",
        *,
        still: bool = True,
        fresh: bool = False,
        at: Server = server,
        size: tuple[int, int] | None = None,
        media: dict[str, Any] | None = None,
    ) -> Minute:
        if fresh:
            contexts.append(browser.new_context(viewport=LAPTOP))
        page = (contexts[-1] if fresh else laptop).new_page()
        pages.append(Minute(page, at))
        if size is not None:
            page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(reduced_motion="reduce" if still else "no-preference", **(media or {}))
        return pages[-1].open(path)

    yield open_it
    try:
        assert [fault for page in pages for fault in page.faults] == []
        assert [fault for page in pages for fault in page.page.evaluate("globalThis.faults ?? []")] == []
    finally:
        for page in pages:
            page.forget()
        for context in contexts:
            context.close()


@pytest.fixture
def minute(open_minute: Open) -> Minute:
    page = open_minute()
    page.settle(DEFAULT)
    return page
