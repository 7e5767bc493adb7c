"""What each instrument takes on 1,000 and on 10,000 characters, and how that grows.

    python -m benchmarks.measures [--repeats 3] [--json PATH]

Each instrument does its work for each of the three Shakespeare models of 128 units, as the server has it done, on a
text that has been read. Beside it, in turn with it: the reading of that text. At the end, the memory horizon as a page
asks for it: from the pasting of 10,000 characters to the answers for all three models, over the socket.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.table import Table

from app.compute.model_library import LoadedModel
from app.contract.instrument import Options, Subject
from app.instruments.generate import Generate
from app.instruments.intervene import Intervene
from app.instruments.memory.forgetting import Forgetting
from app.instruments.memory.gradients import Gradients
from app.instruments.memory.horizon import Horizon
from app.instruments.memory.recoverability import Recoverability
from app.instruments.saturation import Saturation
from app.instruments.texts import Texts
from app.instruments.unit import Unit
from app.instruments.why import Why
from app.live.run import Run
from models import NotMeasurable, load
from models.measures import drain, record
from scripts.browser import Server

from .page import MODELS, page, prose
from .timing import interleaved, machine, note, summary

LENGTHS = (1_000, 10_000)
NOTHING = {"median": math.nan}
"""Of an instrument that a text is too short for."""
HORIZON_SECONDS = 5.0
"""How soon the horizon of all three models is promised."""


def questions(text: str) -> dict[str, Callable[[Run], Options]]:
    """What is asked of each instrument about a text, as the page does where nothing else was chosen."""
    length = len(text)
    hidden: dict[str, Any] = {"layer": 0, "signal": "hidden"}
    middle = length // 2
    return {
        "saturation, default thresholds": lambda run: Saturation(
            name="saturation", **hidden, start=0, stop=length, first=0, last=min(length, 100)
        ),
        "saturation, other thresholds": lambda run: Saturation(
            name="saturation", **hidden, start=0, stop=length, first=0, last=min(length, 100), bound=0.8
        ),
        "forgetting": lambda run: Forgetting(name="forgetting", step=middle),
        "horizon, edits": lambda run: Horizon(name="horizon", curve="edit"),
        "horizon, Jacobians": lambda run: Horizon(name="horizon", curve="jacobian"),
        "gradients": lambda run: Gradients(name="gradients"),
        "recoverability": lambda run: Recoverability(name="recoverability"),
        "why this value": lambda run: Why(name="why", **hidden, step=middle, unit=7),
        "unit": lambda run: Unit(name="unit", **hidden, unit=7, start=0, stop=length, first=0, last=min(length, 100)),
        "intervene": lambda run: Intervene(name="intervene", letters="reset.50@0"),
        "two texts": lambda run: Texts(
            name="texts", **hidden, other=text[:middle] + "!" + text[middle:], start=0, stop=100
        ),
        "generate 200 characters": lambda run: Generate(name="generate", step=length - 1),
    }


def subject(name: str, text: str) -> Subject:
    """A model that has read the text, as an instrument of a session finds it."""
    lm = load(name)
    run = Run(LoadedModel(name, lm, lm.reader()), text)
    while not run.complete:
        run.recording.read()
    return Subject(run, len(text), lambda start, stop: text[start:stop])


def measure(repeats: int, console: Console) -> list[dict[str, Any]]:
    """A row for each instrument: seconds of each model at each length."""
    rows: dict[str, dict[str, Any]] = {}
    for length in LENGTHS:
        text = prose(length)
        for model in MODELS:
            subject_, lm = subject(model, text), load(model)
            works: dict[str, Callable[[], object]] = {"reading": lambda lm=lm, text=text: record(lm, text)}
            for name, asked in questions(text).items():
                works[name] = lambda asked=asked, of=subject_: fresh(asked(of.run), of)
            works = {name: work for name, work in works.items() if name == "reading" or work() is not None}
            with console.status(f"{model}, {length:,} characters"):
                for name, seconds in interleaved(works, repeats=repeats, warm_up=1).items():
                    rows.setdefault(name, {"measure": name})[f"{model}/{length}"] = summary(seconds)
    return list(rows.values())


def fresh(options: Options, of: Subject) -> object:
    """The answer, worked out anew."""
    of.run.memo.clear()
    with suppress(NotMeasurable):  # a text may be too short
        return drain(options.work(of))
    return None


def horizon(repeats: int) -> list[float]:
    """Seconds from the pasting of a text, which the server has not seen, to the horizons of all three models."""
    taken = []
    with Server() as server:
        for repeat in range(repeats + 1):
            with page(server.url) as one:
                one.view(0, 500)
                began = time.perf_counter()
                one.text(prose(10_000, seed=repeat))
                one.measure(name="horizon", curve="edit")
                one.until_measured()
                taken.append(time.perf_counter() - began)
    return taken[1:]  # the first also loads the models


def table(rows: list[dict[str, Any]]) -> Table:
    out = Table(
        title="milliseconds, median, at 1,000 and 10,000 characters, and how many times as long the second takes"
    )
    out.add_column("measure")
    for model in MODELS:
        out.add_column(model.removeprefix("shakespeare-"), justify="right")
    for row in rows:
        cells = []
        for model in MODELS:
            few, many = (1e3 * row.get(f"{model}/{length}", NOTHING)["median"] for length in LENGTHS)
            cells.append(f"{many:,.1f}" if math.isnan(few) else f"{few:,.1f} → {many:,.1f}  ×{many / few:.1f}")
        out.add_row(row["measure"], *cells)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description="What the instruments take.")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    torch.set_num_threads(1)
    console = Console()
    rows = measure(options.repeats, console)
    console.print(table(rows))
    seconds = summary(horizon(options.repeats))
    within = seconds["median"] <= HORIZON_SECONDS
    console.print(
        "Memory horizon by edits, 10,000 characters pasted, three models, over the socket: median "
        f"[{'green' if within else 'red'}]{seconds['median']:.2f} s[/], p95 {seconds['p95']:.2f} s "
        f"(promised: {HORIZON_SECONDS:.0f} s)"
    )
    console.print(machine())
    note(options.json, rows=rows, horizon=seconds)


if __name__ == "__main__":
    main()
