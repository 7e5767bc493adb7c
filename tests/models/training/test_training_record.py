"""`models.training.training_record`: what came of trainings, line by line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models import CheckpointError
from models.training.settings import Settings
from models.training.training_record import NAME, TrainingRecord

HASTY = Settings(cell="lstm", units=4, epochs=0.6, streams=4)


def test_a_record_is_read_line_by_line_and_a_bad_line_is_named(tmp_path: Path) -> None:
    record = TrainingRecord(tmp_path / NAME)
    assert record.find("one", HASTY, "x") is None
    record.path.write_text(json.dumps({"run": "one", "corpus": "x", "settings": {"cell": "gru"}, "found": 1}))
    record.add("one", {"corpus": "x", "settings": HASTY.as_json(), "found": 2})  # the line before had no end
    assert record.find("one", HASTY, "x") == {"corpus": "x", "settings": HASTY.as_json(), "found": 2}
    assert record.find("one", Settings(cell="gru"), "x") is not None, "what it does not name had its default"
    assert record.find("one", HASTY, "y") is None
    record.path.write_text(record.path.read_text() + "<<<<<<< HEAD\n")
    with pytest.raises(CheckpointError, match="Line 3 of"):
        record.find("one", HASTY, "x")
