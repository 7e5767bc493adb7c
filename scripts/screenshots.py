#!/usr/bin/env python3
"""Makes the pictures of the README, and on request every size and theme in several states.

python scripts/screenshots.py
python scripts/screenshots.py --all FOLDER
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page  # noqa: E402 - the project's own packages lie beside this folder

from scripts.browser import Server, chromium  # noqa: E402

FIRST_MINUTE = "first-minute.png"
PICTURES = {"explore.png": "first", "forgetting.png": "forgetting"}
"""What docs/ holds, and the state that each shows."""
LARGEST_BYTES = 400 * 1024
SIZES = {"1280x720": (1280, 720), "1440x900": (1440, 900), "390x844": (390, 844)}
THEMES = ("light", "dark")

PAINTED = """async () => {
  const text = () => Array.from(document.querySelector("#text").value.toWellFormed()).length;
  const played = () => {
    const words = document.querySelector("#play .where").textContent;
    return words === "" ? text() : parseInt(words.replaceAll(",", ""));
  };
  const panels = () => [...document.querySelectorAll("[data-model]")];
  const measured = () => document.querySelector("#instrument").ariaBusy !== "true";
  const read = () => panels().every((panel) => Number(panel.dataset.steps) === played());
  const drawn = () => panels().every((panel) => panel.querySelector(".axes svg") !== null);
  const done = () => panels().length > 0 && measured() && read() && drawn();
  for (const end = performance.now() + 30000; performance.now() < end; ) {
    await new Promise((go) => setTimeout(go, 100));
    if (done()) return true;
  }
  return false;
}"""


def wait(page: Page) -> None:
    """Until all is painted, the values at the cursor too."""
    if not page.evaluate(PAINTED):
        raise SystemExit("The page did not paint its pictures.")
    page.wait_for_timeout(500)


def wait_for_text(page: Page) -> None:
    """An address that names models brings no text with it: choose their first sample then."""
    page.wait_for_selector("[data-model]")
    if page.get_by_role("textbox", name="Text", exact=True).input_value() == "":
        page.locator("#choices").evaluate("(choices) => { choices.open = true }")
        page.locator("#controls").get_by_role("combobox", name="Sample", exact=True).select_option(index=1)


def hover(page: Page) -> None:
    canvas = page.locator("canvas.heatmap").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.3 * box["height"])


def play(page: Page) -> None:
    page.get_by_role("textbox", name="Text", exact=True).focus()
    for _ in range(12):
        page.keyboard.press("Control+,")


def strange(page: Page) -> None:
    page.get_by_role("textbox", name="Text", exact=True).fill(
        "Café 漢字 🙂 — what the models never saw is marked,\n\tnever dropped."
    )


def nothing(page: Page) -> None:
    pass


STATES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "first": ("", nothing),
    "values": ("order=auto", nothing),
    "hover": ("order=auto", hover),
    "similarity": ("order=similarity", nothing),
    "python": ("models=python-rnn,python-gru,python-lstm&layer=1", nothing),
    "deep-cell": ("models=shakespeare-lstm,shakespeare-lstm-deep&signal=cell&layer=1", nothing),
    "gates": ("models=shakespeare-gru,shakespeare-lstm,shakespeare-lstm@0&signal=forget_gate&columns=300", hover),
    "play": ("", play),
    "saturation": ("instrument=saturation&signal=forget_gate", nothing),
    "forgetting": ("instrument=forgetting&step=423", nothing),
    "horizon": ("instrument=horizon", nothing),
    "gradients": ("instrument=gradients", nothing),
    "recoverability": ("instrument=recoverability", nothing),
    "recall": ("models=recall-rnn,recall-gru,recall-lstm&instrument=recall", nothing),
    "why": ("instrument=why&step=470&unit=12", nothing),
    "unit": ("models=shakespeare-gru,shakespeare-lstm&instrument=unit&unit=33&step=470", nothing),
    "intervene": ("models=shakespeare-lstm,shakespeare-lstm~0.forget_gate=0@430&instrument=intervene", nothing),
    "generate": ("instrument=generate", nothing),
    "unknown": ("", strange),
    "help": ("", lambda page: page.get_by_role("button", name="Help", exact=True).click()),
}


def take(browser: Browser, url: str, path: Path, *, size: str, theme: str, state: str) -> None:
    address, act = STATES[state]
    width, height = SIZES[size]
    phone = width < 560
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=theme,
        device_scale_factor=2 if phone else 1,
        has_touch=phone,
    )
    page = context.new_page()
    page.goto(f"{url}/explore#{address}" if address else f"{url}/explore")
    wait_for_text(page)
    wait(page)
    act(page)
    wait(page)
    page.screenshot(path=path, full_page=phone)
    context.close()


def take_first_minute(browser: Browser, url: str, path: Path) -> None:
    """The page of a first visit, when its networks have answered."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(url)
    page.get_by_text("sure").first.wait_for()
    page.wait_for_timeout(500)
    page.screenshot(path=path)
    context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the pictures of the page.")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="also every size, theme and state, into this folder")
    options = parser.parse_args()
    with Server() as server, chromium() as browser:
        take_first_minute(browser, server.url, ROOT / "docs" / FIRST_MINUTE)
        for name, state in PICTURES.items():
            path = ROOT / "docs" / name
            take(browser, server.url, path, size="1440x900", theme="light", state=state)
            size = path.stat().st_size
            print(f"docs/{name}: {size:,} bytes")
            if size > LARGEST_BYTES:
                raise SystemExit(f"{name} is larger than {LARGEST_BYTES:,} bytes.")
        if options.all is None:
            return
        options.all.mkdir(parents=True, exist_ok=True)
        for size_name, theme, state in itertools.product(SIZES, THEMES, STATES):
            take(
                browser,
                server.url,
                options.all / f"{size_name}-{theme}-{state}.png",
                size=size_name,
                theme=theme,
                state=state,
            )
        print(f"{len(SIZES) * len(THEMES) * len(STATES)} pictures in {options.all}")


if __name__ == "__main__":
    main()
