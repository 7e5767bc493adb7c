"""`models.studies.recoverability`, `hidden-state probe` and `probe-zoo`: curves that ship, made again and read back."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from app.cli import commands
from app.settings import Settings
from models import CheckpointError, CorpusError, catalogue, load
from models.measures.memory.recoverability import GAP, LAGS, Part, probe, probing_apart
from models.storage.checkpoint import read_card, write_card
from models.studies import recoverability
from models.studies.recoverability import CHARACTERS, FILE, make_probes, shipped
from models.training import corpora
from models.training.corpora import Corpus
from models.training.trainer import machine
from tests.support.corpora_at_hand import text_at_hand
from tests.support.served_app import running
from tests.support.small_models import make_tiny
from tests.support.texts import prose

TEXT = prose(52_000, seed=7)  # its validation and its test split have 2,600 characters each
CORPUS = Corpus("prose", TEXT, "made up")
PROBED = [name for name, entry in catalogue().items() if (entry.folder / FILE).exists()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small model whose card names `CORPUS`."""
    home = tmp_path / "tiny-rnn"
    make_tiny(home, "tiny-rnn", "rnn", 6, 2)
    card = read_card(home)
    write_card(home, card.model_copy(update={"corpus": card.corpus.model_copy(update={"sha256": CORPUS.sha256})}))
    return home


def finished(work: Any) -> Any:
    while True:
        try:
            next(work)
        except StopIteration as done:
            return done.value


def test_the_file_holds_what_the_probe_finds_on_the_splits_that_the_network_has_not_seen(folder: Path) -> None:
    told: list[float] = []
    made = make_probes(folder, CORPUS, told.append)
    assert shipped(folder) == made
    assert told == sorted(told)
    assert told[-1] <= 1
    for step, curve in ((None, made.trained), (0, made.untrained)):
        lm = load(folder, step=step)
        parts = []
        for low, high in ((0.90, 0.95), (0.95, 1.0)):
            text = TEXT[round(low * len(TEXT)) : round(high * len(TEXT))]
            parts.append(Part(lm.trace(text)["1.hidden"].numpy(), lm.vocabulary.encode(text)))
        found = finished(probing_apart(*parts, len(lm.vocabulary)))
        assert curve.accuracy == [round(one, 4) for one in found.accuracy]
        assert (curve.lags, curve.chance) == (list(LAGS), round(found.chance, 4))
        assert curve.trained_on == curve.held_out == 2600 - GAP
    assert (made.signal, made.corpus, made.sha256) == ("1.hidden", "prose", CORPUS.sha256)
    assert made.machine == machine()
    assert made.measured_with == "hidden-state probe-zoo --only tiny-rnn --corpus prose=prose"


def test_a_long_split_is_probed_at_its_start(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recoverability, "CHARACTERS", 2200)
    made = make_probes(folder, CORPUS)
    assert made.trained.held_out == made.trained.trained_on == 2200 - GAP
    assert made.fitted_on == "the first 2,200 characters of the validation split"


def test_another_text_than_that_of_the_training_is_refused(folder: Path) -> None:
    with pytest.raises(CorpusError, match=r"'prose' is not the one that tiny-rnn was trained on .*\."):
        make_probes(folder, Corpus("prose", TEXT + "!", "made up"))
    assert not (folder / FILE).exists()


def test_a_folder_without_curves_has_none_and_a_broken_file_is_a_sentence(folder: Path) -> None:
    assert shipped(folder) is None
    (folder / FILE).write_text('{"trained": 3}', encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"recoverability.json cannot be read .* probe-zoo --only tiny-rnn\."):
        shipped(folder)


# ── what ships ───────────────────────────────────────────────────────────────────────────────────────


def test_the_models_on_texts_ship_their_curves() -> None:
    assert {name for name, entry in catalogue().items() if entry.card.corpus.name in ("shakespeare", "python")} <= {
        *PROBED
    }


@pytest.mark.parametrize("model", PROBED)
def test_a_shipped_file_fits_its_model(model: str) -> None:
    entry = catalogue()[model]
    found = shipped(entry.folder)
    assert found is not None
    assert (entry.folder / FILE).stat().st_size < 5000
    assert (found.corpus, found.sha256) == (entry.card.corpus.name, entry.card.corpus.sha256)
    assert found.signal == f"{entry.card.layers - 1}.hidden"
    length = min(CHARACTERS, round(0.05 * entry.card.corpus.characters))
    for curve in (found.trained, found.untrained):
        assert curve.lags == list(LAGS)
        assert len(curve.accuracy) == len(LAGS)
        assert curve.chance == found.trained.chance
        assert curve.trained_on == pytest.approx(length - GAP, abs=1)
        counts = np.array(curve.accuracy) * curve.held_out
        assert np.abs(counts - counts.round()).max() < 1.5, "an accuracy is a share of the characters that were scored"
        assert min(curve.accuracy) > curve.chance - 0.02, "a probe that learned noise would fall below chance"


@pytest.mark.slow
@pytest.mark.parametrize("model", PROBED)
def test_a_shipped_curve_can_be_measured_again(model: str) -> None:
    entry = catalogue()[model]
    card, found = entry.card, shipped(entry.folder)
    corpus = Corpus(card.corpus.name, text_at_hand(card.corpus.name, card.corpus.sha256), "")
    for step, curve in ((None, found.trained), (0, found.untrained)):
        lm = load(model, step=step)
        parts = []
        for split in ("validation", "test"):
            text = corpus.split(split)[:CHARACTERS]
            parts.append(Part(lm.trace(text)[found.signal].numpy(), lm.vocabulary.encode(text)))
        again = finished(probing_apart(*parts, len(lm.vocabulary), (1, 4, 60)))
        expected = [curve.accuracy[k - 1] for k in again.lags]
        assert again.accuracy == pytest.approx(expected, abs=0.005), "another machine may add in another order"
        assert again.chance == pytest.approx(curve.chance, abs=1e-4)


# ── the commands and REST ────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Run a command; its exit status, and what it printed and complained."""
    monkeypatch.setenv("COLUMNS", "200")

    def command(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["hidden-state", *map(str, arguments)])
        try:
            commands.main()
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return command


def test_probe_prints_and_writes_the_curve_of_a_text(run: Any, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_text(TEXT, encoding="utf-8")
    status, printed = run(
        "probe", folder, tmp_path / "story.txt", "--characters", 3000, "--out", tmp_path / "curve.csv"
    )
    assert status == 0
    lm = load(folder)
    found = probe(lm.trace(TEXT[:3000])["1.hidden"].numpy(), lm.vocabulary.encode(TEXT[:3000]), len(lm.vocabulary))
    rows = [line.split() for line in printed.splitlines()]
    assert ["1", f"{found.accuracy[0]:.3f}", f"{found.standard_error[0]:.3f}"] in rows
    assert ["100", f"{found.accuracy[99]:.3f}", f"{found.standard_error[99]:.3f}"] in rows
    assert f"tiny-rnn: chance {found.chance:.3f}, within 0.01 of chance from lag {found.fades()} on" in printed
    assert "fitted on 2,300 states, scored on 500 others" in printed
    with (tmp_path / "curve.csv").open(encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    assert [int(row["lag"]) for row in table] == list(LAGS)
    assert [row["accuracy"] for row in table] == [f"{one:.4f}" for one in found.accuracy]


def test_probe_says_what_is_wrong(run: Any, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_text(TEXT, encoding="utf-8")
    status, printed = run("probe", folder, tmp_path / "story.txt", "--characters", 1000)
    assert status == 2
    assert "1,000 characters, too few" in printed
    story = tmp_path / "story.txt"
    status, printed = run("probe", folder, story, "--characters", 2100, "--out", tmp_path / "no" / "where")
    assert status == 2
    assert "where cannot be written" in printed
    status, printed = run("probe-zoo", "--only", "nobody")
    assert status == 2
    assert "There is no model called nobody" in printed


def test_probe_zoo_makes_what_it_can_and_names_what_it_leaves_out(
    run: Any, folder: Path, tmp_path: Path, no_zoo: None
) -> None:
    (tmp_path / "story.txt").write_text(TEXT, encoding="utf-8")
    make_tiny(tmp_path / "other", "other", "gru", 5, 1)
    status, printed = run("probe-zoo", "--folder", tmp_path, "--corpus", f"prose={tmp_path / 'story.txt'}")
    assert status == 0
    made = shipped(folder)
    figures = ", ".join(f"{made.trained.accuracy[k - 1]:.3f}" for k in (1, 2, 5, 10))
    assert f"{figures} at 1, 2, 5 and 10 steps back, chance {made.trained.chance:.3f}" in printed
    assert "other is left out: The text" in printed
    assert shipped(tmp_path / "other") is None


def test_the_curves_are_served_by_model(
    folder: Path, settings_of: Callable[..., Settings], tmp_path: Path, no_zoo: None
) -> None:
    make_tiny(tmp_path / "other", "other", "gru", 5, 1)
    made = make_probes(folder, CORPUS)
    with running(settings_of(model_folders=[tmp_path])) as server:
        answer = httpx.get(f"{server.url}/api/recoverability")
    assert answer.status_code == 200
    assert answer.json() == {"tiny-rnn": json.loads((folder / FILE).read_text(encoding="utf-8"))}
    assert answer.json()["tiny-rnn"]["trained"]["accuracy"] == made.trained.accuracy


def test_corpora_of_the_shipped_models_are_known_by_name() -> None:
    assert {entry.card.corpus.name for entry in catalogue().values()} <= {*corpora.NAMES}
