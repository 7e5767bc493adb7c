"""A cell's declaration with a wrong name gets a sentence: what is wrong, and what there is."""

from __future__ import annotations

import re
from typing import Any

import pytest

from models.cells import CELLS, Cell, Kind, Signal
from models.equations.equation import Value, apply, preactivation

HIDDEN = Signal("hidden", "h", "Hidden state", Kind.STATE, apply("tanh", preactivation(0)))


def declare(**changes: Any) -> Cell:
    """The plainest cell, but for the changes."""
    right = {"name": "plain", "title": "Plain", "gates": 1, "states": ("hidden",), "signals": (HIDDEN,)}
    return type("Plain", (Cell,), right | changes)()


def test_the_right_names_are_taken() -> None:
    cell = declare(starts={"hidden": 1.0}, start_biases={0: 1.0}, keeps=Value("h"))
    assert cell.signal("hidden") is HIDDEN


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"states": ("hiden",)}, "The states of Plain: 'hiden' is none of the signals, which are hidden."),
        ({"starts": {"cell": 1.0}}, "The start values of Plain: 'cell' is none of the states, which are hidden."),
        ({"start_biases": {3: 1.0}}, "The start biases of Plain: 3 is none of the blocks, which are 0."),
        ({"keeps": Value("f")}, "What Plain keeps: 'f' is none of the symbols, which are h."),
        ({"signals": (HIDDEN, HIDDEN)}, "Plain has two signals called 'hidden'"),
        (
            {"signals": (Signal("hidden", "h", "H", Kind.STATE, apply("sigmoid", preactivation(0))),)},
            "The equations of Plain: 'sigmoid' is none of the functions, which are σ, tanh",
        ),
        (
            {"signals": (HIDDEN, Signal("other", "h", "Other", Kind.STATE, Value("h")))},
            "Plain has two signals with the symbol 'h'",
        ),
    ],
)
def test_a_wrong_name_is_named(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        declare(**changes)


@pytest.mark.parametrize("name", CELLS)
def test_a_signal_that_a_cell_lacks_is_answered_with_those_that_it_has(name: str) -> None:
    cell = CELLS[name]
    with pytest.raises(ValueError, match=re.escape(f"{cell.title}: 'gatte' is none of the signals")) as refused:
        cell.signal("gatte")
    assert all(one in str(refused.value) for one in cell.names())
