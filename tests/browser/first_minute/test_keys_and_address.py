"""The first minute by keyboard, with and without motion, and in its address."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from app.content.first_minute import BETWEEN, MODELS
from tests.support.browser.first_minute_page import DEFAULT, say


def test_arrow_keys_lead_through_the_steps_and_stop_at_the_ends(minute):
    where = minute.page.locator("#where")
    for k in (2, 3, 4, 5, 5):
        minute.page.keyboard.press("ArrowRight")
        expect(where).to_have_text(f"{k} of 5")
    for k in (4, 3, 2, 1, 1):
        minute.page.keyboard.press("ArrowLeft")
        expect(where).to_have_text(f"{k} of 5")


def test_arrow_keys_in_a_field_stay_there(minute):
    minute.page.get_by_role("button", name="Step 4: type between").click()
    minute.page.get_by_role("textbox", name="between").press("ArrowRight")
    expect(minute.page.locator("#where")).to_have_text("4 of 5")


def test_everything_can_be_reached_with_the_tabulator(minute):
    reached = []
    for _ in range(20):
        minute.page.keyboard.press("Tab")
        reached.append(minute.page.evaluate("document.activeElement.textContent.trim()"))
    for name in ("Skip, let me type ▸", "A", "Next: make the text longer ▸"):
        assert name in reached


def test_what_is_said_is_said_to_a_screen_reader(minute):
    words = minute.page.locator("#spoken")
    expect(words).to_have_text(re.compile(r"Vanilla RNN says G, wrong, 16\.4 %\. GRU says A, right, 99\.6 %\. LSTM"))


def test_it_plays_once_from_left_to_right(open_minute):
    page = open_minute(still=False)
    seen = page.page.evaluate("""async () => {
      const row = document.querySelector.bind(document, "article.network");
      const seen = [];
      for (const end = performance.now() + 20000; performance.now() < end; ) {
        const shown = Number((row()?.dataset.window ?? "0:0").split(":")[1]);
        if (shown !== seen.at(-1)) seen.push(shown);
        if (shown === 45) break;
        await new Promise(requestAnimationFrame);
      }
      return seen;
    }""")
    assert seen == sorted(seen)
    assert seen[-1] == 45
    assert len([shown for shown in seen if 0 < shown < 45]) >= 3
    page.check(DEFAULT, "C")
    say(page, "Next: make the text longer")
    page.page.get_by_role("slider", name="characters").fill("60")
    expect(page.row(MODELS[0])).to_have_attribute("data-window", "0:60")


def test_who_wants_no_motion_sees_it_at_once(open_minute):
    page = open_minute(still=True)
    seen = page.page.evaluate("""async () => {
      const seen = new Set();
      for (const end = performance.now() + 20000; performance.now() < end && !seen.has("0:45"); ) {
        for (const row of document.querySelectorAll("article.network:not([hidden])")) seen.add(row.dataset.window);
        await new Promise(requestAnimationFrame);
      }
      return [...seen];
    }""")
    assert set(seen) <= {"0:0", "0:45"}


@pytest.mark.parametrize(
    ("address", "text", "instead", "closed"),
    [
        ("first=3&gate=closed", DEFAULT, "C", 22),
        ("first=2&letter=C&length=80", f"C{BETWEEN[:78]}?", "A", None),
        ("first=4&between=sea", "Asea?", "C", None),
        ("first=4&letter=C&between=sea&length=12&gate=closed", "Cseaseaseas?", "A", 6),
    ],
)
def test_an_address_is_restored_and_so_is_a_page_that_is_loaded_again(open_minute, address, text, instead, closed):
    page = open_minute(f"/first#{address}")
    page.check(text, instead, closed)
    page.page.reload()
    page.check(text, instead, closed)


def test_what_is_done_is_written_into_the_address(minute):
    def expect_address(words: str) -> None:
        expect(minute.page).to_have_url(f"{minute.server.url}/first#{words}")

    minute.page.get_by_role("radio", name="C", exact=True).click()
    expect_address("first=1&letter=C")
    say(minute, "Next: make the text longer")
    minute.page.get_by_role("slider", name="characters").fill("80")
    expect_address("first=2&letter=C&length=80")
    say(minute, "Next: close a gate")
    say(minute, "Close the gate that keeps")
    expect_address("first=3&letter=C&length=80&gate=closed")
    say(minute, "Next: type between")
    minute.page.get_by_role("textbox", name="between").fill("sea")
    expect_address("first=4&letter=C&between=sea")
    minute.page.reload()
    minute.check("Csea?", "A")


@pytest.mark.parametrize("address", ["first=9", "first=x&letter=Z&length=9999&gate=ajar", "first="])
def test_what_makes_no_sense_in_an_address_is_as_at_the_beginning(open_minute, address):
    open_minute(f"/first#{address}").check(DEFAULT, "C")
