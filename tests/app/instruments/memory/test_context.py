"""The instrument of used context through a session, against the measure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.compute.model_library import Library
from models import RequestError
from models.measures import drain, record
from models.measures.memory.used_context import PASTS, THRESHOLD, context
from tests.support.session_talk import ask
from tests.support.texts import prose

TEXT = prose(500)


@pytest.mark.parametrize("model", ["tiny-rnn", "tiny-gru", "tiny-lstm", "tiny-lstm@0"])
@pytest.mark.parametrize("past", PASTS)
def test_it_is_sent_as_it_is_measured(library: Library, model: str, past: Any) -> None:
    facts, tensors = ask(library, TEXT, model, name="context", past=past, positions=70, lags=40)
    lm = library.get(model).lm
    found = drain(context(lm, record(lm, TEXT), past=past, positions=70, lags=40))
    assert set(tensors) == {"mean", "median", "error", "counts"}
    for name in ("mean", "median", "error"):
        assert tensors[name].dtype == np.float32
        np.testing.assert_array_equal(tensors[name], getattr(found, name).astype(np.float32))
    np.testing.assert_array_equal(tensors["counts"], found.counts.astype(np.int32))
    assert facts == {
        "past": past,
        "lags": 40,
        "positions": 70,
        "asked": 70,
        "warm_up": found.warm_up,
        "threshold": THRESHOLD,
        "uses": found.uses,
        "uses_error": None if found.uses_error is None else pytest.approx(found.uses_error),
        "bits": pytest.approx(found.bits),
    }


def test_a_model_under_interventions_is_measured_as_one(library: Library) -> None:
    facts, tensors = ask(library, TEXT, "tiny-gru~0.hidden=0@0", name="context", positions=30, lags=20)
    assert facts["uses"] is None
    np.testing.assert_array_equal(tensors["mean"], 0)


def test_where_nothing_can_be_measured_a_sentence_says_so(library: Library) -> None:
    assert "too few to look at many positions" in ask(library, "To be.", "tiny-rnn", name="context")
    with pytest.raises(RequestError, match="past"):
        ask(library, TEXT, "tiny-rnn", name="context", past="yesterday")
