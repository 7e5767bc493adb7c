"""A million characters: reading them, typing behind them, looking anywhere in them, and what they cost the server.

    python -m benchmarks.million [--characters 1000000] [--json PATH]

A server of its own, and a page without a browser. Beside the reading, in turn with it: the forward passes of the same
three models by `torch.nn`, one after the other, which show nothing. Beside the keystroke at the end of the long text:
one at the end of a thousand characters, in turn with it.
"""

from __future__ import annotations

import argparse
import random
import threading
import time
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.table import Table

from models import load
from scripts.browser import Server

from .page import MODELS, Page, page, prose
from .timing import machine, note, summary

COLUMNS = 1400
CHUNK = 10_000
KEYS = 100
WINDOWS = 60
BOUNDS = {
    "reading": (0.6, 0.3),
    "keystroke": (1.3, 1.0),
    "window": (30.0, 10.0),
    "second session": (100.0, None),
    "memory": (250.0, None),
}
"""What is promised now, and the aim."""


def forwards(text: str) -> float:
    """Seconds that `torch.nn` takes for the log-probabilities of all three models, with its own default of threads."""
    took = 0.0
    for name in MODELS:
        lm = load(name)
        ids = torch.as_tensor(lm.vocabulary.encode(text).astype("int64"))
        state: Any = None
        for start in range(0, len(ids), CHUNK):
            chunk = torch.nn.functional.one_hot(ids[start : start + CHUNK], len(lm.vocabulary)).float()[:, None]
            began = time.perf_counter()
            with torch.inference_mode():
                hidden, state = lm.rnn(chunk, state)
                torch.log_softmax(lm.readout(hidden), dim=-1)
            took += time.perf_counter() - began
    return took


def resident(server: Server) -> float:
    """MiB of memory that the server's process holds; NaN where the system does not say."""
    status = Path(f"/proc/{server.pid}/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def read_through(url: str, text: str) -> tuple[float, float]:
    """Seconds until the first picture of a freshly pasted text, and until it has been read."""
    with page(url) as one:
        one.view(0, COLUMNS, overview=700)
        one.text(text)
        began = time.perf_counter()
        first = one.until_shown(COLUMNS)
        one.until_read()
        return first, time.perf_counter() - began


def keystrokes(pages: dict[str, Page]) -> dict[str, list[float]]:
    """Milliseconds of a key at the end of each page's text, in turn."""
    taken: dict[str, list[float]] = {name: [] for name in pages}
    for k in range(KEYS + 10):
        for name, one in pages.items():
            at = one.length
            one.insert(at, "e", (max(at + 1 - 500, 0), at + 1))
            seconds = one.until_shown(at + 1)
            if k >= 10:
                taken[name].append(1e3 * seconds)
    return taken


def windows(one: Page) -> list[float]:
    """Milliseconds from asking for an exact window anywhere to its last frame."""
    choose = random.Random(1)
    taken = []
    for _ in range(WINDOWS):
        start = choose.randrange(one.length - COLUMNS)
        one.view(start, start + COLUMNS)
        taken.append(1e3 * one.until_shown(start + COLUMNS))
    return taken


def second_session(url: str, text: str) -> list[float]:
    """Milliseconds of keys at the end of a thousand characters while another session reads the whole text."""
    with page(url) as typist:
        typist.view(0, 1000)
        typist.text(text[:1000])
        typist.until_read()
        over = threading.Event()

        def read() -> None:
            with page(url) as reader:
                reader.view(0, COLUMNS)
                reader.text(text)
                reader.until_read()
            over.set()

        thread = threading.Thread(target=read)
        thread.start()
        taken = []
        while not over.is_set():
            taken += keystroke_once(typist)
            time.sleep(0.02)
        thread.join()
        return taken


def keystroke_once(one: Page) -> list[float]:
    at = one.length
    one.insert(at, "e", (at - 499, at + 1))
    return [1e3 * one.until_shown(at + 1)]


def measure(characters: int, repeats: int, console: Console) -> dict[str, Any]:
    text = prose(characters)
    figures: dict[str, Any] = {"reading": [], "torch": [], "first picture": []}
    with Server() as server:
        with page(server.url) as one:  # load the models
            one.view(0, COLUMNS)
            one.text(text[:5000])
            one.until_read()
        before = resident(server)
        for _ in range(repeats):
            with console.status("reading"):
                first, whole = read_through(server.url, text)
            figures["reading"].append(whole)
            figures["first picture"].append(1e3 * first)
            with console.status("torch.nn"):
                figures["torch"].append(forwards(text))
        with console.status("typing and looking"), page(server.url) as long, page(server.url) as short:
            for one, length in ((long, characters), (short, 1000)):
                one.view(0, COLUMNS)
                one.text(text[:length])
                one.until_read()
            figures["memory"] = resident(server) - before
            figures["keystroke"] = keystrokes({"long": long, "short": short})
            figures["window"] = windows(long)
        time.sleep(1)
        figures["memory left"] = resident(server) - before
        with console.status("a second session"):
            figures["second session"] = second_session(server.url, text)
    return figures


def show(figures: dict[str, Any], characters: int, console: Console) -> None:
    table = Table(title=f"{characters:,} characters, three models of 128 units")
    for heading in ("what", "median", "p95", "against", "ratio", "at most", "aim"):
        table.add_column(heading, justify="left" if heading == "what" else "right")

    def row(what: str, name: str, values: list[float], unit: str, against: list[float] | None = None) -> None:
        ours = summary(values)
        bound, aim = BOUNDS.get(name, (None, None))
        ratio = ours["median"] / summary(against)["median"] if against else None
        measured = ours["p95"] if ratio is None else ratio
        sign = " ×" if ratio is not None else f" {unit}"
        kept = bound is None or measured <= bound
        table.add_row(
            what,
            f"{ours['median']:.1f} {unit}",
            f"{ours['p95']:.1f} {unit}",
            f"{summary(against)['median']:.1f} {unit}" if against else "–",
            f"[{'green' if kept else 'red'}]{ratio:.2f} ×[/]" if ratio is not None else "–",
            "–" if bound is None else f"[{'green' if kept else 'red'}]{bound:g}{sign}[/]",
            "–" if aim is None else f"{aim:g}{sign}",
        )

    row("read whole, against three torch.nn forwards", "reading", figures["reading"], "s", figures["torch"])
    row("first picture of a freshly pasted text", "first picture", figures["first picture"], "ms")
    keys = figures["keystroke"]
    row("a key at its end, against one after 1,000", "keystroke", keys["long"], "ms", keys["short"])
    row(f"an exact window of {COLUMNS:,} columns anywhere", "window", figures["window"], "ms")
    row("a key of another session meanwhile", "second session", figures["second session"], "ms")
    row("memory of the server", "memory", [figures["memory"]], "MiB")
    row("… after the session has ended", "memory left", [figures["memory left"]], "MiB")
    console.print(table)
    console.print("“at most” holds for the ratio where there is one, else for p95.")


def main() -> None:
    parser = argparse.ArgumentParser(description="A million characters.")
    parser.add_argument("--characters", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    console = Console()
    figures = measure(options.characters, options.repeats, console)
    show(figures, options.characters, console)
    console.print(machine())
    note(options.json, characters=options.characters, **figures)


if __name__ == "__main__":
    main()
