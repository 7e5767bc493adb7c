"""What it costs to see everything: a full trace against PyTorch's forward, which shows nothing.

    python -m benchmarks.trace [--steps 10000] [--repeats 7] [--json PATH]

Side by side in one run, one thread, interleaved: all signals of every step with the log-probabilities, as the
application reads a text, against `torch.nn`'s module with a linear readout and log-softmax. Beside them the same trace
by the loop that any declared cell is read by, in place of the one by hand.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from rich.console import Console
from rich.table import Table

from benchmarks.timing import Work, interleaved, machine, note, summary
from models import CharLM, Vocabulary
from models.cells import CELLS, Cell

UNITS = (128, 256, 512)
VOCABULARY = Vocabulary("".join(chr(code) for code in range(48, 48 + 65)))
BOUNDS = {"lstm": 0.95, "gru": 0.45, "rnn": 0.6}
"""How much of PyTorch's time the full trace may take."""
AIMS = {"lstm": 0.8, "gru": 0.25, "rnn": 0.3}
"""How much it should take."""


def pair(cell: str, units: int, steps: int) -> dict[str, Work]:
    """The ways to read the same random text with the same random weights."""
    torch.manual_seed(0)
    lm = CharLM(cell, VOCABULARY, units).requires_grad_(False).eval()
    ids = torch.randint(len(VOCABULARY), (steps,))
    rows = ids.numpy().astype("int32")
    inputs = torch.nn.functional.one_hot(ids, len(VOCABULARY)).float()[:, None]  # (T, 1, V), made beforehand
    reader = lm.reader()

    def trace() -> None:
        room, state = reader.allocate(steps), reader.start()
        for offset in range(0, steps, reader.block):
            reader.read(rows[offset : offset + reader.block], state, room, offset)

    def forward() -> None:
        with torch.inference_mode():
            hidden, _ = lm.rnn(inputs)
            torch.log_softmax(lm.readout(hidden), dim=-1)

    def declared() -> None:
        with mock.patch.object(type(lm.cell), "read", Cell.read):
            trace()

    return {"trace": trace, "declared": declared, "torch": forward}


def measure(steps: int, repeats: int, console: Console) -> list[dict[str, Any]]:
    """One row for each cell and size."""
    rows = []
    for cell in CELLS:
        for units in UNITS:
            with console.status(f"{cell} {units}"):
                seconds = interleaved(pair(cell, units, steps), repeats=repeats)
            figures = {name: summary(values) for name, values in seconds.items()}
            ratio = figures["trace"]["median"] / figures["torch"]["median"]
            targets = {"bound": BOUNDS.get(cell), "aim": AIMS.get(cell)}
            rows.append({"cell": cell, "units": units, **figures, "ratio": ratio, **targets})
    return rows


def table(rows: list[dict[str, Any]], steps: int) -> Table:
    out = Table(title=f"{steps:,} steps, vocabulary {len(VOCABULARY)}, float32, µs per step")
    headings = ("trace", "p95", "declared", "p95", "torch.nn", "p95", "trace / torch.nn", "bound", "aim")
    for heading in ("cell", "units", *headings):
        out.add_column(heading, justify="left" if heading == "cell" else "right")
    for row in rows:
        ways, figures = ("trace", "declared", "torch"), ("median", "p95")
        times = [f"{row[way][which] / steps * 1e6:.1f}" for way in ways for which in figures]
        within = row["bound"] is None or row["ratio"] <= row["bound"]
        ratio = f"[{'green' if within else 'red'}]{row['ratio']:.2f}[/]"
        out.add_row(row["cell"], str(row["units"]), *times, ratio, *(f"{row[key] or '–'}" for key in ("bound", "aim")))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description="The full trace against torch.nn's forward.")
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    torch.set_num_threads(1)
    console = Console()
    rows = measure(options.steps, options.repeats, console)
    console.print(table(rows, options.steps))
    console.print("Medians; trace: every signal and the log-probabilities. torch.nn: log-probabilities alone.")
    console.print(machine())
    note(options.json, steps=options.steps, rows=rows)


if __name__ == "__main__":
    main()
