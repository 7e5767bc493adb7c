"""What the tests of a session share."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest

from app.live import reading, run


@pytest.fixture
def small_pieces() -> Any:
    """One block a piece of work, and a frame whenever there is one to send."""
    with (
        mock.patch.object(run, "PIECE_SECONDS", 1e-9),
        mock.patch.object(reading, "FRAME_SECONDS", 0.0),
        mock.patch.object(reading, "OVERVIEW_SECONDS", 0.0),
    ):
        yield
