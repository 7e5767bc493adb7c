"""The command of the measure over length: `hidden-state over-length`."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.table import Table

from models import HiddenStateError
from models.measures import drain, record
from models.measures.memory.over_length import OverLength, over_length
from models.text.files import UTF8
from models.zoo import load_text_model

from .shared.progress import share_bar
from .shared.terminal import out
from .shared.texts import text_for

QUARTILES = ("low", "median", "high", "mean")


def measure_over_length(
    model: Annotated[str, typer.Argument(help="A model's id or folder; id@0 is its untrained twin.")],
    file: Annotated[str, typer.Argument(help='A UTF-8 text file, or "shakespeare" or "python".')],
    split: Annotated[str, typer.Option(help="all, train, validation or test: which part of the text.")] = "all",
    characters: Annotated[int, typer.Option(min=1, help="How many of its characters, from its beginning.")] = 50_000,
    length: Annotated[int, typer.Option(min=32, help="The most characters since a reset.")] = 1000,
    readings: Annotated[int | None, typer.Option(min=1, help="Readings (default: as many as are usual).")] = None,
    layer: Annotated[int | None, typer.Option(min=0, help="Layer (default: the last).")] = None,
    signal: Annotated[str, typer.Option(help="Whose saturation and norm.")] = "hidden",
    encoding: Annotated[str, typer.Option(help="Of the file: utf-8, utf-16, cp1251, …")] = UTF8,
    output: Annotated[Path | None, typer.Option("--out", "-o", help="A CSV file to write the curves to.")] = None,
) -> None:
    """Measure whether a model gets worse after reading for long: bits, saturation and norm since a reset."""
    torch.set_num_threads(1)
    lm = load_text_model(model)
    recording = record(lm, text_for(lm, file, split, characters, encoding=encoding))
    with share_bar(out, "reading") as report:
        work = over_length(recording, length=length, readings=readings, layer=layer, signal=signal)
        found = drain(work, report)
    table = Table(box=None, header_style="bold", pad_edge=False)
    saturates = lm.stack[found.layer].cell.signal(found.signal).saturated is not None
    for heading in ("from", "to", "bits", *(("saturated",) if saturates else ()), f"‖{signal}‖"):
        table.add_column(heading, justify="right")
    for k in range(len(found.edges) - 1):
        saturated = (found.saturation.median[k],) if saturates else ()
        figures = (found.bits.mean[k], *saturated, found.norm.median[k])
        table.add_row(str(found.edges[k]), str(found.edges[k + 1] - 1), *(f"{one:.3f}" for one in figures))
    out.print(table)
    out.print("Characters read since a reset; bits are means, the others medians over the readings.", soft_wrap=True)
    if not saturates:
        out.print(f"Saturation does not apply to {found.signal}.", highlight=False)
    out.print(f"{lm.name}: {_verdict(found)}", highlight=False, soft_wrap=True)
    if output is not None:
        _write(output, found)


def _verdict(found: OverLength) -> str:
    """Where it degrades, or that it does not, and what the test would have detected."""
    if found.degrades is not None:
        worse = found.worse[list(found.classes).index(found.degrades)]
        words = f"gets worse from {found.degrades} characters on, by {worse:.3f} bits there"
    else:
        seen = "too few to tell noise from a loss"
        if not math.isnan(found.detectable):
            seen = f"one of {found.detectable:.3f} bits would have been found"
        words = f"no degradation within {found.length} characters ({seen})"
    return f"{words}; {found.readings:,} readings"


def _write(path: Path, found: OverLength) -> None:
    names = [(name, quartile) for name in ("bits", "saturation", "norm") for quartile in QUARTILES]
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(["from", "to", *(f"{name}_{quartile}" for name, quartile in names)])
            for k in range(len(found.edges) - 1):
                figures = (f"{getattr(getattr(found, name), quartile)[k]:.6f}" for name, quartile in names)
                rows.writerow([found.edges[k], found.edges[k + 1] - 1, *figures])
    except OSError as error:
        raise HiddenStateError(f"{path} cannot be written: {error}. Choose another place with --out.") from None
    out.print(f"{path}: {len(found.edges) - 1} spans", highlight=False, soft_wrap=True)
