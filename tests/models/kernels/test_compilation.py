"""`models.kernels.compilation`: without a cache that can be written, loops work all the same, and one line says so."""

from __future__ import annotations

import errno
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numba.core import caching

from models.kernels import compilation
from tests.support.paths import ROOT


def double(values):  # type: ignore[no-untyped-def]
    for k in range(len(values)):
        values[k] *= 2.0


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Any:
    """What is logged, with nothing said before."""
    monkeypatch.setattr(compilation, "_said", set())
    caplog.set_level(logging.WARNING)
    return lambda: [record.getMessage() for record in caplog.records]


def works(compiled: Any) -> bool:
    values = np.arange(5.0)
    compiled(values)
    return values.tolist() == [0, 2, 4, 6, 8]


def test_a_loop_is_kept_and_read_back(said: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching.config, "CACHE_DIR", str(tmp_path))
    assert works(compilation.kernel(double))
    assert list(tmp_path.rglob("*.nbc"))
    again = compilation.kernel(double)
    assert works(again)
    assert sum(again.stats.cache_hits.values()) == 1
    assert said() == []


def test_without_any_place_for_a_cache_a_loop_is_compiled(said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])
    assert works(compilation.kernel(double))
    assert works(compilation.kernel(double))
    (line,) = said()
    assert "cannot be kept" in line
    assert "NUMBA_CACHE_DIR" in line
    assert "\n" not in line


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT])
def test_a_cache_that_cannot_be_written_costs_nothing_but_a_line(
    said: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(*_: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(caching.config, "CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(caching.IndexDataCacheFile, "_open_for_write", full)
    assert works(compilation.kernel(double))
    assert works(compilation.kernel(double))
    (line,) = said()
    assert os.strerror(number) in line


def test_a_cache_that_was_cut_off_is_compiled_anew(said: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching.config, "CACHE_DIR", str(tmp_path))
    assert works(compilation.kernel(double))
    (kept,) = tmp_path.rglob("*.nbc")
    kept.write_bytes(kept.read_bytes()[:100])
    assert works(compilation.kernel(double))
    assert "cannot be read back" in said()[0]


@pytest.mark.slow
def test_commands_start_where_nothing_can_be_kept() -> None:
    """An installation that is read-only, no home: the commands work, and one line says what is slow."""
    script = (
        "from numba.core import caching\ncaching.CacheImpl._locator_classes = []\n"
        "from app.cli import main\nimport sys\nsys.argv = ['hidden-state', 'models']\nmain()"
    )
    environment = {name: value for name, value in os.environ.items() if name not in ("HOME", "NUMBA_CACHE_DIR")}
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "shakespeare-lstm" in run.stdout
    assert len(run.stderr.splitlines()) == 1
    assert "compiled anew by each process" in run.stderr
