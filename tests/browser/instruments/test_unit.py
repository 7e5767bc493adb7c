"""The unit instrument: lines, colours of the text, and what a unit follows, held to the models themselves."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from models import load
from models.measures import drain, record
from models.measures.units.unit import UnitView, unit_view
from tests.support.browser.explore_page import Explore, address
from tests.support.browser.open_instrument import Instrument

CODE = '''\
def remember(text, limit=100):
    """Keep the last characters (and count the rest)."""
    kept, dropped = [], 0
    for position, character in enumerate(text):
        if character in "([{":
            kept.append((position, character))
        elif character in ")]}" and kept:
            opened = kept.pop()
            assert position > opened[0], "closed before it was opened"
    return {"kept": kept[-limit:], "dropped": dropped}
'''
QUOTES = 41  # the unit of python-lstm, layer 1, that follows quotations most in CODE
VIEW = {"models": "python-lstm,python-rnn", "layer": 1, "unit": QUOTES, "step": 60, "instrument": "unit"}


def measured(model: str = "python-lstm", text: str = CODE, unit: int = QUOTES, **options: str) -> UnitView:
    lm = load(model)
    return drain(unit_view(lm, record(lm, text), text, 1, "hidden", unit, 0, len(text), **options))


def instrument(explore: Explore) -> Locator:
    return explore.page.locator(".instrument")


def rows(explore: Explore) -> list[str]:
    """The features of the table, from top to bottom."""
    return explore.page.locator(".unit-features tbody .unit-feature").all_text_contents()


def row(explore: Explore, name: str) -> Locator:
    return explore.page.locator(f'.unit-features tr[data-feature="{name}"]')


def tinted(page: Page) -> dict[int, int]:
    """The level of every coloured unit of the editor's slice."""
    found = page.evaluate(
        """() => [...CSS.highlights].filter(([name]) => name.startsWith("tint-")).flatMap(([name, ranges]) =>
             [...ranges].map(({ startOffset, endOffset }) => [name, startOffset, endOffset]))"""
    )
    levels = {}
    for name, start, stop in found:
        sign = 1 if name[5] == "p" else -1
        levels |= {k: sign * int(name[6:]) for k in range(start, stop)}
    return levels


@pytest.fixture
def opened(open_page: Callable[..., Explore]) -> Explore:
    explore = open_page(address(**VIEW, text=CODE))
    explore.settle()
    Instrument(explore).settle()
    expect(row(explore, "quotes")).to_be_visible()
    return explore


def test_features_stand_ranked_with_what_the_model_gives(opened: Explore) -> None:
    found = measured()
    told = [one for one in found.rows if one.r is not None]
    assert rows(opened) == [one.feature.title for one in told]
    assert rows(opened)[0] == "Inside quotes"
    for one in told[:6]:
        cells = row(opened, one.feature.name).locator("td").all_inner_texts()
        assert float(cells[2].replace("−", "-")) == pytest.approx(one.r, abs=0.0051)
        effect = one.rank_r if one.feature.counts else one.d
        assert float(cells[3].split()[1].replace("−", "-")) == pytest.approx(effect, abs=0.0051)
        unit, r = cells[4].split()
        assert (int(unit), float(r.replace("−", "-"))) == (one.best[0], pytest.approx(one.best[1], abs=0.0051))
        bar = row(opened, one.feature.name).locator(".unit-bar")
        fill, tick = bar.locator("i"), bar.locator("b")
        assert fill.evaluate("(one) => parseFloat(one.style.width)") == pytest.approx(100 * abs(one.r), abs=0.01)
        assert tick.evaluate("(one) => parseFloat(one.style.left)") == pytest.approx(100 * one.chance.usual, abs=0.01)
    for one in told:
        grey = "unit-chance" in (row(opened, one.feature.name).get_attribute("class") or "")
        assert grey == (one.beyond <= 1), one.feature.name


def test_the_text_is_coloured_by_the_unit(opened: Explore) -> None:
    x = measured().values
    opened.until("[...CSS.highlights].some(([name, ranges]) => name.startsWith('tint-') && ranges.size > 0)")
    levels = tinted(opened.page)
    expected = {k: int(level) for k, level in enumerate(np.floor(8 * x.astype(np.float64) + 0.5)) if level}
    assert levels == expected
    instrument(opened).get_by_label("colour the text").uncheck()
    opened.until("[...CSS.highlights].every(([name, ranges]) => !name.startsWith('tint-') || ranges.size === 0)")
    opened.page.wait_for_url(re.compile(r"o\.colour=false"))


def test_words_tell_saturation_and_half_lives_of_every_model(opened: Explore) -> None:
    for model, by in (
        ("python-lstm", "by its forget gate"),
        ("python-rnn", "by the diagonal of its Jacobian (no gate keeps)"),
    ):
        found = measured(model)
        words = opened.page.locator(f'.unit-model[data-for="{model}"] .unit-sentence')
        expect(words).to_contain_text(f"steps 0–{len(CODE) - 1}")
        said = words.inner_text()
        assert f"{by} {int(found.kept.lags[1])} step" in said
        shares = [float(share) for share in re.findall(r"([\d.]+)\s%", said)]
        assert shares == pytest.approx([100 * found.saturated[0].high, 100 * found.saturated[0].low], abs=0.051)


def test_an_expression_becomes_a_row_and_a_bad_one_a_sentence(opened: Explore) -> None:
    field = instrument(opened).get_by_label("Regular expression")
    field.fill("kept|dropped")
    expect(row(opened, "pattern")).to_be_visible()
    found = next(one for one in measured(pattern="kept|dropped").rows if one.feature.name == "pattern")
    r = row(opened, "pattern").locator("td").nth(2).inner_text()
    assert float(r.replace("−", "-")) == pytest.approx(found.r, abs=0.0051)
    expect(row(opened, "pattern").get_by_role("button", pressed=True)).to_have_count(1)
    field.fill("kept|(")
    expect(opened.page.locator(".unit-fault")).to_contain_text("not a regular expression that Python understands")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(row(opened, "quotes")).to_be_visible()
    field.fill("")
    expect(opened.page.locator(".unit-fault")).to_be_empty()


def test_one_click_goes_to_the_unit_that_follows_a_feature_most(opened: Explore) -> None:
    found = next(one for one in measured().rows if one.feature.name == "blank")
    row(opened, "blank").locator(".unit-jump").click()
    opened.wait_at(60, found.best[0])
    expect(opened.page.locator(".unit-follows h3")).to_have_text(f"What unit {found.best[0]} of LSTM · 2 × 128 follows")
    opened.until("document.querySelector('.unit-features .unit-feature').textContent === 'Blank'")
    # From the keyboard: a feature's followers.
    row(opened, "quotes").locator(".unit-feature").press("Enter")
    followers = opened.page.locator(".unit-followers .unit-jump")
    expect(opened.page.locator(".unit-followers")).to_contain_text("follow “Inside quotes” most")
    expect(followers.first).to_have_text(re.compile(rf"^{QUOTES} \+0\."))
    followers.first.press("Enter")
    opened.wait_at(60, QUOTES)
    field = instrument(opened).get_by_label("Unit", exact=True)
    expect(field).to_have_value(str(QUOTES))
    field.press("ArrowUp")
    opened.wait_at(60, QUOTES + 1)


def test_the_picture_that_one_goes_to_is_the_one_it_speaks_of(opened: Explore) -> None:
    heading = opened.page.locator(".unit-follows h3")
    expect(heading).to_have_text(f"What unit {QUOTES} of LSTM · 2 × 128 follows")
    opened.area("python-rnn").focus()
    expect(heading).to_have_text(f"What unit {QUOTES} of Vanilla RNN · 2 × 128 follows")
    opened.page.wait_for_url(re.compile(r"o\.model=python-rnn"))
    found = measured("python-rnn")
    opened.until(
        f"document.querySelector('.unit-features .unit-feature').textContent === {found.rows[0].feature.title!r}"
    )


def test_the_numbers_come_as_a_table(opened: Explore) -> None:
    with opened.page.expect_download() as download:
        instrument(opened).get_by_role("button", name="CSV").click()
    path = download.value.path()
    table = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    mine = [line for line in table if line["model"] == "LSTM · 2 × 128"]
    found = measured()
    told = {line["name"]: line for line in mine if line["about"].startswith("feature")}
    for one in found.rows:
        line = told[one.feature.title]
        if one.r is None:
            assert (line["r"], line["note"]) == ("", one.why)
            continue
        assert float(line["r"]) == pytest.approx(one.r, abs=1e-6)
        assert float(line["chance_95"]) == pytest.approx(one.chance.usual, abs=1e-6)
    start, stop = opened.window("python-lstm")
    values = [float(line["value"]) for line in mine if line["about"] == "hidden"]
    np.testing.assert_allclose(values, found.values[start:stop], rtol=1e-6)


def test_a_text_that_is_too_short_says_what_is_missing(open_page: Callable[..., Explore]) -> None:
    explore = open_page(address(**VIEW, text="a = 'b'\n"))
    explore.settle()
    note = explore.page.locator(".unit-follows .inst-note")
    expect(note.filter(has_text="it takes 200")).to_be_visible()
    expect(note.filter(has_text="No number for")).to_contain_text(re.compile("Digit.*: never in these steps"))
    explore.replace("a")
    expect(note.filter(has_text="No number for")).to_contain_text("No number for Vowel: at every one of these steps.")
    expect(explore.page.locator(".unit-features")).to_be_hidden()


def test_typing_takes_the_colours_along(opened: Explore) -> None:
    text = CODE + 'x = "more"\n'
    opened.replace(text)
    opened.settle()
    x = measured(text=text).values
    last = [k for k, level in enumerate(np.floor(8 * x.astype(np.float64) + 0.5)) if level][-1]
    opened.until(
        f"[...CSS.highlights].some(([name, ranges]) => name.startsWith('tint-') && "
        f"[...ranges].some(({{ endOffset }}) => endOffset === {last + 1}))"
    )


def test_wide_columns_say_what_their_points_are(open_page: Callable[..., Explore]) -> None:
    explore = open_page(address(**VIEW | {"columns": 2000}, text=CODE * 4))
    words = explore.page.locator('.unit-model[data-for="python-lstm"] .unit-sentence')
    head = explore.panel("python-lstm").get_by_text(re.compile("1 column = "))
    per = re.search(r"1 column = (\d+) characters", head.first.inner_text())
    expect(words).to_contain_text(f"A point of the lines is the mean of {per[1]} characters")
