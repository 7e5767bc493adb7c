"""“Take away”: pictures as shown, whole or of one panel, the numbers of the window, and lines of Python."""

from __future__ import annotations

import base64
import csv
import struct
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from playwright.sync_api import expect
from safetensors.numpy import load_file

from tests.support.browser.explore_page import PIXELS, address
from tests.support.browser.open_instrument import Instrument

RNN, GRU = "shakespeare-rnn", "shakespeare-gru"
TEXT = "Caf\u00e9 and \u6f22, to be & not to <be>, that is the question: whether tis nobler in the mind."
SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"

DECODED = """async (url) => {
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: image.naturalWidth, height: image.naturalHeight });
  canvas.getContext("2d").drawImage(image, 0, 0);
  return (PIXELS)(canvas);
}""".replace("PIXELS", PIXELS)


def taken(explore, entry: str, model: str | None = None):
    """The file that an entry of the menu gives: its name and its path."""
    with explore.page.expect_download() as waiting:
        explore.take(entry, model)
    return waiting.value.suggested_filename, waiting.value.path()


def pixels(found: dict[str, Any]) -> np.ndarray:
    raw = np.frombuffer(base64.b64decode(found["words"]), np.uint8)
    return raw.reshape(found["height"], found["width"], 4)


def svg_of(explore, model: str | None = None) -> ElementTree.Element:
    name, path = taken(explore, "Picture as SVG", model)
    assert name == ("hidden-state.svg" if model is None else f"hidden-state-{model}.svg")
    return ElementTree.parse(path).getroot()


def words_of(picture: ElementTree.Element) -> list[str]:
    return ["".join(one.itertext()) for one in picture.iter(f"{SVG}text")]


def images_of(explore, picture: ElementTree.Element) -> list[np.ndarray]:
    found = [str(one.get(HREF)) for one in picture.iter(f"{SVG}image")]
    assert all(one.startswith("data:image/png;base64,") for one in found)
    return [pixels(explore.page.evaluate(DECODED, one)) for one in found]


def near(shape: tuple[int, ...], source: np.ndarray) -> np.ndarray:
    """A picture stretched to another size, each pixel the nearest."""
    rows = ((np.arange(shape[0]) + 0.5) * source.shape[0] / shape[0]).astype(int)
    columns = ((np.arange(shape[1]) + 0.5) * source.shape[1] / shape[1]).astype(int)
    return source[rows][:, columns]


def check_as_shown(explore, model: str, image: np.ndarray) -> int:
    """An image of a panel is its heatmap under what lies over it on the page; how many pixels that covers."""
    expected = near(image.shape, explore.pixels(model)).astype(int)
    sure = np.ones(image.shape[:2], bool)
    covered = np.zeros(image.shape[:2], bool)
    for cover in explore.panel(model).locator("canvas.overlay:visible, canvas.marks:visible").all():
        over = near(image.shape, pixels(cover.evaluate(PIXELS)))
        opaque, clear = over[..., 3] == 255, over[..., 3] == 0
        expected[opaque] = over[opaque]
        sure &= opaque | clear
        covered |= opaque
    # An edge may fall on a neighbouring pixel, where the sizes are no multiples of each other.
    wrong = (np.abs(image.astype(int) - expected).max(axis=2) > 3) & sure
    assert wrong.mean() < 0.02, f"{wrong.mean():.1%} of {model} is not as shown"
    return int(covered.sum())


def test_an_svg_has_the_words_as_words_and_the_pixels_as_images(tour):
    tour.go(address(models=f"{RNN},{GRU}", text=TEXT, signal="hidden"))
    tour.settle_on(TEXT)
    picture = svg_of(tour)
    assert picture.tag == f"{SVG}svg"
    words = words_of(picture)
    assert {"step", "bits", "0", "+1", "\u22121", "surprise, bits per character; above 12 it is cut"} <= set(words)
    for title in ("Vanilla RNN · 128 · hidden state", "GRU · 128 · hidden state"):
        assert any(one.startswith(title) for one in words)
    assert "".join(one for one in words if len(one) == 1).count("<") == 1, "each character is a word of its own"
    assert "é" in words
    first, second = images_of(tour, picture)
    marked = [check_as_shown(tour, model, image) for model, image in ((RNN, first), (GRU, second))]
    assert min(marked) > 0, "the unknown characters are marked"
    size = [float(str(picture.get(side))) for side in ("width", "height")]
    _, path = taken(tour, "Picture as PNG")
    assert struct.unpack(">2I", path.read_bytes()[16:24]) == tuple(2 * side for side in size)


def test_a_panel_is_a_picture_of_its_own(tour):
    tour.go(address(models=f"{RNN},{GRU}", text=TEXT, signal="hidden", order="index"))
    tour.settle_on(TEXT)
    whole = svg_of(tour)
    picture = svg_of(tour, GRU)
    words = words_of(picture)
    assert any(one.startswith("GRU · 128 · hidden state") for one in words)
    assert not any("Vanilla" in one or "surprise" in one for one in words)
    assert {"step", "unit", "100"} <= set(words)
    (image,) = images_of(tour, picture)
    assert check_as_shown(tour, GRU, image) > 0
    name, path = taken(tour, "Picture as PNG", GRU)
    assert name == f"hidden-state-{GRU}.png"
    width, height = struct.unpack(">2I", path.read_bytes()[16:24])
    assert width == 2 * float(str(whole.get("width")))
    assert height == 2 * float(str(picture.get("height"))) < 2 * float(str(whole.get("height")))


def test_strips_and_the_cursor_are_in_it(open_page):
    explore = open_page(address(models=GRU, text=TEXT, echo="12:x"))
    explore.settle()
    expect(explore.panel(GRU).locator(".extra")).to_contain_text("felt")
    before = svg_of(explore, GRU)
    heatmap, strip = images_of(explore, before)
    check_as_shown(explore, GRU, heatmap)
    shown = pixels(explore.panel(GRU).locator(".lane canvas").evaluate(PIXELS))
    np.testing.assert_array_equal(strip, shown)
    assert (strip[..., 3] > 0).any()
    explore.page.mouse.click(*explore.place(GRU, 20, 30))
    explore.wait_at(20)
    after = svg_of(explore, GRU)

    def shapes(picture):
        layers = [one for one in picture.iter(f"{SVG}g") if one.get("class") == "shapelayer"]
        return [path for layer in layers for path in layer.iter(f"{SVG}path")]

    assert len(shapes(after)) == len(shapes(before)) + 1, "its unit is shown once it is held"


def test_what_an_instrument_adds_is_in_it(open_page):
    explore = open_page(address(models=GRU, text=TEXT, instrument="saturation", signal="hidden"))
    explore.settle_on(TEXT)
    Instrument(explore).settle()
    expect(explore.panel(GRU).locator(".extra")).to_contain_text("saturated")
    picture = svg_of(explore)
    assert any("saturated" in one for one in words_of(picture))
    heatmap, strip = images_of(explore, picture)
    assert check_as_shown(explore, GRU, heatmap) > 1000
    np.testing.assert_array_equal(strip, pixels(explore.panel(GRU).locator(".lane canvas").evaluate(PIXELS)))


def test_where_columns_are_narrow_it_has_the_letters_around_the_cursor(open_page):
    explore = open_page(address(models=GRU, text=TEXT * 8, columns=680))
    explore.settle_on(TEXT * 8)
    explore.page.mouse.click(*explore.place(GRU, 20, 30))
    _, strip = images_of(explore, svg_of(explore, GRU))
    np.testing.assert_array_equal(strip, pixels(explore.page.locator("#characters canvas").evaluate(PIXELS)))


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["CSV", "NPZ", "safetensors"])
def test_every_value_of_the_window_is_a_file(tour, kind):
    tour.go(address(models=f"{RNN},{GRU}", text=TEXT, signal="hidden", columns=20, **{"from": 8}))
    tour.settle_on(TEXT)
    start, stop = tour.window(GRU)
    name, path = taken(tour, f"Every value as {kind}")
    assert name == f"hidden-state-window.{kind.lower()}"
    if kind == "CSV":
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        assert [int(row["step"]) for row in rows] == list(range(start, stop))
        held = {
            f"{model}/0.hidden": np.array([[float(row[f"{model}/0.hidden {k}"]) for k in range(128)] for row in rows])
            for model in (RNN, GRU)
        }
    elif kind == "NPZ":
        with np.load(path) as file:
            held = dict(file)
        assert held["start"] == start
    else:
        held = load_file(path)
    for model in (RNN, GRU):
        values = tour.reference(model, TEXT).signal(0, "hidden")[start:stop]
        np.testing.assert_allclose(held[f"{model}/0.hidden"], values, rtol=0, atol=1e-5)
    if kind != "CSV":
        bits = tour.reference(GRU, TEXT).surprise[start:stop]
        np.testing.assert_allclose(held[f"{GRU}/surprise"], bits, rtol=1e-4)
    _, path = taken(tour, "Every value as NPZ", RNN)
    with np.load(path) as file:
        assert set(file) == {"start", "code_points", f"{RNN}/0.hidden", f"{RNN}/surprise"}


def copied(explore) -> str:
    expect(explore.page.locator("#notice")).to_contain_text("Lines of Python")
    return str(explore.page.evaluate("navigator.clipboard.readText()"))


def test_the_lines_of_a_panel_give_its_numbers(tour):
    tour.go(address(models=f"{RNN},{GRU}", text=TEXT, signal="hidden", columns=20, **{"from": 8}))
    tour.settle_on(TEXT)
    tour.take("Copy as Python", GRU)
    left: dict[str, Any] = {}
    exec(copied(tour), left)
    start, stop = tour.window(GRU)
    np.testing.assert_array_equal(left["values"], tour.reference(GRU, TEXT).signal(0, "hidden")[start:stop])


def test_the_lines_of_an_instrument_give_what_it_shows(open_page):
    options = {"o.step": 10, "o.lags": 20}
    explore = open_page(address(models=f"{RNN},{GRU}", text=TEXT, instrument="forgetting", **options))
    explore.settle_on(TEXT)
    instrument = Instrument(explore).settle()
    rows = [row for row in instrument.csv() if row["model"] == "GRU · 128"]
    instrument.frame.get_by_role("button", name="Copy as Python").click()
    script = copied(explore)
    assert f'for name in ["{RNN}", "{GRU}"]:' in script
    left: dict[str, Any] = {}
    exec(script, left)
    edit = np.array([float(row["edit_distance"]) for row in rows])
    assert len(edit) == len(left["found"].edit)
    np.testing.assert_allclose(10 ** left["found"].edit, edit, rtol=1e-4)


def test_a_long_text_is_a_file_that_the_lines_read(open_page, tmp_path, monkeypatch):
    text = TEXT * 40
    explore = open_page(address(models=GRU, text=TEXT))
    explore.settle_on(TEXT)
    explore.replace(text)
    explore.settle_on(text)
    explore.take("Copy as Python")
    expect(explore.page.locator("#notice")).to_contain_text("Take away · Text")
    script = copied(explore)
    name, path = taken(explore, "Text")
    (tmp_path / name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    left: dict[str, Any] = {}
    exec(script, left)
    assert left["text"] == text
    start, stop = explore.window(GRU)
    assert left["values"].shape == (stop - start, 128)


def test_where_the_browser_forbids_to_copy_the_lines_are_a_file(open_page):
    explore = open_page(address(models=GRU, text=TEXT))
    explore.settle_on(TEXT)
    explore.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('forbidden')); }")
    name, path = taken(explore, "Copy as Python")
    assert name == "hidden-state.py"
    assert 'load("shakespeare-gru")' in path.read_text(encoding="utf-8")
    expect(explore.page.locator("#notice")).to_contain_text("hidden-state.py")


def test_what_the_server_refuses_is_said(open_page):
    explore = open_page(address(models=GRU, text=TEXT))
    explore.settle_on(TEXT)
    explore.expected += ["/api/numbers", "net::ERR_FAILED"]
    explore.page.route("**/api/numbers", lambda route: route.abort())
    explore.take("Every value as NPZ")
    expect(explore.page.locator("#notice")).to_contain_text("The server cannot be reached")
    explore.replace("")
    explore.settle(0)
    explore.take("Every value as NPZ")
    expect(explore.page.locator("#notice")).to_contain_text("There are no numbers yet")


def test_the_menu_is_used_from_the_keyboard(open_page):
    explore = open_page(address(models=GRU, text=TEXT))
    explore.settle_on(TEXT)
    explore.button("Take away ▾").focus()
    explore.page.keyboard.press("Enter")
    menu = explore.page.locator("#take-menu")
    entries = menu.get_by_role("menuitem")
    expect(entries.first).to_be_focused()
    explore.page.keyboard.press("ArrowUp")
    expect(entries.last).to_be_focused()
    explore.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(explore.button("Take away ▾")).to_be_focused()
    for button, opened in (
        (explore.button("Take away ▾"), menu),
        (explore.button("Instruments ▾"), explore.page.locator("#menu")),
        (explore.panel(GRU).locator(".take"), explore.page.locator("#panel-menu")),
    ):
        button.click()
        expect(opened).to_be_visible()
        expect(button).to_have_attribute("aria-expanded", "true")
        button.click()
        expect(opened).to_be_hidden()


def test_on_a_phone_the_menus_lie_within_the_window(open_page):
    explore = open_page(address(models=f"{RNN},{GRU}~0.update_gate=0@9", text=TEXT), size=(390, 844))
    explore.settle()
    for button, name in (
        (explore.button("Take away ▾"), "#take-menu"),
        (explore.button("Instruments ▾"), "#menu"),
        (explore.panel(RNN).locator(".take"), "#panel-menu"),
    ):
        button.click()
        box = explore.page.locator(name).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        explore.page.keyboard.press("Escape")
