"""From a pan or a zoom to painted pictures: three models of 256 units, 1,400 columns, in a real Chromium.

In turn: the wheel pans by a tenth of the window, zooms in by an eighth, and zooms out again. The clock of the page
measures, from the time stamp of the event until every panel has painted the whole new window; see `painting`. Beside
it, three `Plotly.react` heatmaps of 256 × 1,400. The models are untrained ones, made for this: the zoo has none of
just this size.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import torch
from playwright.sync_api import Browser, Page, ViewportSize
from rich.console import Console

from models import catalogue
from models.network.language_model import CharLM
from models.storage.checkpoint import save_weights, write_card
from models.text.vocabulary import Vocabulary
from scripts.browser import Server, chromium

from .page import prose
from .painting import Goal, Turns, prepare, show
from .timing import machine, note

CELLS = ("rnn", "gru", "lstm")
MODELS = tuple(f"wide-{cell}" for cell in CELLS)
UNITS = 256
COLUMNS = 1400
GOAL = Goal(ratio=0.5, aim_ratio=0.3)
VIEWPORT: ViewportSize = {"width": 1880, "height": 1050}
CHARACTERS = 40_000
GESTURES = {"pan": (140, 0), "zoom in": (0, -67), "zoom out": (0, 67)}  # of the wheel, across and down, in CSS pixels

NEXT_WHEEL = """() => {
  const spans = () => bench.panels.map(({ dataset }) => dataset.window);
  const whole = (panel) => {
    const [from, to] = panel.dataset.window.split(":").map(Number);
    return to - from === panel.querySelector("canvas.heatmap").width;
  };
  bench.pending = new Promise((done) => {
    addEventListener("wheel", ({ timeStamp }) => {
      const before = spans()[0];
      const there = () => bench.panels.every(whole) && new Set(spans()).size === 1 && spans()[0] !== before;
      done(bench.painted(timeStamp, there));
    }, { once: true, capture: true });
  });
}"""


def make_models(folder: Path) -> None:
    """Three untrained models of one size, as `hidden-state train` would write them."""
    torch.manual_seed(0)
    pattern = catalogue()["shakespeare-rnn"].card
    for cell, name in zip(CELLS, MODELS, strict=True):
        lm = CharLM(cell, Vocabulary(pattern.vocabulary), UNITS, name=name)
        shape = {"id": name, "title": name, "cell": cell, "units": UNITS, "layers": 1, "parameters": lm.parameter_count}
        unmeasured = {"measured": {}, "untrained": {}, "time_scales": None, "used_context": None}
        save_weights(lm, folder / name)
        write_card(folder / name, pattern.model_copy(update={**shape, **unmeasured}))


def open_page(browser: Browser, url: str) -> Page:
    page = browser.new_page(viewport=VIEWPORT)
    page.goto(f"{url}/explore#models={','.join(MODELS)}&text=A")
    page.wait_for_selector(f'[data-model="{MODELS[-1]}"][data-steps="1"]')
    page.get_by_role("textbox", name="Text", exact=True).fill(prose(CHARACTERS))
    page.wait_for_selector(f'[data-model="{MODELS[-1]}"][data-steps="{CHARACTERS}"]')
    look = f"models={','.join(MODELS)}&columns={COLUMNS}&from={CHARACTERS // 4}"
    page.evaluate("(look) => { location.hash = look }", look)
    page.wait_for_selector(f'[data-model="{MODELS[-1]}"][data-window="{CHARACTERS // 4}:{CHARACTERS // 4 + COLUMNS}"]')
    prepare(page, units=UNITS, columns=COLUMNS, models=MODELS)
    box = page.locator("canvas.heatmap").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.5 * box["height"])
    return page


def turn(page: Page, gesture: str) -> dict[str, float]:
    """Turn the wheel; milliseconds until the pictures of the new window are there."""
    across, down = GESTURES[gesture]
    page.evaluate(NEXT_WHEEL)
    if down:
        page.keyboard.down("Control")
    page.mouse.wheel(across, down)
    if down:
        page.keyboard.up("Control")
    times: dict[str, float] = page.evaluate("bench.pending")
    return times


def measure(repeats: int, warm_up: int) -> dict[str, dict[str, float]]:
    """Milliseconds of each quantity: median and 95th percentile."""
    with tempfile.TemporaryDirectory() as folder:
        make_models(Path(folder))
        with Server(HIDDEN_STATE_MODEL_FOLDERS=folder) as server, chromium() as browser:
            page = open_page(browser, server.url)
            turns = Turns(page, warm_up)
            gestures = list(GESTURES)
            for k in range(warm_up + repeats):
                turns.add(turn(page, gestures[k % len(gestures)]))
            return turns.figures()


def main() -> None:
    parser = argparse.ArgumentParser(description="From a pan or a zoom to painted pictures.")
    parser.add_argument("--repeats", type=int, default=90)
    parser.add_argument("--warm-up", type=int, default=12)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    console = Console()
    figures = measure(options.repeats, options.warm_up)
    title = f"{len(MODELS)} models × {UNITS} units × {COLUMNS} columns, {options.repeats} pans and zooms"
    show(title, "wheel to painted picture", figures, GOAL, console)
    console.print(machine())
    note(options.json, repeats=options.repeats, units=UNITS, columns=COLUMNS, milliseconds=figures)


if __name__ == "__main__":
    main()
