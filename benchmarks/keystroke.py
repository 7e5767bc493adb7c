"""From key press to painted picture: three models of 128 units, 500 visible steps, in a real Chromium.

The clock of the page itself measures, from the time stamp of the `keydown` event until every panel has painted the new
character; see `painting`. Beside it, in the same page and in turn with it, three `Plotly.react` heatmaps of matrices as
large, which were made beforehand.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize
from rich.console import Console

from scripts.browser import Server, chromium

from .painting import Goal, Turns, prepare, show
from .timing import machine, note

MODELS = ("shakespeare-rnn", "shakespeare-gru", "shakespeare-lstm")
UNITS = 128
COLUMNS = 500
GOAL = Goal(ratio=1.0, aim_ratio=0.35, milliseconds=50.0, aim_milliseconds=16.0)
VIEWPORT: ViewportSize = {"width": 1440, "height": 900}
TEXT = "To sit beside the sea, and count the tides that took the names of all who came before. " * 7
KEYS = "and then the door was opened, slowly, as before; "

NEXT_KEY = """() => {
  const area = document.querySelector("#text");
  bench.pending = new Promise((done) => {
    addEventListener("keydown", ({ timeStamp }) => {
      const length = area.value.length;
      const typed = () => area.value.length !== length;
      const read = ({ dataset }) => Number(dataset.steps) === area.value.length;
      const caughtUp = () => typed() && bench.panels.every(read);
      done(bench.painted(timeStamp, caughtUp));
    }, { once: true, capture: true });
  });
}"""


def open_page(browser: Browser, url: str) -> Page:
    page = browser.new_page(viewport=VIEWPORT)
    page.goto(f"{url}/explore#models={','.join(MODELS)}&columns={COLUMNS}&text={TEXT.replace(' ', '+')}")
    page.wait_for_selector(f'[data-model="{MODELS[-1]}"][data-steps="{len(TEXT)}"]')
    prepare(page, units=UNITS, columns=COLUMNS, models=MODELS)
    page.get_by_role("textbox", name="Text", exact=True).focus()
    page.keyboard.press("Control+End")
    return page


def press(page: Page, key: str) -> dict[str, float]:
    """Press one key; milliseconds until its pictures are there."""
    page.evaluate(NEXT_KEY)
    page.keyboard.press(key)
    times: dict[str, float] = page.evaluate("bench.pending")
    return times


def measure(presses: int, warm_up: int) -> dict[str, dict[str, float]]:
    """Milliseconds of each quantity: median and 95th percentile."""
    with Server() as server, chromium() as browser:
        page = open_page(browser, server.url)
        turns = Turns(page, warm_up)
        for k in range(warm_up + presses):
            turns.add(press(page, KEYS[k % len(KEYS)]))
        return turns.figures()


def main() -> None:
    parser = argparse.ArgumentParser(description="From key press to painted picture.")
    parser.add_argument("--presses", type=int, default=200)
    parser.add_argument("--warm-up", type=int, default=20)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    console = Console()
    figures = measure(options.presses, options.warm_up)
    title = f"{len(MODELS)} models × {UNITS} units × {COLUMNS} steps, {options.presses} keys"
    show(title, "key press to painted picture", figures, GOAL, console)
    console.print(machine())
    note(options.json, presses=options.presses, units=UNITS, columns=COLUMNS, milliseconds=figures)


if __name__ == "__main__":
    main()
