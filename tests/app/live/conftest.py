"""What the tests of a session share."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest

from app.live import reading, run
from models.recording import overview, recording
from tests.support.session_line import BIN, BLOCK


@pytest.fixture
def small_measures() -> Any:
    """Short blocks and bins, one block a piece of work, and a frame whenever there is one to send: many borders."""
    with (
        mock.patch.object(recording, "BLOCK", BLOCK),
        mock.patch.object(run, "BLOCK", BLOCK),
        mock.patch.object(run, "PIECE_SECONDS", 1e-9),
        mock.patch.object(reading, "FRAME_SECONDS", 0.0),
        mock.patch.object(reading, "OVERVIEW_SECONDS", 0.0),
        mock.patch.multiple(overview, BIN=BIN),
        mock.patch.object(recording, "BIN", BIN),
        mock.patch.object(reading, "BIN", BIN),
    ):
        yield
