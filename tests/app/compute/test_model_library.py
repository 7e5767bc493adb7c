"""`app.compute.model_library`: models found by name, loaded once, shared."""

from __future__ import annotations

import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from app.compute import model_library as module
from app.compute.model_library import Library, LoadedModel
from models import BadIntervention, CheckpointError, UnknownModel
from models.network.intervened_reader import IntervenedReader
from models.network.intervention import Clamp, Zero
from models.network.reader import CompiledReader, TorchReader
from models.network.trace import run
from models.storage.checkpoint import read_card, write_card
from tests.support.small_models import TINY, make_tiny


def test_a_model_is_found_by_its_id_and_an_earlier_step_behind_an_at_sign(library: Library) -> None:
    trained, untrained = library.get("tiny-gru"), library.get("tiny-gru@0")
    assert (trained.name, untrained.name) == ("tiny-gru", "tiny-gru@0")
    assert trained.lm.name == "tiny-gru"
    assert untrained.lm.name == "tiny-gru@0"
    assert trained.vocabulary == untrained.vocabulary
    assert not (trained.lm.trace("abc")["0.hidden"] == untrained.lm.trace("abc")["0.hidden"]).all()


def test_a_model_is_loaded_once_however_many_ask_at_the_same_time(tiny_models: Path, no_zoo: None) -> None:
    library = Library([tiny_models], "cpu")
    with mock.patch.object(module, "load_model", wraps=module.load_model) as load, ThreadPoolExecutor(8) as threads:
        found = list(threads.map(library.get, ["tiny-lstm"] * 32))
    assert load.call_count == 1
    assert all(model is found[0] for model in found)


def test_files_that_do_not_answer_keep_nobody_from_other_models_and_are_a_sentence(
    tiny_models: Path, no_zoo: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, answers, asked = Library([tiny_models], "cpu"), threading.Event(), threading.Event()
    plain = module.load_model

    def hung(folder: Path, *rest: Any, **options: Any) -> Any:
        if folder.name == "tiny-gru":
            asked.set()
            assert answers.wait(20)
        return plain(folder, *rest, **options)

    monkeypatch.setattr(module, "load_model", hung)
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(library.get, "tiny-gru")
        assert asked.wait(20)
        assert library.get("tiny-rnn").name == "tiny-rnn"
        assert library.get("tiny-lstm~zero@1").name == "tiny-lstm~zero@1"
        monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.0)
        with pytest.raises(CheckpointError, match=r"tiny-gru have not come.*does not answer"):
            library.get("tiny-gru")
        answers.set()
        assert library.get("tiny-rnn") is library.get("tiny-rnn")
        assert waiting.result(20).name == "tiny-gru"
    assert library.get("tiny-gru") is waiting.result(), "what came late is there for all"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="not run: this system has no pipes in folders")
def test_weights_that_are_a_pipe_are_a_sentence_and_mended_ones_are_read(
    tiny_models: Path, tmp_path: Path, no_zoo: None
) -> None:
    folder = tmp_path / "tiny-rnn"
    shutil.copytree(tiny_models / "tiny-rnn", folder)
    library = Library([folder], "cpu")
    weights = (folder / "weights.safetensors").rename(tmp_path / "kept")
    os.mkfifo(folder / "weights.safetensors")
    with pytest.raises(CheckpointError, match="is not a file"):
        library.get("tiny-rnn")
    (folder / "weights.safetensors").unlink()
    weights.rename(folder / "weights.safetensors")
    assert library.get("tiny-rnn").name == "tiny-rnn"


def test_nothing_is_loaded_to_describe_the_models(tiny_models: Path, no_zoo: None) -> None:
    library = Library([tiny_models], "cpu")
    with mock.patch.object(module, "load_model", side_effect=AssertionError):
        assert [model["id"] for model in library.describe()] == list(TINY)
        assert len(library.stack("tiny-lstm@0")) == 2


@pytest.mark.parametrize("name", ["", "tiny", "TINY-RNN", "../tiny-rnn", "@0"])
def test_an_unknown_name_is_an_error_that_names_those_there_are(library: Library, name: str) -> None:
    with pytest.raises(UnknownModel, match="tiny-rnn, tiny-gru, tiny-lstm"):
        library.get(name)


@pytest.mark.parametrize(
    "name", ["tiny-rnn@", "tiny-rnn@1", "tiny-rnn@-0", "tiny-rnn@0@0", "tiny-rnn@x", "tiny-rnn@²", "tiny-rnn@00"]
)
def test_an_unknown_step_is_an_error_that_names_those_there_are(library: Library, name: str) -> None:
    with pytest.raises(UnknownModel, match="tiny-rnn@0"):
        library.get(name)


def test_a_folder_may_be_a_model_or_hold_models(tiny_models: Path, no_zoo: None) -> None:
    assert list(Library([tiny_models / "tiny-gru"], "cpu").entries) == ["tiny-gru"]
    assert list(Library([tiny_models], "cpu").entries) == ["tiny-rnn", "tiny-gru", "tiny-lstm"]


def test_a_folder_without_a_model_and_a_second_model_of_one_id_are_left_out_with_a_sentence(
    tiny_models: Path, tmp_path: Path, no_zoo: None
) -> None:
    empty = Library([tiny_models, tmp_path], "cpu")
    assert list(empty.entries) == list(TINY)
    assert [one.folder for one in empty.left_out] == [tmp_path]
    assert "holds no model" in empty.left_out[0].why
    make_tiny(tmp_path / "copy", "tiny-rnn", "rnn", 3, 1)
    twice = Library([tiny_models, tmp_path], "cpu")
    assert twice.entries["tiny-rnn"].folder == tiny_models / "tiny-rnn"
    assert "Two models are called 'tiny-rnn'" in twice.left_out[0].why
    assert str(tmp_path) in twice.left_out[0].why
    assert str(tmp_path) not in twice.left_out[0].public
    again = Library([tiny_models, tiny_models, tiny_models / "tiny-rnn"], "cpu")
    assert (list(again.entries), again.left_out) == (list(TINY), ()), "one folder named twice is one folder"


def test_a_model_that_was_left_out_is_refused_with_the_reason(tiny_models: Path, tmp_path: Path, no_zoo: None) -> None:
    make_tiny(tmp_path / "mine", "mine", "gru", 3, 1)
    card = tmp_path / "mine" / "card.json"
    card.write_text(card.read_text().replace('"cell": "gru"', '"cell": "GRU"'))
    library = Library([tiny_models, tmp_path], "cpu")
    for name in ("mine", "mine@0", "mine~zero@1"):
        with pytest.raises(CheckpointError, match="there is no cell 'GRU'"):
            library.get(name)


# ── what the page and REST are told ──────────────────────────────────────────────────────────────────


def of_own(folder: Path, name: str, sha256: str, corpus: str = "input") -> None:
    """A model as `hidden-state train` writes it, on a text called `corpus`."""
    make_tiny(folder / name, name, "lstm", 3, 1)
    card = read_card(folder / name)
    text = card.corpus.model_copy(update={"name": corpus, "sha256": sha256})
    write_card(folder / name, card.model_copy(update={"title": "LSTM · 1 × 3", "corpus": text}))


def test_two_runs_of_one_shape_are_told_apart_by_their_ids(tmp_path: Path) -> None:
    names = ["monday", "tuesday", "L", "LSTM"]  # the last two stand in every title by chance
    for name in names:
        of_own(tmp_path, name, "1f3a" * 16)
    told = {model["id"]: model for model in Library([tmp_path], "cpu").describe()}
    assert [told[name]["title"] for name in names] == [f"{name} · LSTM · 1 × 3" for name in names]
    assert told["shakespeare-lstm"]["title"] == "LSTM · 128", "the titles of the zoo are unlike within a corpus"
    assert told["monday"]["corpus"] == told["tuesday"]["corpus"] == "input"


def test_two_texts_of_one_name_are_two_corpora(tmp_path: Path) -> None:
    of_own(tmp_path, "monday", "1f3a" * 16)
    of_own(tmp_path, "tuesday", "9b0c" * 16)
    of_own(tmp_path, "mine", "77aa" * 16, corpus="shakespeare")
    told = {model["id"]: model["corpus"] for model in Library([tmp_path], "cpu").describe()}
    assert (told["monday"], told["tuesday"]) == ("input · 1f3a1f", "input · 9b0c9b")
    assert told["mine"] == "shakespeare · 77aa77"
    assert told["shakespeare-rnn"] == "shakespeare", "the text that ships keeps its name"


@pytest.mark.parametrize(
    "path", ["/home/someone/books/input.txt", "C:\\Users\\someone\\input.txt", "../books/input.txt"]
)
def test_the_path_of_a_corpus_on_an_older_card_is_not_told(tmp_path: Path, path: str) -> None:
    of_own(tmp_path, "monday", "1f3a" * 16)
    card = read_card(tmp_path / "monday")
    write_card(tmp_path / "monday", card.model_copy(update={"description": f"Trained on {path}."}))
    (told,) = [model for model in Library([tmp_path], "cpu").describe() if model["id"] == "monday"]
    assert told["description"] == "Trained on input.txt."


# ── interventions ────────────────────────────────────────────────────────────────────────────────────


def test_interventions_stand_behind_a_models_name(library: Library) -> None:
    name = "tiny-lstm@0~1.forget_gate.2=0@5~zero@9"
    model = library.get(name)
    assert model.name == name
    assert model.interventions == (Clamp(1, "forget_gate", 2, 0.0, 5), Zero(9))
    assert model.lm is library.get("tiny-lstm@0").lm, "the weights are shared"
    assert library.stack(name) == library.stack("tiny-lstm")
    assert library.get(name) is model
    held = run(model.lm, "abcdefghij", reader=model.reader)["1.forget_gate"].numpy()
    free = model.lm.trace("abcdefghij")["1.forget_gate"].numpy()
    assert (held[5:, 2] == 0.0).all()
    assert held[:5].tobytes() == free[:5].tobytes()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("tiny-rnn~", "is no intervention"),
        ("tiny-rnn~zero@1~", "is no intervention"),
        ("tiny-rnn~0.forget_gate.2=0@5", "has no signal 'forget_gate'"),
        ("tiny-lstm~2.hidden=0@5", "layers are 0 to 1"),
        ("tiny-gru@0~0.hidden.5=0@5", "units are 0 to 4"),
    ],
)
def test_an_intervention_that_cannot_be_is_an_error(library: Library, name: str, words: str) -> None:
    for ask in (library.get, library.stack):
        with pytest.raises(BadIntervention, match=words):
            ask(name)


def test_an_intervention_in_an_unknown_model_names_those_there_are(library: Library) -> None:
    with pytest.raises(UnknownModel, match="tiny-rnn, tiny-gru, tiny-lstm"):
        library.get("tiny~zero@1")


def test_all_interventions_share_one_copy_of_the_weights_also_where_pytorch_reads(library: Library) -> None:
    lm = library.get("tiny-gru").lm
    by_kernels = LoadedModel("tiny-gru", lm, TorchReader(lm))
    assert isinstance(by_kernels.compiled, CompiledReader)
    assert by_kernels.compiled is by_kernels.compiled
    assert library.get("tiny-gru").compiled is library.get("tiny-gru").reader, "on the CPU there is no copy at all"
    one, other = (library.get(f"tiny-gru~zero@{step}").reader for step in (3, 5))
    assert isinstance(one, IntervenedReader)
    assert isinstance(other, IntervenedReader)
    assert one.plain is other.plain


def test_of_intervened_models_only_so_many_are_kept(tiny_models: Path, no_zoo: None) -> None:
    library = Library([tiny_models], "cpu")
    first, second = library.get("tiny-rnn~zero@0"), library.get("tiny-rnn~zero@1")
    for step in range(module.KEPT):
        library.get(f"tiny-rnn~zero@{step}")
    assert library.get("tiny-rnn~zero@0") is first, "it was asked for again"
    library.get("tiny-rnn~zero@1000")
    assert len(library._intervened) == module.KEPT
    assert library.get("tiny-rnn~zero@1") is not second, "that was not"
    assert len(library._loaded) == 1, "the weights are those of the model"
