"""Files that the project writes: readable for whom the umask says, and refused in a sentence."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from models import OutputError
from models.training.corpora import Corpus
from models.training.recipes import Recipe, make
from models.training.settings import Settings
from models.training.trainer import Trainer
from tests.support.texts import prose

SETTINGS = Settings(cell="gru", units=3, streams=2, segment=16, epochs=0.2)
posix = pytest.mark.skipif(sys.platform == "win32", reason="not run: this system has no modes of files")


@pytest.fixture(params=[0o022, 0o077, 0o002])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@posix
def test_weights_cards_states_and_traces_have_the_mode_of_any_other_file(
    make_model: Any, tmp_path: Path, umask: int
) -> None:
    corpus = Corpus("prose", prose(3000), "")
    make(Recipe("new", "", "", "", SETTINGS), corpus, tmp_path / "new")
    make(Recipe("new", "", "", "", SETTINGS), corpus, tmp_path / "new", overwrite=True)
    training = Trainer(corpus, SETTINGS)
    training.run(until=1)
    training.save(tmp_path / "state")
    make_model("rnn", 3).trace("abc").save(tmp_path / "trace.safetensors")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {
        "card.json", "weights.safetensors", "step-0.safetensors", "training-state.safetensors", "trace.safetensors",
    }  # fmt: skip
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask, path


def test_a_trace_that_is_saved_is_the_one_that_is_sent(make_model: Any, tmp_path: Path) -> None:
    trace = make_model("lstm", 3, 2).trace(prose(700))
    trace.save(str(tmp_path / "a"))
    found = load_file(tmp_path / "a")
    assert set(found) == set(trace.tensors())
    for name, tensor in trace.tensors().items():
        assert found[name].numpy().tobytes() == tensor.numpy().tobytes()


@pytest.mark.parametrize("where", [".", "no/folder/x", "file/x", "a\0b"])
def test_a_trace_that_cannot_be_saved_is_a_sentence_of_this_project(
    make_model: Any, tmp_path: Path, where: str
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        make_model("rnn", 3).trace("abc").save(f"{tmp_path}/{where}")
