"""One cursor over all panels, and rows that change places but not their numbers."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import expect

from models.measures.units.unit_order import by_similarity
from tests.support.browser.explore_page import address


def cursor_box(explore, model, kind):
    """Where the cursor's step or unit is drawn, relative to the picture: left, top, width, height."""
    return explore.panel(model).evaluate(
        """(panel, kind) => {
          const mark = panel.querySelector(kind);
          if (mark.hidden) return null;
          const [box, frame] = [mark, panel.querySelector("canvas.heatmap")].map((one) => one.getBoundingClientRect());
          return [box.left - frame.left, box.top - frame.top, box.width, box.height];
        }""",
        kind,
    )


def size(explore, model):
    return explore.heatmap(model).evaluate("(c) => [c.clientWidth, c.clientHeight, c.width, c.height]")


def test_the_cursor_stands_at_the_same_step_of_every_panel(explore):
    first, *_ = models = explore.models()
    start, _ = explore.window(first)
    explore.hover(first, 11, 5)
    explore.wait_at(start + 11, 5)
    for model in models:
        width, height, columns, units = size(explore, model)
        left, _, across, _ = cursor_box(explore, model, ".cursor-step")
        assert abs(left - 11 * width / columns) < 0.6
        assert abs(across - max(1, width / columns)) < 0.6
        _, top, _, down = cursor_box(explore, model, ".cursor-unit")
        assert abs(top - 5 * height / units) < 0.6
        assert abs(down - max(1, height / units)) < 0.6


def test_a_click_holds_the_cursor_and_leaving_lets_hover_go(explore):
    first = explore.models()[0]
    start, _ = explore.window(first)
    explore.page.mouse.click(*explore.place(first, 20, 9))
    explore.hover(first, 30, 2)
    explore.wait_at(start + 30, 2)
    explore.page.mouse.move(5, 5)
    explore.wait_at(start + 20, 9)
    explore.page.keyboard.press("Escape")
    explore.wait_at(len(explore.text()) - 1)


def test_the_cursor_follows_the_typing(explore):
    explore.replace("A door")
    explore.settle()
    explore.wait_at(5)
    explore.page.keyboard.press("ArrowLeft")
    explore.wait_at(4)
    explore.page.keyboard.type("o")
    explore.settle()
    explore.wait_at(5)


def rows_of(pixels):
    return sorted(row.tobytes() for row in pixels)


def test_by_similarity_the_same_rows_stand_in_another_order(explore):
    plain = {model: explore.pixels(model) for model in explore.models()}
    explore.choice("Order of units").select_option("similarity")
    for model, before in plain.items():
        expect(explore.ticks(model)).not_to_have_text(["0", "32", "64", "96"])
        explore.settle()
        now = explore.pixels(model)
        assert (now != before).any()
        assert rows_of(now) == rows_of(before)


def test_by_similarity_each_row_is_the_unit_that_the_cursor_names(open_page):
    text = "A name, a name: the sea. The sea, the sea; and then a door."
    explore = open_page(address(models="shakespeare-lstm", text=text, order="similarity"))
    explore.settle()
    values = explore.reference("shakespeare-lstm", text).signal(0, "hidden")
    order = by_similarity(values)
    assert sorted(order) == list(range(128))
    tick = explore.ticks("shakespeare-lstm").first
    expect(tick).to_have_text(str(order[0]))
    explore.settle()
    pixels = explore.pixels("shakespeare-lstm")
    explore.choice("Order of units").select_option("index")
    expect(tick).to_have_text("0")
    explore.settle_and_check()
    plain = explore.pixels("shakespeare-lstm")
    assert (pixels == plain[order]).all()
    explore.choice("Order of units").select_option("similarity")
    expect(tick).to_have_text(str(order[0]))
    for row in (0, 1, 77, 127):
        explore.hover("shakespeare-lstm", 5, row)
        explore.wait_at(5, int(order[row]))


def test_typing_keeps_the_order_until_it_is_sorted_again(explore):
    explore.choice("Order of units").select_option("similarity")
    ticks = explore.ticks("shakespeare-gru")
    expect(ticks).not_to_have_text(["0", "32", "64", "96"])
    before = ticks.all_text_contents()
    explore.replace("Other words, " * 9)
    explore.settle()
    assert ticks.all_text_contents() == before
    values = explore.reference("shakespeare-gru", explore.text()).signal(0, "hidden")
    again = by_similarity(values[slice(*explore.window("shakespeare-gru"))])
    explore.page.get_by_role("button", name="sort again").click()
    expect(ticks.first).to_have_text(str(again[0]))
    assert np.array_equal(np.sort(again), np.arange(128))


def test_a_box_zooms_and_a_double_click_goes_back(explore):
    first = explore.models()[0]
    start, stop = explore.window(first)
    explore.page.mouse.move(*explore.place(first, 10, 10))
    explore.page.mouse.down()
    explore.page.mouse.move(*explore.place(first, 20, 30))
    explore.page.mouse.move(*explore.place(first, 39, 30))
    explore.page.mouse.up()
    explore.settle_and_check()
    left, right = explore.window(first)
    assert abs(left - (start + 10)) <= 1
    assert abs(right - (start + 40)) <= 1
    explore.page.mouse.dblclick(*explore.place(first, 5, 10))
    explore.settle_and_check()
    assert explore.window(first)[1] - explore.window(first)[0] == stop - start


def test_the_wheel_zooms_at_the_pointer_and_pans_with_shift(explore):
    first = explore.models()[0]
    start, stop = explore.window(first)
    explore.hover(first, 20, 5)
    explore.page.mouse.wheel(0, -200)
    explore.until(f"document.querySelector('canvas.heatmap').width < {stop - start}")
    explore.settle_and_check()
    left, right = explore.window(first)
    assert left <= start + 20 < right
    explore.page.keyboard.down("Shift")
    explore.page.mouse.wheel(0, -300)
    explore.page.keyboard.up("Shift")
    expect(explore.panel(first)).not_to_have_attribute("data-window", f"{left}:{right}")
    explore.settle_and_check()
    now = explore.window(first)
    assert now[0] < left
    assert now[1] - now[0] == right - left
