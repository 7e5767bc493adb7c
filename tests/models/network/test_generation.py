"""`models.network.generation`: against `torch.nn`, against the frequencies that the probabilities promise, against
reading on."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
import pytest
import torch

from models import NotMeasurable, load
from models.network.generation import generate, probabilities
from models.network.intervened_reader import IntervenedReader
from models.network.intervention import Clamp, Reset
from models.network.reader import CompiledReader
from models.recording.continuation import continuation
from models.recording.recording import Recording
from models.text.vocabulary import Vocabulary
from tests.support.cells import FUSED
from tests.support.recordings import typed
from tests.support.session_talk import ask

every_cell = pytest.mark.parametrize("cell", FUSED)

CHI_SQUARE_999 = {5: 20.515}
"""The 99.9th percentile of χ² with so many degrees of freedom (NIST/SEMATECH e-Handbook, 1.3.6.7.4)."""


def text_of(lm: Any, ids: list[int]) -> str:
    return "".join(lm.vocabulary.characters[one] for one in ids)


@every_cell
def test_at_temperature_zero_it_is_torchs_own_argmax_over_and_over(
    make_model: Any, torch_twin: Any, own_text: str, cell: str
) -> None:
    lm = make_model(cell, 24, 2, dtype=torch.float64, gain=3.0)
    text = own_text[:40]
    ours = text_of(lm, list(islice(continuation(typed(lm, text), 39, 0.0, seed=0), 60)))
    for _ in range(60):
        text += lm.vocabulary.characters[int(torch_twin(lm, text)["log_probabilities"][-1].argmax())]
    assert ours == text[40:]


@pytest.mark.parametrize("temperature", [1e-310, 5e-324, 1e-12])
def test_next_to_zero_it_is_as_at_zero(temperature: float) -> None:
    found = probabilities(np.log(np.array([0.1, 0.6, 0.3], np.float32)), temperature)
    np.testing.assert_array_equal(found, [0.0, 1.0, 0.0])


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_characters_come_as_often_as_the_softmax_of_the_logits_says(temperature: float) -> None:
    logits = np.array([1.3, -0.4, 0.2, 2.0, -1.5, 0.9])
    weights = np.exp(logits / temperature)
    expected = weights / weights.sum()
    log_probabilities = logits - np.log(np.exp(logits).sum())
    np.testing.assert_allclose(probabilities(log_probabilities, temperature), expected, rtol=1e-12)

    class Constant:
        """A reader that expects the same after every character."""

        def allocate(self, steps: int) -> Any:
            return type("Room", (), {"predictions": log_probabilities[None]})

        def read(self, *_: Any, **__: Any) -> None: ...

    drawn = list(islice(generate(Constant(), [], log_probabilities, temperature, seed=3), 6000))  # type: ignore[arg-type]
    counts = np.bincount(drawn, minlength=6)
    distance = float(((counts - 6000 * expected) ** 2 / (6000 * expected)).sum())
    assert distance < CHI_SQUARE_999[5]


def test_a_temperature_near_zero_becomes_the_likeliest_and_a_high_one_treats_all_alike() -> None:
    log_probabilities = np.log(np.array([0.2, 0.5, 0.3], np.float32))
    np.testing.assert_array_equal(probabilities(log_probabilities, 0.0), [0, 1, 0])
    np.testing.assert_allclose(probabilities(log_probabilities, 0.01), [0, 1, 0], atol=1e-12)
    np.testing.assert_allclose(probabilities(log_probabilities, 1.0), [0.2, 0.5, 0.3], rtol=1e-6)
    np.testing.assert_allclose(probabilities(log_probabilities, 1e6), 1 / 3, rtol=1e-5)


@every_cell
def test_a_seed_gives_a_text_and_another_seed_another(make_model: Any, own_text: str, cell: str) -> None:
    lm = make_model(cell, 16, 1, gain=2.0)
    recording = typed(lm, own_text[:100])
    first, again, other = (list(islice(continuation(recording, 99, 1.0, seed), 200)) for seed in (7, 7, 8))
    assert first == again
    assert first != other


@every_cell
@pytest.mark.parametrize("intervene", [False, True])
def test_what_is_written_is_drawn_from_what_a_recording_of_the_same_text_expects(
    make_model: Any, own_text: str, cell: str, intervene: bool
) -> None:
    """The model that writes goes on from the state of one that reads, and comes to its states, to the last bit."""
    lm = make_model(cell, 12, 2, gain=2.0)
    reader: Any = CompiledReader(lm)
    if intervene:
        reader = IntervenedReader(reader, [Clamp(0, "hidden", 3, 0.9, 30, 90), Reset(25, 10)])
    text = own_text[:700]
    written = list(islice(continuation(typed(lm, text, reader=reader), 649, 0.8, seed=5), 80))
    whole = Recording(reader)
    whole.edit(0, 0, np.concatenate([lm.vocabulary.encode(text[:650]), np.array(written, np.int32)]))
    while whole.read():
        pass
    draw = np.random.Generator(np.random.PCG64(5))
    for step, chosen in enumerate(written, 650):
        expected = probabilities(whole.column(0, step - 1)[1], 0.8)
        drawn = int((np.cumsum(expected) <= draw.random() * np.cumsum(expected)[-1]).sum())
        assert drawn == chosen, step


def test_writing_leaves_the_recording_as_it_was(make_model: Any, own_text: str) -> None:
    lm = make_model("lstm", 12, 2, gain=2.0)
    recording = typed(lm, own_text[:200])
    before = recording.signal(1, "cell", 0, 200).tobytes()
    list(islice(continuation(recording, 120, 1.0, 0), 50))
    assert recording.steps == 200
    assert recording.signal(1, "cell", 0, 200).tobytes() == before


def test_before_the_first_character_there_is_nothing_to_draw_from(make_model: Any) -> None:
    with pytest.raises(NotMeasurable, match="Write one character first"):
        continuation(typed(make_model("rnn", 4), ""), -1, 1.0, 0)


def test_a_vocabulary_of_one_character_is_written_over_and_over(make_model: Any) -> None:
    lm = make_model("gru", 4, characters="a")
    assert lm.vocabulary == Vocabulary("a")
    assert list(islice(continuation(typed(lm, "a"), 0, 1.0, 0), 5)) == [0] * 5


@pytest.mark.parametrize("temperature", [0.0, 0.7, 2.0])
def test_a_model_writes_in_python_what_the_page_writes_behind_the_same_text(library: Any, temperature: float) -> None:
    text, lm = "To be\r\nor not", library.get("tiny-lstm").lm
    asked = {"name": "generate", "step": len(text) - 2, "count": 90, "temperature": temperature, "seed": 11}
    facts, _ = ask(library, text, "tiny-lstm", **asked)
    assert facts["step"] == len(text) - 2, "the text's last character, its line end being one"
    assert lm.generate(90, start=text, temperature=temperature, seed=11) == facts["text"]


def test_under_interventions_too(tiny_models: Any) -> None:
    lm = load(tiny_models / "tiny-gru")
    lm.interventions = (Clamp(0, "hidden", 1, 0.9, 3),)
    reader = IntervenedReader(CompiledReader(lm), lm.interventions)
    recording = Recording(reader)
    recording.edit(0, 0, lm.vocabulary.encode("abcdef"))
    while recording.read():
        pass
    expected = text_of(lm, list(islice(continuation(recording, 5, 1.0, 4), 50)))
    assert lm.generate(50, start="abcdef", temperature=1.0, seed=4) == expected


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"start": ""}, "Before the first character"),
        ({"start": "a", "characters": 0}, "0 characters"),
        ({"start": "a", "temperature": float("nan")}, "temperature is nan"),
        ({"start": "a", "temperature": -0.1}, "temperature is -0.1"),
        ({"start": "a", "seed": -1}, "seed is -1"),
        ({"start": "a", "seed": 2**32}, "seed is 4294967296"),
    ],
)
def test_what_cannot_be_written_is_a_sentence(make_model: Any, asked: dict[str, Any], words: str) -> None:
    with pytest.raises(NotMeasurable, match=words):
        make_model("gru").generate(**asked)
