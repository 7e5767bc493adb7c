"""The server goes away and comes back, and has room or not; nothing that was typed is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from scripts.browser import Server

LOST = [r"WebSocket connection to .* failed", r"ERR_CONNECTION_REFUSED", r"ERR_CONNECTION_RESET"]


@pytest.fixture
def own_server():
    with Server() as running:
        yield running


def test_killed_and_started_again_while_one_types(own_server, open_page):
    explore = open_page(at=own_server)
    explore.expected += LOST
    explore.settle()
    explore.replace("Before the break. ")
    explore.page.keyboard.type("I type")
    own_server.kill()
    explore.page.keyboard.type(" and type, while nobody reads,")
    link = explore.page.locator("#link")
    expect(link).to_contain_text("reconnecting")
    explore.caret_to(3)
    explore.page.keyboard.type("x")
    typed = "Befxore the break. I type and type, while nobody reads,"
    expect(explore.editor).to_have_value(typed)
    own_server.start()
    explore.page.keyboard.type("y")
    expect(link).to_contain_text("live", timeout=30_000)
    explore.caret_to(len(typed) + 1)
    explore.page.keyboard.type(" and on.")
    expect(explore.editor).to_have_value("Befxyore the break. I type and type, while nobody reads, and on.")
    explore.settle_and_check()
    assert explore.models() == ["shakespeare-rnn", "shakespeare-gru", "shakespeare-lstm"]


def test_a_view_chosen_while_the_connection_is_lost_is_shown_after_it(own_server, open_page):
    explore = open_page(at=own_server)
    explore.expected += LOST
    explore.settle()
    own_server.kill()
    expect(explore.page.locator("#link")).to_contain_text("reconnecting")
    explore.choice("Signal").select_option("candidate")
    explore.choice("Order of units").select_option("similarity")
    explore.choice("Order of units").select_option("index")
    own_server.start()
    expect(explore.page.locator("#link")).to_contain_text("live", timeout=30_000)
    explore.settle_and_check()
    assert explore.showing("shakespeare-gru") == (0, "candidate")


def test_a_reload_keeps_the_text(explore):
    """At once, and after the pause in which the page keeps it."""
    explore.replace("What was typed before the page was loaded again.")
    explore.settle()
    explore.page.reload()
    explore.settle_and_check("What was typed before the page was loaded again.")
    explore.replace("And after a while.")
    explore.settle()
    explore.until("sessionStorage.getItem('text') === 'And after a while.'")
    explore.page.reload()
    explore.settle_and_check("And after a while.")


@pytest.fixture
def small_server():
    with Server(HIDDEN_STATE_SESSION_LIMIT="1") as running:
        yield running


def test_when_all_places_are_taken_the_page_says_so_and_waits(small_server, open_page):
    first = open_page(at=small_server)
    first.settle()
    second = open_page(at=small_server)
    expect(second.page.get_by_role("alert")).to_contain_text("in use")
    first.page.goto("about:blank")
    expect(second.page.locator("#link")).to_contain_text("live", timeout=30_000)
    second.settle_and_check()
    expect(second.page.get_by_role("alert")).to_be_hidden()
