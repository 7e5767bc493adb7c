"""Equations as expressions: what they read like, what they evaluate to, and that they are those of the cells."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.cells import CELLS
from models.equations.equation import (
    Node,
    Part,
    Value,
    apply,
    evaluate,
    nodes,
    parts,
    preactivation,
)
from models.equations.functions import sigmoid

EQUATIONS = {
    "rnn": ["hₜ = tanh(W·xₜ + b + U·hₜ₋₁ + b′)"],
    "gru": [
        "hₜ = (1 − zₜ)·nₜ + zₜ·hₜ₋₁",
        "rₜ = σ(Wᵣ·xₜ + bᵣ + Uᵣ·hₜ₋₁ + b′ᵣ)",
        "zₜ = σ(W_z·xₜ + b_z + U_z·hₜ₋₁ + b′_z), near 1 keeps the past",
        "nₜ = tanh(Wₙ·xₜ + bₙ + rₜ·(Uₙ·hₜ₋₁ + b′ₙ))",
    ],
    "lstm": [
        "hₜ = oₜ·tanh(cₜ)",
        "cₜ = fₜ·cₜ₋₁ + iₜ·gₜ",
        "iₜ = σ(Wᵢ·xₜ + bᵢ + Uᵢ·hₜ₋₁ + b′ᵢ)",
        "fₜ = σ(W_f·xₜ + b_f + U_f·hₜ₋₁ + b′_f), near 1 keeps the past",
        "oₜ = σ(Wₒ·xₜ + bₒ + Uₒ·hₜ₋₁ + b′ₒ)",
        "gₜ = tanh(W_g·xₜ + b_g + U_g·hₜ₋₁ + b′_g)",
    ],
    "leaky": [
        "hₜ = σ(a)·hₜ₋₁ + (1 − σ(a))·nₜ",
        "nₜ = tanh(Wₙ·xₜ + bₙ + Uₙ·hₜ₋₁ + b′ₙ)",
    ],
    "slstm": [
        "hₜ = oₜ·ĉₜ",
        "ĉₜ = κₜ·ĉₜ₋₁ + (1 − κₜ)·zₜ",
        "lₜ = ĩₜ − log σ(ĩₜ − (φₜ + lₜ₋₁))",
        "κₜ = σ(φₜ + lₜ₋₁ − ĩₜ), near 1 keeps the past",
        "ĩₜ = Wᵢ·xₜ + bᵢ + Uᵢ·hₜ₋₁ + b′ᵢ",
        "φₜ = log σ(W_f·xₜ + b_f + U_f·hₜ₋₁ + b′_f)",
        "oₜ = σ(Wₒ·xₜ + bₒ + Uₒ·hₜ₋₁ + b′ₒ)",
        "zₜ = tanh(W_z·xₜ + b_z + U_z·hₜ₋₁ + b′_z)",
    ],
}
every_cell = pytest.mark.parametrize("name", [name for name, cell in CELLS.items() if cell.explained()])


@every_cell
def test_the_text_is_the_equation_as_it_is_written(name: str) -> None:
    cell = CELLS[name]
    assert [cell.equation(signal) for signal in cell.signals] == EQUATIONS[name]


@every_cell
def test_an_equation_speaks_of_signals_that_the_cell_has(name: str) -> None:
    """At the step before only of states: nothing else is handed on."""
    cell = CELLS[name]
    symbols = {signal.symbol: signal.name for signal in cell.signals}
    for signal in cell.signals:
        for node in nodes(signal.formula):
            if isinstance(node, Value):
                assert node.symbol in symbols
                assert node.lag == 0 or symbols[node.symbol] in cell.states
            if isinstance(node, Part):
                assert 0 <= node.block < cell.gates


@every_cell
def test_each_block_of_parameters_stands_in_one_equation(name: str) -> None:
    cell = CELLS[name]
    found = [node for signal in cell.signals for node in nodes(signal.formula) if isinstance(node, Part)]
    assert sorted((part.block, part.role) for part in found) == sorted(
        (part.block, part.role) for block in range(cell.gates) for part in parts(block)
    )


@every_cell
def test_signals_can_be_computed_one_after_the_other(name: str) -> None:
    """No signal is made of itself at the same step."""
    cell = CELLS[name]
    symbols = {signal.symbol: signal for signal in cell.signals}

    def made_of(symbol: str, above: tuple[str, ...]) -> None:
        assert symbol not in above
        for node in nodes(symbols[symbol].formula):
            if isinstance(node, Value) and node.lag == 0:
                made_of(node.symbol, (*above, symbol))

    for symbol in symbols:
        made_of(symbol, ())


a, b, c = (Value(symbol) for symbol in "abc")


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (a + b * c, "aₜ + bₜ·cₜ"),
        ((a + b) * c, "(aₜ + bₜ)·cₜ"),
        (a + (b + c), "aₜ + bₜ + cₜ"),
        (a * (b * c), "aₜ·bₜ·cₜ"),
        (1 - a, "1 − aₜ"),
        (1 - a * b, "1 − aₜ·bₜ"),
        (1 - (a + b), "1 − (aₜ + bₜ)"),
        ((1 - a) * b.before, "(1 − aₜ)·bₜ₋₁"),
        ((1 - a) + b, "1 − aₜ + bₜ"),
        (apply("tanh", a + b) * c, "tanh(aₜ + bₜ)·cₜ"),
        (apply("σ", preactivation(0, "f")), "σ(W_f·xₜ + b_f + U_f·hₜ₋₁ + b′_f)"),
    ],
)
def test_brackets_stand_where_they_must(node: Node, text: str) -> None:
    assert node.text() == text
    numbers = {"a": 0.3, "b": -1.2, "c": 2.0}
    if not any(isinstance(leaf, Part) for leaf in nodes(node)):
        # Python reads the text as the same number.
        words = re.sub(r"([abc])ₜ(₋₁)?", lambda found: f"({numbers[found[1]]})", text)
        expected = eval(words.replace("·", "*").replace("−", "-"), {"tanh": math.tanh})
        found = evaluate(node, lambda leaf: numbers[leaf.symbol])  # type: ignore[attr-defined]
        assert found.value == pytest.approx(expected, abs=1e-15)


def test_evaluating_gives_a_number_to_each_part() -> None:
    found = evaluate((1 - a) * b, {a: 0.25, b: 8.0}.__getitem__)
    assert (found.value, [child.value for child in found.children]) == (6.0, [0.75, 8.0])
    assert [leaf.node for leaf in found.leaves()] == [a, b]
    assert [leaf.value for leaf in found.leaves()] == [0.25, 8.0]


def test_only_one_minus_something_is_a_complement() -> None:
    with pytest.raises(TypeError):
        2 - a


def test_each_part_says_what_the_page_must_know_to_write_it() -> None:
    candidate = CELLS["gru"].signal("candidate").formula
    told = [(node.kind, node.fields()) for node in nodes(candidate) if node != Value("h").before]
    past = {"symbol": "h", "lag": 1}
    assert told == [
        ("apply", {"function": "tanh"}),
        ("sum", {}),
        ("part", {"role": "input", "symbol": "W", "mark": "n", "of": {"symbol": "x", "lag": 0}}),
        ("part", {"role": "bias", "symbol": "b", "mark": "n", "of": None}),
        ("product", {}),
        ("value", {"symbol": "r", "lag": 0}),
        ("sum", {}),
        ("part", {"role": "recurrent", "symbol": "U", "mark": "n", "of": past}),
        ("part", {"role": "recurrent_bias", "symbol": "b′", "mark": "n", "of": None}),
    ]
    assert (1 - a).kind == "complement"


@given(st.floats(-800, 800))
def test_sigmoid_keeps_its_digits_and_does_not_overflow(x: float) -> None:
    if x > -700:
        assert sigmoid(x) == pytest.approx(1 / (1 + math.exp(-x)), rel=1e-12)
    assert 0 <= sigmoid(x) <= 1
    assert sigmoid(x) + sigmoid(-x) == pytest.approx(1, abs=1e-15)
