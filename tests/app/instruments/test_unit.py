"""`app.instruments.unit`: what the page is told, held to traces of the same models."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.compute.model_library import Library
from app.live.session import Session
from models.measures import drain, record
from models.measures.units.text_features import FEATURES
from models.measures.units.unit import unit_view
from tests.support.session_talk import answer, begin
from tests.support.socket_client import panel
from tests.support.texts import prose

TEXT = prose(700)
ASKED = {"name": "unit", "layer": 0, "signal": "hidden", "unit": 1, "start": 20, "stop": 660, "first": 8, "last": 60}


@pytest.fixture
def session(library: Library) -> Session:
    return begin(library, TEXT, [panel("tiny-lstm", "hidden"), panel("tiny-rnn", "hidden")], window=(0, 40))


def ask(session: Session, model: str = "tiny-lstm", **options: Any) -> Any:
    return answer(session, model, ASKED | options)


def test_facts_are_those_of_the_measure_and_lines_those_of_the_trace(session: Session, library: Library) -> None:
    facts, tensors = ask(session, layer=1, unit=3, pattern="[aeiou]{2}", feature="pattern")
    lm = library.get("tiny-lstm").lm
    found = drain(unit_view(lm, record(lm, TEXT), TEXT, 1, "hidden", 3, 20, 660, pattern="[aeiou]{2}", focus="pattern"))
    trace = lm.trace(TEXT)
    for s, name in enumerate(facts["signals"]):
        values = trace[f"1.{name}"].numpy()
        assert tensors["lines"][0, s].tolist() == values[8:60, 3].tolist()
        low, high = facts["ends"][s]
        assert (low, high) == lm.cell.signal(name).saturated
        x = values[20:660, 3]
        assert facts["saturated"][s] == [(x < np.float32(low)).mean(), (x > np.float32(high)).mean()]
    assert tensors["values"].tolist() == trace["1.hidden"].numpy()[20:660, 3].tolist()
    assert [row["name"] for row in facts["rows"]] == [row.feature.name for row in found.rows]
    assert {row["name"] for row in facts["rows"]} == {feature.name for feature in FEATURES} | {"pattern"}
    for told, row in zip(facts["rows"], found.rows, strict=True):
        assert (told["r"], told["d"], told["rank_r"], told["why"]) == (row.r, row.d, row.rank_r, row.why)
        assert told["usual"] == (row.chance and row.chance.usual)
        assert told["best"] == (row.best and list(row.best))
    assert facts["kept"]["quartiles"] == [None if np.isinf(lag) else lag for lag in found.kept.lags]
    assert (facts["kept"]["steady"], facts["keeps"]) == (found.kept.steady, "forget_gate")
    assert facts["autocorrelation"] == {"steps": found.autocorrelation}
    assert facts["focus"] == "pattern"
    assert facts["followers"] == {"units": [list(one) for one in found.followers.units], "mark": found.followers.mark}
    assert [one["character"] for one in facts["characters"]] == [one.character for one in found.characters]


def test_wide_columns_have_a_lowest_value_a_mean_and_a_highest(session: Session, library: Library) -> None:
    _, tensors = ask(session, first=0, last=700, per=4)
    x = library.get("tiny-lstm").lm.trace(TEXT)["0.cell"].numpy()[:, 1].reshape(-1, 4)
    expected = [x.min(axis=1), x.mean(axis=1), x.max(axis=1)]
    np.testing.assert_allclose(tensors["lines"][:, 1], expected, atol=1e-6)


def test_a_cell_without_a_gate_says_so(session: Session) -> None:
    facts, _ = ask(session, "tiny-rnn")
    assert facts["keeps"] is None
    assert facts["kept"]["limit"] == 320


def test_an_expression_that_is_none_leaves_the_rest_as_it_is(session: Session) -> None:
    facts, _ = ask(session, pattern="(")
    without, _ = ask(session)
    assert facts["rows"][-1]["why"].startswith("This is not a regular expression that Python understands")
    assert facts["rows"][:-1] == without["rows"]


def test_what_has_no_number_is_null_and_says_why(session: Session) -> None:
    facts, tensors = ask(session, start=5, stop=6, first=5, last=6)
    assert all(row["why"] and row["r"] is row["d"] is row["usual"] is row["best"] is None for row in facts["rows"])
    assert (facts["kept"], facts["autocorrelation"], facts["followers"]) == (None, None, None)
    assert tensors["lines"].shape == (1, 6, 1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"unit": 4}, "no unit 4; the units are 0 to 3"),
        ({"signal": "reset_gate"}, "has no reset gate; it has hidden"),
        ({"start": 660}, "Write some text"),
        ({"last": 9_999}, "at most 8,192 columns"),
    ],
)
def test_what_cannot_be_measured_says_why(session: Session, options: dict[str, Any], words: str) -> None:
    refused = ask(session, **options)
    assert refused.code == "not_measurable"
    assert words in refused.message
