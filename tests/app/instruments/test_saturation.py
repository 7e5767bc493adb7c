"""`app.instruments.saturation`: what the page is told, held to traces of the same models."""

from __future__ import annotations

from typing import Any
from unittest import mock

import numpy as np
import pytest

from app.compute.model_library import Library
from app.instruments import saturation as instrument
from app.live.session import Session
from models import RequestError
from tests.support.session_talk import answer, begin, say
from tests.support.socket_client import panel
from tests.support.texts import prose

TEXT = prose(700)
GATE = {"name": "saturation", "layer": 1, "signal": "input_gate", "start": 0, "stop": 700, "first": 0, "last": 40}


@pytest.fixture
def session(library: Library) -> Session:
    return begin(library, TEXT, [panel("tiny-lstm", "hidden")], window=(0, 40))


def ask(session: Session, **options: Any) -> Any:
    return answer(session, "tiny-lstm", GATE | options)


def test_counts_lane_and_marks_are_those_of_the_trace(session: Session, library: Library) -> None:
    facts, tensors = ask(session, start=3, stop=699, first=12, last=52, per=1, marks=True, low=0.3, high=0.8, bound=0.5)
    trace = library.get("tiny-lstm").lm.trace(TEXT)
    assert (facts["start"], facts["stop"]) == (3, 699)
    assert facts["ends"][:3] == [[-0.5, 0.5], pytest.approx([-0.5493061, 0.5493061]), [0.3, 0.8]]
    for s, (name, (below, above)) in enumerate(zip(facts["signals"], facts["ends"], strict=True)):
        values = trace[f"1.{name}"].numpy()[3:699]
        assert tensors["left"][s].tolist() == (values < np.float32(below)).sum(axis=0).tolist()
        assert tensors["right"][s].tolist() == (values > np.float32(above)).sum(axis=0).tolist()
    assert (tensors["numbers"] == 696).all()
    gate = trace["1.input_gate"].numpy()[12:52]
    left, right = gate < np.float32(0.3), gate > np.float32(0.8)
    assert left.any()
    assert right.any()
    np.testing.assert_array_equal(tensors["lane"], np.stack([left.mean(axis=1), right.mean(axis=1)]).astype(np.float32))
    assert tensors["marks"].dtype == np.uint8
    assert tensors["marks"].tolist() == (left + 2 * right).tolist()


def test_wide_columns_have_a_lane_and_no_marks(session: Session, library: Library) -> None:
    _, tensors = ask(session, last=700, per=64, marks=True)
    gate = library.get("tiny-lstm").lm.trace(TEXT)["1.input_gate"].numpy()
    shares = [(gate[k : k + 64] > np.float32(0.9)).mean() for k in range(0, 700, 64)]
    np.testing.assert_allclose(tensors["lane"][1], shares, rtol=1e-6)
    assert "marks" not in tensors


def test_the_whole_text_is_counted_once_while_the_window_moves_and_anew_after_an_edit(
    session: Session, library: Library
) -> None:
    with mock.patch.object(instrument, "saturation", wraps=instrument.saturation) as counts:
        _, first = ask(session, low=0.2)
        _, second = ask(session, low=0.2, first=40, last=80)
        assert [call.args[2:] for call in counts.call_args_list] == [(0, 40), (0, 700), (40, 80)]
        assert first["left"].tolist() == second["left"].tolist()
        assert first["lane"].tolist() != second["lane"].tolist()
        say(session, type="edit", revision=1, at=0, remove=500, insert="")
        _, third = ask(session, low=0.2, stop=200)
        say(session, type="edit", revision=2, at=0, remove=100, insert=prose(100, seed=5))
        _, fourth = ask(session, low=0.2, stop=200)
    for found, text in ((third, TEXT[500:]), (fourth, prose(100, seed=5) + TEXT[600:])):
        gate = library.get("tiny-lstm").lm.trace(text)["1.input_gate"].numpy()
        assert found["left"][2].tolist() == (gate < np.float32(0.2)).sum(axis=0).tolist()


@pytest.mark.parametrize(("options", "words"), [
    ({"signal": "reset_gate"}, "has no signal 'reset_gate'"),
    ({"layer": 7}, "no layer 7"),
    ({"low": 0.9, "high": 0.1}, "not both"),
    ({"bound": 1.0}, "between 0 and 1"),
    ({"start": 700}, "no character stands"),
    ({"last": 9_999}, "at most 8,192 columns"),
])  # fmt: skip
def test_what_cannot_be_counted_says_why(session: Session, options: dict[str, Any], words: str) -> None:
    refused = ask(session, **options)
    assert refused.code == "not_measurable"
    assert words in refused.message


def test_a_threshold_beyond_the_range_of_a_gate_is_refused(session: Session) -> None:
    with pytest.raises(RequestError, match="low"):
        ask(session, low=1.5)
