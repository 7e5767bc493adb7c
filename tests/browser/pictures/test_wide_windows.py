"""Windows of any width: what a column stands for, how one gets around, and that every pixel is made of the states."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.support.browser.expected_pictures import check_pixels
from tests.support.browser.explore_page import address

GRU = "shakespeare-gru"
LSTM = "shakespeare-lstm"
WORDS = "The king is come, my lord; and all the sea was still. "
TEXT = (WORDS * 60)[:3000]
SHOWS = ("extreme", "mean", "lowest", "highest", "saturated")


def columns_of(values, per, show, kind, low, high, nudge=0.0):
    """What wide columns show, straight from the definition: (T, H) to (columns, H).

    `nudge` moves the borders of the choice between two extremes, on which a rounding may decide.
    """
    out = []
    for start in range(0, len(values), per):
        part = values[start : start + per].astype(np.float64)
        least, most, middle = part.min(axis=0), part.max(axis=0), (low + high) / 2
        lead = (most - middle) - (middle - least)
        alike = np.abs(lead) <= (high - low) / 254 + nudge
        up = np.where(alike, part.mean(axis=0) + nudge >= middle, lead >= 0)
        out.append(
            {
                "mean": part.mean(axis=0),
                "lowest": least,
                "highest": most,
                "extreme": np.where(up, most, least),
                "saturated": ((part < 0.1) | (part > 0.9) if kind == "gate" else np.abs(part) > 0.9).mean(axis=0),
            }[show]
        )
    return np.array(out, np.float32)


@pytest.fixture
def open_wide(open_page):
    """Opens the page with a text that its address is too short for, and settles on it."""

    def open_it(text=TEXT, **words):
        explore = open_page(address(**{"models": GRU, "text": "A", **words}))
        explore.settle()
        explore.replace(text)
        steps(explore, text)
        return explore

    return open_it


def steps(explore, text=TEXT):
    """Wait until the window is painted as far as the text goes."""
    explore.until(
        f"""[...document.querySelectorAll("[data-model]")].every(({{ dataset }}) => {{
          const [from, to] = dataset.window.split(":").map(Number);
          return Number(dataset.steps) === {len(text)} && to > from;
        }})"""
    )


def whole(explore, text=TEXT):
    explore.button("all: the whole text").click()
    for model in explore.models():
        expect(explore.panel(model)).to_have_attribute("data-window", f"0:{len(text)}")


def per_of(explore, model=GRU):
    words = explore.panel(model).locator(".wide").inner_text()
    return int(words.removeprefix("1 column = ").split(" ")[0].replace(",", "")) if words else 1


def check_wide(explore, model, show, text=TEXT):
    per = per_of(explore, model)
    layer, signal = explore.showing(model)
    reading = explore.reference(model, text)
    declared = reading.declared(signal)
    start, stop = explore.window(model)
    low, high = declared.range
    kind = declared.kind.value
    values = reading.signal(layer, signal)[start:stop]
    one, other = (columns_of(values, per, show, kind, low, high, nudge) for nudge in (-3e-5, 3e-5))
    if show == "saturated":
        low, high, kind = 0.0, 1.0, "gate"
    check_pixels(explore.pixels(model), one, low, high, kind, other)


@pytest.mark.parametrize("signal", ["hidden", "update_gate"])
def test_every_pixel_of_the_whole_text_is_made_of_its_states(signal, open_wide):
    explore = open_wide(signal=signal)
    whole(explore)
    per = per_of(explore)
    assert per > 1
    assert explore.heatmap(GRU).evaluate("(c) => c.width") == -(-len(TEXT) // per)
    choice = explore.choice("Wide columns show")
    for show in SHOWS:
        choice.select_option(show)
        said = "share saturated" if show == "saturated" else show
        expect(explore.panel(GRU).locator(".wide")).to_have_text(f"1 column = {per} characters · {said}")
        expect(explore.panel(GRU)).to_have_attribute("data-window", f"0:{len(TEXT)}")
        explore.until("document.querySelector('.ghost') === null")
        check_wide(explore, GRU, show)
        if signal == "hidden":
            assert explore.bar(GRU) == (["0", "0.5", "1"] if show == "saturated" else ["−1", "0", "+1"])


def test_narrow_windows_are_one_character_a_column(open_wide):
    """And offer no choice of what a column shows, since it shows the character's own states."""
    explore = open_wide()
    expect(explore.choice("Wide columns show")).to_be_hidden()
    whole(explore)
    expect(explore.choice("Wide columns show")).to_be_visible()
    explore.button("fit: default zoom").click()
    expect(explore.choice("Wide columns show")).to_be_hidden()
    expect(explore.panel(GRU).locator(".wide")).to_be_empty()
    steps(explore)
    start, stop = explore.window(GRU)
    expected = explore.reference(GRU, TEXT).signal(0, "hidden")[start:stop]
    check_pixels(explore.pixels(GRU), expected, -1.0, 1.0, "state")


def test_an_edit_in_the_middle_of_a_wide_window(open_wide):
    explore = open_wide()
    whole(explore)
    at = 1501
    explore.caret_to(at)
    explore.page.keyboard.type("é!")
    text = f"{TEXT[:at]}é!{TEXT[at:]}"
    explore.until("document.querySelector('.news').textContent.startsWith('the edit at 1,5')")
    explore.until(f"document.querySelector('[data-model]').dataset.steps === '{len(text)}'")
    expect(explore.panel(GRU)).to_have_attribute("data-window", f"0:{len(text)}")  # the whole text stays in view
    check_wide(explore, GRU, "mean", text)


def test_zoom_goes_from_the_whole_text_to_single_steps_about_the_pointer(open_wide):
    """The step under the pointer stays under it, to the width of a column."""
    explore = open_wide()
    whole(explore)
    box = explore.heatmap(GRU).bounding_box()
    x, y = int(box["x"] + 0.3 * box["width"]), box["y"] + 40  # events of the mouse come in whole pixels
    share = (x - box["x"]) / box["width"]
    explore.page.mouse.move(x, y)
    aim = int(share * explore.heatmap(GRU).evaluate("(c) => c.width") * per_of(explore))
    widths = []
    for _ in range(14):
        with_control(explore, -250)
        start, stop = explore.window(GRU)
        widths.append(stop - start)
        per = per_of(explore)
        found = start + int(share * (explore.heatmap(GRU).evaluate("(c) => c.width") * per))
        assert abs(found - aim) <= max(2, per), (found, aim, per)
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] == 12
    for _ in range(16):
        with_control(explore, 250)
    assert explore.window(GRU) == (0, len(TEXT))


def with_control(explore, down):
    """Turn the wheel with Control held, and wait until the new window is painted."""
    before = explore.panel(GRU).get_attribute("data-window")
    explore.page.keyboard.down("Control")
    explore.page.mouse.wheel(0, down)
    explore.page.keyboard.up("Control")
    start, stop = map(int, before.split(":"))
    if (down < 0 and stop - start > 12) or (down > 0 and (start, stop) != (0, len(TEXT))):
        expect(explore.panel(GRU)).not_to_have_attribute("data-window", before)
    explore.until("document.querySelector('.ghost') === null")
    explore.until(
        f"""(() => {{
          const panel = document.querySelector("[data-model]");
          const [from, to] = panel.dataset.window.split(":").map(Number);
          const words = panel.querySelector(".wide").textContent;
          const per = words === "" ? 1 : Number(words.split(" ")[3].replace(",", ""));
          return to === Math.min({len(TEXT)}, from + panel.querySelector("canvas.heatmap").width * per);
        }})()"""
    )


def test_the_keys_of_wide_windows(open_wide):
    """9 shows all, arrows go by columns, Page Up and Down by windows."""
    explore = open_wide()
    explore.area(GRU).focus()
    explore.page.keyboard.press("9")
    expect(explore.panel(GRU)).to_have_attribute("data-window", f"0:{len(TEXT)}")
    per = per_of(explore)
    explore.page.keyboard.press("Home")
    explore.wait_at(0)
    explore.page.keyboard.press("ArrowRight")
    explore.wait_at(per)
    expect(explore.page.locator("#inspector")).to_contain_text(f"in the column of steps {per} … {2 * per - 1}")
    explore.page.keyboard.press("Shift+ArrowRight")
    explore.wait_at(11 * per)
    explore.page.keyboard.press("+")
    expect(explore.panel(GRU)).not_to_have_attribute("data-window", f"0:{len(TEXT)}")
    explore.page.keyboard.press("End")
    explore.wait_at(len(TEXT) - 1)


def test_a_column_under_the_pointer_names_the_exact_step_and_its_text(open_wide):
    explore = open_wide()
    whole(explore)
    per = per_of(explore)
    box = explore.heatmap(GRU).bounding_box()
    columns = -(-len(TEXT) // per)
    explore.page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 10.5)
    step = int(0.5 * columns * per)
    place = "parseInt(document.querySelector('#inspector .at b').textContent.replace(',', ''))"
    explore.until(f"Math.abs({place} - {step}) < 4")
    now, character, unit = explore.at()
    assert character == TEXT[now].replace(" ", "·")
    value = float(explore.reference(GRU, TEXT).signal(0, "hidden")[now, unit])
    exact = explore.inspected(GRU).locator(".exact").get_attribute("data-value")
    assert float(exact) == pytest.approx(value, abs=1e-6)


def test_the_brush_of_the_overview(open_wide):
    explore = open_wide(columns=300, **{"from": 900})
    strip = explore.page.locator("#overview [role=scrollbar]")
    box = strip.bounding_box()

    def x(step):
        return box["x"] + box["width"] * step / len(TEXT)

    y = box["y"] + box["height"] / 2
    explore.page.mouse.click(x(1500), y)  # another place: the window is centred there
    expect(explore.panel(GRU)).to_have_attribute("data-window", "1350:1650")
    drag(explore, (x(1500), y), (x(600), y))  # the brush is dragged
    explore.comes_to(lambda: abs(explore.window(GRU)[0] - 450) <= 4, True)
    steps(explore)
    start, stop = explore.window(GRU)
    drag(explore, (x(stop), y), (x(stop + 400), y))  # its right edge
    explore.comes_to(lambda: abs(explore.window(GRU)[1] - (stop + 400)) <= 5, True)
    steps(explore)
    assert abs(explore.window(GRU)[0] - start) <= 1
    explore.page.mouse.dblclick(x(2500), y)
    expect(explore.panel(GRU)).to_have_attribute("data-window", f"0:{len(TEXT)}")


def drag(explore, start, end):
    explore.page.mouse.move(*start)
    explore.page.mouse.down()
    explore.page.mouse.move((start[0] + end[0]) / 2, start[1])
    explore.page.mouse.move(*end)
    explore.page.mouse.up()


def test_a_view_of_wide_columns_stands_in_the_address(open_wide, open_page):
    explore = open_wide()
    whole(explore)
    explore.choice("Wide columns show").select_option("lowest")
    explore.until("location.hash.includes('show=lowest') && location.hash.includes('columns=3')")


def test_dragging_with_shift_moves_the_pictures(open_wide):
    explore = open_wide(columns=300, **{"from": 900})
    steps(explore)
    explore.page.evaluate("location.hash = location.hash")
    start, _ = explore.window(GRU)
    explore.page.keyboard.down("Shift")
    drag(explore, explore.place(GRU, 50, 40), explore.place(GRU, 150, 40))
    explore.page.keyboard.up("Shift")
    explore.comes_to(lambda: abs(explore.window(GRU)[0] - max(0, start - 100)) <= 2, True)


def test_all_panels_show_the_same_wide_window(open_wide):
    explore = open_wide(models=f"{GRU},{LSTM}")
    whole(explore)
    assert explore.window(GRU) == explore.window(LSTM)
    for model in (GRU, LSTM):
        check_wide(explore, model, "mean")
