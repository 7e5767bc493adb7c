"""Exported pages: of a small random model of every cell, and of the models that ship."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from app.offline.export import make_page
from models import CharLM
from models.storage.checkpoint import load_model
from models.storage.lookup import Found, find
from models.zoo import survey
from tests.support.browser.offline_page import SMALL, OfflinePage, OpenOffline
from tests.support.small_models import make_tiny

UNITS, LAYERS = 12, 2  # no multiple of the lanes that matrices are packed in, but of the heads


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random model of every cell, and its untrained twin."""
    base = tmp_path_factory.mktemp("small")
    for name, cell in SMALL.items():
        make_tiny(base / name, name, cell, UNITS, LAYERS)
    return base


def _load(found: Found) -> CharLM:
    return load_model(found.entry.folder, found.step)


@pytest.fixture
def open_offline(laptop: BrowserContext, small: Path, tmp_path: Path) -> Iterator[OpenOffline]:
    """Exports a page of some models and opens it from its file; at the end it must have logged no error, and asked for
    nothing but itself."""
    pages: list[OfflinePage] = []
    known = survey([small])

    def meant(name: str) -> Found:
        return find(name, known.entries, known.left_out)

    def open_it(models: Sequence[str], text: str | None = None, view: str = "") -> OfflinePage:
        path = tmp_path / f"page-{len(pages)}.html"
        path.write_text(make_page(models, meant, _load, text=text), encoding="utf-8")
        page = OfflinePage(laptop.new_page(), {name: _load(meant(name)) for name in models})
        pages.append(page)
        page.read(path, view)
        return page

    yield open_it
    for page in pages:
        page.check_faults()
        assert [url.partition("#")[0] for url in page.requests] == [page.page.url.partition("#")[0]]
        page.page.evaluate("localStorage.clear()")
        page.page.close()
