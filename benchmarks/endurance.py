"""Whether the page stays light: long tasks while one types into a million characters, and the heap over 2,000 keys.

    python -m benchmarks.endurance [--characters 1000000] [--keys 2000] [--json PATH]

A long task is one that keeps the page's thread for more than 50 ms, as the browser itself counts them. The heap is what
is left of JavaScript's after a forced collection of garbage.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, CDPSession, Page
from rich.console import Console
from rich.table import Table

from scripts.browser import Server, chromium

from .page import MODELS, prose
from .timing import machine, note

VIEWPORT = {"width": 1440, "height": 900}
BOUND_MS = 50.0
WORDS = "and so it goes, "
KEYS_EACH = 150
WATCH = """() => {
  globalThis.tasks = [];
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: "longtask" });
}"""


def heap(session: CDPSession) -> float:
    """MiB of JavaScript's heap that are in use."""
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / (1 << 20)


def type_keys(page: Page, keys: int) -> dict[str, float]:
    """Type, and say how many long tasks there were and how long the longest took."""
    page.evaluate("() => { tasks.length = 0 }")
    for k in range(keys):
        page.keyboard.press({" ": "Space"}.get(WORDS[k % len(WORDS)], WORDS[k % len(WORDS)]))
    page.wait_for_timeout(300)
    took = page.evaluate("() => tasks")
    return {"keys": keys, "long tasks": len(took), "longest": max(took, default=0.0)}


def caught_up(page: Page, characters: int) -> None:
    for model in MODELS:
        page.wait_for_selector(f'[data-model="{model}"][data-steps="{characters}"]', timeout=120_000)


def typing(browser: Browser, url: str, characters: int) -> dict[str, dict[str, float]]:
    """Long tasks while typing into a long text: while it is still being read, at its end, and at its start."""
    page = browser.new_page(viewport=VIEWPORT)
    page.goto(f"{url}/explore#models={','.join(MODELS)}&text=a")
    caught_up(page, 1)
    page.evaluate(WATCH)
    editor = page.get_by_role("textbox", name="Text", exact=True)
    editor.fill(prose(characters))
    page.wait_for_timeout(1000)
    found = {"while it is being read": type_keys(page, KEYS_EACH)}
    caught_up(page, characters + KEYS_EACH)
    page.wait_for_timeout(1000)
    page.keyboard.press("Control+End")
    page.wait_for_timeout(1000)
    found["at its end"] = type_keys(page, KEYS_EACH)
    page.keyboard.press("Control+Home")
    page.wait_for_timeout(1000)
    found["at its start"] = type_keys(page, KEYS_EACH)
    page.close()
    return found


def growth(browser: Browser, url: str, keys: int) -> dict[str, float]:
    """MiB of heap before and after so many keys, each a change of the text and a picture."""
    page = browser.new_page(viewport=VIEWPORT)
    page.goto(f"{url}/explore#models={','.join(MODELS)}&text={quote(prose(500))}")
    caught_up(page, 500)
    session = page.context.new_cdp_session(page)
    page.get_by_role("textbox", name="Text", exact=True).focus()
    page.keyboard.press("Control+End")

    def press(times: int) -> None:
        for k in range(times):
            page.keyboard.press("Backspace" if k % 2 else "e")
            page.wait_for_timeout(8)

    press(400)
    before = heap(session)
    press(keys)
    page.wait_for_timeout(1500)
    after = heap(session)
    page.close()
    return {"keys": keys, "before": before, "after": after}


def main() -> None:
    parser = argparse.ArgumentParser(description="Whether the page stays light.")
    parser.add_argument("--characters", type=int, default=1_000_000)
    parser.add_argument("--keys", type=int, default=2000)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    console = Console()
    with Server() as server, chromium() as browser:
        tasks = typing(browser, server.url, options.characters)
        used = growth(browser, server.url, options.keys)
    table = Table(title=f"Typing into {options.characters:,} characters, three models of 128 units")
    for heading in ("where", "keys", f"tasks over {BOUND_MS:.0f} ms", "the longest"):
        table.add_column(heading, justify="left" if heading == "where" else "right")
    for where, row in tasks.items():
        kept = "green" if not row["long tasks"] else "red"
        longest = f"{row['longest']:.0f} ms" if row["long tasks"] else "–"
        table.add_row(where, f"{row['keys']}", f"[{kept}]{row['long tasks']}[/]", longest)
    console.print(table)
    grown = used["after"] - used["before"]
    console.print(f"Heap over {used['keys']:,} keys: {used['before']:.2f} → {used['after']:.2f} MiB ({grown:+.2f}).")
    console.print(machine())
    note(options.json, typing=tasks, heap=used)


if __name__ == "__main__":
    main()
