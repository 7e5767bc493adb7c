"""What the measuring programs share: fair pairs, and a line that says where the numbers come from."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numba
import numpy as np
import torch

Work = Callable[[], object]


def interleaved(works: dict[str, Work], *, repeats: int, warm_up: int = 2) -> dict[str, list[float]]:
    """Seconds of each of `works`, `repeats` times, taken in turn so that a busy moment meets all of them alike.

    The order turns around after each round, so that none of them always comes first.
    """
    for _ in range(warm_up):
        for work in works.values():
            work()
    seconds: dict[str, list[float]] = {name: [] for name in works}
    names = list(works)
    for _ in range(repeats):
        for name in names:
            began = time.perf_counter()
            works[name]()
            seconds[name].append(time.perf_counter() - began)
        names.reverse()
    return seconds


def summary(seconds: list[float]) -> dict[str, float]:
    """Median and 95th percentile, in seconds."""
    return {"median": float(np.median(seconds)), "p95": float(np.percentile(seconds, 95))}


def machine() -> str:
    """Processor, cores, and the versions of what was measured."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    name = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    cores = len({line for line in lines if line.startswith("processor")}) or "unknown number of"
    versions = f"Python {platform.python_version()}, torch {torch.__version__}, numba {numba.__version__}"
    return f"{name}, {cores} cores, {torch.get_num_threads()} thread used; {versions}, numpy {np.__version__}"


def note(path: Path | None, **figures: Any) -> None:
    """Write figures to a JSON file, with the date and the machine; nothing without a path."""
    if path is not None:
        facts = {"date": date.today().isoformat(), "machine": machine(), **figures}
        path.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
