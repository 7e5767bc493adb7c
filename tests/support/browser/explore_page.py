"""The page as a test sees it: what one does to it, and what it says and paints."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import numpy as np
from playwright.sync_api import Locator, Page, expect

from scripts.browser import Server
from tests.support.browser.expected_pictures import Pixels, Reading, Reference, bounds, check_pixels

WATCH = """
globalThis.faults = [];
globalThis.addressed = 0;
const { replaceState } = history;
history.replaceState = function (...words) {
  addressed += 1;
  return replaceState.apply(this, words);
};
const note = (words) => faults.push(words);
addEventListener("securitypolicyviolation", (event) => note(`${event.violatedDirective} ${event.blockedURI}`));
addEventListener("unhandledrejection", ({ reason }) => note(`rejection: ${reason}`));
"""

SETTLED = """async ([steps, patience]) => {
  const frame = () => new Promise(requestAnimationFrame);
  const done = () => {
    const wanted = steps ?? Array.from(document.querySelector("#text").value.toWellFormed()).length;
    const panels = [...document.querySelectorAll("[data-model]")];
    // Axes come after the first pictures.
    const drawn = panels.every((panel) => panel.querySelector(".axes :is(svg, .plain-axes)") !== null);
    return panels.length > 0 && drawn && panels.every((panel) => {
      const [from, to] = panel.dataset.window.split(":").map(Number);
      const width = panel.querySelector("canvas.heatmap").width;
      const end = Math.max(from, Math.min(from + width, wanted));
      return Number(panel.dataset.steps) === wanted && to === end && (from < to || wanted === 0);
    });
  };
  for (const end = performance.now() + patience; performance.now() < end; await frame()) {
    if (!done()) continue;
    await frame();
    await frame();
    if (done()) return true;
  }
  return false;
}"""

PIXELS = """(canvas) => {
  const { width, height } = canvas;
  const bytes = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  let words = "";
  for (let k = 0; k < bytes.length; k += 32768) words += String.fromCharCode(...bytes.subarray(k, k + 32768));
  return { width, height, words: btoa(words) };
}"""


TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"

PATIENCE_MS = 60_000


class Explore:
    """One open page. `expected` holds patterns of the faults that the test brings about itself."""

    def __init__(self, page: Page, server: Server, reference: Reference) -> None:
        self.page = page
        self.server = server
        self.reference = reference
        # A page that is left may not have its icon yet, nor Plotly, which it asks for last: the browser lets those be.
        self.expected: list[str] = [r"(icon\.svg|/assets/plotly-\w+\.js) net::ERR_ABORTED"]
        self._faults: list[str] = []
        page.add_init_script(WATCH)
        page.on("console", lambda message: message.type == "error" and self._faults.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self._faults.append(f"error: {error}"))
        page.on("requestfailed", lambda request: self._faults.append(f"request: {request.url} {request.failure}"))
        self.editor = page.get_by_role("textbox", name="Text", exact=True)

    def open(self, address: str = "") -> None:
        """Load the page; `address` is what stands after the "#". Unless it says another one, rows stand in the order of
        their numbers."""
        self.page.goto(f"{self.server.url}/explore#{by_number(address)}")

    def visit(self) -> None:
        """Load the page as somebody does who has no view of their own."""
        self.page.goto(f"{self.server.url}/explore")

    def go(self, address: str) -> None:
        """Change the address of the open page, as a link to another view does."""
        self.page.evaluate("(hash) => { location.hash = hash }", by_number(address))

    def forget(self) -> None:
        """Close the page, and leave nothing in the browser that the next test would see."""
        if self.page.url.startswith("http"):
            self.page.evaluate("localStorage.clear()")
        self.page.close()

    def check_faults(self) -> None:
        faults = [*self._faults, *self.page.evaluate("globalThis.faults ?? []")]
        unexpected = [fault for fault in faults if not any(re.search(pattern, fault) for pattern in self.expected)]
        assert unexpected == [], "\n".join(unexpected)

    # ── text ─────────────────────────────────────────────────────────────────────────────────────────

    def text(self) -> str:
        """What the models read when the editor holds what it holds: halves of surrogate pairs become U+FFFD."""
        return str(self.page.evaluate("document.querySelector('#text').value.toWellFormed()"))

    def replace(self, text: str) -> None:
        """Select all and put `text` in its place, as one edit."""
        self.editor.press("Control+A")
        self.page.keyboard.insert_text(text)

    def paste(self, text: str) -> None:
        """Paste from the clipboard."""
        self.page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
        self.editor.press("Control+V")

    def caret_to(self, unit: int, end: int | None = None) -> None:
        """Put the caret before UTF-16 unit `unit`, or select up to `end`."""
        self.editor.focus()
        self.editor.evaluate(
            "(area, [from, to]) => area.setSelectionRange(from, to)", [unit, unit if end is None else end]
        )

    # ── panels ───────────────────────────────────────────────────────────────────────────────────────

    def settle(self, steps: int | None = None) -> None:
        """Wait until every panel has painted the text in the editor; with `steps`, that many characters of it."""
        if not self.page.evaluate(SETTLED, [steps, PATIENCE_MS]):
            state = self.page.evaluate(
                "[...document.querySelectorAll('[data-model]')].map((panel) => ({...panel.dataset}))"
            )
            raise AssertionError(
                f"The page did not settle on {len(self.text()) if steps is None else steps} steps: {state}"
            )

    def until(self, condition: str) -> None:
        """Wait until a JavaScript expression holds; Playwright's own way breaks the page's policy."""
        loop = f"""async (patience) => {{
          const end = performance.now() + patience;
          while (performance.now() < end) {{
            if ({condition}) return true;
            await new Promise(requestAnimationFrame);
          }}
          return false;
        }}"""
        assert self.page.evaluate(loop, PATIENCE_MS), f"it never came true that {condition}"

    def comes_to(self, found: Callable[[], Any], wanted: Any) -> None:
        """Look, frame by frame, until what is found is what is wanted."""
        end = time.monotonic() + PATIENCE_MS / 1000
        while (now := found()) != wanted and time.monotonic() < end:
            self.frames()
        assert now == wanted

    def frames(self) -> None:
        """Let the browser tell the page all that it has to tell of, and paint."""
        self.page.evaluate(TWO_FRAMES)

    def models(self) -> list[str]:
        """The models of the panels, from top to bottom."""
        return list(
            self.page.evaluate("[...document.querySelectorAll('[data-model]')].map((panel) => panel.dataset.model)")
        )

    def panel(self, model: str) -> Locator:
        return self.page.locator(f'[data-model="{model}"]')

    def heatmap(self, model: str) -> Locator:
        return self.panel(model).locator("canvas.heatmap")

    def window(self, model: str) -> tuple[int, int]:
        start, stop = str(self.panel(model).get_attribute("data-window")).split(":")
        return int(start), int(stop)

    def steps(self, model: str) -> int:
        return int(str(self.panel(model).get_attribute("data-steps")))

    def showing(self, model: str) -> tuple[int, str]:
        """Layer and signal of a panel."""
        panel = self.panel(model)
        return int(str(panel.get_attribute("data-layer"))), str(panel.get_attribute("data-signal"))

    def pixels(self, model: str) -> Pixels:
        """The picture of a panel, (units, columns, RGBA)."""
        canvas = self.heatmap(model).evaluate(PIXELS)
        raw = np.frombuffer(base64.b64decode(canvas["words"]), np.uint8)
        return raw.reshape(canvas["height"], canvas["width"], 4)

    def readings(self, text: str | None = None) -> dict[str, tuple[Reading, int, str]]:
        """For each panel the trace of the text, its layer and its signal."""
        text = self.text() if text is None else text
        return {model: (self.reference(model, text), *self.showing(model)) for model in self.models()}

    def check(self, text: str | None = None, scale: float | None = None) -> None:
        """Every pixel of every panel is what the model computes for the text in the editor, or for `text`.

        Unbounded signals run from −`scale` to `scale`, by default on a logarithmic scale.
        """
        readings = self.readings(text)
        shared = bounds(list(readings.values())) if scale is None else (-scale, scale)
        for model, (reading, layer, signal) in readings.items():
            declared = reading.declared(signal)
            start, stop = self.window(model)
            low, high = declared.range or shared
            logarithmic = declared.range is None and scale is None
            try:
                check_pixels(
                    self.pixels(model),
                    reading.signal(layer, signal)[start:stop],
                    low,
                    high,
                    declared.kind.value,
                    logarithmic=logarithmic,
                )
            except AssertionError as error:
                raise AssertionError(f"{model} {layer}.{signal}, window {start}:{stop}: {error}") from None

    def settle_and_check(self, text: str | None = None) -> None:
        self.settle(None if text is None else len(text))
        self.check(text)

    def settle_on(self, text: str) -> None:
        """Wait until the editor holds `text`, and check the pictures of it."""
        expect(self.editor).to_have_value(text)
        self.settle_and_check()

    # ── cursor ───────────────────────────────────────────────────────────────────────────────────────

    def area(self, model: str) -> Locator:
        """The part of a panel that is pointed at and takes keys."""
        return self.panel(model).locator(".area")

    def place(self, model: str, column: int, row: int) -> tuple[float, float]:
        """The middle of a cell on the screen."""
        canvas = self.heatmap(model)
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        assert box is not None
        width, height = canvas.evaluate("(canvas) => [canvas.width, canvas.height]")
        return box["x"] + (column + 0.5) * box["width"] / width, box["y"] + (row + 0.5) * box["height"] / height

    def hover(self, model: str, column: int, row: int) -> None:
        self.page.mouse.move(*self.place(model, column, row))

    def at(self) -> tuple[int, str, int]:
        """Step, character as shown, and unit that the inspector speaks of."""
        words = self.page.locator("#inspector .at").inner_text()
        found = re.fullmatch(r"step ([\d,]+) · (.+) · unit (\d+)", words, re.DOTALL)
        assert found is not None, words
        return int(found[1].replace(",", "")), found[2], int(found[3])

    def wait_at(self, step: int, unit: int | None = None) -> None:
        """Wait until the inspector speaks of a step, and has its values from every panel."""
        where = self.page.locator("#inspector .at b")
        expect(where.first).to_have_text(f"{step:,}")
        if unit is not None:
            expect(where.last).to_have_text(str(unit))

    def inspected(self, model: str) -> Locator:
        """What the inspector says of a model's unit at the cursor."""
        return self.page.locator(f'#inspector .values [data-for="{model}"]')

    def expectation(self, model: str) -> Locator:
        """The bars of the next character."""
        return self.page.locator(f'#inspector .next [data-for="{model}"]')

    # ── controls ─────────────────────────────────────────────────────────────────────────────────────

    def twin(self, model: str) -> Locator:
        """The button of a panel that shows the untrained twin."""
        return self.panel(model).get_by_role("button", name=re.compile("^show (un)?trained: "))

    def ticks(self, model: str) -> Locator:
        """The unit numbers beside a picture."""
        return self.panel(model).locator(".axes .ytick text")

    def bar(self, model: str) -> list[str]:
        """The numbers beside a panel's colour bar, from low to high."""
        return self.panel(model).locator(".axes .cbaxis text").all_text_contents()

    def choice(self, name: str) -> Locator:
        """One of the choices for all panels."""
        return self.page.locator("#controls").get_by_role("combobox", name=name, exact=True)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def take(self, entry: str, model: str | None = None) -> None:
        """Choose an entry of “Take away”, or of that of a panel."""
        button = self.button("Take away ▾") if model is None else self.panel(model).locator(".take")
        button.click()
        menu = self.page.locator("#take-menu" if model is None else "#panel-menu")
        menu.get_by_role("menuitem", name=re.compile(f"^{re.escape(entry)}")).click()

    @contextmanager
    def help(self) -> Iterator[Locator]:
        self.button("Help").click()
        dialog = self.page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        yield dialog
        self.page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()


def by_number(address: str) -> str:
    """An address whose rows stand in the order of their numbers, unless it says another one."""
    plain = "" if re.search(r"\border=", address) else "order=index"
    return "&".join(filter(None, [plain, address]))


def address(**words: object) -> str:
    """The part of an address after "#"."""
    return "&".join(f"{name}={quote(str(value), safe='')}" for name, value in words.items())
