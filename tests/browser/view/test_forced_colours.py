"""Where the system decides the colours: what is a colour only (bars, scales, swatches, marks) is still there."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser.explore_page import Explore, address
from tests.support.browser.open_instrument import INSTRUMENTS, Instrument

TEXT = "The king is come, my lord; the \u00e9 king is come.\n"

COLOURED = """() => {
  const none = "rgba(0, 0, 0, 0)";
  const own = (one) => getComputedStyle(one);
  const ground = (one) => {
    if (one === null) return none;
    return own(one).backgroundColor === none ? ground(one.parentElement) : own(one).backgroundColor;
  };
  globalThis.coloured = [...document.querySelectorAll("main *")].filter((one) => {
    if (!one.checkVisibility() || one.children.length > 0 || one.textContent.trim() !== "") return false;
    if (one.closest("svg")) return false;
    const { width, height } = one.getBoundingClientRect();
    if (width === 0 || height === 0 || one.matches("button, input, select, textarea, progress, canvas")) return false;
    const { backgroundColor, backgroundImage } = own(one);
    return backgroundImage !== "none" || (backgroundColor !== none && backgroundColor !== ground(one.parentElement));
  });
  return coloured.length;
}"""

ERASED = """() => {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.background = "Canvas";
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const canvas = numbers(getComputedStyle(probe).backgroundColor).slice(0, 3).join();
  probe.remove();
  return coloured.filter((one) => {
    const { backgroundColor, backgroundImage } = getComputedStyle(one);
    const [red, green, blue, alpha = 1] = numbers(backgroundColor);
    return backgroundImage === "none" && (alpha === 0 || [red, green, blue].join() === canvas);
  }).map((one) => `${one.parentElement.className || one.parentElement.tagName} > ${one.className || one.tagName}`);
}"""
"""Those of them that have no colour of their own left."""


def check(page: Page) -> int:
    page.emulate_media(forced_colors="none")
    count = int(page.evaluate(COLOURED))
    page.emulate_media(forced_colors="active")
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    assert page.evaluate(ERASED) == []
    return count


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_explore_and_every_instrument_keep_what_is_a_colour_only(scheme, open_page):
    explore: Explore = open_page(color_scheme=scheme, viewport={"width": 1440, "height": 900})
    explore.settle()
    counts = {"explore": check(explore.page)}
    for name in INSTRUMENTS:
        explore.go(address(models="shakespeare-gru,shakespeare-lstm", text=TEXT, step=9, instrument=name))
        Instrument(explore).settle()
        counts[name] = check(explore.page)
    assert min(counts.values()) > 4, counts
    assert counts["unit"] > counts["generate"], "its bars are among them"


def test_the_first_minute_keeps_its_scale_and_shows_which_letter_is_chosen(browser, server):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server.url}/first")
    chosen = page.locator('.toggle button[aria-checked="true"]')
    expect(chosen).to_be_visible()
    assert check(page) >= 1
    other = page.locator('.toggle button[aria-checked="false"]').first
    ground = "(one) => getComputedStyle(one).backgroundColor"
    assert chosen.evaluate(ground) != other.evaluate(ground)
    context.close()


def test_marks_in_the_text_are_seen(open_page):
    explore = open_page(
        address(models="shakespeare-gru", text=TEXT, step=9), forced_colors="active", color_scheme="dark"
    )
    explore.settle()
    box = explore.page.locator("#text").bounding_box()
    clip = {"x": box["x"], "y": box["y"], "width": 500, "height": 30}
    expect(explore.page.locator(".strip")).to_be_visible()
    explore.until("CSS.highlights.get('unknown').size > 0")
    marked = explore.page.screenshot(clip=clip)
    explore.page.evaluate("CSS.highlights.get('unknown').clear()")
    assert explore.page.screenshot(clip=clip) != marked
