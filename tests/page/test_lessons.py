"""static/lesson/verdict.js, done.js, progress.js and presenter.js: guesses, tasks, what is kept, and the clock."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

LAB = {
    "models": ["shakespeare-rnn", "shakespeare-lstm@0", "recall-lstm~0.forget_gate.3=1@5"],
    "signals": ["hidden", "forget_gate"],
    "layers": [0, 1],
    "instrument": "horizon",
    "options": {"by": "even", "lags": 20, "on": True},
    "order": "similarity",
    "echo": True,
    "step": 12,
    "unit": 3,
    "length": 500,
    "generated": 40,
    "typed": 1,
    "moved": 0,
}
ANSWERS = [{"instrument": "horizon", "model": "shakespeare-rnn", "facts": {"lag": 7, "deep": {"list": [1, 9]}}}]


def call(page: Page, module: str, name: str, *arguments: Any) -> Any:
    program = """async ([module, name, given]) => (await import(`/static/lesson/${module}.js`))[name](...given)"""
    return page.evaluate(program, [module, name, list(arguments)])


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("20", 20),
        (" 1,234 ", 1234),
        ("2,5", 2.5),
        ("−3.5", -3.5),
        (".5", 0.5),
        ("1e-3", 0.001),
        ("", None),
        ("ten", None),
        ("5 %", None),
        ("1.2.3", None),
    ],
)
def test_a_guess_is_read_as_people_write_numbers(bare: Page, words: str, number: float | None) -> None:
    assert call(bare, "verdict", "numberOf", words) == number


@pytest.mark.parametrize(
    ("rule", "guess", "right"),
    [
        ({"tolerance": 5}, "25", True),
        ({"tolerance": 5}, "25.1", False),
        ({"tolerance": 0}, "20", True),
        ({"ratio": 2}, "40", True),
        ({"ratio": 2}, "10", True),
        ({"ratio": 2}, "9", False),
        ({"ratio": 2}, "-20", False),
        ({"choices": ["a", "b"]}, "1", True),
        ({"choices": ["a", "b"]}, "0", False),
        ({"tolerance": 5}, None, None),
    ],
)
def test_which_guesses_are_right(bare: Page, rule: dict[str, Any], guess: str | None, right: bool | None) -> None:
    question = {"tolerance": None, "ratio": None, "choices": None, **rule}
    assert call(bare, "verdict", "isRight", question, guess, {"value": 20, "choice": 1}) is right


def test_how_far_a_guess_is_off(bare: Page) -> None:
    found = [call(bare, "verdict", "off", guess, 20) for guess in (20, 25, 15, 100, 1, 0)]
    assert found == ["exactly", "too high", "too low", "5.0 times too high", "20 times too low", "too low"]


@pytest.mark.parametrize(
    ("done", "held"),
    [
        ({"length_over": 499}, True),
        ({"length_over": 500}, False),
        ({"length_under": 501}, True),
        ({"length_under": 500}, False),
        ({"text_changed": True}, True),
        ({"cursor_moved": True}, False),
        ({"instrument": "horizon"}, True),
        ({"instrument": "unit"}, False),
        ({"option": {"name": "lags", "value": 20}}, True),
        ({"option": {"name": "on", "value": False}}, False),
        ({"option": {"name": "gone", "value": 1}}, False),
        ({"signal": "forget_gate"}, True),
        ({"signal": "cell"}, False),
        ({"layer": 1}, True),
        ({"layer": 2}, False),
        ({"model": "shakespeare-rnn"}, True),
        ({"model": "recall-lstm"}, True),
        ({"model": "shakespeare-lstm"}, False),
        ({"model": "shakespeare-lstm@0"}, True),
        ({"order": "similarity"}, True),
        ({"echo": True}, True),
        ({"echo": False}, False),
        ({"step_over": 11}, True),
        ({"step_over": 12}, False),
        ({"unit": 3}, True),
        ({"unit": 4}, False),
        ({"held": "0.forget_gate"}, True),
        ({"held": "any"}, True),
        ({"held": "0.input_gate"}, False),
        ({"generated_over": 39}, True),
        ({"generated_over": 40}, False),
        ({"answer": {"value": "facts.lag", "over": 6}}, True),
        ({"answer": {"value": "facts.lag", "over": 7}}, False),
        ({"answer": {"value": "facts.deep.list[1]", "under": 10}}, True),
        ({"answer": {"value": "facts.x", "over": 0}}, False),
        ({"answer": {"value": "facts.lag", "over": 1, "instrument": "unit"}}, False),
        ({"length_over": 499, "echo": True, "unit": 3}, True),
        ({"length_over": 499, "unit": 4}, False),
    ],
)
def test_a_task_is_done_when_all_that_is_named_holds(bare: Page, done: dict[str, Any], held: bool) -> None:
    assert call(bare, "done", "holds", done, LAB, ANSWERS) is held


def test_an_intervention_that_the_open_instrument_compares_counts_as_held(bare: Page) -> None:
    lab = {**LAB, "models": ["shakespeare-lstm"], "options": {"letters": "0.forget_gate=1"}}
    assert call(bare, "done", "holds", {"held": "0.forget_gate"}, lab, []) is True
    assert call(bare, "done", "holds", {"held": "any"}, {**lab, "options": {}}, []) is False


def test_what_the_browser_keeps_is_read_whatever_it_is(bare: Page) -> None:
    nothing = {"seen": [], "done": [], "guesses": {}, "text": None, "at": None}
    for kept in ("", "{", "null", "[]", '{"seen": 5, "guesses": [1], "text": 7, "at": {}}'):
        bare.evaluate("(kept) => localStorage.setItem('lesson:a', kept)", kept)
        assert call(bare, "progress", "progressOf", "a") == nothing
    call(bare, "progress", "keep", "a", {"seen": ["one"], "text": "words"})
    call(bare, "progress", "keep", "a", {"guesses": {"q": "5"}})
    assert call(bare, "progress", "progressOf", "a") == {
        **nothing, "seen": ["one"], "text": "words", "guesses": {"q": "5"},
    }  # fmt: skip
    bare.evaluate("localStorage.clear()")


def test_the_clock(bare: Page) -> None:
    assert [call(bare, "presenter", "clock", ms) for ms in (0, 59_999, 60_000, 754_000, -5)] == [
        "0:00", "0:59", "1:00", "12:34", "0:00",
    ]  # fmt: skip
