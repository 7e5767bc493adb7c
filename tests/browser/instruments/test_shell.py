"""The shell of the instruments: menu, frame beside the pictures, address, and what happens when things go wrong."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from app.content.prepared_views import VIEWS
from models import load
from models.measures import record
from models.measures.positions import places
from scripts.browser import Server
from tests.support.browser.explore_page import address
from tests.support.browser.open_instrument import Instrument

RNN, LSTM = "shakespeare-rnn", "shakespeare-lstm"
TEXT = "Then say my name. I gave it when I came, before the long night's talk of wind and flame. " * 2
NAMES = [
    "saturation",
    "forgetting",
    "horizon",
    "context",
    "overlength",
    "cost",
    "recoverability",
    "recall",
    "gradients",
    "why",
    "provenance",
    "unit",
    "intervene",
    "texts",
    "generate",
]
MENU = ["forgetting", "saturation", *(name for name in NAMES if name not in ("forgetting", "saturation"))]
"""Those to start with come first."""
SMALL = {"o.positions": 6, "o.lags": 30}
LOST = [r"WebSocket connection to .* failed", r"ERR_CONNECTION_REFUSED", r"ERR_CONNECTION_RESET"]
INSIDE = "(e) => e.parentElement.closest('[role=img]') !== null"
"""Whether something is a part of a picture, which has a name as a whole."""
ROLES = ("button", "combobox", "checkbox", "spinbutton", "textbox", "slider", "application", "progressbar", "img")


@pytest.fixture
def plain(open_page):
    explore = open_page(address(models=f"{RNN},{LSTM}", text=TEXT))
    explore.settle()
    return explore


def entries(explore):
    return explore.page.get_by_role("menuitemradio")


def test_the_menu_lists_the_instruments_with_their_questions(plain):
    plain.button("Instruments ▾").click()
    assert [item.get_attribute("data-name") for item in entries(plain).all()] == MENU
    for item in entries(plain).all():
        title, question = item.inner_text().split("\n")
        assert 3 < len(title) < 30
        assert question.endswith("?")
        expect(item).to_have_attribute("aria-checked", "false")
    plain.page.keyboard.press("Escape")
    expect(entries(plain).first).to_be_hidden()
    expect(plain.button("Instruments ▾")).to_be_focused()


def test_what_applies_to_no_model_in_view_is_grey_says_why_and_opens_all_the_same(plain):
    """Recall for networks of prose, provenance where only vanilla cells are in view; and no other instrument, since
    each is asked about what it can."""
    menu, recall = plain.button("Instruments ▾"), plain.page.locator('#menu [data-name="recall"]')
    grey = plain.page.locator("#menu .inapplicable")
    menu.click()
    expect(recall).to_have_class(re.compile("inapplicable"))
    expect(grey).to_have_count(1)
    expect(recall).to_have_accessible_description(re.compile("not trained on delayed recall.*Open one that was"))
    expect(recall).to_have_attribute("title", re.compile("not trained on delayed recall"))
    recall.click()
    instrument = Instrument(plain).settle()
    expect(plain.page.get_by_role("heading", name="Recall", exact=True)).to_be_focused()
    expect(instrument.frame.get_by_role("combobox", name="Key")).to_be_visible()
    plain.go(address(models=f"{RNN},recall-gru", text=TEXT))  # one of them can be asked
    plain.settle()
    menu.click()
    expect(plain.page.locator('#menu [data-name="recall"]')).to_have_accessible_description("")
    expect(grey).to_have_count(0)
    plain.page.keyboard.press("Escape")
    plain.go(address(models=f"{RNN}~zero@3", text=TEXT))
    plain.settle()
    menu.click()
    expect(grey).to_have_count(2)
    vanilla = plain.page.locator('#menu [data-name="provenance"]')
    expect(vanilla).to_have_accessible_description(re.compile("keeps nothing as it is.*Follow the echo"))


def test_the_menu_by_keyboard(plain):
    plain.area(LSTM).focus()
    plain.page.keyboard.press("i")
    expect(entries(plain).first).to_be_focused()
    for key, name in [
        ("ArrowDown", MENU[1]),
        ("End", MENU[-1]),
        ("ArrowDown", MENU[0]),
        ("ArrowUp", MENU[-1]),
        ("Home", MENU[0]),
        ("ArrowDown", MENU[1]),
    ]:
        plain.page.keyboard.press(key)
        expect(plain.page.locator(f'[data-name="{name}"]')).to_be_focused()
    for view in VIEWS:
        plain.page.keyboard.press("ArrowDown")
        expect(plain.page.get_by_role("menuitem", name=view.title)).to_be_focused()
    plain.page.keyboard.press("ArrowDown")
    expect(plain.page.locator('[data-name="horizon"]')).to_be_focused()
    plain.page.keyboard.press("Enter")
    expect(plain.page.get_by_role("heading", name="Memory horizon")).to_be_focused()
    expect(entries(plain).first).to_be_hidden()
    plain.page.keyboard.press("i")  # again: the one that is open stands first, and is ticked
    chosen = plain.page.locator('[data-name="horizon"]')
    expect(chosen).to_be_focused()
    expect(chosen).to_have_attribute("aria-checked", "true")
    plain.page.keyboard.press("Enter")  # and is closed by choosing it again
    expect(Instrument(plain).frame).to_be_hidden()


def test_a_letter_typed_into_the_text_opens_nothing(plain):
    plain.editor.press("Control+End")
    plain.page.keyboard.type("i")
    plain.settle_and_check(TEXT + "i")
    expect(entries(plain).first).to_be_hidden()


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900)])
def test_an_instrument_opens_beside_the_pictures_and_closes(size, open_page):
    width, height = size
    explore = open_page(address(models=f"{RNN},{LSTM}", text=TEXT), size=size)
    explore.settle()
    summary = explore.page.locator("#choices")
    expect(summary).to_have_attribute("open", "")
    explore.go(address(models=f"{RNN},{LSTM}", text=TEXT, instrument="gradients", **SMALL))
    instrument = Instrument(explore).settle()
    explore.settle_and_check()
    frame = instrument.frame.bounding_box()
    assert frame["y"] < 80, "the instrument stands at the top of the side"
    assert frame["x"] + frame["width"] <= width
    for model in (RNN, LSTM):
        box = explore.heatmap(model).bounding_box()
        assert box["x"] + box["width"] < frame["x"], "the pictures are not beside it"
        assert box["y"] + box["height"] <= height, "a picture is out of sight"
    assert summary.get_attribute("open") is None, "the choices made no room"
    instrument.frame.get_by_role("button", name="Close the instrument").click()
    expect(instrument.frame).to_be_hidden()
    expect(summary).to_have_attribute("open", "")
    explore.until("!location.hash.includes('instrument')")
    explore.settle_and_check()


def test_on_a_phone_it_stands_below_the_pictures_in_full_width(open_page):
    explore = open_page(
        address(models=RNN, text=TEXT, instrument="gradients", **SMALL), viewport={"width": 390, "height": 844}
    )
    explore.settle()
    instrument = Instrument(explore).settle()
    frame, picture = instrument.frame.bounding_box(), explore.heatmap(RNN).bounding_box()
    assert frame["y"] > picture["y"] + picture["height"]
    assert frame["width"] > 350
    assert explore.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_every_instrument_opens_without_a_fault_and_names_all_that_it_has(plain):
    """And explains itself, hides when it is closed, and leaves no colours behind."""
    for name in NAMES:
        plain.go(address(models=f"{RNN},{LSTM}", text=TEXT, instrument=name, step=60))
        instrument = Instrument(plain)
        expect(instrument.frame).to_have_attribute("data-instrument", name)
        instrument.settle()
        expect(instrument.frame.get_by_role("heading", level=2)).to_have_count(1)
        for role in ROLES:
            for one in instrument.frame.get_by_role(role).all():
                words = one.aria_snapshot().splitlines()[0]
                if one.evaluate(INSIDE):
                    continue
                shape = one.evaluate("(e) => e.outerHTML.slice(0, 150)")
                assert '"' in words or ": " in words, f"{name}: a {role} without a name: {shape}"
        instrument.frame.locator("summary", has_text="Definition").first.click()
        explained = instrument.frame.locator(".explained")
        expect(explained).to_be_visible()
        assert len(explained.inner_text()) > 80, name
        assert explained.evaluate("(e) => e.scrollWidth <= e.clientWidth + 1"), f"{name}: its definition is cut"
        assert plain.page.evaluate("document.documentElement.scrollWidth") <= 1440
    plain.go(address(models=f"{RNN},{LSTM}", text=TEXT))
    expect(Instrument(plain).frame).to_be_hidden()
    Instrument(plain).tints_come_to(lambda shown: (shown == 0).all())
    plain.settle_and_check()


def test_options_and_choices_live_in_the_address(plain):
    plain.go(address(models=LSTM, text=TEXT, instrument="gradients", **SMALL))
    instrument = Instrument(plain).settle()
    field = instrument.frame.get_by_role("spinbutton", name="Positions")
    expect(field).to_have_value("6")
    field.fill("9")
    field.press("Enter")
    instrument.settle()
    plain.until("location.hash.includes('o.positions=9')")
    plain.page.reload()
    plain.settle()
    again = Instrument(plain).settle()
    expect(again.frame.get_by_role("spinbutton", name="Positions")).to_have_value("9")
    expect(again.frame).to_contain_text("The median of 9 steps")
    again.frame.get_by_role("button", name="Close the instrument").click()
    plain.button("Instruments ▾").click()
    plain.page.locator('[data-name="gradients"]').click()  # it opens with what it had
    expect(again.frame.get_by_role("spinbutton", name="Positions")).to_have_value("9")


def test_an_address_with_an_instrument_or_options_that_make_no_sense(open_page):
    explore = open_page(address(models=RNN, text=TEXT, instrument="horoscope", **{"o.lags": 4}))
    explore.settle_and_check()
    expect(Instrument(explore).frame).to_be_hidden()
    explore.go(address(models=RNN, text=TEXT, instrument="gradients", **{"o.lags": "many", "o.positions": 5, "o.x": 1}))
    instrument = Instrument(explore).settle()
    expect(instrument.frame.get_by_role("spinbutton", name="How many characters to look back")).to_have_value("200")
    expect(instrument.frame).to_contain_text("The median of 5 steps")


def test_a_fault_stands_in_the_instrument_and_goes_when_the_text_is_mended(plain):
    plain.go(address(models=f"{RNN},{LSTM}", text="Short", instrument="gradients", **SMALL))
    instrument = Instrument(plain).settle()
    fault = instrument.frame.locator(".faults p")
    expect(fault).to_have_count(1)
    expect(fault).to_contain_text("The text has 5 characters, too few")
    expect(fault.locator("b")).to_have_text(
        "Vanilla RNN · 128, Vanilla RNN · 128, untrained, LSTM · 128, LSTM · 128, untrained"
    )
    # Over the page stands only that the address has replaced a text; the fault is the instrument's own.
    expect(plain.page.locator("#notice span")).to_have_text(
        "The text of this address has taken the place of yours. “Undo” brings it back."
    )
    plain.replace(TEXT)
    plain.settle_and_check()
    instrument.settle()
    expect(fault).to_have_count(0)
    assert set(instrument.rows()) == {RNN, f"{RNN}@0", LSTM, f"{LSTM}@0"}


def positions(text):
    """At how many the gradients of a text can be measured over 30 lags."""
    return len(places(record(load(RNN), text), 500, 30).starts)


def test_it_measures_again_while_one_types(plain):
    plain.go(address(models=RNN, text=TEXT, instrument="gradients", **{"o.positions": 500, "o.lags": 30}))
    instrument = Instrument(plain).settle()
    expect(instrument.frame).to_contain_text(f"The median of {positions(TEXT)} steps")
    more = "And so it goes on."
    assert positions(TEXT + more) > positions(TEXT)
    plain.editor.press("Control+End")
    plain.page.keyboard.type(more)
    plain.settle_and_check()
    instrument.settle()
    expect(instrument.frame).to_contain_text(f"The median of {positions(TEXT + more)} steps")


def test_without_a_model_it_says_so(plain):
    plain.go(address(models=RNN, text=TEXT, instrument="horizon", **SMALL))
    instrument = Instrument(plain).settle()
    plain.panel(RNN).get_by_role("button", name=re.compile("Remove|Close")).click()
    expect(instrument.frame.locator(".faults")).to_contain_text("No model is open. Choose one to measure.")
    expect(instrument.frame.locator(".chart")).to_be_hidden()


def test_the_file_is_a_table_that_programs_read(plain):
    plain.go(address(models=f"{RNN},{LSTM}", text=TEXT, instrument="gradients", **SMALL))
    instrument = Instrument(plain).settle()
    rows = instrument.csv()
    assert len(rows) == 4 * 31
    for title, line in instrument.lines().items():
        own = [row for row in rows if row["model"] == title]
        assert [int(row["lag"]) for row in own] == line["x"]
        for row, log in zip(own, line["y"], strict=True):
            assert float(row["median_nats"]) == pytest.approx(10**log, rel=1e-4)


def test_the_file_waits_for_numbers(plain):
    plain.go(address(models=RNN, text="Short", instrument="gradients"))
    Instrument(plain).settle()
    plain.button("CSV").click()
    expect(plain.page.locator("#notice")).to_contain_text("There are no numbers yet")


@pytest.fixture
def own_server():
    with Server() as running:
        yield running


def test_it_asks_again_when_the_server_has_come_back(own_server, open_page):
    explore = open_page(address(models=RNN, text=TEXT, instrument="gradients", **SMALL), at=own_server)
    explore.expected += LOST
    explore.settle()
    instrument = Instrument(explore).settle()
    factor = instrument.fact(RNN, "per_step")
    own_server.kill()
    expect(explore.page.locator("#link")).to_contain_text("reconnecting")
    assert instrument.fact(RNN, "per_step") == factor, "what was measured stays to be seen"
    field = instrument.frame.get_by_role("spinbutton", name="Positions")
    field.fill("11")
    field.press("Enter")
    expect(instrument.frame).to_have_attribute("aria-busy", "true")
    own_server.start()
    expect(explore.page.locator("#link")).to_contain_text("live", timeout=60_000)
    expect(instrument.frame).to_contain_text("The median of 11 steps", timeout=60_000)
    instrument.settle()


@pytest.mark.parametrize("view", VIEWS, ids=lambda one: one.title)
def test_a_view_from_the_menu_opens_as_a_link_does(view, plain):
    plain.button("Instruments ▾").click()
    plain.page.get_by_role("menuitem", name=view.title).click()
    expect(plain.page.locator("#menu")).to_be_hidden()
    expect(plain.editor).to_have_value(view.text)
    plain.settle()
    expect(plain.page.locator(f"#panels [data-model='{view.model}']")).to_be_visible()
    expect(plain.page.get_by_role("spinbutton", name="Unit")).to_have_value(str(view.unit))
    expect(plain.page.locator(f'.unit-features tr[data-feature="{view.feature}"]')).to_be_visible()
    expect(plain.page.locator("#notice")).to_contain_text("Undo")  # the text that was here is not lost
    plain.button("Undo").click()
    expect(plain.editor).to_have_value(TEXT)
