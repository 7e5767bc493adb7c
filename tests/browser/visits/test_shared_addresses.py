"""What an address carries to whoever opens it: a long text, who wrote it, a theme; and what it says that it lacks."""

from __future__ import annotations

import random

import pytest
from playwright.sync_api import expect

from tests.support.browser.explore_page import Explore, address

GRU, LSTM = "shakespeare-gru", "shakespeare-lstm"
ELSEWHERE = {"width": 1300, "height": 800}
LONG = "".join(f"{k}. The king is come, my lord: 100 % — Ärger & 🙂 #{k * k}\n" for k in range(110))


def whole(explore: Explore) -> str:
    """All of the text, also where the editor holds a part of it."""
    explore.editor.press("Control+A")
    explore.page.keyboard.press("Control+C")
    return str(explore.page.evaluate("navigator.clipboard.readText()"))


def shared(explore: Explore) -> str:
    """What stands after the "#" of the address that "Share" copies."""
    explore.button("Share").click()
    expect(explore.page.locator("#notice")).to_contain_text("The address of this view is copied.")
    return str(explore.page.evaluate("navigator.clipboard.readText()")).partition("#")[2]


def test_a_long_text_comes_back_from_the_address_to_the_letter(open_page):
    sender = open_page(address(models=GRU, text="Old."))
    sender.editor.press("Control+A")
    sender.paste(LONG)
    sender.settle(len(LONG))
    link = shared(sender)
    assert "packed=" in link
    assert "missing=" not in link
    assert len(link) < 2000 < len(LONG)
    receiver = open_page(link, viewport=ELSEWHERE)
    receiver.settle(len(LONG))
    assert whole(receiver) == LONG
    expect(receiver.page.locator("#notice")).to_be_hidden()
    receiver.check(LONG)


def test_a_text_too_long_for_an_address_is_missed_in_a_sentence(open_page):
    draw = random.Random(3)
    text = "".join(draw.choices("abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ,.\n", k=12_345))
    sender = open_page(address(models=GRU, text="Old."))
    sender.editor.press("Control+A")
    sender.paste(text)
    sender.settle(len(text))
    link = shared(sender)
    expect(sender.page.locator("#notice")).to_contain_text(
        "The text is too long for an address, which has only its start"
    )
    assert "missing=12345" in link
    assert "packed=" not in link
    receiver = open_page(link, viewport=ELSEWHERE)
    receiver.settle_on(text[:2000])
    expect(receiver.page.locator("#notice")).to_contain_text(
        "The text of this view has 12,345 characters, too many for an address, and only its start is here. Ask for the "
        "session as a file (“Save session”) and open that."
    )
    # Who comes back to it in the tab that had all of the text still has it, and lacks nothing.
    sender.page.goto(f"{sender.server.url}/models")
    sender.page.go_back()
    sender.editor.wait_for()
    sender.settle(len(text))
    assert whole(sender) == text
    expect(sender.page.locator("#notice")).to_be_hidden()


def test_a_text_that_was_cut_off_on_its_way_is_told(open_page):
    explore = open_page("models=shakespeare-gru&packed=K0ktLlFIzk8")
    explore.settle()
    expect(explore.page.locator("#notice")).to_contain_text(
        "The text of this address was cut off on its way and cannot be read."
    )


def test_who_wrote_a_text_comes_back_from_the_address(open_page):
    text = "KING RICHARD:\n"
    options = {"o.count": 25, "o.seed": 9, "o.temperature": 0.4, "o.speed": 200}
    writer = open_page(address(models=LSTM, text=text, instrument="generate", **options))
    writer.settle()
    writer.button("Write on").click()
    frame = writer.page.locator("#instrument")
    who = "25 characters written by LSTM · 128 after step 13, temperature 0.4, seed 9."
    expect(frame).to_contain_text(who)
    writer.settle()
    reader = open_page(shared(writer), viewport=ELSEWHERE)
    expect(reader.page.locator("#instrument")).to_contain_text(who)
    assert reader.text() == writer.text()
    reader.editor.press("Control+A")
    reader.page.keyboard.type("My own.")
    expect(reader.page.locator("#instrument")).not_to_contain_text("written by")
    reader.until("!location.hash.includes('by=') && location.hash.includes('own')")


def test_the_theme_of_an_address_is_not_kept(open_page):
    dark = "getComputedStyle(document.documentElement).colorScheme === 'dark'"
    guest = open_page(address(models=GRU, text="Guest.", theme="dark"))
    guest.settle()
    assert guest.page.evaluate(dark)
    assert guest.page.evaluate("localStorage.getItem('theme')") is None
    guest.page.goto(f"{guest.server.url}/models")
    expect(guest.page.locator("#theme")).to_have_text("Theme: auto")
    assert not guest.page.evaluate(dark)
    guest.visit()
    guest.settle()
    expect(guest.page.locator("#theme")).to_have_text("Theme: auto")
    assert not guest.page.evaluate(dark)


def test_a_theme_chosen_on_any_page_holds_on_all(open_page):
    explore = open_page(address(models=GRU, text="Mine."))
    explore.settle()
    button = explore.page.locator("#theme")
    for path in ("/first", "/models"):
        explore.page.goto(f"{explore.server.url}{path}")
        expect(button).to_have_text("Theme: auto")
        button.click()
        button.click()
        expect(button).to_have_text("Theme: dark")
        assert explore.page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
        explore.page.reload()
        expect(button).to_have_text("Theme: dark")
        assert explore.page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
        button.click()
    explore.visit()
    explore.settle()
    expect(button).to_have_text("Theme: auto")


@pytest.mark.parametrize("by_hand", [False, True])
def test_unknown_names_in_an_address_are_told(by_hand, open_page):
    link = "models=nobody,shakespeare-gru&signal=shoe&instrument=horoscope&layer=x&show=all&colour=red&text=Here."
    explore = open_page(address(models=LSTM, text="There.") if by_hand else link)
    if by_hand:
        explore.settle()
        explore.go(link)
    explore.settle_on("Here.")
    assert explore.models() == [GRU]
    expect(explore.page.locator("#notice span")).to_have_text(
        "The address asks for what is not here: the model “nobody”, the signal “shoe”, the instrument “horoscope”, "
        "show “all”, layer “x”, “colour”. The rest of it is shown."
        + (" The text of this address has taken the place of yours. “Undo” brings it back." if by_hand else "")
    )
