"""The first minute: every step of it, and every number on it against what the models compute here."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from app.content.example_texts import SAMPLES
from app.content.first_minute import BETWEEN, MODELS, REAL_TEXT, TAUGHT_OTHERWISE
from tests.support.browser.first_minute_page import DEFAULT, KEEPERS, say


def test_it_begins_with_what_three_networks_know_of_a_letter(minute):
    minute.check(DEFAULT, "C")
    expect(minute.page.get_by_role("heading", level=1)).to_contain_text("Which of them still know its first letter?")
    assert minute.row(TAUGHT_OTHERWISE).is_hidden()


def test_another_first_letter_changes_the_answer_of_those_that_remember(minute):
    minute.page.get_by_role("radio", name="C", exact=True).click()
    minute.check(f"C{DEFAULT[1:]}", "A")
    expect(minute.page.locator(".lead")).to_contain_text(
        "the first letter only, C and A: red, the number is higher with C; blue, lower"
    )
    expect(minute.page.locator(".scale")).to_contain_text("higher with C")
    minute.page.keyboard.press("ArrowLeft")
    minute.check(DEFAULT, "C")


def test_the_text_becomes_longer_and_shorter(minute):
    say(minute, "Next: make the text longer")
    slider = minute.page.get_by_role("slider", name="characters")
    slider.fill("120")
    minute.check(f"A{BETWEEN[:118]}?", "C")
    slider.press("ArrowRight")
    minute.check(f"A{BETWEEN[:119]}?", "C")
    slider.press("End")
    minute.check(f"A{BETWEEN[:198]}?", "C")
    slider.press("Home")
    minute.check("Athe?", "C")
    expect(minute.page.locator("#where")).to_have_text("2 of 5")


def test_memory_dies_where_the_gate_that_keeps_is_closed(minute):
    minute.page.get_by_role("button", name="Step 3: close a gate").click()
    expect(minute.page.locator("#keepers")).to_contain_text("in the GRU the update gate, in the LSTM the forget gate")
    say(minute, "Close the gate that keeps")
    minute.check(DEFAULT, "C", closed=22)
    for base in MODELS[1:]:
        row = minute.row(f"{base}~0.{KEEPERS[base]}=0@22")
        expect(row.locator(".about")).to_contain_text("held at 0 from the red line on")
        assert row.locator(".shut-from").is_visible()
    expect(minute.row(MODELS[0]).locator(".about")).to_have_text("no gate to close")
    say(minute, "Let it work again")
    minute.check(DEFAULT, "C")


def test_the_gate_opens_when_one_goes_on(minute):
    minute.page.get_by_role("button", name="Step 3: close a gate").click()
    say(minute, "Close the gate that keeps")
    minute.settle(DEFAULT)
    say(minute, "Next: type between")
    minute.check(DEFAULT, "C")


def test_anything_can_be_typed_between(minute):
    minute.page.get_by_role("button", name="Step 4: type between").click()
    field = minute.page.get_by_role("textbox", name="between")
    expect(field).to_have_value(DEFAULT[1:-1])
    field.fill("Hello, sea 7")
    minute.check("Ahellosea?", "C")
    expect(minute.page.locator("#left-out")).to_contain_text("4 characters are left out")
    field.fill("zz")
    minute.check("Azz?", "C")
    expect(minute.page.locator("#left-out")).to_have_text("")
    field.fill("")
    minute.check("A?", "C")
    field.fill("q" * 300)
    minute.check(f"A{'q' * 198}?", "C")


def test_the_last_step_shows_the_same_cell_taught_otherwise_and_leads_to_real_text(minute):
    minute.page.get_by_role("button", name="Step 5: real text").click()
    minute.check(DEFAULT, "C", models=(*MODELS, TAUGHT_OTHERWISE))
    expect(minute.row(TAUGHT_OTHERWISE)).to_contain_text("taught with short texts first")
    minute.page.get_by_role("link", name="Open it in the laboratory").click()
    sample = next(sample for sample in SAMPLES if sample.id == REAL_TEXT["sample"])
    step = sample.text.index(REAL_TEXT["word"])
    expect(minute.page).to_have_url(re.compile("/explore#"))
    panels = minute.page.locator(f'.panel[data-echo="{step}"]')
    expect(panels).to_have_count(3)
    expect(minute.page.get_by_role("textbox", name="Text", exact=True)).to_have_value(sample.text)
    words = minute.page.locator(".panel .extra").all_inner_texts()
    assert [int(re.findall(r"\d+", word)[0]) for word in words] == [9, 35, 45]
    assert str(panels.first.get_attribute("data-window")).startswith("0:")
