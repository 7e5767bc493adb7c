"""`app.lessons.formula`: which number of an answer a lesson means."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lessons.formula import FUNCTIONS, FormulaError, read_formula

TABLE = np.arange(12, dtype=np.float32).reshape(3, 4)
KNOWN: dict[str, Any] = {
    "facts.felt": 5,
    "facts.deep.inside": 2.5,
    "facts.nothing": None,
    "facts.word": "x",
    "tensors.table": TABLE,
    "tensors.0.hidden": np.array([0.1, -0.95, 0.99, np.nan]),
    "card.parameters": 33345,
}


def look_up(root: str, rest: tuple[str, ...]) -> Any:
    name = ".".join((root, *rest))
    if name not in KNOWN:
        raise FormulaError(f"There is no {name}.")
    return KNOWN[name]


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("facts.felt", 5),
        ("facts.deep.inside * 2 - 1", 4),
        ("-facts.felt + 2 * (facts.felt − 1)", 3),
        ("card.parameters / 1000", 33.345),
        ("tensors.table[1, 2]", 6),
        ("tensors.table[-1,-1]", 11),
        ("sum(tensors.table[:, 1:3])", 1 + 2 + 5 + 6 + 9 + 10),
        ("max(tensors.table) - min(tensors.table)", 11),
        ("mean(tensors.table[0])", 1.5),
        ("median(tensors.0.hidden)", 0.1),
        ("last(tensors.table[0])", 3),
        ("first(tensors.table[2])", 8),
        ("size(tensors.table)", 12),
        ("count(abs(tensors.0.hidden) > 0.9)", 2),
        ("share(tensors.table >= 9)", 0.25),
        ("first_where(tensors.table[0] > 1)", 2),
        ("last_where(tensors.table[0] < 2)", 1),
        ("where_max(tensors.0.hidden)", 2),
        ("norm(tensors.table[0, 0:2])", 1),
        ("log2(facts.felt + 3)", 3),
    ],
)
def test_a_formula_is_the_number_that_it_says(words: str, value: float) -> None:
    assert read_formula(words).value(look_up) == pytest.approx(value)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "lacks a value"),
        ("1 + 1", "names nothing"),
        ("facts", "there is no such thing"),
        ("os.system", "there is no such thing"),
        ("__import__('os')", "cannot be read"),
        ("facts.felt facts.felt", "left over"),
        ("max(facts.felt", "lacks )"),
        ("evil(facts.felt)", "no function 'evil'"),
        ("tensors.table[1.5]", "lacks"),
        ("tensors.table[", "lacks a whole number"),
        ("(" * 40 + "facts.felt" + ")" * 40, "nested too deeply"),
        ("facts.felt+" * 100, "characters"),
    ],
)
def test_what_is_no_formula_is_refused_with_a_sentence(words: str, said: str) -> None:
    with pytest.raises(FormulaError, match=said.replace("(", r"\(").replace(")", r"\)")) as fault:
        read_formula(words)
    assert str(fault.value).endswith(".")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("tensors.table", "3 × 4 numbers, not one"),
        ("tensors.table[9]", "no such place"),
        ("facts.nothing", "undefined here"),
        ("facts.felt / 0", "undefined here"),
        ("facts.word", "is no number"),
        ("facts.gone", "There is no facts.gone"),
        ("first_where(tensors.table > 100)", "holds nowhere"),
        ("max(tensors.0.hidden[3:])", "everything is undefined"),
        ("max(tensors.table[0:0])", "no number"),
        ("first(tensors.table[0:0])", "cannot be computed"),
        ("tensors.table[0] + tensors.table[:, 0]", "cannot be computed"),
    ],
)
def test_a_formula_without_a_value_says_why(words: str, said: str) -> None:
    with pytest.raises(FormulaError, match=said):
        read_formula(words).value(look_up)


@given(st.lists(st.sampled_from([*"()[],:<>+-*/", "1", "2.5", "facts.felt", "tensors.table", *FUNCTIONS]), max_size=12))
def test_whatever_is_written_there_is_a_number_or_a_sentence(parts: list[str]) -> None:
    with suppress(FormulaError):
        assert np.isfinite(read_formula(" ".join(parts)).value(look_up))
