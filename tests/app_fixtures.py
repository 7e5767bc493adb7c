"""The fixtures of the application's tests: small models on disk, and a server that offers them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from app_helpers import TINY, Server, make_tiny, running

from app.library import Library
from app.settings import Settings
from models import zoo


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one small model of each cell; the LSTM has two layers."""
    base = tmp_path_factory.mktemp("models")
    for name, (cell, units, layers) in TINY.items():
        make_tiny(base / name, name, cell, units, layers)
    return base


@pytest.fixture(scope="session")
def no_zoo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """While this is in use the catalogue has no models of its own, so that tests do not depend on them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zoo, "FOLDER", tmp_path_factory.mktemp("empty-zoo"))
        yield


@pytest.fixture(scope="session")
def library(tiny_models: Path, no_zoo: None) -> Library:
    return Library([tiny_models], "cpu")


@pytest.fixture(scope="session")
def settings_of(tiny_models: Path, no_zoo: None) -> Iterator[Callable[..., Settings]]:
    """Settings of a server with the small models; what the environment says is set aside."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("HIDDEN_STATE_")]:
            patch.delenv(name)

        def make(**changes: Any) -> Settings:
            return Settings(**{"port": 0, "model_folders": [tiny_models], "worker_threads": 2, **changes})

        yield make


@pytest.fixture(scope="session")
def server(settings_of: Callable[..., Settings]) -> Iterator[Server]:
    """A server that many tests share."""
    with running(settings_of()) as run:
        yield run
