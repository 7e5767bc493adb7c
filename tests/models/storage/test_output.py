"""`models.storage.output`: nothing that is on disk is lost or mixed, whatever a training is asked and however it
ends."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from models import CheckpointError, Diverged, OutputError, load
from models.storage.card import read_card
from models.storage.checkpoint import load_model
from models.storage.output import STATE, Output
from models.training import recipes
from models.training.corpora import Corpus
from models.training.recipes import Recipe, make
from models.training.settings import Settings
from models.training.trainer import Progress
from models.zoo import survey
from tests.support.texts import prose

SMALL = Settings(cell="gru", units=5, epochs=1, streams=3, segment=16, warmup=4, validations=5)
RECIPE = Recipe(id="R", title="Tiny", description="For a test.", corpus="own", settings=SMALL)
OTHER = replace(RECIPE, settings=replace(SMALL, seed=2))
TEXT = prose(2000)
CORPUS = Corpus("own", TEXT, "made up", source="own.txt")
ALIKE = Corpus("own", TEXT[:-1] + ("a" if TEXT[-1] != "a" else "b"), "made up")  # the same vocabulary


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def at(step: int, error: BaseException) -> Callable[[Progress], None]:
    """A report that ends the training at a step."""

    def report(progress: Progress) -> None:
        if progress.step == step:
            raise error

    return report


class Killed(BaseException):
    """As `kill -9` would: nothing is tidied up that only an orderly end tidies."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A finished model, with curves that were measured of it."""
    folder = tmp_path / "R"
    make(RECIPE, CORPUS, folder)
    (folder / "recoverability.json").write_text("{}")
    return folder


# ── what is there is kept ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", [CORPUS, ALIKE, Corpus("other", prose(2000, seed=5).upper(), "made up")])
@pytest.mark.parametrize("step", [20, None], ids=["cut short", "finished"])
def test_a_refused_resume_changes_nothing(tmp_path: Path, text: Corpus, step: int | None) -> None:
    folder = tmp_path / "R"
    make(RECIPE, CORPUS, folder, report=at(step, KeyboardInterrupt()) if step else lambda progress: None)
    before = contents(tmp_path)
    recipe = OTHER if text is CORPUS else RECIPE  # other settings, or another text
    with pytest.raises(CheckpointError, match="other settings or another text" if step else "no training to resume"):
        make(recipe, text, folder, resume=True)
    assert contents(tmp_path) == before
    assert load(f"{folder}@0").trace("abc")["0.hidden"].shape == (3, 5)


@pytest.mark.parametrize("cut", [False, True])
def test_a_model_is_not_overwritten_unasked(tmp_path: Path, cut: bool) -> None:
    folder = tmp_path / "R"
    make(RECIPE, CORPUS, folder, report=at(9, KeyboardInterrupt()) if cut else lambda progress: None)
    before = contents(tmp_path)
    with pytest.raises(OutputError, match="holds a model already") as refused:
        make(OTHER, CORPUS, folder)
    assert "--overwrite" in str(refused.value)
    assert contents(tmp_path) == before


def test_nothing_of_the_old_model_stays_beside_the_new_one(home: Path, tmp_path: Path) -> None:
    (home / "step-40.safetensors").write_bytes(b"an earlier step of the old one")
    make(OTHER, CORPUS, home, overwrite=True)
    make(OTHER, CORPUS, tmp_path / "fresh")
    assert contents(home).keys() == contents(tmp_path / "fresh").keys()
    for name in ("weights.safetensors", "step-0.safetensors"):
        assert (home / name).read_bytes() == (tmp_path / "fresh" / name).read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"R", "fresh"}, "nothing is left over beside it"


@pytest.mark.parametrize("step", [1, 12])
def test_until_the_new_model_is_whole_the_old_one_is(home: Path, tmp_path: Path, step: int) -> None:
    before = contents(home)
    with pytest.raises(Killed):
        make(OTHER, CORPUS, home, overwrite=True, report=at(step, Killed()), save_every_seconds=0.0)
    assert contents(home) == before
    found = survey([tmp_path])
    assert [entry.folder for entry in found.entries.values() if entry.card.id == "R"] == [home]
    assert not found.left_out, "the one that is being trained is not listed"
    if step == 12:  # it goes on where it was killed, and ends as if it had not been
        make(OTHER, CORPUS, home, resume=True)
        make(OTHER, CORPUS, tmp_path / "fresh")
        assert contents(home).keys() == contents(tmp_path / "fresh").keys()
        assert (home / "weights.safetensors").read_bytes() == (tmp_path / "fresh/weights.safetensors").read_bytes()


def test_ctrl_c_while_overwriting_puts_the_best_so_far_in_place(home: Path, tmp_path: Path) -> None:
    card = make(OTHER, CORPUS, home, overwrite=True, report=at(20, KeyboardInterrupt()))
    assert not card.training["finished"]
    assert read_card(home) == card
    assert set(contents(home)) == {"card.json", "weights.safetensors", "step-0.safetensors", STATE}
    (home / "recoverability.json").write_text("{}")  # of the weights so far
    assert make(OTHER, CORPUS, home, resume=True).training["finished"]
    assert not (home / "recoverability.json").exists()


def test_what_else_lies_in_a_models_folder_stays(home: Path) -> None:
    (home / "notes.txt").write_text("mine")
    (home / "plots").mkdir()
    make(OTHER, CORPUS, home, overwrite=True)
    assert set(contents(home)) == {"card.json", "weights.safetensors", "step-0.safetensors", "notes.txt"}
    assert (home / "plots").is_dir()
    assert read_card(home).training["seed"] == 2


def test_a_folder_that_somebody_stands_in_is_not_moved_away(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    number = home.stat().st_ino
    make(OTHER, CORPUS, Path(), overwrite=True)
    assert home.stat().st_ino == number
    assert {one.name for one in Path.cwd().iterdir()} == {"card.json", "weights.safetensors", "step-0.safetensors"}


def test_a_swap_that_fails_half_way_is_done_file_by_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.rename

    def refusing(self: Path, target: Path) -> Path:
        if self.name.endswith("-training"):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refusing)
    card = make(OTHER, CORPUS, home, overwrite=True)
    assert read_card(home) == card
    assert set(contents(home)) == {"card.json", "weights.safetensors", "step-0.safetensors"}


def test_a_process_killed_between_the_two_renames_loses_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.rename

    def killed(self: Path, target: Path) -> Path:
        if self.name.endswith("-training"):
            raise Killed
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", killed)
    with pytest.raises(Killed):
        make(OTHER, CORPUS, home, overwrite=True)
    assert not home.exists()
    monkeypatch.undo()
    with pytest.raises(OutputError, match="holds a model already"):
        make(RECIPE, CORPUS, home)  # the next training finds it, and finishes what was begun
    assert read_card(home).training["seed"] == 2
    assert [path.name for path in home.parent.iterdir()] == ["R"]


# ── where it cannot be written ───────────────────────────────────────────────────────────────────────


def test_a_place_where_no_folder_can_be_is_refused_before_the_training(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for folder, words in ((tmp_path / "file", "is a file"), (tmp_path / "file" / "R", "lies below file")):
        with pytest.raises(OutputError, match=words):
            make(replace(RECIPE, id=folder.name), CORPUS, folder)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_read_only_place_is_refused_before_the_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(OutputError, match="is read-only here"):
        make(RECIPE, CORPUS, tmp_path / "R")
    assert list(tmp_path.iterdir()) == []


def test_too_little_space_is_noticed_before_the_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    with pytest.raises(OutputError, match="0 MiB of free space"):
        make(RECIPE, CORPUS, tmp_path / "R")
    assert list(tmp_path.iterdir()) == []


def test_space_for_the_result_is_taken_before_and_given_back(tmp_path: Path) -> None:
    sizes = []

    def report(progress: Progress) -> None:
        sizes.append((tmp_path / "R" / "reserve.part").stat().st_blocks * 512)

    card = make(RECIPE, CORPUS, tmp_path / "R", report=report)
    assert min(sizes) >= 4 * card.parameters
    assert set(contents(tmp_path / "R")) == {"card.json", "weights.safetensors", "step-0.safetensors"}


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[bool]:
    """Once the list says True, nothing can be written below the model's folder any more."""
    is_full = [False]
    write = recipes.save_state

    def save_state(state: Any, folder: Path, step: int | None = None) -> None:
        if is_full[0] and folder.is_relative_to(tmp_path / "disk"):
            raise OSError(errno.ENOSPC, "No space left on device")
        write(state, folder, step)

    monkeypatch.setattr(recipes, "save_state", save_state)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return is_full


def test_weights_that_cannot_be_written_are_written_elsewhere(full: list[bool], tmp_path: Path) -> None:
    folder = tmp_path / "disk" / "R"

    def fill(progress: Progress) -> None:
        full[0] = True

    with pytest.raises(OutputError, match="No space left on device") as told:
        make(RECIPE, CORPUS, folder, report=fill)
    (spare,) = tmp_path.glob("R-*")
    assert f"is whole in {spare}" in str(told.value)
    full[0] = False
    make(RECIPE, CORPUS, tmp_path / "whole" / "R")
    for step in (None, 0):
        ours, expected = (load_model(one, step).state_dict() for one in (spare, tmp_path / "whole" / "R"))
        assert all(torch.equal(ours[name], expected[name]) for name in expected)
    assert read_card(spare).measured == read_card(tmp_path / "whole" / "R").measured


def test_a_state_that_cannot_be_saved_does_not_end_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: object, folder: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(recipes.Trainer, "save", fail)
    notes: list[str] = []
    card = make(RECIPE, CORPUS, tmp_path / "R", save_every_seconds=0.0, note=notes.append)
    assert card.training["finished"]
    assert notes
    assert all("could not be saved" in one for one in notes)


@pytest.mark.parametrize("name", ["a@b", "run:1", "..."])
def test_a_folder_whose_name_no_id_can_hold_is_refused_before_the_training(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match="cannot be a model's name"):
        make(replace(RECIPE, id=name), CORPUS, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


# ── trainings that end otherwise ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("rate", [1e4, 1e6])
def test_a_training_that_diverges_stops_with_a_sentence_and_keeps_the_best_so_far(tmp_path: Path, rate: float) -> None:
    recipe = replace(RECIPE, settings=replace(SMALL, learning_rate=rate))
    with pytest.raises(Diverged, match="Lower the learning rate") as told:
        make(recipe, CORPUS, tmp_path / "R")
    card = read_card(tmp_path / "R")
    assert card.training["finished"] is False
    assert card.training["updates_done"] < card.training["updates"]
    assert str(told.value).startswith(card.training["diverged"])
    assert card.measured["validation"].bits_per_character <= card.untrained["validation"].bits_per_character
    best = load_model(tmp_path / "R").state_dict()
    twin = load_model(tmp_path / "R", 0).state_dict()
    if card.training["best_update"] == 0:
        assert all(torch.equal(best[name], twin[name]) for name in best)
    assert not (tmp_path / "R" / STATE).exists(), "there is nothing to go on with"


def test_a_split_without_a_character_to_score_is_left_out_of_the_card(tmp_path: Path) -> None:
    corpus = Corpus("greek", "hello world. " * 150 + "β" * 150, "made up")
    card = make(RECIPE, corpus, tmp_path / "R")
    assert set(card.measured) == set(card.untrained) == {"validation"}
    assert "null" not in json.dumps(json.loads((tmp_path / "R" / "card.json").read_text())["measured"])
    assert load(tmp_path / "R").trace("hello")["0.hidden"].shape == (5, 5)
    assert "R" in survey([tmp_path]).entries


def test_a_card_names_its_corpus_as_a_command_line_would(tmp_path: Path) -> None:
    card = make(
        replace(RECIPE, id="it's [mine]".replace("'", "")), replace(CORPUS, source="my text.txt"), tmp_path / "R"
    )
    assert card.measured_with == "hidden-state evaluate 'its [mine]' 'my text.txt' --split validation"


def test_output_is_decided_before_anything_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "R"
    output = Output.of(folder)
    assert (output.folder, output.work, output.resumable) == (folder, folder, [])
    assert list(tmp_path.iterdir()) == []
