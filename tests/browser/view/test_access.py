"""The page for those who do not see it, or use no mouse: axe-core finds nothing, and the focus is never lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser.access import SIZES, THEMES, check
from tests.support.browser.explore_page import Explore, address
from tests.support.browser.open_instrument import INSTRUMENTS, Instrument

STILL = {"reduced_motion": "reduce"}
MODELS = "shakespeare-gru,shakespeare-lstm"
TEXT = "The king is come, my lord; the king is come.\n"


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_on_explore_with_any_instrument(size: str, open_page) -> None:
    explore: Explore = open_page(address(models=MODELS, text=TEXT, step=9), size=SIZES[size], media=STILL)
    explore.settle()
    for theme in THEMES:
        explore.page.emulate_media(color_scheme=theme)
        check(explore.page, f"{size} {theme}")
        for name in INSTRUMENTS:
            explore.go(address(models=MODELS, text=TEXT, step=9, instrument=name))
            Instrument(explore).settle()
            check(explore.page, f"{size} {theme} {name}")
        explore.go(address(models=MODELS, text=TEXT, step=9))
        with explore.help():
            check(explore.page, f"{size} {theme} help")


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_on_explore_with_an_echo(size: str, open_page) -> None:
    words = address(models=MODELS, text=TEXT, step=9, echo="4:x")
    explore: Explore = open_page(words, size=SIZES[size], media=STILL)
    explore.settle()
    for model in MODELS.split(","):
        expect(explore.panel(model)).to_have_attribute("data-echo", "4")
    for theme in THEMES:
        explore.page.emulate_media(color_scheme=theme)
        expect(explore.page.locator(".waiting")).to_have_count(0)  # what is still awaited is pale
        check(explore.page, f"{size} {theme} echo")
        explore.page.get_by_role("combobox", name="Compared with").select_option("mean")
        expect(explore.page.locator(".waiting")).to_have_count(0)
        check(explore.page, f"{size} {theme} mean of echoes")
        explore.page.get_by_role("combobox", name="Compared with").select_option("one")


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_in_the_first_minute(size: str, open_page) -> None:
    explore: Explore = open_page(address(models=MODELS, text=TEXT), size=SIZES[size], media=STILL)
    for theme in THEMES:
        explore.page.emulate_media(color_scheme=theme)
        explore.page.goto(f"{explore.server.url}/first")
        networks = explore.page.locator(".network")
        expect(networks.first).to_have_attribute("data-says", re.compile("[A-H]"))
        for step in range(1, 6):
            expect(explore.page.locator("#where")).to_have_text(f"{step} of 5")
            check(explore.page, f"first minute {size} {theme} step {step}")
            if step < 5:
                explore.page.locator("#next").click()


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_on_models(theme: str, open_page) -> None:
    explore: Explore = open_page(media={"color_scheme": theme})
    explore.settle()
    for width, height in SIZES.values():
        explore.page.set_viewport_size({"width": width, "height": height})
        explore.page.goto(f"{explore.server.url}/models")
        check(explore.page, f"models {width} {theme}")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.className || document.activeElement.id || 'body'"))


def test_the_focus_stays_when_an_instrument_or_a_panel_closes(explore: Explore) -> None:
    explore.button("Instruments ▾").press("Enter")
    expect(explore.page.locator("#menu [role=menuitemradio]").first).to_be_focused()
    explore.page.keyboard.press("Enter")
    expect(explore.page.locator("#instrument")).to_be_visible()
    explore.page.get_by_role("button", name="Close the instrument").press("Enter")
    assert explore.page.evaluate("document.activeElement.id") == "instruments"
    first, second, third = explore.models()
    explore.panel(second).locator("button.remove").press("Enter")
    assert explore.page.evaluate("document.activeElement.closest('[data-model]').dataset.model") == third
    explore.page.keyboard.press("Enter")
    assert explore.page.evaluate("document.activeElement.closest('[data-model]').dataset.model") == first
    assert focused(explore.page) == "remove"
    explore.twin(first).press("Enter")
    assert explore.page.evaluate("document.activeElement.closest('[data-model]').dataset.model") == f"{first}@0"
    explore.panel(f"{first}@0").locator("button.remove").press("Enter")
    assert explore.page.evaluate("document.activeElement.tagName") == "SUMMARY"


@pytest.mark.parametrize("size", SIZES)
def test_what_is_touched_has_24_pixels_and_lies_under_nothing(size: str, open_page) -> None:
    models = "shakespeare-lstm-deep,shakespeare-lstm~0.forget_gate.12=0@57"
    explore: Explore = open_page(
        address(models=models, text=TEXT * 20, columns=800, instrument="intervene"), size=SIZES[size]
    )
    explore.until(
        "[...document.querySelectorAll('[data-model]')].filter(({ dataset }) => dataset.steps === '900').length === 2"
    )
    small = explore.page.evaluate(
        """() => [...document.querySelectorAll("button, select, summary, input:not([type=checkbox])")]
          .filter((one) => one.checkVisibility() && !one.matches(".skip"))
          .map((one) => [one.className || one.id || one.textContent, one.getBoundingClientRect()])
          .filter(([, { width, height }]) => Math.min(width, height) < 23.9)
          .map(([name, { width, height }]) => `${name}: ${width} × ${height}`)"""
    )
    assert small == []
    covered = explore.page.evaluate(
        """() => [...document.querySelectorAll(".panel-head button, .panel-head select")]
          .filter((one) => one.checkVisibility())
          .filter((one) => {
            one.scrollIntoView({ block: "center" });
            const { left, right, top, bottom } = one.getBoundingClientRect();
            const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
            return hit !== one && !one.contains(hit);
          })
          .map((one) => one.getAttribute("aria-label") ?? one.textContent)"""
    )
    assert covered == []
