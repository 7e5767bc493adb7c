"""`hidden-state horizon` prints what the measures say."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from app.cli import commands
from app.cli.horizon import NAMES
from models import load
from models.measures import drain, record
from models.measures.memory.gradients import gradients
from models.measures.memory.horizon import CURVES, agreement, horizon
from tests.support.texts import prose

TEXT = prose(1500)


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys, "argv", ["hidden-state", "horizon", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        commands.main()
    assert end.value.code == 0
    return capsys.readouterr().out


def test_the_command_prints_what_the_measures_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "story.txt").write_text(TEXT, encoding="utf-8")
    options = ("--characters", 1000, "--positions", 12, "--lags", 60)
    printed = run(monkeypatch, capsys, "shakespeare-rnn", tmp_path / "story.txt", *options)
    lm = load("shakespeare-rnn")
    recording = record(lm, TEXT[:1000])
    found = {curve: drain(horizon(lm, recording, curve=curve, positions=12, lags=60)) for curve in CURVES}
    assert " ".join(printed.split("\n")[0].split()) == "curve at lag 0 1/e 1 % at lag 60 positions"
    for curve, one in found.items():
        (line,) = [line for line in printed.splitlines() if line.startswith(NAMES[curve])]
        first, lag_e, lag_percent, last, count = line.removeprefix(NAMES[curve]).split()
        assert (lag_e, lag_percent) == tuple("–" if lag is None else str(lag) for lag in (one.lag_e, one.lag_percent))
        assert float(first.removeprefix("10^")) == pytest.approx(one.band.median[0], abs=0.051)
        assert float(last.removeprefix("10^")) == pytest.approx(one.band.median[-1], abs=0.051)
        assert count == "12"
    for name in ("jacobian", "connectivity"):
        assert f"and the {NAMES[name]}: {agreement(found['edit'], found[name]):.2f}" in printed
    factor = drain(gradients(lm, recording, lags=60)).per_step
    assert f"128 positions: {factor:.3f}" in printed


def test_a_short_text_says_how_many_lags_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "story.txt").write_text(TEXT, encoding="utf-8")
    printed = run(monkeypatch, capsys, "shakespeare-lstm@0", tmp_path / "story.txt", "--characters", 40)
    assert "at lag 20" in printed
    assert "not within 20 of them" in printed


@pytest.mark.slow
@pytest.mark.parametrize("name", ["shakespeare-rnn", "shakespeare-gru", "shakespeare-lstm", "python-gru"])
def test_in_trained_models_edits_agree_in_rank_with_the_jacobian(name: str) -> None:
    lm = load(name)
    recording = record(lm, prose(4000))
    edit, jacobian = (drain(horizon(lm, recording, curve=c, positions=16, lags=60)) for c in ("edit", "jacobian"))
    ranks = agreement(edit, jacobian)
    assert ranks is not None
    assert ranks > 0.8
    assert np.isfinite(jacobian.band.median).all()
