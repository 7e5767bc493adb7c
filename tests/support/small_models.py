"""Small random models on disk, in the form of trained ones, and a library that offers them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch

from app.compute.model_library import Library
from models import CharLM, Vocabulary, zoo
from models.series.demand import demand
from models.series.series import Series
from models.storage.checkpoint import Card, CorpusCard, Measured, save_weights, write_card
from models.storage.series_card import SeriesCard
from models.training.recipes import Recipe
from models.training.series.recipes import make_series
from models.training.settings import Settings
from tests.support.texts import LETTERS

TINY = {"tiny-rnn": ("rnn", 6, 1), "tiny-gru": ("gru", 5, 1), "tiny-lstm": ("lstm", 4, 2)}
"""Cell, units and layers of each small model."""


def make_tiny(
    folder: Path,
    name: str,
    cell: str,
    units: int,
    layers: int,
    seed: int = 0,
    characters: str = LETTERS,
    corpus: str = "prose",
) -> None:
    """A random model in the form of a trained one, its untrained twin beside it."""
    torch.manual_seed(seed)
    for step in (0, None):
        lm = CharLM(cell, Vocabulary(characters), units, layers, name=name)
        with torch.no_grad():
            for parameter in lm.parameters():
                parameter.mul_(0.4 if step == 0 else 3.0)  # one forgets soon, one uses its whole range
        save_weights(lm, folder, step)
    bits = Measured(bits_per_character=2.5, nats_per_character=1.7329, characters=100)
    card_of_corpus = CorpusCard(name=corpus, description="", licence="", characters=1000, sha256="", split="")
    card = Card(
        id=name, title=name.upper(), description="A small one.", cell=cell, units=units, layers=layers,
        parameters=lm.parameter_count, vocabulary=characters, corpus=card_of_corpus, training={"finished": True},
        measured={"validation": bits}, measured_with="",
    )  # fmt: skip
    write_card(folder, card)


@contextmanager
def without_zoo() -> Iterator[None]:
    """Within it the catalogue has no models of its own, so that tests do not depend on them."""
    with tempfile.TemporaryDirectory() as empty, pytest.MonkeyPatch.context() as patch:
        patch.setattr(zoo, "FOLDER", Path(empty))
        yield


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one small model of each cell; the LSTM has two layers."""
    base = tmp_path_factory.mktemp("models")
    for name, (cell, units, layers) in TINY.items():
        make_tiny(base / name, name, cell, units, layers)
    return base


@pytest.fixture
def no_zoo() -> Iterator[None]:
    """See `without_zoo`; for one test only, since what a session's fixture changes is changed for every test."""
    with without_zoo():
        yield


@pytest.fixture(scope="session")
def library(tiny_models: Path) -> Library:
    with without_zoo():
        return Library([tiny_models], "cpu")


SMALL_SERIES = Settings(cell="gru", units=8, epochs=2.0, streams=4, segment=32, warmup=2, validations=3)


def small_series(days: int = 20) -> Series:
    return demand(days, seed=3)


def small_series_model(folder: Path, series: Series | None = None, settings: Settings = SMALL_SERIES) -> SeriesCard:
    """A model trained for a moment, written to `folder`."""
    recipe = Recipe(folder.name, "small", "for tests", "demand", settings)
    return make_series(recipe, small_series() if series is None else series, folder)
