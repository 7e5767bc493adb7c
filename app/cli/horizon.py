"""The command of the memory horizon: `hidden-state horizon`."""

from __future__ import annotations

from typing import Annotated

import torch
import typer
from rich.table import Table

from models.measures import drain, record
from models.measures.memory.gradients import gradients
from models.measures.memory.horizon import CURVES, Horizon, agreement, horizon
from models.text.files import UTF8
from models.zoo import load_text_model

from .shared.terminal import out
from .shared.texts import text_for

NAMES = {
    "edit": "edit, hidden state",
    "kl": "edit, prediction (bits)",
    "connectivity": "connectivity",
    "jacobian": "state Jacobian",
    "retention": "retention",
}


def measure_horizon(
    model: Annotated[str, typer.Argument(help="A model's id or folder; id@0 is its untrained twin.")],
    file: Annotated[str, typer.Argument(help='A UTF-8 text file, or "shakespeare" or "python".')],
    split: Annotated[str, typer.Option(help="all, train, validation or test: which part of the text.")] = "all",
    characters: Annotated[int, typer.Option(min=1, help="How many of its characters, from its beginning.")] = 10_000,
    positions: Annotated[int | None, typer.Option(min=1, help="Positions (default: as many as are usual).")] = None,
    lags: Annotated[int, typer.Option(min=1, help="The farthest lag.")] = 200,
    encoding: Annotated[str, typer.Option(help="Of the file: utf-8, utf-16, cp1251, …")] = UTF8,
) -> None:
    """Measure after how many characters a model has forgotten: where medians fall to 1/e and to 1 %."""
    torch.set_num_threads(1)
    lm = load_text_model(model)
    recording = record(lm, text_for(lm, file, split, characters, encoding=encoding))
    found = {curve: drain(horizon(lm, recording, curve=curve, positions=positions, lags=lags)) for curve in CURVES}
    last = found["edit"].band.lags  # fewer than requested if the text is short
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("curve", "at lag 0", "1/e", "1 %", f"at lag {last}", "positions"):
        table.add_column(heading, justify="left" if heading == "curve" else "right")
    for curve, one in found.items():
        table.add_row(NAMES[curve], *_cells(one))
    moving = found["retention"].moving
    if moving is not None and moving.units < moving.of:
        ends = ["–" if lag is None else str(lag) for lag in (moving.lag_e, moving.lag_percent)]
        table.add_row(f"retention, {moving.units} of {moving.of} units that move", "", *ends, "", "")
    slopes = drain(gradients(lm, recording, lags=lags))
    out.print(table)
    out.print(f"Lags count characters; – is not within {last} of them.")
    for curve in ("jacobian", "connectivity"):
        ranks = agreement(found["edit"], found[curve])
        if ranks is not None:
            out.print(
                f"Rank correlation over the lags of the edit's effect on the state and the {NAMES[curve]}: {ranks:.2f}"
            )
    factor = "none, it ends at zero" if slopes.per_step is None else f"{slopes.per_step:.3f}"
    out.print(f"Factor a character of the gradient on its way back, at {len(slopes.band.steps)} positions: {factor}")


def _cells(found: Horizon) -> list[str]:
    """A row of the table."""
    ends = [f"10^{band:.1f}" for band in (found.band.median[0], found.band.median[-1])]
    falls = ["–" if lag is None else str(lag) for lag in (found.lag_e, found.lag_percent)]
    return [ends[0], *falls, ends[1], str(len(found.band.steps))]
