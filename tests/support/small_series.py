"""A small series and a small series model, trained once for a whole folder of tests."""

from __future__ import annotations

from pathlib import Path

from models.series.demand import demand
from models.series.series import Series
from models.storage.series_card import SeriesCard
from models.training.recipes import Recipe
from models.training.series.recipes import make_series
from models.training.settings import Settings

SMALL = Settings(cell="gru", units=8, epochs=2.0, streams=4, segment=32, warmup=2, validations=3)


def small_series(days: int = 20) -> Series:
    return demand(days, seed=3)


def small_series_model(folder: Path, series: Series | None = None, settings: Settings = SMALL) -> SeriesCard:
    """A model trained for a moment, written to `folder`."""
    recipe = Recipe(folder.name, "small", "for tests", "demand", settings)
    return make_series(recipe, small_series() if series is None else series, folder)
