"""The first minute: every step of it, and every number on it against what the models compute here."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.compute.model_library import Library
from app.content import colours
from app.content.example_texts import SAMPLES
from app.content.first_minute import BETWEEN, LETTERS, MODELS, REAL_TEXT, TAUGHT_OTHERWISE
from models.cells import CELLS
from models.echo.echo import Echo
from models.recording.recording import Recording
from scripts.browser import Server
from tests.support.explore_page import PIXELS, WATCH

LAPTOP = {"width": 1440, "height": 900}
DEFAULT = f"A{BETWEEN[:43]}?"
KEEPERS = {
    name: next((signal.name for signal in CELLS[cell].signals if signal.keeps), None)
    for name, cell in zip(MODELS, ("rnn", "gru", "lstm"), strict=True)
}


class Minute:
    """The open page."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page, self.server = page, server
        self.faults: list[str] = []
        page.add_init_script(WATCH)
        page.on("console", lambda message: message.type == "error" and self.faults.append(message.text))
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    def open(self, path: str = "/first") -> Minute:
        self.page.goto(self.server.url + path)
        return self

    def settle(self, text: str) -> None:
        """Wait until all networks in view have painted this text to its end and said their letter."""
        expect(self.page.locator("#letters")).to_have_attribute("aria-label", f"The text: {text}")
        rows = self.page.locator("article.network:visible")
        expect(self.page.locator("#networks")).to_have_attribute("aria-busy", "false")
        for k in range(rows.count()):
            expect(rows.nth(k)).to_have_attribute("data-window", f"0:{len(text)}")
            expect(rows.nth(k)).to_have_attribute("data-steps", str(len(text)))
            expect(rows.nth(k)).not_to_have_class(re.compile("waiting|silent"))

    def row(self, model: str):  # type: ignore[no-untyped-def]
        return self.page.locator(f'article[data-model="{model}"]')

    def pixels(self, model: str) -> NDArray[np.uint8]:
        canvas = self.row(model).locator("canvas").evaluate(PIXELS)
        raw = np.frombuffer(base64.b64decode(canvas["words"]), np.uint8)
        return raw.reshape(canvas["height"], canvas["width"], 4)

    def check(self, text: str, instead: str, closed: int | None = None, models: tuple[str, ...] = MODELS) -> None:
        """Letter, probability, length and every pixel are those of the networks, read here."""
        self.settle(text)
        for base in models:
            keeper = KEEPERS.get(base)
            name = base if closed is None or keeper is None else f"{base}~0.{keeper}=0@{closed}"
            said, probability, right, felt, picture = reading(name, text, instead)
            row = self.row(name)
            expect(row.locator(".said b")).to_have_text(said)
            expect(row.locator(".said")).to_contain_text("right" if said == text[0] else "wrong")
            expect(row.locator(".sure").first).to_have_text(f"{100 * probability:.1f} % sure")
            if said != text[0]:
                expect(row.locator(".sure").last).to_have_text(f"gives {text[0]} {100 * right:.1f} %")
            assert abs(float(str(row.get_attribute("data-probability"))) - probability) < 1e-5
            expect(row).to_have_attribute("data-felt", str(felt))
            expect(row).to_have_attribute("data-echo", "0")
            np.testing.assert_array_equal(self.pixels(name), picture, err_msg=name)


@lru_cache(maxsize=1)
def library() -> Library:
    return Library([], "cpu")


@lru_cache(maxsize=64)
def reading(name: str, text: str, instead: str) -> tuple[str, float, float, int, NDArray[np.uint8]]:
    """What a network says after `text`, with which probability, that of the first letter, for how many characters the
    first letter is felt, and the picture (H, T, RGBA): computed from the weights, without a session."""
    model = library().get(name)
    recording = Recording(model.reader)
    recording.edit(0, 0, model.vocabulary.encode(text))
    while recording.steps < len(text):
        recording.read()
    chances = np.exp(recording.column(0, len(text) - 1)[1])
    letters = model.vocabulary.characters
    echo = Echo(recording, 0, model.vocabulary.encode(instead))
    while echo.advance(len(text)):
        pass
    levels = echo.levels(0, "hidden", 0, len(text), 1, signed=True).astype(int)  # (T, H)
    order = sorted(range(levels.shape[1]), key=lambda unit: (-int(np.abs(levels[:, unit] - 127).sum()), unit))
    best = int(chances.argmax())
    right = float(chances[letters.index(text[0])])
    return letters[best], float(chances[best]), right, echo.felt(0, "hidden"), painted(levels[:, order].T)


def painted(levels: NDArray[np.int_]) -> NDArray[np.uint8]:
    """Colours on a linear scale from −1 to 1 of levels of the logarithmic one, white in the middle."""
    size = np.abs(levels - 127) / 127
    differences = np.where(size == 0, 0, np.sign(levels - 127) * 10 ** (7 * (size - 1)))
    positions = np.floor((differences + 1) / 2 * 254 + 0.5) / 254
    stops = [(at, colours.ECHO[0][1] if at == 0.5 else colour) for at, colour in colours.SIGNED]
    at = [position for position, _ in stops]
    channels = [
        np.interp(positions, at, [int(colour[1 + 2 * c : 3 + 2 * c], 16) for _, colour in stops]) for c in range(3)
    ]
    return np.stack([*np.floor(np.array(channels) + 0.5), np.full(positions.shape, 255)], axis=-1).astype(np.uint8)


Open = Callable[..., Minute]


@pytest.fixture
def open_minute(browser: Browser, server: Server) -> Iterator[Open]:
    contexts: list[BrowserContext] = []
    pages: list[Minute] = []

    def open_it(path: str = "/first", *, still: bool = True, at: Server = server, **options: object) -> Minute:
        motion = "reduce" if still else "no-preference"
        context = browser.new_context(**{"viewport": LAPTOP, "reduced_motion": motion, **options})
        contexts.append(context)
        pages.append(Minute(context.new_page(), at))
        return pages[-1].open(path)

    yield open_it
    try:
        assert [fault for page in pages for fault in page.faults] == []
        assert [fault for page in pages for fault in page.page.evaluate("globalThis.faults ?? []")] == []
    finally:
        for context in contexts:
            context.close()


@pytest.fixture
def minute(open_minute: Open) -> Minute:
    page = open_minute()
    page.settle(DEFAULT)
    return page


def say(minute: Minute, name: str) -> None:
    minute.page.get_by_role("button", name=name).click()


# ── the steps ────────────────────────────────────────────────────────────────────────────────────────


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


# ── keyboard, motion, address ────────────────────────────────────────────────────────────────────────


def test_arrow_keys_lead_through_the_steps_and_stop_at_the_ends(minute):
    where = minute.page.locator("#where")
    for k in (2, 3, 4, 5, 5):
        minute.page.keyboard.press("ArrowRight")
        expect(where).to_have_text(f"{k} of 5")
    for k in (4, 3, 2, 1, 1):
        minute.page.keyboard.press("ArrowLeft")
        expect(where).to_have_text(f"{k} of 5")


def test_arrow_keys_in_a_field_stay_there(minute):
    minute.page.get_by_role("button", name="Step 4: type between").click()
    minute.page.get_by_role("textbox", name="between").press("ArrowRight")
    expect(minute.page.locator("#where")).to_have_text("4 of 5")


def test_everything_can_be_reached_with_the_tabulator(minute):
    reached = []
    for _ in range(20):
        minute.page.keyboard.press("Tab")
        reached.append(minute.page.evaluate("document.activeElement.textContent.trim()"))
    for name in ("Skip, let me type ▸", "A", "Next: make the text longer ▸"):
        assert name in reached


def test_what_is_said_is_said_to_a_screen_reader(minute):
    words = minute.page.locator("#spoken")
    expect(words).to_have_text(re.compile(r"Vanilla RNN says G, wrong, 16\.4 %\. GRU says A, right, 99\.6 %\. LSTM"))


def test_it_plays_once_from_left_to_right(open_minute):
    page = open_minute(still=False)
    seen = page.page.evaluate("""async () => {
      const row = document.querySelector.bind(document, "article.network");
      const seen = [];
      for (const end = performance.now() + 20000; performance.now() < end; ) {
        const shown = Number((row()?.dataset.window ?? "0:0").split(":")[1]);
        if (shown !== seen.at(-1)) seen.push(shown);
        if (shown === 45) break;
        await new Promise(requestAnimationFrame);
      }
      return seen;
    }""")
    assert seen == sorted(seen)
    assert seen[-1] == 45
    assert len([shown for shown in seen if 0 < shown < 45]) >= 3
    page.check(DEFAULT, "C")
    say(page, "Next: make the text longer")
    page.page.get_by_role("slider", name="characters").fill("60")
    expect(page.row(MODELS[0])).to_have_attribute("data-window", "0:60")


def test_who_wants_no_motion_sees_it_at_once(open_minute):
    page = open_minute(still=True)
    seen = page.page.evaluate("""async () => {
      const seen = new Set();
      for (const end = performance.now() + 20000; performance.now() < end && !seen.has("0:45"); ) {
        for (const row of document.querySelectorAll("article.network:not([hidden])")) seen.add(row.dataset.window);
        await new Promise(requestAnimationFrame);
      }
      return [...seen];
    }""")
    assert set(seen) <= {"0:0", "0:45"}


@pytest.mark.parametrize(
    ("address", "text", "instead", "closed"),
    [
        ("first=3&gate=closed", DEFAULT, "C", 22),
        ("first=2&letter=C&length=80", f"C{BETWEEN[:78]}?", "A", None),
        ("first=4&between=sea", "Asea?", "C", None),
        ("first=4&letter=C&between=sea&length=12&gate=closed", "Cseaseaseas?", "A", 6),
    ],
)
def test_an_address_is_restored_and_so_is_a_page_that_is_loaded_again(open_minute, address, text, instead, closed):
    page = open_minute(f"/first#{address}")
    page.check(text, instead, closed)
    page.page.reload()
    page.check(text, instead, closed)


def test_what_is_done_is_written_into_the_address(minute):
    def expect_address(words: str) -> None:
        expect(minute.page).to_have_url(f"{minute.server.url}/first#{words}")

    minute.page.get_by_role("radio", name="C", exact=True).click()
    expect_address("first=1&letter=C")
    say(minute, "Next: make the text longer")
    minute.page.get_by_role("slider", name="characters").fill("80")
    expect_address("first=2&letter=C&length=80")
    say(minute, "Next: close a gate")
    say(minute, "Close the gate that keeps")
    expect_address("first=3&letter=C&length=80&gate=closed")
    say(minute, "Next: type between")
    minute.page.get_by_role("textbox", name="between").fill("sea")
    expect_address("first=4&letter=C&between=sea")
    minute.page.reload()
    minute.check("Csea?", "A")


@pytest.mark.parametrize("address", ["first=9", "first=x&letter=Z&length=9999&gate=ajar", "first="])
def test_what_makes_no_sense_in_an_address_is_as_at_the_beginning(open_minute, address):
    open_minute(f"/first#{address}").check(DEFAULT, "C")


# ── coming and going ─────────────────────────────────────────────────────────────────────────────────


def test_the_first_visit_only_begins_here(open_minute):
    page = open_minute("/")
    page.settle(DEFAULT)
    page.open("/models").open("/")
    expect(page.page).to_have_url(re.compile(r"/explore"))
    page.page.get_by_role("button", name="Help", exact=True).click()
    page.page.get_by_role("link", name="Show the first minute again").click()
    page.settle(DEFAULT)


def test_an_address_with_a_view_goes_to_the_laboratory_at_once(open_minute):
    page = open_minute("/#models=recall-gru&text=Asea")
    expect(page.page).to_have_url(re.compile(r"/explore#models=recall-gru"))
    expect(page.page.get_by_role("textbox", name="Text", exact=True)).to_have_value("Asea")
    assert page.page.context.cookies() == []
    page.open("/models").open("/#first=2&length=60")
    page.settle(f"A{BETWEEN[:58]}?")


def test_a_shared_first_minute_opens_for_who_has_been_here(open_minute):
    page = open_minute("/")
    page.settle(DEFAULT)
    page.open("/models").open("/#first=2&length=60")
    page.settle(f"A{BETWEEN[:58]}?")
    expect(page.page).to_have_url(re.compile(r"/first#first=2&length=60"))


def test_it_can_be_skipped(open_minute):
    page = open_minute("/")
    page.page.get_by_role("link", name="Skip, let me type").click()
    expect(page.page).to_have_url(re.compile(r"/explore"))
    expect(page.page.get_by_role("textbox", name="Text", exact=True)).to_have_value(SAMPLES[0].text)


def test_a_server_that_is_gone_is_said_and_one_that_is_back_goes_on(browser, open_minute):
    with Server() as own:
        page = open_minute(at=own)
        page.settle(DEFAULT)
        own.kill()
        notice = page.page.get_by_role("alert")
        expect(notice).to_contain_text("The server does not answer.")
        page.page.get_by_role("radio", name="C", exact=True).click()
        own.start()
        page.check(f"C{DEFAULT[1:]}", "A")
        expect(notice).to_be_hidden()
        page.faults.clear()  # the browser logs each attempt to reach the server


def test_without_javascript_it_says_so(browser, server):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server.url)
    assert "This page draws with JavaScript, and it is off." in page.locator("main").inner_text()
    context.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1440, 900), (390, 844)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_page(open_minute, width, height, scheme):
    page = open_minute(viewport={"width": width, "height": height}, color_scheme=scheme)
    page.settle(DEFAULT)
    assert page.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    size = float(page.page.locator("#letters").evaluate("(element) => parseFloat(getComputedStyle(element).fontSize)"))
    assert size >= (20 if width > 1000 else 10)
    if width > 1000:
        box = page.page.get_by_role("button", name="Next: make the text longer").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= height


def test_letters_stand_over_their_columns(minute):
    spans = minute.page.locator("#letters span")
    canvas = minute.row(MODELS[0]).locator("canvas").bounding_box()
    assert canvas is not None
    for k in (0, 7, 44):
        box = spans.nth(k).bounding_box()
        assert box is not None
        middle = box["x"] + box["width"] / 2
        assert abs(middle - (canvas["x"] + (k + 0.5) * canvas["width"] / 45)) < 2
    assert LETTERS == ("A", "C")
