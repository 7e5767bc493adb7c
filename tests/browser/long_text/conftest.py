"""A page with one small model, and the book on it."""

from __future__ import annotations

import pytest

from tests.support.browser.explore_page import address
from tests.support.browser.long_text_page import BOOK, GRU, Long


@pytest.fixture
def blank(open_page):
    """No text yet."""
    explore = open_page(address(models=GRU, text="To be"))
    explore.__class__ = Long
    explore.settle()
    return explore


@pytest.fixture
def long(blank):
    """The book, pasted and read."""
    blank.put(BOOK)
    blank.settle_and_check(BOOK)
    return blank
