"""`models.studies.training_study`: one factor at a time from one base, findings kept line by line, and those that
are kept."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from models.studies import training_study
from models.studies.training_study import BASE, CELLS, FACTORS, FILE, Trial, conduct, missing, read_lines, table, trials
from models.training.corpora import Corpus
from tests.support.paths import ROOT
from tests.support.texts import prose

CORPUS = Corpus("own", prose(12_000, seed=4), "made up")


def test_a_factor_is_a_change_of_the_base_and_nothing_else() -> None:
    assert FACTORS["base"] == {}
    for trial in trials():
        own = asdict(trial.settings)
        changed = {name for name, value in asdict(replace(BASE, cell=trial.cell)).items() if own[name] != value}
        assert changed == set(FACTORS[trial.factor])
    assert len(trials()) == len(set(trials())) == len(CELLS) * len(FACTORS)
    half = replace(BASE, **FACTORS["segment 64"])
    assert half.segment * half.streams == BASE.segment * BASE.streams, "as many characters an update"


def test_a_trial_is_kept_and_not_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_study, "BASE", replace(BASE, units=4, epochs=0.5, streams=4, segment=64, warmup=2))
    path = tmp_path / "study.jsonl"
    assert missing(path) == trials()
    trial = Trial("lstm", "penalty 0.01")
    line = conduct(trial, CORPUS, path)
    assert read_lines(path) == [line]
    assert line["settings"] == asdict(trial.settings)
    assert line["settings"]["penalty"] == 0.01
    assert missing(path) == [one for one in trials() if one != trial]
    monkeypatch.setattr(training_study, "BASE", BASE)
    assert missing(path) == trials(), "it was made with other settings"


def test_the_findings_that_ship_are_of_the_trials_as_they_are_now() -> None:
    lines = read_lines(FILE)
    assert len(lines) >= 10
    known = {(trial.cell, trial.factor): asdict(trial.settings) for trial in trials()}
    for line in lines:
        assert line["settings"] == known[line["cell"], line["factor"]]
        assert 1.5 < line["found"]["validation_bits"] < 3.5
        assert 0 <= line["found"]["dead"] <= line["found"]["units"] == 128
    assert len({(line["cell"], line["factor"]) for line in lines}) == len(lines)
    assert len({line["corpus"] for line in lines}) == 1


def test_the_table_is_what_the_page_of_findings_prints() -> None:
    text = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    printed = table(read_lines(FILE))
    assert printed in text
    assert len(printed.splitlines()) == 2 + len(read_lines(FILE))
    assert json.loads(FILE.read_text(encoding="utf-8").splitlines()[0])["found"]
