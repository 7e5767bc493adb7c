"""From a series to a model on disk: train it, measure it, its untrained twin and the baselines, write the card."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path

import numpy as np

from ...errors import CheckpointError, CorpusError, Diverged
from ...network.evaluation import bits_per_reading
from ...network.series_model import SeriesModel
from ...series.baselines import Baseline, baseline_bits
from ...series.series import SPLITS, Series
from ...storage.checkpoint import save_state, series_model_of
from ...storage.model_card import write_card
from ...storage.output import check_id
from ...storage.series_card import BaselineCard, ChannelCard, SeriesCard, SeriesData, SeriesMeasured
from ..publishing import published
from ..recipes import Recipe
from ..settings import Settings
from ..trainer import Progress, machine
from .readings import SeriesTrainer

log = logging.getLogger("hidden_state")

SERIES_DEFAULTS = Settings(units=32, epochs=60.0, streams=8, segment=64, learning_rate=5e-3, warmup=20)
"""How to train on a series where nothing else is asked for: there are fewer rows than characters in a text."""

FEW_SECONDS = 0.01
"""Share by which the step of a series may differ from the one that a model was trained on."""


def make_series(
    recipe: Recipe,
    series: Series,
    folder: Path,
    *,
    device: str = "cpu",
    resume: bool = False,
    overwrite: bool = False,
    report: Callable[[Progress], None] = lambda progress: None,
    note: Callable[[str], None] = log.warning,
    save_every_seconds: float = 60.0,
) -> SeriesCard:
    """Train `recipe` on `series` into `folder` and write its card; otherwise as `recipes.make` does.

    Raises:
        OutputError, BadSettings, CorpusError, CheckpointError, Diverged: as `recipes.make` does.
    """
    check_id(recipe.id)

    def write(place: Path, trainer: SeriesTrainer, diverged: Diverged | None) -> SeriesCard:
        save_state(trainer.best, place)
        card = _card(recipe, series, trainer, diverged)
        measured, untrained = (measure_splits(series_model_of(card, place, step), card, series) for step in (None, 0))
        card = card.model_copy(update={"measured": measured, "untrained": untrained})
        write_card(place, card)
        return card

    return published(
        recipe.id,
        lambda: SeriesTrainer(series, recipe.settings, device=device, name=recipe.id),
        folder,
        write,
        resume=resume,
        overwrite=overwrite,
        report=report,
        note=note,
        save_every_seconds=save_every_seconds,
    )


def measure_splits(model: SeriesModel, card: SeriesCard, series: Series) -> dict[str, SeriesMeasured]:
    """Bits per reading on every split, the model beside the baselines; a split without readings is left out."""
    found = {split: measure_series(model, card, series, split) for split in SPLITS}
    return {split: measured for split, measured in found.items() if measured is not None}


def measure_series(model: SeriesModel, card: SeriesCard, series: Series, split: str = "all") -> SeriesMeasured | None:
    """Bits per reading of a split, the model beside the baselines of its card, on the same readings.

    A baseline may look back beyond the split, the model starts at its first row from the zero state.

    Raises:
        CheckpointError: if the series is none that the model reads.
        CorpusError: if it lacks a channel.
    """
    rows, span = fitting(model.name, card, series).rows, series.span(split)
    if span.stop - span.start < 2:
        return None
    try:
        items = model.codec.encode(rows[span])
    except ValueError as fault:
        raise CorpusError(f"{series.name} cannot be measured with {model.name}. {fault}") from None
    bits, count = bits_per_reading(model, items)
    if count == 0:
        return None
    resolution, known = model.codec.resolution, baselines_of(card)
    each = [baseline_bits(known, k, rows[: span.stop], resolution)[span][1:] for k in range(len(known))]
    return SeriesMeasured(
        bits_per_reading=round(bits, 4),
        readings=count,
        baselines=[round(float(np.nanmean(one)), 4) for one in each],
    )


def fitting(name: str, card: SeriesCard, series: Series) -> Series:
    """The channels of `series` that a model reads.

    Raises:
        CheckpointError: if the series has other steps of time.
        CorpusError: if it lacks a channel.
    """
    trained, here = card.series.seconds_per_step, series.seconds
    if trained is not None and here is not None and abs(here - trained) > FEW_SECONDS * trained:
        raise CheckpointError(
            f"{name} was trained on steps of {trained:g} seconds, and {series.name} has steps of {here:g}. "
            "Choose a series with the same steps, or train a model on these."
        )
    return series.picked([one.name for one in card.channels])


def baselines_of(card: SeriesCard) -> tuple[Baseline, ...]:
    """The baselines that a card states."""
    return tuple(Baseline(one.lag, np.array(one.mean), np.array(one.deviation)) for one in card.baselines)


def _card(recipe: Recipe, series: Series, trainer: SeriesTrainer, diverged: Diverged | None) -> SeriesCard:
    settings = asdict(recipe.settings)
    stack, shape = recipe.settings.stack, {key: settings.pop(key) for key in ("cell", "units", "layers")}
    del settings["min_count"]  # of characters
    readings = trainer.material.readings
    shares = ", ".join(f"{name} {low:.0%}–{high:.0%}" for name, (low, high) in SPLITS.items())
    return SeriesCard(
        id=recipe.id,
        title=recipe.title,
        description=recipe.description,
        **{**shape, "layers": len(stack)},
        parameters=trainer.lm.parameter_count,
        channels=[
            ChannelCard(name=one.name, unit=one.unit, mean=mean, deviation=deviation, resolution=one.resolution)
            for one, mean, deviation in zip(
                series.channels, readings.mean.tolist(), readings.deviation.tolist(), strict=True
            )
        ],
        baselines=[
            BaselineCard(lag=one.lag, mean=one.mean.tolist(), deviation=one.deviation.tolist())
            for one in trainer.material.baselines
        ],
        series=SeriesData(
            name=series.name,
            description=series.description,
            licence=series.licence,
            rows=len(series),
            seconds_per_step=series.seconds,
            seasons=list(series.seasons),
            sha256=series.sha256,
            split=f"by rows, in the order of time: {shares}",
        ),
        training={
            **settings,
            "updates": trainer.steps,
            "updates_done": trainer.step,
            "best_update": trainer.best_step,
            "readings_read": trainer.characters,
            "seconds": round(trainer.seconds, 1),
            "finished": trainer.step == trainer.steps and diverged is None,
            **({} if diverged is None else {"diverged": str(diverged)}),
            "machine": machine(),
            "date": date.today().isoformat(),
        },
        measured={},
        measured_with=shlex.join(
            ["hidden-state", "evaluate", recipe.id, series.source or series.name, "--split", "validation"]
        ),
    )
