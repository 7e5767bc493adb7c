"""A projector, a laptop and a phone, light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.browser.explore_page import address

SIZES = {"projector": (1280, 720), "laptop": (1440, 900), "phone": (390, 844)}
THEMES = ("light", "dark")
FAMILIES = {
    "shakespeare": "shakespeare-rnn,shakespeare-gru,shakespeare-lstm",
    "python": "python-rnn,python-gru,python-lstm",
}


def open_at(open_page, size, scale=1, **words):
    dense = {} if scale == 1 else {"device_scale_factor": scale}
    explore = open_page(address(**words), size=SIZES[size], media={"color_scheme": "light"}, **dense)
    explore.settle()
    return explore


def check_all_is_seen(explore, size):
    explore.check()
    width, height = SIZES[size]
    wide = explore.page.evaluate("[document.documentElement.scrollWidth, document.body.scrollWidth]")
    assert max(wide) <= width, "the page scrolls sideways"
    assert explore.editor.bounding_box()["height"] >= 40
    boxes = [explore.heatmap(model).bounding_box() for model in explore.models()]
    for box in boxes:
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["height"] >= 128, "a unit has less than a pixel"
    if size != "phone":
        assert explore.editor.bounding_box()["y"] < 200
        bottom = boxes[-1]["y"] + boxes[-1]["height"]
        assert bottom <= height, f"the last picture ends at {bottom:.0f} of {height}"


def check_characters_stand_over_their_columns(explore):
    """The strip, the pictures and the lines of surprise begin and end at the same place."""
    strip = explore.page.locator("#characters canvas").bounding_box()
    others = [
        *(explore.heatmap(model).bounding_box() for model in explore.models()),
        explore.page.locator("#overview [role=scrollbar]").bounding_box(),
    ]
    others.append(explore.page.locator(".surprise-area canvas").bounding_box())
    for box in others:
        assert box["x"] == pytest.approx(strip["x"], abs=0.6)
        assert box["width"] == pytest.approx(strip["width"], abs=0.6)


@pytest.mark.parametrize("size", SIZES)
def test_everything_is_where_it_can_be_seen(size, open_page):
    """In both themes, the second of which is chosen while the page is open; then with other models."""
    explore = open_at(open_page, size)
    check_characters_stand_over_their_columns(explore)
    for theme in THEMES:
        explore.page.emulate_media(color_scheme=theme)
        explore.settle()
        check_all_is_seen(explore, size)
    explore.go(address(models=FAMILIES["python"], layer=1, text="def f(x):\n    return [x]\n"))
    for model in FAMILIES["python"].split(","):
        expect(explore.panel(model)).to_have_attribute("data-layer", "1")
    explore.settle_and_check()
    assert explore.page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    for model in explore.models():
        head = explore.panel(model).locator("header")
        assert head.evaluate("(one) => one.scrollWidth <= one.clientWidth"), f"the head of {model} is cut off"


@pytest.mark.parametrize(("size", "scale"), [("projector", 1), ("laptop", 1), ("laptop", 2), ("phone", 3)])
def test_each_unit_has_the_same_whole_number_of_device_pixels(size, scale, open_page):
    explore = open_at(open_page, size, scale=scale, models="shakespeare-rnn-wide,shakespeare-lstm")
    for model, units in (("shakespeare-rnn-wide", 284), ("shakespeare-lstm", 128)):
        pixels = explore.heatmap(model).evaluate(
            "(c) => c.getBoundingClientRect().height * devicePixelRatio / c.height"
        )
        assert pixels == pytest.approx(round(pixels), abs=1e-3), f"{model}: {pixels} device pixels a unit"
        assert pixels >= 1
        assert explore.pixels(model).shape[0] == units


def test_a_single_letter_is_drawn_in_the_middle_of_its_column(open_page):
    """Ink of the strip, found by its columns: around the letter stand spaces, whose dots are low."""
    text = " " * 30 + "M" + " " * 9
    explore = open_at(open_page, "laptop", models="shakespeare-gru", text=text, columns=40, step=0)
    middle = explore.page.evaluate(
        """() => {
          const canvas = document.querySelector("#characters canvas");
          const { width, height } = canvas;
          const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
          const rows = Array.from({ length: height - 6 }, (_, y) => y + 3);
          const colour = (x, y) => data.slice((y * width + x) * 4, (y * width + x) * 4 + 3).join();
          const ink = (x) => rows.filter((y) => colour(x, y) !== colour(x, rows[0])).length;
          const inked = Array.from({ length: width }, (_, x) => x).filter((x) => ink(x) > 6);
          return [Math.min(...inked) / width, Math.max(...inked) / width];
        }"""
    )
    assert 30 / 40 <= middle[0] < middle[1] <= 31 / 40


def test_the_picture_follows_the_width_of_the_window(open_page):
    explore = open_at(open_page, "laptop")
    before = explore.window("shakespeare-gru")
    explore.page.set_viewport_size({"width": 900, "height": 700})
    explore.until(f"document.querySelector('canvas.heatmap').width < {before[1] - before[0]}")
    explore.settle_and_check()
    after = explore.window("shakespeare-gru")
    assert after[1] - after[0] < before[1] - before[0]
    assert explore.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_on_a_phone_a_finger_reads_values_and_pans(open_page):
    text = "The king is come, my lord; the king is come.\n" * 6
    explore = open_page(
        address(models="shakespeare-lstm", text=text),
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        device_scale_factor=2,
    )
    explore.settle()
    start, stop = explore.window("shakespeare-lstm")
    explore.page.touchscreen.tap(*explore.place("shakespeare-lstm", 5, 7))
    explore.wait_at(start + 5, 7)
    assert stop - start >= 12


def test_on_a_phone_two_fingers_zoom_about_their_middle(open_page):
    text = "The king is come, my lord; the king is come.\n" * 6
    explore = open_page(
        address(models="shakespeare-lstm", text=text, columns=60, **{"from": 100}),
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        device_scale_factor=2,
    )
    explore.settle()
    assert explore.window("shakespeare-lstm") == (100, 160)
    explore.place("shakespeare-lstm", 0, 0)  # scrolls it into view
    box = explore.heatmap("shakespeare-lstm").bounding_box()
    touch = explore.page.context.new_cdp_session(explore.page)
    middle, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def fingers(kind, *places):
        points = [{"x": middle + x, "y": y, "id": k} for k, x in enumerate(places)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", -40)
    fingers("touchStart", -40, 40)
    for apart in range(40, 121, 10):
        fingers("touchMove", -apart, apart)
    fingers("touchEnd")
    explore.until("document.querySelector('canvas.heatmap').width < 30")
    explore.settle()
    start, stop = explore.window("shakespeare-lstm")
    assert 18 <= stop - start <= 24
    assert abs((start + stop) / 2 - 130) <= 3
    fingers("touchStart", 0)
    for x in range(0, 101, 10):
        fingers("touchMove", x)
    fingers("touchEnd")
    explore.until(f"!document.querySelector('[data-model]').dataset.window.startsWith('{start}:')")
    explore.settle()
    assert explore.window("shakespeare-lstm")[0] < start


def test_without_panels_the_page_says_what_to_do(explore):
    words = explore.page.get_by_text("Choose a model to read along.")
    expect(words).to_be_hidden()
    for model in explore.models():
        explore.panel(model).locator("button.remove").click()
    expect(words).to_be_visible()
    expect(explore.page.locator("#inspector").get_by_text("Next character")).to_be_hidden()
    explore.page.get_by_role("checkbox", name="GRU · 128", exact=True).check()
    explore.settle_and_check()
    expect(words).to_be_hidden()
