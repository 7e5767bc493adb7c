"""The instrument over length through a session, against the measure; and the command."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
import pytest

from app.cli import commands
from app.compute.model_library import Library
from models import RequestError, load
from models.measures import drain, record
from models.measures.memory.over_length import LEVEL, RELEVANT, over_length
from tests.support.session_talk import ask
from tests.support.texts import prose

TEXT = prose(600)


@pytest.mark.parametrize("model", ["tiny-rnn", "tiny-gru", "tiny-lstm", "tiny-lstm@0"])
def test_it_is_sent_as_it_is_measured(library: Library, model: str) -> None:
    options = {"length": 120, "readings": 9, "layer": 0, "signal": "cell" if "lstm" in model else "hidden"}
    facts, tensors = ask(library, TEXT, model, name="overlength", **options)
    found = drain(over_length(record(library.get(model).lm, TEXT), **options))
    curves = {"edges": found.edges, "classes": found.classes, "worse": found.worse}
    for name in ("bits", "saturation", "norm"):
        for quartile in ("low", "median", "high", "mean"):
            curves[f"{name}_{quartile}"] = getattr(getattr(found, name), quartile)
    assert set(tensors) == set(curves)
    for name, values in curves.items():
        np.testing.assert_array_equal(tensors[name], values.astype(tensors[name].dtype), err_msg=name)
    assert facts == {
        "length": 120,
        "layer": 0,
        "signal": options["signal"],
        "readings": found.readings,
        "degrades": found.degrades,
        "detectable": pytest.approx(found.detectable),
        "relevant": RELEVANT,
        "level": LEVEL,
    }


def test_a_model_under_interventions_is_read_as_one(library: Library) -> None:
    facts, tensors = ask(library, TEXT, "tiny-gru~0.hidden=0@0", name="overlength", length=100)
    np.testing.assert_array_equal(tensors["norm_high"], 0)
    assert facts["degrades"] is None


def test_where_nothing_can_be_measured_a_sentence_says_so(library: Library) -> None:
    assert "too few to read them late and early" in ask(library, "To be.", "tiny-rnn", name="overlength")
    assert "This cell has no signal 'cell'" in ask(library, TEXT, "tiny-rnn", name="overlength", signal="cell")
    with pytest.raises(RequestError, match="length"):
        ask(library, TEXT, "tiny-rnn", name="overlength", length=0)


def test_the_command_prints_what_the_measure_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    story, table = tmp_path / "story.txt", tmp_path / "curves.csv"
    story.write_text(prose(3000), encoding="utf-8")

    def run(*words: object, code: int = 0) -> tuple[str, str]:
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setattr(sys, "argv", ["hidden-state", "over-length", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            commands.main()
        assert end.value.code == code
        return capsys.readouterr()

    options = ("--characters", 2000, "--length", 300, "--signal", "cell", "--out", table)
    printed, _ = run("shakespeare-lstm", story, *options)
    found = drain(over_length(record(load("shakespeare-lstm"), prose(3000)[:2000]), length=300, signal="cell"))
    rows = [line.split() for line in printed.splitlines() if line.strip()[:1].isdigit()]
    assert [int(row[0]) for row in rows] == list(found.edges[:-1])
    shown = [[float(one) for one in row[2:5]] for row in rows]
    np.testing.assert_allclose(shown, found_of(found), atol=6e-4)
    assert "shakespeare-lstm: no degradation within 300 characters" in printed
    assert f"{found.readings} readings" in printed
    with table.open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    np.testing.assert_allclose([float(line["bits_median"]) for line in lines], found.bits.median, atol=1e-5)
    _, said = run("shakespeare-lstm", story, "--signal", "forget", code=2)
    assert "no signal 'forget'" in said
    _, said = run("shakespeare-lstm", story, "--out", tmp_path, code=2)
    assert "cannot be written" in said


def found_of(found: object) -> np.ndarray:
    """Mean bits, median saturation, median norm: what the table shows."""
    return np.stack([found.bits.mean, found.saturation.median, found.norm.median], axis=1)  # type: ignore[attr-defined]
