"""A reading that depends on rounding is told: against two traces in float64 and float32, and by networks that do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from app.compute.model_library import LoadedModel
from app.contract.instrument import Subject
from app.instruments.memory.context import Context
from app.live.measurement import ROUNDING, Measurement
from app.live.protocol import Measure
from app.live.run import Run
from models import CharLM, NotMeasurable, Vocabulary
from models.measures import drain, record
from models.measures.rounding import CHAOTIC, STEPS, shaken
from tests.support.cells import FUSED
from tests.support.socket_client import read_frame

ALPHABET = "abcdefgh "


def some_text(length: int, seed: int = 0) -> str:
    return "".join(np.random.default_rng(seed).choice(list(ALPHABET), length))


def chaotic() -> CharLM:
    """A vanilla cell with large recurrent weights (Sompolinsky, Crisanti, Sommers 1988), hardly driven by its text."""
    torch.manual_seed(5)
    lm = CharLM("rnn", Vocabulary(ALPHABET), 64)
    lm.rnn.weight_hh_l0.data = 3.0 / 8.0 * torch.randn(64, 64)
    lm.rnn.weight_ih_l0.data *= 0.1
    return lm.eval()


@pytest.mark.parametrize("cell", FUSED)
@pytest.mark.parametrize("layers", [1, 2])
def test_a_network_that_damps_rounding_is_not_chaotic(make_model: Any, cell: str, layers: int) -> None:
    lm = make_model(cell, 12, layers, characters=ALPHABET, gain=0.5)
    found = drain(shaken(record(lm, some_text(1500))))
    assert not found.chaotic
    assert found.words() == ""
    assert 0 < found.largest < 1e-5
    assert found.bits < 1e-5


def test_a_chaotic_network_is_told_and_its_exact_states_are_others_indeed() -> None:
    lm, text = chaotic(), some_text(1500)
    found = drain(shaken(record(lm, text)))
    assert found.chaotic
    assert found.first is not None
    hidden = lm.trace(text)["0.hidden"].double()
    exact = chaotic().double().trace(text)["0.hidden"]
    apart = (hidden - exact).abs().amax(1).numpy()
    assert apart[:5].max() < 1e-5
    assert found.largest > 0.5
    assert apart.max() > 0.5
    assert abs(np.flatnonzero(apart > CHAOTIC)[0] - found.first) < 60, "both grow from the last bits at one rate"
    assert f"from step {found.first:,} on" in found.words()


def test_a_stretch_is_read_from_its_own_beginning_on_and_a_long_one_at_its_end() -> None:
    lm, text = chaotic(), some_text(600)
    recording = record(lm, text)
    assert not drain(shaken(recording, 100, 110)).chaotic
    part = drain(shaken(recording, 300, 10_000))
    assert (part.start, part.stop) == (300, 600)
    assert part.first is not None
    assert part.first > 305
    long = drain(shaken(record(lm, some_text(STEPS + 700))))
    assert (long.start, long.stop) == (700, STEPS + 700)


def test_one_step_shows_nothing() -> None:
    recording = record(chaotic(), "ab")
    drain(shaken(recording))
    with pytest.raises(NotMeasurable, match="two steps"):
        drain(shaken(recording, 1, 2))


def test_the_answer_of_an_instrument_says_it_and_it_is_found_once_for_a_text() -> None:
    text = some_text(900)
    for lm, told in ((chaotic(), True), (CharLM("rnn", Vocabulary(ALPHABET), 8).eval(), False)):
        run = Run(LoadedModel("one", lm, lm.reader()), text)
        while run.recording.read():
            pass
        subject = Subject(run, len(text), lambda a, b: text[a:b])
        said = []
        for lags in (10, 20):
            measure = Context(name="context", positions=4, lags=lags)
            work = Measurement(Measure(type="measure", id=3, model="one", measure=measure))
            while not work.over:
                sent = work.work(subject, 1)
            frame = sent[-1]
            assert isinstance(frame, bytes)
            said.append(read_frame(frame)[0]["rounding"])
            seen = run.memo[ROUNDING]
            assert seen == (900, drain(shaken(run.recording)).words())
        assert said == [seen[1], seen[1]]
        assert bool(seen[1]) == told
        run.edit(900, 0, "a")
        assert ROUNDING not in run.memo
