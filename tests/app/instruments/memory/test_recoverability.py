"""The instrument of recoverability answers with the probe of the text, or of a long text's start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.compute.model_library import LoadedModel
from app.contract.instrument import Subject
from app.instruments.memory import recoverability
from app.instruments.memory.recoverability import Recoverability
from app.live.run import Run
from models import CharLM, NotMeasurable
from models.measures import drain
from models.measures.memory.recoverability import GAP, LAGS, probe
from tests.support.texts import prose

TEXT = prose(2_500)
ASKED = Recoverability(name="recoverability")


@pytest.fixture
def lm(make_model: Callable[..., CharLM]) -> CharLM:
    return make_model("lstm", 8, 2, gain=2.0)


def subject(lm: CharLM, text: str) -> Subject:
    """A model that has read `text`."""
    run = Run(LoadedModel("tiny", lm, lm.reader()), text)
    while not run.complete:
        run.recording.read()
    return Subject(run, len(text), lambda start, stop: text[start:stop])


def expected(lm: CharLM, text: str) -> Any:
    return probe(lm.trace(text)["1.hidden"].numpy(), lm.vocabulary.encode(text), len(lm.vocabulary))


@pytest.mark.parametrize("longest", [20_000, 2_100])
def test_the_answer_is_the_probe_of_the_last_layer(lm: CharLM, monkeypatch: pytest.MonkeyPatch, longest: int) -> None:
    monkeypatch.setattr(recoverability, "LONGEST", longest)
    found = drain(ASKED.work(subject(lm, TEXT)))
    one = expected(lm, TEXT[:longest])
    assert found.tensors["lags"].tolist() == list(LAGS)
    assert found.tensors["accuracy"] == pytest.approx(one.accuracy, abs=1e-6)
    assert found.facts.model_dump() == {"chance": one.chance, "trained_on": one.trained_on, "held_out": one.held_out}
    assert one.held_out == min(longest, 2_500) // 5 - GAP
    assert ASKED.needs(2_500) == min(longest, 2_500)


def test_a_short_text_is_refused_with_a_sentence(lm: CharLM) -> None:
    with pytest.raises(NotMeasurable, match=r"100 characters, too few .*\."):
        drain(ASKED.work(subject(lm, TEXT[:100])))
