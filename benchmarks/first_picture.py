"""From navigation to the first picture: a warm server, a cold browser, in a real Chromium.

Each visit has a context of its own, so nothing is cached. The clock of the page runs from navigation until all three
pictures are painted, and the first task after the next animation frame; it looks once a frame. Three addresses in turn:
the first minute (without its animation, so all columns), the laboratory, and the laboratory with Plotly ahead of its
scripts, as pages that draw with it usually have it. Then the same on a processor that is slowed down to a quarter by
the browser, as a phone's is.
"""

from __future__ import annotations

import argparse
import re
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, Page
from rich.console import Console
from rich.table import Table

from scripts.browser import Server, chromium

from .timing import machine, note, summary

VIEWPORT = {"width": 1440, "height": 900}
MOST_MILLISECONDS = 1200.0
"""In the median, on a processor that is not slowed down."""
SLOW = 4
PAGES = {"first minute": "/first", "laboratory": "/explore", "laboratory, Plotly first": "/explore"}
PATIENCE_MS = 60_000

WATCH = """
globalThis.firstPicture = new Promise((done) => {
  const there = () => {
    const panels = [...document.querySelectorAll("[data-model]")].filter((panel) => !panel.hidden);
    const painted = ({ dataset }) => dataset.window !== "0:0" && dataset.steps !== "0";
    return panels.length >= 3 && panels.every(painted);
  };
  const look = () => {
    if (!there()) return requestAnimationFrame(look);
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => done(performance.now());
      port2.postMessage(0);
    });
  };
  requestAnimationFrame(look);
});
"""


def plotly_first(url: str) -> str:
    """A script that puts Plotly into the laboratory's page before its own modules, while the page is parsed.

    The page itself cannot be replaced: a browser lets one that no address answered for open no local connection.
    """
    with urllib.request.urlopen(f"{url}/explore") as answer:
        found = re.search(r'<meta name="plotly" content="([^"]+)">', answer.read().decode("utf-8"))
    if found is None:
        raise RuntimeError("The page does not say where Plotly is.")
    return f"""document.write('<script defer src="{found[1]}"></' + 'script>');"""


def visit(browser: Browser, url: str, name: str, slow: int) -> float:
    """Milliseconds from navigation to the first picture."""
    context = browser.new_context(viewport=VIEWPORT, reduced_motion="reduce")
    try:
        page: Page = context.new_page()
        page.add_init_script(WATCH)
        page.set_default_timeout(PATIENCE_MS)
        if name.endswith("Plotly first"):
            script = plotly_first(url)
            page.route("**/redirect.js", lambda route: route.fulfill(content_type="text/javascript", body=script))
        if slow > 1:
            context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slow})
        page.goto(url + PAGES[name], wait_until="commit")
        return float(page.evaluate("globalThis.firstPicture"))
    finally:
        context.close()


def measure(visits: int, warm_up: int) -> dict[str, dict[str, dict[str, float]]]:
    """For each speed and page the median and the 95th percentile, milliseconds."""
    with Server() as server, chromium() as browser:
        figures: dict[str, dict[str, dict[str, float]]] = {}
        for slow in (1, SLOW):
            taken: dict[str, list[float]] = {name: [] for name in PAGES}
            for k in range(warm_up + visits):
                for name, values in taken.items():
                    spent = visit(browser, server.url, name, slow)
                    if k >= warm_up:
                        values.append(spent)
            figures[f"{slow}×"] = {name: summary(values) for name, values in taken.items()}
        return figures


def main() -> None:
    parser = argparse.ArgumentParser(description="From navigation to the first picture.")
    parser.add_argument("--visits", type=int, default=20)
    parser.add_argument("--warm-up", type=int, default=2)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    console = Console()
    figures = measure(options.visits, options.warm_up)
    title = f"navigation to first picture, {options.visits} visits each, nothing cached"
    table = Table("milliseconds", "median", "p95", "a quarter of the speed: median", "p95", title=title)
    for name in PAGES:
        cells = [f"{figures[speed][name][column]:,.0f}" for speed in figures for column in ("median", "p95")]
        table.add_row(name, *cells)
    console.print(table)
    for name in ("first minute", "laboratory"):
        median = figures["1×"][name]["median"]
        kept = "kept" if median <= MOST_MILLISECONDS else "NOT kept"
        console.print(f"The {name} in at most {MOST_MILLISECONDS:g} ms in the median: {kept}.")
    console.print(machine())
    note(options.json, visits=options.visits, milliseconds=figures)


if __name__ == "__main__":
    main()
