"""The fixtures of the application's tests: small models on disk, and a server that offers them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from app_helpers import TINY, Server, make_tiny, running, without_zoo

from app.compute.model_library import Library
from app.settings import Settings


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


@pytest.fixture(scope="session")
def settings_of(tiny_models: Path) -> Iterator[Callable[..., Settings]]:
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
