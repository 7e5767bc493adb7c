"""From key press to painted picture: three models of 128 units, 500 visible steps, in a real Chromium.

The clock of the page itself measures, from the time stamp of the `keydown` event until the task after the first
animation frame that begins once every panel has said that it painted the new character. Beside it, in the same page and
in turn with it, three `Plotly.react` heatmaps of matrices as large, which were made beforehand, from the call to the
task after the next frame.
"""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page
from rich.console import Console
from rich.table import Table

from .browser import Server, chromium
from .timing import machine, summary

MODELS = ("shakespeare-rnn", "shakespeare-gru", "shakespeare-lstm")
UNITS = 128
COLUMNS = 500
BOUND_MS = 100.0
AIM_MS = 50.0
QUIET_MS = 60
VIEWPORT = {"width": 1440, "height": 900}
TEXT = "To sit beside the sea, and count the tides that took the names of all who came before. " * 7
KEYS = "and then the door was opened, slowly, as before; "

PAGE = """async ({ units, columns, models }) => {
  const frame = () => new Promise(requestAnimationFrame);
  const task = () => new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { port1.close(); done(performance.now()); };
    port2.postMessage(0);
  });
  const area = document.querySelector("#text");
  const panels = models.map((model) => document.querySelector(`[data-model="${model}"]`));
  const caughtUp = () => panels.every((panel) => Number(panel.dataset.steps) === area.value.length);

  // Resolves with milliseconds from the next key: to the drawing of the last picture, and to the frame after it.
  const key = () => new Promise((done) => {
    addEventListener("keydown", ({ timeStamp }) => {
      const length = area.value.length;
      const observer = new MutationObserver(async () => {
        if (area.value.length === length || !caughtUp()) return;
        observer.disconnect();
        const drawn = await task();
        await frame();
        done({ drawn: drawn - timeStamp, painted: (await task()) - timeStamp });
      });
      for (const panel of panels) observer.observe(panel, { attributes: true, attributeFilter: ["data-steps"] });
    }, { once: true, capture: true });
  });

  // The reference lies over the page while it is measured and is hidden else.
  const cover = document.createElement("div");
  cover.style.cssText = "position: fixed; inset: 0; z-index: 1000; visibility: hidden; background: #fff";
  document.body.append(cover);
  const plots = models.map(() => cover.appendChild(document.createElement("div")));
  const row = () => Array.from({ length: columns }, () => 2 * Math.random() - 1);
  const matrix = () => Array.from({ length: units }, row);
  const width = document.querySelector("canvas.heatmap").clientWidth + 100;
  const layout = { width, height: units + 60, margin: { l: 40, r: 60, t: 10, b: 20 } };
  const config = { displayModeBar: false };
  const figure = (z) => [{ type: "heatmap", z, zmin: -1, zmax: 1 }];
  for (const plot of plots) await Plotly.newPlot(plot, figure(matrix()), layout, config);
  const reference = async () => {
    const all = plots.map(matrix);
    cover.style.visibility = "visible";
    for (let k = 0; k < 3; k++) await frame();
    await task();
    const began = performance.now();
    plots.forEach((plot, k) => Plotly.react(plot, figure(all[k]), layout, config));
    await frame();
    const painted = (await task()) - began;
    cover.style.visibility = "hidden";
    for (let k = 0; k < 3; k++) await frame();
    return painted;
  };
  globalThis.bench = { key, reference, caughtUp };
}"""


def open_page(browser: Browser, url: str) -> Page:
    page = browser.new_page(viewport=VIEWPORT)
    page.goto(f"{url}/#models={','.join(MODELS)}&columns={COLUMNS}&text={TEXT.replace(' ', '+')}")
    page.wait_for_selector(f'[data-model="{MODELS[-1]}"][data-steps="{len(TEXT)}"]')
    page.evaluate(PAGE, {"units": UNITS, "columns": COLUMNS, "models": list(MODELS)})
    for model in MODELS:
        size = page.locator(f'[data-model="{model}"] canvas.heatmap').evaluate(
            "(canvas) => [canvas.height, canvas.width]"
        )
        if size != [UNITS, COLUMNS]:
            raise RuntimeError(f"{model} shows {size[0]} units × {size[1]} steps, not {UNITS} × {COLUMNS}.")
    page.get_by_role("textbox", name="Text", exact=True).focus()
    page.keyboard.press("Control+End")
    return page


def press(page: Page, key: str) -> dict[str, float]:
    """Press one key; milliseconds until its pictures are there."""
    page.evaluate("() => { bench.pending = bench.key() }")
    page.keyboard.press(key)
    times: dict[str, float] = page.evaluate("bench.pending")
    return times


def measure(presses: int, warm_up: int) -> dict[str, dict[str, float]]:
    """Milliseconds of each quantity: median and 95th percentile."""
    taken: dict[str, list[float]] = {"painted": [], "drawn": [], "plotly": []}
    with Server() as server, chromium() as browser:
        page = open_page(browser, server.url)
        for k in range(warm_up + presses):
            times = press(page, KEYS[k % len(KEYS)])
            page.wait_for_timeout(QUIET_MS)
            plotly = page.evaluate("bench.reference()")
            page.wait_for_timeout(QUIET_MS)
            if k < warm_up:
                continue
            taken["painted"].append(times["painted"])
            taken["drawn"].append(times["drawn"])
            taken["plotly"].append(plotly)
    return {name: summary(values) for name, values in taken.items()}


def show(figures: dict[str, dict[str, float]], presses: int, console: Console) -> None:
    table = Table(
        "milliseconds", "median", "p95", title=f"{len(MODELS)} models × {UNITS} units × {COLUMNS} steps, {presses} keys"
    )
    rows = {
        "key press to painted picture": "painted",
        "… of it until the pictures are drawn": "drawn",
        "three Plotly.react heatmaps": "plotly",
    }
    for words, name in rows.items():
        table.add_row(words, *(f"{figures[name][column]:.1f}" for column in ("median", "p95")))
    ratios = {column: figures["painted"][column] / figures["plotly"][column] for column in ("median", "p95")}
    table.add_row("painted picture / Plotly", *(f"{ratios[column]:.2f} ×" for column in ("median", "p95")))
    console.print(table)
    p95 = figures["painted"]["p95"]
    kept = "kept" if p95 <= BOUND_MS else "NOT kept"
    aim = "reached" if p95 <= AIM_MS else "not yet reached"
    console.print(f"p95 at most {BOUND_MS:.0f} ms: {kept}. The next aim, {AIM_MS:.0f} ms: {aim}.")


def main() -> None:
    parser = argparse.ArgumentParser(description="From key press to painted picture.")
    parser.add_argument("--presses", type=int, default=200)
    parser.add_argument("--warm-up", type=int, default=20)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    console = Console()
    figures = measure(options.presses, options.warm_up)
    show(figures, options.presses, console)
    console.print(machine())
    if options.json is not None:
        facts: dict[str, Any] = {"date": date.today().isoformat(), "machine": machine(), "presses": options.presses}
        facts |= {"units": UNITS, "columns": COLUMNS, "milliseconds": figures}
        options.json.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
