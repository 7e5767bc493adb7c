"""Waiting for what must come about; the one place in which a test may sleep, between two looks."""

from __future__ import annotations

import time
from collections.abc import Callable

BETWEEN_SECONDS = 0.005


def wait_for(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Look until `condition` holds. `seconds` bound a test that would never end; they measure nothing."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(BETWEEN_SECONDS)
