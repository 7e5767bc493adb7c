"""`models.text.lines`: one rule for line ends, on every way that a text comes in; and what is said about accents."""

from __future__ import annotations

import unicodedata
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load as load_tensors

from models import Vocabulary
from models.measures import record
from models.network.evaluation import bits_per_character
from models.network.generation import unwritable
from models.recording.continuation import continuation
from models.text.lines import corpus_hint, form_hint, lines_hint, unix_lines
from models.training import corpora
from models.training.corpora import Corpus
from models.training.settings import Settings
from models.training.trainer import Trainer
from tests.support.random_models import MakeModel
from tests.support.served_app import Server
from tests.support.socket_client import Talk, panel
from tests.support.texts import LETTERS, prose

UNIX = "To be,\nor not\n\nto be.\n"
VARIANTS = {
    "CR LF": UNIX.replace("\n", "\r\n"),
    "CR": UNIX.replace("\n", "\r"),
    "mixed": "To be,\r\nor not\n\rto be.\r",
}


@given(st.text(alphabet="a\r\n\u2028\x0b\x85é"))
def test_every_line_ends_alike_and_nothing_else_changes(text: str) -> None:
    expected, k = [], 0
    while k < len(text):  # character by character, as the rule reads
        if text[k] == "\r":
            expected.append("\n")
            k += text[k : k + 2] == "\r\n"
        else:
            expected.append(text[k])
        k += 1
    assert unix_lines(text) == "".join(expected)
    assert unix_lines(unix_lines(text)) == unix_lines(text)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_python_reads_all_line_ends_alike(make_model: MakeModel, bits: Any, cell: str, variant: str) -> None:
    lm = make_model(cell, 8, characters=LETTERS + "\r")  # it knows the carriage return, and still never reads one
    plain, other = lm.trace(UNIX), lm.trace(VARIANTS[variant])
    assert other.text == UNIX
    assert bits(other.log_probabilities) == bits(plain.log_probabilities)
    assert bits(other.surprise) == bits(plain.surprise)
    assert record(lm, VARIANTS[variant]).steps == record(lm, UNIX).steps == len(UNIX)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_file_is_read_with_one_kind_of_line_end_and_says_so(tmp_path: Path, variant: str) -> None:
    path = tmp_path / "story.txt"
    path.write_bytes(VARIANTS[variant].encode())
    notes: list[str] = []
    corpus = corpora.load(str(path), note=notes.append)
    assert corpus.text == corpora.read_text(path) == UNIX
    assert corpus == Corpus("story", VARIANTS[variant], "the text file story.txt", source="story.txt")
    assert len(notes) == 1
    assert notes[0].startswith("story.txt: ")
    path.write_bytes(UNIX.encode())
    assert corpora.load(str(path), note=notes.append) == corpus
    assert len(notes) == 1, "nothing was changed, so nothing is said"
    assert lines_hint(UNIX, "story.txt") is None


def test_a_model_trained_on_windows_line_ends_is_the_one_trained_on_unix_ones() -> None:
    text = prose(3000)
    settings = Settings(cell="rnn", units=4, epochs=1, streams=2, segment=16, warmup=2)
    windows, unix = (Trainer(Corpus("own", one, "made up"), settings) for one in (text.replace("\n", "\r\n"), text))
    for trainer in (windows, unix):
        trainer.run()
    assert "\r" not in windows.lm.vocabulary.characters
    assert windows.best_bits == unix.best_bits
    assert bits_per_character(windows.lm, windows.validation) == bits_per_character(unix.lm, unix.validation)


@pytest.mark.parametrize("variant", VARIANTS)
def test_rest_and_the_socket_read_all_line_ends_alike(server: Server, variant: str) -> None:
    def tensors(text: str) -> dict[str, np.ndarray]:
        answer = httpx.post(f"{server.url}/api/trace", json={"model": "tiny-gru", "text": text}, timeout=60)
        assert answer.status_code == 200
        return load_tensors(answer.content)

    plain, other = tensors(UNIX), tensors(VARIANTS[variant])
    assert plain.keys() == other.keys()
    for name, values in plain.items():
        assert other[name].tobytes() == values.tobytes(), name

    lengths, figures = [], []
    for text in (UNIX, VARIANTS[variant]):
        with Talk(server) as page:
            page.send(type="view", panels=[panel("tiny-gru", "hidden")], window=[0, 40])
            page.send(type="text", revision=0, text=text, window=[0, 40])
            _, (found, _) = page.until(lambda one: one["type"] == "columns" and one["steps"] == one["length"] > 0)
            page.send(type="edit", revision=1, at=0, remove=0, insert="\r\n", window=[0, 40])
            _, (edited, _) = page.until(lambda one: one["type"] == "columns" and one["revision"] == 1)
            lengths.append((found["length"], edited["length"]))
            figures.append((found["bits_per_character"], edited["bits_per_character"]))
    assert lengths == [(len(UNIX), len(UNIX) + 1)] * 2
    assert figures[0] == figures[1]


def test_a_model_that_knows_the_carriage_return_writes_none(make_model: MakeModel) -> None:
    characters = "ab\n\r"
    lm = make_model("gru", 6, characters=characters, gain=0.1)  # nearly even odds: one in four would be a CR
    recording = record(lm, "abab")
    barred = unwritable(lm.vocabulary)
    assert lm.vocabulary.decode(barred) == "\r"
    free = list(islice(continuation(recording, 3, 1.0, 7), 400))
    assert characters.index("\r") in free, "else this test shows nothing"
    written = lm.vocabulary.decode(np.array(list(islice(continuation(recording, 3, 1.0, 7, barred), 400))))
    assert "\r" not in written
    assert set(written) == set("ab\n")
    # what was written and what reads it are one: the model, reading it as a text, expects what it drew from
    again = record(lm, "abab" + written)
    assert again.steps == 4 + len(written)
    likeliest = lm.vocabulary.decode(np.array(list(islice(continuation(recording, 3, 0.0, 7, barred), 50))))
    state = lm.trace("abab" + likeliest).log_probabilities.numpy()[3:-1]
    state[:, barred] = -np.inf
    assert lm.vocabulary.decode(state.argmax(axis=1)) == likeliest
    assert len(unwritable(Vocabulary("\r"))) == 0


COMPOSED = "Das Düsseldörfer Kuhdorf läßt grüßen. " * 5


def test_a_hint_names_the_form_in_which_a_model_knows_the_accents() -> None:
    apart = unicodedata.normalize("NFD", COMPOSED)
    composed, separate = Vocabulary.of(COMPOSED), Vocabulary.of(apart)
    assert form_hint(COMPOSED, composed, "R") is None
    assert form_hint(apart, separate, "R") is None
    wrong = form_hint(apart, composed, "R")
    assert wrong is not None
    assert wrong.startswith("20 characters are unknown to R only for how their accents are written")  # 4 in each
    assert "Convert the text to NFC" in wrong
    other = form_hint(COMPOSED, separate, "R")
    assert other is not None
    assert "Convert the text to NFD" in other
    assert form_hint("Ω and 漢字", composed, "R") is None, "no form would help"


def test_a_corpus_with_accents_apart_is_named_before_the_training() -> None:
    assert corpus_hint(COMPOSED, "a.txt") is None
    said = corpus_hint(unicodedata.normalize("NFD", COMPOSED), "a.txt")
    assert said is not None
    assert said.startswith("a.txt has 20 characters more")
    assert corpus_hint("plain", "a.txt") is None
