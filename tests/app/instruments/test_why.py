"""The instrument `why` through a session: the page is told all that it needs to write equations with their numbers."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.compute.model_library import Library
from models import RequestError
from tests.support import session_talk
from tests.support.texts import prose

TEXT = prose(200) + "€" + prose(20)
FUNCTIONS = {"tanh": math.tanh, "σ": lambda x: 1 / (1 + math.exp(-x))}


def ask(library: Library, model: str = "tiny-lstm", text: str = TEXT, **measure: Any) -> Any:
    """The facts that the page gets, or the sentence that it shows instead."""
    chosen = {"name": "why", "layer": 0, "signal": "hidden", "step": 30, "unit": 2, **measure}
    found = session_talk.ask(library, text, model, **chosen)
    return found if isinstance(found, str) else found[0]


def computed(tree: dict[str, Any]) -> float:
    """The value of an expression as a page would work it out from those of its leaves."""
    below = [computed(child) for child in tree["children"]]
    match tree["kind"]:
        case "sum":
            return math.fsum(below)
        case "product":
            return math.prod(below)
        case "complement":
            return 1 - below[0]
        case "apply":
            return float(FUNCTIONS[tree["function"]](below[0]))
        case _:
            return float(tree["value"])


def check(facts: dict[str, Any]) -> None:
    """That what is told is enough to add everything up to the values shown."""
    for equation in facts["equations"]:
        assert computed(equation["tree"]) == pytest.approx(equation["value"], abs=1e-12)
        assert equation["shown"] == facts["now"][equation["signal"]]
        assert equation["follows"]
        drive = equation["drive"]
        if drive is None:
            continue
        total = math.fsum(term["value"] for term in drive["terms"]) + drive["rest"]["value"] + drive["rounding"]
        function = FUNCTIONS[equation["tree"]["function"]]
        assert function(total) == pytest.approx(equation["shown"], abs=1e-6)


@given(data=st.data())
def test_the_page_can_add_everything_up(library: Library, data: st.DataObject) -> None:
    model, layers, units, signals = data.draw(
        st.sampled_from(
            [
                ("tiny-rnn", 1, 6, ["hidden"]),
                ("tiny-gru", 1, 5, ["hidden", "reset_gate", "update_gate", "candidate"]),
                ("tiny-lstm", 2, 4, ["hidden", "cell", "input_gate", "forget_gate", "output_gate", "candidate"]),
                ("tiny-lstm@0", 2, 4, ["hidden", "cell"]),
            ]
        )
    )
    asked = {
        "layer": data.draw(st.integers(0, layers - 1)),
        "signal": data.draw(st.sampled_from(signals)),
        "step": data.draw(st.sampled_from([0, 1, 17, 200, len(TEXT) - 1])),
        "unit": data.draw(st.integers(0, units - 1)),
        "most": data.draw(st.integers(0, 9)),
    }
    facts = ask(library, model, **asked)
    check(facts)
    assert {key: facts[key] for key in ("layer", "step", "unit")} == {
        key: asked[key] for key in ("layer", "step", "unit")
    }
    assert facts["equations"][0]["signal"] == asked["signal"]
    assert facts["known"] == (asked["step"] != 200)
    assert facts["first"] == (asked["step"] == 0)
    for equation in facts["equations"]:
        if equation["drive"] is not None:
            terms, rest = equation["drive"]["terms"], equation["drive"]["rest"]
            many = [term for term in terms if term["source"] in ("unit", "below")]
            silent = units if facts["first"] else 0  # nothing came before: those are not named
            assert len(many) == min(asked["most"], units * (1 + asked["layer"]) - silent)
            assert len(many) + rest["count"] == units * (1 + asked["layer"])


def test_a_term_says_what_it_is_made_of(library: Library) -> None:
    facts = ask(library, "tiny-gru", signal="candidate")
    terms = facts["equations"][0]["drive"]["terms"]
    assert {term["source"] for term in terms} == {"unit", "bias", "character"}
    reset = facts["now"]["reset_gate"]
    for term in terms:
        inside = term["role"].startswith("recurrent")
        assert term["gain"] == ({"symbol": "r", "lag": 0} if inside else None)
        gained = reset if inside else 1.0
        assert term["value"] == pytest.approx(term["weight"] * term["state"] * gained, rel=1e-12)


def test_what_an_intervention_holds_is_told_as_not_following(library: Library) -> None:
    held = "tiny-lstm~0.forget_gate.2=0.25@10"
    by_name = {one["signal"]: one for one in ask(library, held, signal="cell")["equations"]}
    assert by_name["forget_gate"]["shown"] == 0.25
    assert not by_name["forget_gate"]["follows"]
    assert by_name["cell"]["follows"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"unit": 4}, "There is no unit 4 to explain: tiny-lstm has 0 to 3."),
        ({"layer": 2}, "There is no layer 2 to explain"),
        ({"signal": "reset_gate"}, "The LSTM has no signal 'reset_gate' to explain."),
        ({"step": len(TEXT)}, f"Step {len(TEXT)} has no value to explain: {len(TEXT)} steps have been read."),
    ],
)
def test_what_is_not_there_is_answered_with_a_sentence(library: Library, asked: dict[str, Any], words: str) -> None:
    assert ask(library, **asked).startswith(words)


@pytest.mark.parametrize("wrong", [{"step": -1}, {"unit": 1.5}, {"most": -1}, {"signal": 3}, {"more": 1}])
def test_what_makes_no_sense_is_refused(library: Library, wrong: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match="measure"):
        ask(library, **wrong)
