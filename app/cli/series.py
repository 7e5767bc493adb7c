"""What the commands do where numbers are read: `train --task series`, `evaluate` and `trace` of a series model, and
`anomalies`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.table import Table

from models import CorpusError, NotMeasurable, load
from models.measures.anomalies import compare, unscored
from models.network.series_model import SeriesModel
from models.series import sources
from models.series.faults import drawn, with_faults
from models.series.series import Series
from models.storage.lookup import Entry
from models.storage.series_card import SeriesCard, SeriesMeasured
from models.text.files import UTF8
from models.text.words import counted
from models.training.recipes import Recipe
from models.training.series.recipes import baselines_of, fitting, make_series, measure_series
from models.training.settings import Settings
from models.training.settings_check import check_settings
from models.zoo import series_card

from .shared.options import Running
from .shared.progress import reading_bar, training_bar
from .shared.terminal import note, out


def train_series(
    name: str,
    files: Sequence[str],
    output: Path,
    settings: Settings,
    how: Mapping[str, Any],
    run: Running,
) -> None:
    """Train on a series; `how` it is read are the arguments of `models.series.sources.load`."""
    check_settings(settings)
    series = sources.load(_only(files), **how)
    torch.set_num_threads(run.threads)
    title = f"{settings.stack.title} · {settings.stack.words}"
    recipe = Recipe(name, title, f"Trained on {series.source or series.name}.", series.name, settings)
    with training_bar(out, name) as report:
        card = make_series(
            recipe,
            series,
            output,
            device=run.device,
            resume=run.resume,
            overwrite=run.overwrite,
            report=report,
            note=note,
        )
    if card.training["best_update"] == 0:
        note(
            "No update made the network better on the validation split, so what is kept is the network before the "
            "first. Train longer, or with another learning rate."
        )
    done = "" if card.training["finished"] else " (cut short; --resume goes on)"
    out.print(
        f"{output}: {card.parameters:,} parameters, {_said(card, card.measured['validation'])} (validation){done}"
    )
    if not card.training["finished"]:
        raise KeyboardInterrupt


def evaluate_series(model: str, lm: SeriesModel, files: Sequence[str], split: str, encoding: str) -> None:
    """Print bits per reading beside those of the baselines."""
    card = series_card(model)
    series = _read(files, encoding, card)
    measured = measure_series(lm, card, series, split)
    file = " ".join(files)
    if measured is None:
        raise NotMeasurable(
            f"No reading of {file} ({split}) can be predicted: all but those of the first row are missing. "
            "Choose a longer series."
        )
    out.print(f"{lm.name} on {file} ({split}): {_said(card, measured)}, over {counted(measured.readings, 'reading')}")


def trace_series(model: str, lm: SeriesModel, file: Path, output: Path, encoding: str) -> None:
    """Write every signal of a model reading a series."""
    card = series_card(model)
    series = fitting(lm.name, card, _read([str(file)], encoding, card))
    with reading_bar(out) as progress:
        result = lm.trace(series, progress=progress)
    result.save(output)
    bits = result.bits_per_reading
    score = "no reading to score" if math.isnan(bits) else f"{bits:.3f} bits per reading"
    out.print(f"{output}: {counted(len(result), 'step')}, {counted(len(result.keys()), 'signal')}, {score}")


def anomalies(
    model: Annotated[str, typer.Argument(help="A model of numbers, its id or folder.")],
    file: Annotated[str, typer.Argument(help='A CSV file, "demand" or "heartbeats", normal throughout.')],
    faults: Annotated[int, typer.Option(min=1, help="How many are put into its last tenth, the kinds in turn.")] = 12,
    size: Annotated[float, typer.Option(help="Of a spike and of a drift, in deviations of the channel.")] = 2.0,
    per_day: Annotated[float, typer.Option(help="False alarms allowed a day.")] = 0.2,
    window: Annotated[int, typer.Option(min=2, help="Readings that a z-score compares with.")] = 24,
    seed: Annotated[int, typer.Option(min=0, help="Of where the faults are.")] = 0,
    encoding: Annotated[str, typer.Option(help="Of a CSV file.")] = UTF8,
) -> None:
    """Put faults into a series and see which are found: by surprise, and by two z-scores."""
    lm, card = load(model), series_card(model)
    if not isinstance(lm, SeriesModel):  # `series_card` has refused it
        return
    series = fitting(lm.name, card, _read([file], encoding, card))
    if series.seconds is None:
        series = replace(series, seconds=card.series.seconds_per_step)
    known = baselines_of(card)
    test, begun = series.part("test"), unscored(known, window)
    later = replace(test, rows=test.rows[begun:], labels=())
    put = tuple(replace(one, start=one.start + begun) for one in drawn(later, faults, seed=seed, size=size))
    found = compare(lm, known, series.part("validation"), with_faults(test, put), per_day=per_day, window=window)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("detector", "threshold", "found", "precision", "delay", "false alarms/day"):
        table.add_column(heading, no_wrap=True, justify="left" if heading == "detector" else "right")
    for one in found:
        precision = "–" if one.precision is None else f"{one.precision:.2f}"
        delay = "–" if one.delay is None else f"{one.delay:g} rows"
        found_of = f"{one.found} of {one.faults}"
        table.add_row(one.detector, f"{one.threshold:.2f}", found_of, precision, delay, f"{one.false_per_day:.2f}")
    out.print(table)


def series_table(entries: Mapping[str, Entry[SeriesCard]]) -> Table:
    """The models that read numbers, as `hidden-state models` lists them."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("model of numbers", "cell", "units", "parameters", "channels", "bits/reading", "last value"):
        left = heading in ("model of numbers", "cell")
        table.add_column(heading, no_wrap=True, justify="left" if left else "right")
    for name, entry in entries.items():
        card = entry.card
        found = card.measured.get("validation")
        lags = [one.lag for one in card.baselines]
        bits = ["–", "–"]
        if found is not None:
            bits = [f"{found.bits_per_reading:.3f}", f"{found.baselines[lags.index(1)]:.3f}" if 1 in lags else "–"]
        table.add_row(name, card.stack.kind, card.stack.words, f"{card.parameters:,}", str(len(card.channels)), *bits)
    return table


def _said(card: SeriesCard, measured: SeriesMeasured) -> str:
    """Bits per reading, and those of the baselines."""
    others = ", ".join(
        f"{one.words} {bits:.4f}" for one, bits in zip(baselines_of(card), measured.baselines, strict=True)
    )
    return f"{measured.bits_per_reading:.4f} bits per reading ({others})"


def _read(files: Sequence[str], encoding: str, card: SeriesCard) -> Series:
    """A series to measure a model with, in the resolution of its card."""
    return sources.load(_only(files), encoding=encoding, seasons=card.series.seasons)


def _only(files: Sequence[str]) -> str:
    if len(files) != 1:
        raise CorpusError(f"{len(files)} series are named, and one is read. Name one CSV file, or a generated series.")
    return files[0]
