"""`hidden-state context` and `context-zoo`, and the field that they write into the cards."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
import pytest

from app.cli import commands
from app.settings import Settings
from models import CorpusError, catalogue, load
from models.measures import drain, record
from models.measures.memory.used_context import PASTS, context
from models.storage.checkpoint import UsedContext, read_card, write_card
from models.studies.used_context import POSITIONS, SPLIT, STATED, measure_card
from models.training.corpora import Corpus
from tests.support.corpora_at_hand import text_at_hand
from tests.support.served_app import running
from tests.support.small_models import make_tiny
from tests.support.texts import prose

TEXT = prose(40_000, seed=7)
CORPUS = Corpus("prose", TEXT, "made up")
MEASURED = [name for name, entry in catalogue().items() if entry.card.used_context is not None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small model whose card names `CORPUS`."""
    home = tmp_path / "tiny-rnn"
    make_tiny(home, "tiny-rnn", "rnn", 6, 2)
    card = read_card(home)
    write_card(home, card.model_copy(update={"corpus": card.corpus.model_copy(update={"sha256": CORPUS.sha256})}))
    return home


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: object, code: int = 0
) -> tuple[str, str]:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys, "argv", ["hidden-state", *map(str, words)])
    with pytest.raises(SystemExit) as end:
        commands.main()
    assert end.value.code == code
    return capsys.readouterr()


def test_the_command_prints_what_the_measure_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "story.txt").write_text(TEXT, encoding="utf-8")
    table = tmp_path / "curves.csv"
    options = ("--characters", 1500, "--positions", 90, "--lags", 50, "--out", table)
    printed, _ = run(monkeypatch, capsys, "context", "shakespeare-rnn", tmp_path / "story.txt", *options)
    lm = load("shakespeare-rnn")
    recording = record(lm, TEXT[:1500])
    found = {past: drain(context(lm, recording, past=past, positions=90, lags=50)) for past in PASTS}
    rows = {line.split()[0]: line.split()[1:] for line in printed.splitlines() if line.strip()[:1].isdigit()}
    assert set(rows) == {str(k) for k in (0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50)}
    for k, cells in rows.items():
        means = [one.mean[int(k)] for one in found.values()]
        assert [float(cell) for cell in cells[:3]] == pytest.approx(means, abs=6e-5)
        assert float(cells[3]) == pytest.approx(found["another"].error[int(k)], abs=6e-5)
        assert cells[4] == "90"
    for past, one in found.items():
        assert f"shakespeare-rnn, {past}: uses {one.uses} ± {one.uses_error:.1f} characters" in printed
    with table.open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    for past, one in found.items():
        mine = [line for line in lines if line["past"] == past]
        np.testing.assert_allclose([float(line["mean_bits_lost"]) for line in mine], one.mean, atol=1e-6)
        assert [int(line["k"]) for line in mine] == list(range(51))


def test_an_untrained_twin_uses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "story.txt").write_text(TEXT, encoding="utf-8")
    printed, _ = run(monkeypatch, capsys, "context", "shakespeare-rnn@0", tmp_path / "story.txt", "--characters", 3000)
    assert "shakespeare-rnn@0, another: no k at which more than 0.01 bit is lost" in printed
    _, said = run(monkeypatch, capsys, "context", "shakespeare-rnn", tmp_path / "story.txt", "-o", tmp_path, code=2)
    assert "cannot be written" in said


def test_the_card_states_what_the_measure_finds_on_the_test_split(folder: Path) -> None:
    told: list[float] = []
    made = measure_card(folder, CORPUS, told.append)
    card = read_card(folder)
    assert card.used_context == made
    assert told == sorted(told)
    lm = load(folder)
    found = drain(context(lm, record(lm, TEXT[38_000:]), positions=POSITIONS))
    assert (made.k, made.positions, made.split, made.lags) == (found.uses, found.positions, SPLIT, found.lags)
    assert made.bits_lost == {str(k): round(float(found.mean[k]), 4) for k in STATED}
    assert made.bits_lost_errors == {str(k): round(float(found.error[k]), 4) for k in STATED}
    assert card.model_copy(update={"used_context": None}).measured == card.measured


def test_another_text_is_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CorpusError, match="is not the one that tiny-rnn was trained on"):
        measure_card(folder, Corpus("prose", TEXT[1:], "made up"))
    story = tmp_path / "other.txt"
    story.write_text(TEXT[1:], encoding="utf-8")
    options = ("--folder", folder, "--corpus", f"prose={story}", "--only", "tiny-rnn")
    _, said = run(monkeypatch, capsys, "context-zoo", *options, code=2)
    assert "is not the one that tiny-rnn was trained on" in said
    story.write_text(TEXT, encoding="utf-8")
    printed, _ = run(monkeypatch, capsys, "context-zoo", *options)
    used = read_card(folder).used_context
    assert used is not None
    assert f"tiny-rnn: {used.words()}, {used.positions:,} positions of the test split" in printed
    _, said = run(monkeypatch, capsys, "context-zoo", "--only", "nobody", code=2)
    assert "There is no model called nobody" in said


def test_the_page_and_the_list_of_models_say_it(folder: Path, settings_of: Callable[..., Settings]) -> None:
    made = measure_card(folder, CORPUS)
    with running(settings_of(model_folders=[folder])) as server:
        page = httpx.get(f"{server.url}/models").text
        listed = {model["id"]: model for model in httpx.get(f"{server.url}/api/models").json()}
    assert listed["tiny-rnn"]["used_context"] == made.words()
    card = page[page.index('<section class="card" id="tiny-rnn"') :]
    card = " ".join(card[: card.index("</section>")].split())
    assert f"<dt>Used context</dt><dd>{made.words()} characters" in card
    assert f"{made.positions:,} positions of the test split" in card
    for k, lost in made.bits_lost.items():
        assert f"{k}: {lost:.3f} ± {made.bits_lost_errors[k]:.3f}" in card
    assert made.measured_with in card


def test_words() -> None:
    def words(k: int | None, error: float | None) -> str:
        return UsedContext(
            k=k, standard_error=error, lags=200, threshold=0.01, positions=9, split="test", bits_lost={},
            bits_lost_errors={}, measured_with="",
        ).words()  # fmt: skip

    assert [words(41, 0.6), words(41, 3.2), words(41, None), words(200, 0.0), words(None, None)] == [
        "41 ± 1",
        "41 ± 3",
        "41",
        "200 or more",
        "none",
    ]


def test_the_models_that_ship_state_it() -> None:
    assert MEASURED


@pytest.mark.slow
@pytest.mark.parametrize("name", MEASURED)
def test_what_a_card_states_is_found_again(name: str) -> None:
    """Fewer positions, and within what the stated errors allow."""
    entry = catalogue()[name]
    used = entry.card.used_context
    assert used is not None
    lm = load(name)
    text = text_at_hand(entry.card.corpus.name, entry.card.corpus.sha256)
    found = drain(context(lm, record(lm, text[round(0.95 * len(text)) :]), positions=1000))
    for k, lost in used.bits_lost.items():
        error = np.hypot(found.error[int(k)], used.bits_lost_errors[k])
        assert found.mean[int(k)] == pytest.approx(lost, abs=4 * error + 1e-3)
