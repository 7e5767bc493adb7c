"""The echo of a character on the page: its pixels, how long it is felt, and how one chooses whose it is."""

from __future__ import annotations

import csv
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from models import load
from models.echo.levels import largest, magnitude_levels, picture_levels
from models.echo.replacement import default_replacement
from models.figures import colours
from tests.support.browser.expected_pictures import hex_channels
from tests.support.browser.explore_page import Explore, address

pytestmark = pytest.mark.browser

TEXT = "To sit beside the sea, and count the tides that took the names of all who came before. And then a door."
MODELS = ("shakespeare-rnn", "shakespeare-gru", "shakespeare-lstm")
ALPHABETS = [load(model).vocabulary.characters for model in MODELS]


def difference(model: str, text: str, step: int, other: str, signal: str = "hidden") -> np.ndarray:
    lm = load(model)
    ours, theirs = (lm.trace(one)[f"0.{signal}"].numpy() for one in (text, text[:step] + other + text[step + 1 :]))
    return np.asarray(ours - theirs)


def felt(values: np.ndarray, step: int) -> int:
    strength = np.linalg.norm(values.astype(np.float64), axis=1)
    return int(np.flatnonzero(strength >= 0.01 * strength[step])[-1]) - step


def table(*, signed: bool = False) -> np.ndarray:
    stops = colours.SIGNED if signed else colours.ECHO
    channels = np.array([hex_channels(colour) for _, colour in stops], float)
    places = [position for position, _ in stops]
    return np.stack([np.interp(np.linspace(0, 1, 255), places, channels[:, k]) for k in range(3)], axis=1)


def check(explore, step, other, text=TEXT, signed=False, order=None):
    """Every panel shows the echo of `step`, to the pixel, and says for how long it is felt."""
    for model in explore.models():
        panel = explore.panel(model)
        expect(panel).to_have_attribute("data-echo", str(step))
        explore.until(f"document.querySelector('[data-model=\"{model}\"]').dataset.felt !== ''")
        signal = explore.showing(model)[1]
        values = difference(model, text, step, other, signal)
        start, stop = explore.window(model)
        levels = picture_levels(magnitude_levels(values), signed=signed)[start:stop]
        pixels = explore.pixels(model)[:, : stop - start, :3].astype(float)
        rows = levels.T if order is None else levels.T[order(levels)]
        assert np.abs(pixels - table(signed=signed)[rows]).max() <= 1
        expect(panel).to_have_attribute("data-felt", str(felt(values, step)))


def open_echo(open_page, **words):
    explore = open_page(address(models=",".join(MODELS), text=TEXT, order="index", **words))
    explore.settle()
    return explore


def over(explore, step):
    """Where a character of the strip is on the screen."""
    box = explore.page.locator(".characters").bounding_box()
    start, _ = explore.window(MODELS[0])
    columns = explore.heatmap(MODELS[0]).evaluate("(canvas) => canvas.width")
    return box["x"] + (step - start + 0.5) * box["width"] / columns, box["y"] + box["height"] / 2


def test_an_address_asks_for_an_echo_and_every_pixel_is_right(open_page):
    explore = open_echo(open_page, echo="30:x")
    check(explore, 30, "x")
    words = explore.panel("shakespeare-rnn").locator(".extra")
    expect(words).to_have_text(re.compile(r"felt for \d+ characters"))
    explore.until("location.hash.includes('echo=30:x')")


@pytest.mark.parametrize("signal", ["cell", "forget_gate"])
def test_any_signal_has_its_echo_with_signs_too(open_page, signal):
    explore = open_echo(open_page, echo="30", signed="1", signal=signal)
    check(explore, 30, default_replacement(TEXT[30], ALPHABETS), signed=True)


def test_the_pointer_along_the_characters_moves_the_echo_and_a_click_keeps_it(open_page):
    explore = open_echo(open_page, echo="30:x")
    explore.page.mouse.move(*over(explore, 41))
    check(explore, 41, "x")
    explore.page.mouse.move(*over(explore, 44))
    check(explore, 44, "x")
    explore.page.mouse.move(5, 5)
    check(explore, 30, "x")
    explore.page.mouse.click(*over(explore, 52))
    explore.page.mouse.move(5, 5)
    check(explore, 52, "x")
    explore.until("location.hash.includes('echo=52:x')")
    explore.page.keyboard.press("Escape")
    explore.until("location.hash.includes('echo=cursor:x')")
    check(explore, 52, "x")


def test_the_keys_choose_the_character_and_what_stands_in_its_place(open_page):
    explore = open_echo(open_page, echo="30")
    check(explore, 30, default_replacement(TEXT[30], ALPHABETS))
    strip = explore.page.get_by_role("slider", name=re.compile("Character whose echo"))
    strip.focus()
    explore.page.keyboard.press("ArrowRight")
    explore.page.keyboard.press("Q")
    check(explore, 31, "Q")
    expect(strip).to_have_attribute("aria-valuetext", f"step 31, “{TEXT[31]}”, had it been “Q”")
    explore.page.keyboard.press("Shift+ArrowLeft")
    check(explore, 21, "Q")
    explore.page.keyboard.press("Backspace")
    check(explore, 21, default_replacement(TEXT[21], ALPHABETS))
    explore.area("shakespeare-gru").focus()
    explore.page.keyboard.press("Shift+ArrowRight")
    check(explore, 22, default_replacement(TEXT[22], ALPHABETS))


def test_typing_goes_on_and_the_echo_follows(open_page):
    explore = open_echo(open_page, echo="30:x")
    explore.editor.press("Control+End")
    explore.page.keyboard.type(" It opened.")
    explore.settle()
    text = TEXT + " It opened."
    check(explore, 30, "x", text)
    explore.caret_to(3)
    explore.page.keyboard.insert_text("all of us ")
    explore.settle()
    text = text[:3] + "all of us " + text[3:]
    check(explore, 40, "x", text)


def test_the_mean_over_others_and_one_character_are_chosen_above_the_pictures(open_page):
    explore = open_echo(open_page, echo="30")
    explore.page.get_by_label("Compared with").select_option("mean")
    explore.until("location.hash.includes('others=8')")
    expect(explore.panel("shakespeare-rnn")).to_have_attribute("data-echo", "30")
    explore.page.get_by_label("Compared with").select_option("one")
    explore.page.get_by_label("The other character").fill("b")
    check(explore, 30, "b")


def test_values_and_echo_are_one_key_apart(open_page):
    explore = open_echo(open_page)
    explore.check()
    explore.area("shakespeare-gru").focus()
    explore.page.keyboard.press("e")
    expect(explore.panel("shakespeare-gru")).not_to_have_attribute("data-echo", "")
    expect(explore.page.get_by_role("button", name="Echo", exact=True)).to_have_attribute("aria-pressed", "true")
    explore.page.keyboard.press("e")
    expect(explore.panel("shakespeare-gru")).to_have_attribute("data-echo", "")
    explore.settle_and_check()


def test_the_longest_echo_stands_on_top(open_page):
    explore = open_page(address(models=",".join(MODELS), text=TEXT, order="auto", echo="30:x"))
    explore.settle()
    explore.until("document.querySelector('[data-model=\"shakespeare-lstm\"]').dataset.felt !== ''")
    check(
        explore, 30, "x", order=lambda levels: np.lexsort((np.arange(levels.shape[1]), -levels.astype(int).sum(axis=0)))
    )
    expect(explore.choice("Order of units")).to_have_value("auto")


def test_who_comes_without_a_view_is_shown_an_echo(open_page):
    explore = open_page()
    explore.settle()
    fresh = Explore(explore.page.context.new_page(), explore.server, explore.reference)
    fresh.visit()
    fresh.settle()
    for model in fresh.models():
        expect(fresh.panel(model)).to_have_attribute("data-echo", re.compile(r"\d+"))
        expect(fresh.panel(model)).to_have_attribute("data-felt", re.compile(r"\d+"))
    fresh.check_faults()
    fresh.page.close()


def test_a_wide_column_shows_its_largest_echo(open_page):
    text = (TEXT + "\n") * 60
    explore = open_page(address(models="shakespeare-lstm", order="index"))
    explore.settle()
    explore.editor.focus()
    explore.replace(text)
    explore.settle()
    explore.go(address(models="shakespeare-lstm", order="index", echo="200:x", columns=len(text), **{"from": 0}))
    explore.until(f"document.querySelector('[data-model]').dataset.window === '0:{len(text)}'")
    expect(explore.panel("shakespeare-lstm")).to_have_attribute("data-echo", "200")
    per = int(re.search(r"1 column = (\d+)", explore.panel("shakespeare-lstm").inner_text())[1])
    assert per > 1
    values = largest(difference("shakespeare-lstm", text, 200, "x"), per)
    levels = picture_levels(magnitude_levels(values), signed=False)
    pixels = explore.pixels("shakespeare-lstm")[:, : len(levels), :3]
    assert np.abs(pixels - table()[levels.T]).max() <= 1


def test_the_numbers_of_the_window_are_a_table(open_page):
    explore = open_echo(open_page, echo="30:x")
    check(explore, 30, "x")
    with explore.page.expect_download() as download:
        explore.take("Surprise as CSV")
    rows = list(csv.DictReader(download.value.path().read_text(encoding="utf-8").splitlines()))
    name = "shakespeare-gru 0.hidden echo_of_30_strength"
    strength = np.linalg.norm(difference("shakespeare-gru", TEXT, 30, "x"), axis=1)
    for row in rows:
        np.testing.assert_allclose(float(row[name]), strength[int(row["step"])], rtol=1e-4, atol=1e-9)
        assert row["character"] == TEXT[int(row["step"])]


def test_an_order_made_from_an_earlier_window_comes_back_with_its_address(open_page):
    explore = open_page(
        address(models="shakespeare-gru", text=TEXT * 3, order="similarity", columns=60, **{"from": 10})
    )
    explore.settle()
    explore.until("location.hash.includes('sorted=10-60-1')")
    before = explore.ticks("shakespeare-gru").all_text_contents()
    explore.area("shakespeare-gru").focus()
    explore.page.keyboard.press("PageDown")
    explore.settle()
    explore.until("location.hash.includes('from=70')")
    hash_ = explore.page.evaluate("location.hash.slice(1)")
    other = open_page(hash_)
    other.settle()
    expect(other.ticks("shakespeare-gru").first).to_have_text(before[0])
    other.settle()
    assert other.ticks("shakespeare-gru").all_text_contents() == before
    pixels = explore.pixels("shakespeare-gru")
    other.comes_to(lambda: bool((other.pixels("shakespeare-gru") == pixels).all()), True)


def test_how_long_an_echo_is_felt_in_words(bare):
    """Of 101 characters, number 20 was replaced: 80 steps follow it."""
    found = bare.evaluate(
        """async () => {
          const { feltWords } = await import("/static/views/heatmap/echo-lane.js");
          const echo = { step: 20, settled: true };
          const cases = [[14, 37], [14, 80], [80, 80], [14, 14], [0, 3], [-1, null], [1, null]];
          return cases.map(([felt, above]) => feltWords({ echo: { ...echo, felt, above }, length: 101 }));
        }"""
    )
    assert found == [
        "felt for 14 characters, traces for 37",
        "felt for 14 characters, traces to the end",
        "felt for 80 characters, to the end",
        "felt for 14 characters",
        "felt at its own step only",
        "unchanged",
        "felt for 1 character",
    ]
