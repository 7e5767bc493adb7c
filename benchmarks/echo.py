"""From the pointer over a character to its painted echo: three models of 128 units, 500 visible steps, in Chromium.

The pointer moves along the characters. The clock of the page measures from the time stamp of the pointer's event until
every panel has painted the echo of the character under it; see `painting`. Beside it, in the same page and in turn with
it, three `Plotly.react` heatmaps of matrices as large, which were made beforehand.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from playwright.sync_api import Browser, Page
from rich.console import Console

from scripts.browser import Server, chromium

from .keystroke import COLUMNS, MODELS, TEXT, UNITS, VIEWPORT
from .painting import Goal, Turns, prepare, show
from .timing import machine, note

GOAL = Goal(ratio=1.0, aim_ratio=0.35, milliseconds=32.0, aim_milliseconds=25.0)
"""Two frames of 16 ms."""

NEXT_MOVE = """(step) => {
  const strip = document.querySelector(".characters");
  bench.pending = new Promise((done) => {
    strip.addEventListener("pointerrawupdate", ({ timeStamp }) => {
      const there = () => bench.panels.every(({ dataset }) => dataset.echo === String(step));
      done(bench.painted(timeStamp, there));
    }, { once: true, capture: true });
  });
}"""


def open_page(browser: Browser, url: str) -> Page:
    page = browser.new_page(viewport=VIEWPORT)
    page.goto(f"{url}/explore#models={','.join(MODELS)}&columns={COLUMNS}&echo=120&text={TEXT.replace(' ', '+')}")
    page.wait_for_selector(f'[data-model="{MODELS[-1]}"][data-steps="{len(TEXT)}"][data-echo="120"]')
    prepare(page, units=UNITS, columns=COLUMNS, models=MODELS)
    return page


def move(page: Page, column: int) -> dict[str, float]:
    """Move the pointer over one column's character; milliseconds until its echo is there."""
    box = page.locator(".characters").bounding_box()
    assert box is not None
    step = len(TEXT) - COLUMNS + column
    page.evaluate(NEXT_MOVE, step)
    page.mouse.move(box["x"] + (column + 0.5) * box["width"] / COLUMNS, box["y"] + box["height"] / 2)
    times: dict[str, float] = page.evaluate("bench.pending")
    return times


def measure(moves: int, warm_up: int) -> dict[str, dict[str, float]]:
    """Milliseconds of each quantity: median and 95th percentile."""
    with Server() as server, chromium() as browser:
        page = open_page(browser, server.url)
        turns = Turns(page, warm_up)
        for k in range(warm_up + moves):
            turns.add(move(page, 5 + k % 150))
        return turns.figures()


def main() -> None:
    parser = argparse.ArgumentParser(description="From the pointer over a character to its painted echo.")
    parser.add_argument("--moves", type=int, default=200)
    parser.add_argument("--warm-up", type=int, default=20)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    console = Console()
    figures = measure(options.moves, options.warm_up)
    title = f"{len(MODELS)} models × {UNITS} units × {COLUMNS} steps, {options.moves} moves of the pointer"
    show(title, "pointer to painted echo", figures, GOAL, console)
    console.print(machine())
    note(options.json, moves=options.moves, units=UNITS, columns=COLUMNS, milliseconds=figures)


if __name__ == "__main__":
    main()
