"""Views drawn at random, from their address to the page and back: the same store, the same address, the same pixels."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.browser.explore_page import Explore
from tests.support.browser.random_views import random_view
from tests.support.browser.session_page import pictures, view

ADDRESS = """async (view) => {
  const { INITIAL, isLong, toAddress } = await import("/static/state/store.js");
  const { pack } = await import("/static/state/packed-text.js");
  const { Text } = await import("/static/text/document.js");
  const state = { ...INITIAL, ...view, text: Text.of(view.text) };
  return toAddress(state, isLong(state.text) ? await pack(view.text) : null);
}"""

# The page's own theme holds where an address names none; here it is that of somebody who has chosen none.
VISIT = """async (address) => {
  const { store } = await import("/static/main.js");
  store.set({ theme: "auto" });
  const next = new Promise((done) => addEventListener("hashchange", done, { once: true }));
  const before = addressed;
  location.hash = address;
  await next;
  return before;
}"""

VIEWS = 40
SEED = 7


def drawn() -> list[dict[str, Any]]:
    draw = random.Random(SEED)
    return [random_view(draw) for _ in range(VIEWS)]


def test_the_draw_has_everything_in_it() -> None:
    views = drawn()
    for name in ("order", "show", "theme", "scale", "contrast", "columns", "signal"):
        assert len({str(one[name]) for one in views}) > 2, name
    assert len({one["instrument"] for one in views}) > 8
    names = [panel["model"] for one in views for panel in one["panels"]]
    assert any("@0" in name for name in names)
    assert any("~" in name for name in names)
    assert sum(one["echo"] is not None for one in views) > 5
    assert any(len(one["text"]) > 2000 for one in views)
    assert any(one["generated"] for one in views)


@pytest.mark.slow
def test_an_address_leads_to_the_very_view_and_the_page_writes_it_again(open_page: Callable[..., Explore]) -> None:
    """In one page, which goes from each view to the next."""
    explore = open_page()
    explore.settle()
    for number, wanted in enumerate(drawn()):
        address = explore.page.evaluate(ADDRESS, wanted)
        written = explore.page.evaluate(VISIT, address)
        explore.comes_to(lambda: view(explore), wanted)
        explore.until(f"addressed > {written}")
        explore.comes_to(lambda: explore.page.evaluate("location.hash.slice(1)"), address)
        assert view(explore) == wanted, number


@pytest.mark.slow
@pytest.mark.parametrize("number", range(0, VIEWS, 8))
def test_two_who_open_an_address_see_the_same_pixels(number: int, open_page: Callable[..., Explore]) -> None:
    wanted = drawn()[number]
    seen = []
    for _ in range(2):
        explore = open_page(size=(1300, 800))
        address = explore.page.evaluate(ADDRESS, wanted)
        explore.page.goto("about:blank")
        explore.page.goto(f"{explore.server.url}/explore#{address}")
        explore.editor.wait_for()
        explore.comes_to(lambda explore=explore: view(explore), wanted)
        explore.settle(len(wanted["text"]))
        explore.until("document.querySelector('.link').dataset.link === 'live'")
        seen.append(explore)
    first, second = seen
    first.comes_to(lambda: pictures(first) == pictures(second) and len(pictures(first)) > 0, True)
    assert first.page.evaluate("location.hash") == second.page.evaluate("location.hash")
