"""Interventions in the page: intervened panels, the difference, and what the instrument says."""

from __future__ import annotations

import re

import numpy as np
from playwright.sync_api import expect

from models import load
from models.measures import drain, record
from models.measures.comparison.intervention_effect import intervening
from models.network.intervened_reader import IntervenedReader
from models.network.intervention import parse
from models.network.reader import CompiledReader
from models.network.trace import run
from tests.support.browser.expected_pictures import check_pixels
from tests.support.browser.explore_page import Explore, address
from tests.support.browser.open_instrument import Instrument

RNN, GRU, LSTM = "shakespeare-rnn", "shakespeare-gru", "shakespeare-lstm"
TEXT = "To be, or not to be, that is the question: whether tis nobler"
LETTERS = "0.forget_gate.12=0@20~zero@40"


def held(name: str, letters: str, text: str):
    """The trace of an intervened model."""
    lm = load(name)
    return run(lm, text, reader=IntervenedReader(CompiledReader(lm), parse(letters)))


def check_difference(explore: Explore, model: str, text: str, signal: str, high: float) -> None:
    base, _, letters = model.partition("~")
    values = held(base, letters, text)[f"0.{signal}"].numpy() - load(base).trace(text)[f"0.{signal}"].numpy()
    start, stop = explore.window(model)
    check_pixels(explore.pixels(model), values[start:stop], -high, high, "state")


def test_an_intervened_panel_shows_the_intervened_run_and_its_difference_the_difference(open_page):
    model = f"{LSTM}~{LETTERS}"
    explore = open_page(address(models=f"{LSTM},{model}", text=TEXT, signal="forget_gate"))
    explore.settle()
    start, stop = explore.window(model)
    values = held(LSTM, LETTERS, TEXT)["0.forget_gate"].numpy()
    check_pixels(explore.pixels(model), values[start:stop], 0, 1, "gate")
    head = explore.panel(model).locator(".panel-head")
    expect(head).to_contain_text("forget gate of unit 12 held at 0 from step 20; state zeroed before step 40")
    explore.panel(model).get_by_role("button", name="difference of").click()
    explore.settle()
    expect(head).to_contain_text("range ±1")
    check_difference(explore, model, TEXT, "forget_gate", 1.0)
    explore.choice("Colours of differences").select_option("0.1")
    expect(head).to_contain_text("range ±0.1, beyond it the end colour")
    explore.settle()
    check_difference(explore, model, TEXT, "forget_gate", 0.1)
    explore.caret_to(len(TEXT))
    explore.page.keyboard.insert_text(" in the mind")
    explore.settle()
    check_difference(explore, model, f"{TEXT} in the mind", "forget_gate", 0.1)
    explore.until("location.hash.includes('~0.forget_gate.12=0@20~zero@40:::difference')")
    explore.until("location.hash.includes('contrast=0.1')")
    explore.page.reload()
    explore.settle()
    check_difference(explore, model, f"{TEXT} in the mind", "forget_gate", 0.1)


def test_the_untrained_twin_of_an_intervened_network_is_intervened_in_too(open_page):
    explore = open_page(address(models=f"{LSTM}~{LETTERS}", text=TEXT))
    explore.settle()
    explore.twin(f"{LSTM}~{LETTERS}").click()
    explore.until(f"document.querySelector('[data-model]').dataset.model === '{LSTM}@0~{LETTERS}'")
    explore.settle()
    model = f"{LSTM}@0~{LETTERS}"
    start, stop = explore.window(model)
    values = held(f"{LSTM}@0", LETTERS, TEXT)["0.hidden"].numpy()
    check_pixels(explore.pixels(model), values[start:stop], -1, 1, "state")


def test_an_address_with_an_intervention_that_cannot_be_opens_the_rest(open_page):
    explore = open_page(address(models=f"{GRU},{GRU}~0.forget_gate=0@3,{LSTM}~0.hidden.128=0@3", text=TEXT))
    explore.settle()
    assert explore.models() == [GRU]


def line(explore: Explore, model: str):
    return explore.page.locator(f'.iv-table tr[data-for="{model}"]')


def check_table(explore: Explore, name: str, letters: str, text: str) -> None:
    lm = load(name)
    found = drain(intervening(record(lm, text), CompiledReader(lm), parse(letters)))
    free, other = found.free.bits_per_character, found.held.bits_per_character
    cells = line(explore, name).locator("td.number")
    more = f"{other - free:+.3f}".replace("-", "−")
    expect(cells).to_have_text([f"{free:.3f}", f"{other:.3f}", more, f"{found.divergence.mean(dtype=np.float64):.3f}"])


def test_a_click_silences_the_cursors_unit_and_the_instrument_says_what_that_costs(open_page):
    explore = open_page(address(models=f"{RNN},{LSTM}", text=TEXT, instrument="intervene", step=30, unit=7))
    explore.settle()
    expect(explore.page.locator("#instrument")).to_contain_text("Nothing is held yet")
    explore.button("+ silence unit 7").click()
    for model in (RNN, LSTM):
        check_table(explore, model, "0.hidden.7=0@30", TEXT)
    explore.page.get_by_role("button", name="LSTM · 128, intervened: panel").click()
    explore.settle()
    assert explore.models() == [RNN, LSTM, f"{LSTM}~0.hidden.7=0@30"]
    unit = explore.page.get_by_label("Unit; empty for all")
    unit.fill("9")
    for model in (RNN, LSTM):
        check_table(explore, model, "0.hidden.9=0@30", TEXT)
    explore.until(f"[...document.querySelectorAll('[data-model]')][2].dataset.model === '{LSTM}~0.hidden.9=0@30'")
    explore.settle()
    start, stop = explore.window(LSTM)
    values = held(LSTM, "0.hidden.9=0@30", TEXT)["0.hidden"].numpy()
    check_pixels(explore.pixels(f"{LSTM}~0.hidden.9=0@30"), values[start:stop], -1, 1, "state")
    explore.button("Remove this intervention").click()
    expect(explore.page.locator("#instrument")).to_contain_text("Nothing is held yet")
    assert explore.models() == [RNN, LSTM]


def test_it_begins_where_something_follows_and_its_first_chart_has_lines(open_page):
    """While nobody has put the cursor anywhere it stands behind the last character, where nothing is left to lose."""
    explore = open_page(address(models=f"{GRU},{LSTM}", text=TEXT, instrument="intervene"))
    explore.settle()
    explore.button("+ silence unit 0").click()
    start = int(explore.page.get_by_label("From step").input_value())
    first, stop = explore.window(GRU)
    assert first <= start < first + (stop - first) / 2
    for model in (GRU, LSTM):
        check_table(explore, model, f"0.hidden.0=0@{start}", TEXT)
    lines = Instrument(explore).settle().lines()
    assert len(lines) == 2
    for line_ in lines.values():
        there = np.array(line_["x"]) >= start
        assert (line_["y"][there] > 0).sum() > 10, "the chart is empty"


def test_one_click_closes_the_gates_that_keep_of_every_gated_cell(open_page):
    explore = open_page(address(models=f"{RNN},{GRU},{LSTM}", text=TEXT, instrument="intervene", step=30))
    explore.settle()
    explore.button("+ close the gates that keep").click()
    expect(explore.page.locator(".iv-row")).to_have_count(2)
    kept = {GRU: "0.update_gate=0@30", LSTM: "0.forget_gate=0@30"}
    for model, letters in kept.items():
        check_table(explore, model, letters, TEXT)
    expect(line(explore, RNN)).to_have_count(0)
    for name, model in (("GRU · 128", GRU), ("LSTM · 128", LSTM)):
        explore.page.get_by_role("button", name=f"{name}, intervened: panel").click()
        panel = f"{model}~{kept[model]}"
        explore.until(
            f"[...document.querySelectorAll('[data-model]')].some(({{dataset}}) => dataset.model === {panel!r})"
        )
        explore.settle()
        start, stop = explore.window(model)
        values = held(model, kept[model], TEXT)["0.hidden"].numpy()
        check_pixels(explore.pixels(panel), values[start:stop], -1, 1, "state")


def test_a_network_without_that_gate_is_left_out_with_a_sentence_and_the_others_are_measured(open_page):
    words = {"o.letters": "0.forget_gate=1@10", "instrument": "intervene"}
    explore = open_page(address(models=f"{GRU},{LSTM}", text=TEXT, **words))
    explore.settle()
    check_table(explore, LSTM, "0.forget_gate=1@10", TEXT)
    expect(explore.page.locator("#instrument")).to_contain_text("GRU · 128 has no forget gate to hold")
    expect(line(explore, GRU)).to_have_count(0)


CANNOT_BE = {
    "Unit; empty for all": (["99999999", "-5", "abc"], "30", "0.hidden.30=0@20"),
    "Value": (["", "1e30"], "30", "0.hidden.30=30@20"),
    "Until before step; empty for the end": (["abc", "9999999999"], "40", "0.hidden.30=30@20-40"),
    "From step": (["", "-1", "1.5", "9999999999"], "30", "0.hidden.30=30@30-40"),
}
"""For each field what is refused, what is taken, and the letters from then on."""


def test_a_number_that_cannot_be_is_marked_and_changes_nothing(open_page):
    explore = open_page(address(models=LSTM, text=TEXT, instrument="intervene", **{"o.letters": "0.hidden.12=0@20"}))
    explore.settle()
    row = explore.page.locator(".iv-row")
    for label, (bad, good, after) in CANNOT_BE.items():
        field = row.get_by_label(label, exact=True)
        for one in bad:
            field.fill(one)
            expect(field, f"{label}: {one!r}").to_have_attribute("aria-invalid", "true")
            expect(row).to_have_count(1)
        field.fill(good)
        expect(field, label).to_have_attribute("aria-invalid", "false")
        explore.page.wait_for_url(re.compile(rf"o\.letters={re.escape(after)}(?:&|$)"))


def test_an_address_whose_interventions_cannot_be_read_says_so(open_page):
    explore = open_page(address(models=LSTM, text=TEXT, instrument="intervene", **{"o.letters": "0.hidden=what"}))
    expect(explore.page.locator("#instrument")).to_contain_text("cannot be read: nothing is held")


def test_what_begins_behind_the_text_is_told_in_a_sentence(open_page):
    words = {"o.letters": "zero@500", "instrument": "intervene"}
    explore = open_page(address(models=GRU, text=TEXT, **words))
    explore.settle()
    expect(explore.page.locator("#instrument .faults")).to_contain_text("the text ends before it")
