"""`hidden-state train-zoo`: what it trains in which order, and what it refuses."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.cli import commands as cli
from app.cli import train_zoo
from models.storage.checkpoint import read_card
from models.training.corpora import Corpus
from models.training.recipes import Recipe
from models.training.settings import Settings
from models.training.zoo_training import GRID, SEEDS
from tests.support.texts import prose

CORPUS = Corpus("own", prose(12_000, seed=4), "made up")
HASTY = Settings(cell="lstm", units=4, epochs=0.6, streams=4, segment=64, warmup=2, min_count=1, validations=3)
RECIPE = Recipe("tiny", "Tiny", "For a test.", "own", HASTY)


def test_the_command_tunes_first_then_trains_the_chosen_and_ships(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    story = tmp_path / "story.txt"
    story.write_text(CORPUS.text, encoding="utf-8")
    batches: list[list[list[str]]] = []
    monkeypatch.setattr(train_zoo, "zoo_recipes", lambda: [RECIPE])

    def here(*words: str) -> None:
        monkeypatch.setattr(sys, "argv", ["hidden-state", *words])
        with pytest.raises(SystemExit) as end:
            cli.main()
        assert not end.value.code

    def side_by_side(commands: list[list[str]], jobs: int) -> None:
        batches.append(commands)
        for command in commands:
            here(*command)

    monkeypatch.setattr(train_zoo, "side_by_side", side_by_side)
    words = ["train-zoo", "--only", "tiny", "--corpus", f"own={story}", "--runs", str(tmp_path / "runs")]
    here(*words, "--out", str(tmp_path / "zoo"))
    assert [len(batch) for batch in batches] == [len(GRID), len(SEEDS)]
    assert "ships" in capsys.readouterr().out
    card = read_card(tmp_path / "zoo" / "tiny")
    assert card.protocol is not None
    batches.clear()
    here(*words, "--out", str(tmp_path / "again"), "--resume")
    assert [len(batch) for batch in batches] == [0, 0], "all was there"
    assert read_card(tmp_path / "again" / "tiny").protocol == card.protocol


def test_without_a_name_all_recipes_and_the_recall_models_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_zoo, "zoo_recipes", lambda: [RECIPE, replace(RECIPE, id="second")])
    monkeypatch.setattr(train_zoo.corpora, "load", lambda name: CORPUS)
    seen: list[Any] = []

    class Enough(Exception):
        pass

    def side_by_side(commands: list[list[str]], jobs: int) -> None:
        seen.append((commands, jobs))
        raise Enough

    monkeypatch.setattr(train_zoo, "side_by_side", side_by_side)
    with pytest.raises(Enough):
        train_zoo.train_zoo(runs=tmp_path, jobs=2, resume=True)
    ((commands, jobs),) = seen
    assert jobs == 2
    assert [command[:2] for command in commands[:-1]] == [
        ["train-run", name] for name in ("tiny", "second") for _ in GRID
    ]
    assert commands[-1][0] == "train-recall"
    assert all("--resume" in command for command in commands)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["train-zoo", "--only", "nobody"], "There is no recipe called nobody. There are: shakespeare-rnn"),
        (["train-zoo", "--only", "recall-rnn"], "Single recall models are trained by train-recall"),
        (["train-run", "recall", "--rate", "1", "--penalty", "0", "--seed", "1"], "train-recall"),
        (["train-recall", "--taught", "loudly"], "Nothing is taught loudly. The teachings are: mixed, growing"),
        (["study-training", "--only", "lstm: magic"], "The study has no training called lstm: magic"),
    ],
)
def test_what_is_not_there_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["hidden-state", *words])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 2
    assert sentence in capsys.readouterr().err
