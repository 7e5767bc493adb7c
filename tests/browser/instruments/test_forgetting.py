"""Forgetting from here, in the page: its curves, shares and colours are those that the models' measures give."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from models import load
from models.measures import drain, record
from models.measures.memory.edit_sensitivity import drowned
from models.measures.memory.forgetting import forgetting
from tests.support.browser.explore_page import address
from tests.support.browser.open_instrument import Instrument

RNN, LSTM = "shakespeare-rnn", "shakespeare-lstm"
TWIN = f"{LSTM}@0"
TEXT = "Then say my name. I gave it when I came, before the long night's talk of wind and flame. So.\n"
STEP, LAGS, AFTER = 41, 30, 12
CURVES = ["edit", "kl", "retention", "connectivity", "jacobian"]


def measured(model, step=STEP, lags=LAGS, text=TEXT):
    lm = load(model)
    return drain(forgetting(lm, record(lm, text), step, lags=lags))


def quartiles(found):
    return np.quantile(found.retention, [0.25, 0.5, 0.75], axis=1, method="inverted_cdf")


def curves(found):
    """The five lines of a model, as they must be drawn: log₁₀, NaN where the axis has no place."""
    lines = [found.edit, found.divergence, quartiles(found)[1], found.connectivity, found.jacobian]
    return [np.where(np.isfinite(line), line, np.nan) for line in lines]


@pytest.fixture
def at(open_page):
    def open_it(models=f"{RNN},{LSTM}", text=TEXT, **words):
        options = {"o.lags": LAGS, "o.after": AFTER, **words}
        explore = open_page(address(models=models, text=text, instrument="forgetting", **options))
        explore.settle()
        return explore, Instrument(explore).settle()

    return open_it


def test_the_curves_are_those_of_the_measures(at):
    _, instrument = at(models=f"{RNN},{LSTM},{TWIN}", step=STEP)
    expect(instrument.frame.locator(".forgetting-place")).to_have_text(f"“{TEXT[STEP]}” at step {STEP}")
    titles = {RNN: "Vanilla RNN · 128", LSTM: "LSTM · 128", TWIN: "LSTM · 128, untrained"}
    for model, title in titles.items():
        found = measured(model)
        for k, expected in enumerate(curves(found)):
            line = instrument.lines(k)[title]
            assert line["x"] == list(range(LAGS + 1))
            np.testing.assert_allclose(line["y"], expected, atol=2e-3, err_msg=f"{model} {CURVES[k]}")
            assert line["dash"] == ("dash" if model == TWIN else "solid")
        for k, rounding in enumerate([found.rounding, found.rounding_divergence]):
            line = instrument.lines(k)[f"{title}, rounding"]
            assert line["dash"] == "dot"
            assert len(line["y"]) == len(rounding)


def test_the_table_says_what_share_is_left(at):
    _, instrument = at(step=STEP)
    for model in (RNN, LSTM):
        found = measured(model)
        row = instrument.rows()[model]
        limits = {
            "edit": drowned(found.edit, found.rounding),
            "kl": drowned(found.divergence, found.rounding_divergence, 4),
        }
        for name, curve in zip(CURVES, curves(found), strict=True):
            words = row.locator(f'[data-curve="{name}"]').inner_text()
            share = 100 * 10 ** (curve[AFTER] - curve[0])
            if (limits.get(name) or LAGS + 1) <= AFTER:
                assert words == "rounding"
            elif words == "< 0.01":
                assert share < 0.01
            else:
                number = float(words.replace(",", ""))
                assert number == pytest.approx(share, rel=0.06), name


def test_the_text_is_coloured_by_what_still_moves_the_prediction(at):
    """Levels 1 … 8 are half decades from 0.001 logits on, the same for every model; the legend has their numbers."""
    explore, instrument = at(step=STEP)
    colour = instrument.frame.get_by_role("combobox", name="The text is coloured for")
    legend = instrument.frame.locator(".pull-scale span")
    assert legend.all_inner_texts() == ["0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1", "3"]
    for model in (RNN, LSTM):
        colour.select_option(model)
        instrument.settle()
        expect(instrument.frame.locator(".pull")).to_contain_text(f"the logit of “{TEXT[STEP + 1]}”, which came next")
        back = measured(model).backward
        exact = 2 * (back + 3)
        coloured = slice(STEP - len(back) + 1, STEP + 1)
        either = [np.clip(np.floor(exact[::-1] + nudge) + 1, 0, 8) for nudge in (-0.01, 0.01)]

        def right(shown, coloured=coloured, either=either):
            as_measured = (shown[coloured] == either[0]) | (shown[coloured] == either[1])
            return as_measured.all() and (np.delete(shown, np.r_[coloured]) == 0).all()

        instrument.tints_come_to(right)
        assert len(set(instrument.tints()[coloured])) > 2
    colour.select_option("none")
    instrument.tints_come_to(lambda shown: (shown == 0).all())
    colour.select_option(RNN)
    instrument.tints_come_to(lambda shown: (shown > 0).any())
    explore.page.get_by_role("button", name="Close the instrument").click()
    instrument.tints_come_to(lambda shown: (shown == 0).all())


def test_a_click_on_a_picture_moves_the_question_there(at):
    explore, instrument = at(models=RNN, step=STEP, columns=len(TEXT))
    explore.page.mouse.click(*explore.place(RNN, 20, 5))
    expect(instrument.frame.locator(".forgetting-place")).to_have_text(f"“{TEXT[20]}” at step 20")
    instrument.settle()
    line = instrument.lines(0)["Vanilla RNN · 128"]
    np.testing.assert_allclose(line["y"], curves(measured(RNN, step=20))[0], atol=2e-3)
    explore.area(RNN).press("ArrowRight")
    expect(instrument.frame.locator(".forgetting-place")).to_have_text(f"“{TEXT[21]}” at step 21")


def test_who_opens_it_is_shown_a_character_that_others_follow(open_page):
    explore = open_page(address(models=RNN, text=TEXT))
    explore.settle()
    explore.page.keyboard.press("Escape")
    explore.button("Instruments ▾").click()
    explore.page.get_by_role("menuitemradio", name=re.compile("Forgetting from here")).click()
    instrument = Instrument(explore).settle()
    step = explore.at()[0]
    assert 0 < step < len(TEXT) - 20
    assert len(instrument.lines(0)["Vanilla RNN · 128"]["y"]) == len(TEXT) - step


def test_at_the_end_of_the_text_it_says_that_nothing_follows(at):
    explore, instrument = at(models=LSTM, step=STEP)
    explore.editor.press("Control+End")
    explore.page.keyboard.type("Z")
    explore.settle()
    instrument.settle()
    expect(instrument.frame).to_contain_text("It is the last character, and nothing follows it yet.")
    expect(instrument.frame.locator(".chart").first).to_be_hidden()
    expect(instrument.frame.locator(".pull")).to_contain_text("which it expects next")
    instrument.frame.get_by_role("button", name=re.compile("Take step")).click()
    expect(instrument.frame.locator(".chart").first).to_be_visible()


def test_the_file_has_the_numbers_to_six_digits(at):
    _, instrument = at(models=LSTM, step=STEP)
    found = measured(LSTM)
    rows = instrument.csv()
    assert [int(row["lag"]) for row in rows] == list(range(max(LAGS, len(found.backward) - 1) + 1))
    low, middle, high = quartiles(found)
    expected = {
        "edit_distance": found.edit, "edit_kl_bits": found.divergence, "retention_quartile_1": low,
        "retention_median": middle, "retention_quartile_3": high, "connectivity": found.connectivity,
        "jacobian": found.jacobian, "pull_of_the_character_so_far_back": found.backward,
    }  # fmt: skip
    for name, logs in expected.items():
        sent = np.array([float(row[name]) for row in rows if row[name] != ""])
        np.testing.assert_allclose(
            sent, 10.0 ** logs[np.isfinite(logs) | (logs == -np.inf)], rtol=5e-3, atol=1e-12, err_msg=name
        )


def test_options_come_back_with_the_address(at):
    explore, instrument = at(models=RNN, step=STEP)
    field = instrument.frame.get_by_role("spinbutton", name="Characters after which")
    field.fill("7")
    field.press("Enter")
    instrument.frame.get_by_role("checkbox", name="unit 0 beside the median").check()
    instrument.settle()
    assert "Vanilla RNN · 128, unit 0" in instrument.lines(2)
    explore.until("location.hash.includes('o.after=7') && location.hash.includes('o.unit=true')")
    explore.page.reload()
    explore.settle()
    again = Instrument(explore).settle()
    expect(again.frame.get_by_role("spinbutton", name="Characters after which")).to_have_value("7")
    assert "Vanilla RNN · 128, unit 0" in again.lines(2)
    share = 100 * 10 ** (curves(measured(RNN))[4][7] - curves(measured(RNN))[4][0])
    words = again.rows()[RNN].locator('[data-curve="jacobian"]').inner_text()
    assert float(words) == pytest.approx(share, rel=0.06)


def test_numbers_of_any_size_are_written_by_their_logarithms(bare):
    logs = ["NaN", "-Infinity", "0", "-3", "-3.01", "2.123456", "4.9", "5.3", "-60", "-400.5"]
    amounts, shares, exact = bare.evaluate(
        """(logs) => import("/static/format/powers.js").then(({ amount, percent, exactly }) =>
          [amount, percent, exactly].map((say) => logs.map((log) => String(say(Number(log))))))""",
        logs,
    )
    assert amounts == [*("no number", "0", "1", "0.001", "9.8·10⁻⁴", "130", "79,000", "2·10⁵", "10⁻⁶⁰", "3.2·10⁻⁴⁰¹")]
    assert shares == ["–", "0", "100", "0.1", "0.098", "13,300", "7.94·10⁶", "2·10⁷", "< 0.01", "< 0.01"]
    assert exact == [*("NaN", "0", "1", "0.001", "0.000977237", "132.879", "79432.8", "199526", "1e-60", "3.1623e-401")]
