"""What follows from a cell's equations: against what is written by hand for three cells, and for equations drawn at
random against PyTorch's autograd and the expression itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models import CharLM, Vocabulary
from models.cells import CELLS, Cell, Kind, Signal, interval, symmetric
from models.cells.sequence import Recurrence, Step
from models.derivatives.propagation import Forward
from models.derivatives.segments import Segments
from models.equations.equation import (
    Node,
    Value,
    Weight,
    apply,
    compute,
    evaluate,
    largest,
    parts,
    preactivation,
    smallest,
)
from models.measures import drain, record
from models.measures.explanation import why
from models.network.intervened_reader import IntervenedReader
from models.network.intervention import Zero
from models.network.reader import CompiledReader, TorchReader
from models.network.trace import run
from tests.support.cells import FUSED

every_cell = pytest.mark.parametrize("name", FUSED)
h, f = Value("h"), Value("f")
GATE = Signal("gate", "f", "Gate", Kind.GATE, apply("σ", preactivation(0, "f")), interval(0, 1))


def declared(*signals: Signal, blocks: int = 1, states: tuple[str, ...] = ("hidden",)) -> Cell:
    """A cell of these signals."""
    return type(
        "Declared", (Cell,), {"name": "x", "title": "X", "gates": blocks, "states": states, "signals": signals}
    )()


def hidden(formula: Node) -> Signal:
    return Signal("hidden", "h", "Hidden state", Kind.STATE, formula, symmetric())


# ── against what is written by hand ──────────────────────────────────────────────────────────────────


@every_cell
@pytest.mark.parametrize("units", [1, 7, 24, 128])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_generated_loop_gives_the_bits_of_the_one_by_hand(
    make_model: Any, own_text: str, monkeypatch: pytest.MonkeyPatch, name: str, units: int, dtype: torch.dtype
) -> None:
    lm = make_model(name, units, 2, gain=1.7, dtype=dtype)
    ids = lm.vocabulary.encode(own_text[:300] + "€")
    fixed = [np.full((len(lm.cell.signals), units), np.nan, CompiledReader(lm).dtype) for _ in range(2)]
    fixed[0][:, 0] = 0.25

    def read(**how: Any) -> Any:
        reader = CompiledReader(lm)
        activations, state = reader.allocate(len(ids)), reader.start()
        reader.read(ids, state, activations, **how)
        return [*activations.layers, *state]

    by_hand = [read(), read(fixed=fixed)]
    monkeypatch.setattr(type(lm.cell), "read", Cell.read)
    for first, second in zip(by_hand, [read(), read(fixed=fixed)], strict=True):
        assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))


@every_cell
def test_the_generated_derivative_is_the_one_by_hand(name: str) -> None:
    cell, draw = CELLS[name], torch.Generator().manual_seed(1)
    states, blocks, units = len(cell.states), cell.gates, 5
    driven, fed_back = (3 * torch.randn(blocks, 4, 2, units, generator=draw, dtype=torch.float64) for _ in range(2))
    before = torch.randn(states, 4, 2, units, generator=draw, dtype=torch.float64)
    layout = cell.layout
    step = {}

    def leaf(node: Any) -> torch.Tensor:
        if isinstance(node, Value):
            return before[layout.states.index(node.symbol)] if node.lag else step[node.symbol]
        return {"input": driven, "recurrent": fed_back}.get(node.role, torch.zeros_like(driven))[node.block]

    for signal in layout.order:
        step[signal.symbol] = compute(signal.formula, leaf)
    signals = torch.stack([step[signal.symbol] for signal in cell.signals])
    by_hand, generated = (
        cell.linearise(driven, fed_back, before, signals, []),
        Cell.linearise(cell, driven, fed_back, before, signals, []),
    )
    for one in ("carry", "feedback", "drive"):
        torch.testing.assert_close(getattr(generated, one), getattr(by_hand, one), rtol=1e-12, atol=1e-15)
    assert generated.stages == ()


@every_cell
def test_the_generated_training_step_is_that_of_torch(name: str) -> None:
    """Values, states and gradients, over several texts side by side and over one."""
    torch.manual_seed(0)
    cell = CELLS[name]
    theirs = cell.module(5, 4, 2).double()
    ours = Recurrence(cell, 5, 4, 2).double()
    ours.load_state_dict(theirs.state_dict())
    for shape in ((9, 3, 5), (9, 5)):
        inputs = torch.randn(shape, dtype=torch.float64)
        found, expected = ours(inputs), theirs(inputs)
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)
        again, expected = ours(inputs, found[1]), theirs(inputs, expected[1])
        torch.testing.assert_close(again, expected, rtol=1e-12, atol=1e-12)
        slopes = [
            torch.autograd.grad(out[0].square().sum(), list(m.parameters()))
            for out, m in ((again, ours), (expected, theirs))
        ]
        torch.testing.assert_close(*slopes, rtol=1e-9, atol=1e-12)


# ── equations drawn at random ────────────────────────────────────────────────────────────────────────

LEAVES: list[Node] = [h.before, f, Weight("leak", "a"), preactivation(1, "n"), preactivation(2, "m", of=f * h.before)]


def _joined(children: Any) -> Any:
    pair = st.tuples(children, children)
    return st.one_of(
        pair.map(lambda two: two[0] + two[1]),
        pair.map(lambda two: two[0] * two[1]),
        pair.map(lambda two: two[0] - two[1]),
        pair.map(lambda two: largest(*two)),
        pair.map(lambda two: smallest(*two)),
        pair.map(lambda two: two[0] / (apply("exp", apply("tanh", two[1])))),
        children.map(lambda one: 1 - one),
        st.tuples(st.sampled_from(["σ", "tanh", "log σ"]), children).map(lambda two: apply(*two)),
    )


equations = st.recursive(st.sampled_from([h.before, f, Weight("leak", "a")]), _joined, max_leaves=8)


@given(equations)
def test_any_equation_reads_as_it_trains_and_has_the_derivative_of_autograd(formula: Node) -> None:
    whole = apply("tanh", formula) + LEAVES[3] * f + apply("σ", LEAVES[4])
    cell = declared(hidden(whole), GATE, blocks=3)
    CELLS["x"] = cell
    try:
        torch.manual_seed(3)
        lm = CharLM("x", Vocabulary("abcd"), 5, 2).double().requires_grad_(False)
        text = "abcadcab?d"
        compiled = lm.trace(text)
        by_torch = run(lm, text, reader=TorchReader(lm))
        for key in compiled.keys():  # noqa: SIM118 - a trace is no dict
            torch.testing.assert_close(compiled[key], by_torch[key], rtol=1e-9, atol=1e-9)
        _check_derivative(lm)
    finally:
        del CELLS["x"]


def _check_derivative(lm: CharLM) -> None:
    ids = lm.vocabulary.encode("dbca")[None]
    read = drain(Segments.read(lm, lm.reader(), [lm.reader().start()], ids))
    forward = Forward.from_state(read)
    forward.advance()

    def after(state: torch.Tensor) -> torch.Tensor:
        below = torch.nn.functional.one_hot(torch.tensor(int(ids[0, 1])), 4).double()
        out = []
        for k, before in enumerate(state.view(2, 1, 1, 5)):
            weights = lm.layer_weights(k)
            step = Step(lm.cell.layout, weights[0] @ below[:, None].squeeze(1) + weights[2], tuple(before), weights)
            out.append(step.states[0])
            below = step.states[0][0]
        return torch.stack(out).flatten()

    start = torch.stack([layer[0, 0, 0] for layer in read.layers]).flatten()
    exact = torch.autograd.functional.jacobian(after, start)
    assert 2 ** float(forward.norms()) == pytest.approx(float(torch.linalg.matrix_norm(exact)), rel=1e-8, abs=1e-12)


class Peak(Cell):
    """h remembers the largest candidate so far, which begins at −2."""

    name, title, gates, states, starts = "peak", "Peak", 1, ("hidden", "largest"), {"largest": -2.0}
    signals = (
        hidden(Value("m") * Value("n")),
        Signal("largest", "m", "Largest", Kind.STATE, largest(Value("m").before, Value("n") * h.before), symmetric()),
        Signal("candidate", "n", "Candidate", Kind.CANDIDATE, apply("tanh", preactivation(0, "n"))),
    )


def test_a_state_may_start_at_another_value_than_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    """In every way of reading, where an intervention makes the state anew, in training, and in the explanation."""
    monkeypatch.setitem(CELLS, "peak", Peak())
    torch.manual_seed(2)
    lm = CharLM("peak", Vocabulary("abcd"), 6, 2).double().requires_grad_(False)
    found = lm.trace("abcadb")
    n = found["0.candidate"]
    expected = torch.maximum(torch.full((6,), -2.0, dtype=torch.float64), torch.zeros(6, dtype=torch.float64))
    torch.testing.assert_close(found["0.largest"][0], expected)  # the hidden state before is zero
    assert (found["0.largest"][1] == torch.maximum(expected, n[1] * found["0.hidden"][0])).all()
    by_torch = run(lm, "abcadb", reader=TorchReader(lm))
    inputs = torch.nn.functional.one_hot(torch.from_numpy(lm.vocabulary.encode("abcadb")).long(), 4).double()
    hidden_by_module, _ = lm.rnn(inputs)
    torch.testing.assert_close(hidden_by_module, found["1.hidden"])
    again = run(lm, "abcabc", reader=IntervenedReader(CompiledReader(lm), [Zero(3)]))
    for key in found.keys():  # noqa: SIM118 - a trace is no dict
        torch.testing.assert_close(by_torch[key], found[key])
        torch.testing.assert_close(again[key][3:], again[key][:3], rtol=0, atol=0)
    first = why(record(lm, "abcadb"), lm, 0, "largest", 0, 1)
    assert first.before == {"hidden": 0.0, "largest": -2.0}
    assert first.equations[0].follows


# ── what cannot be ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("signals", "words"),
    [
        ((hidden(h * f), GATE), "made of itself"),
        ((hidden(Value("k").before * f), GATE), "is not handed on"),
        ((hidden(f.before * h.before), GATE), "is not handed on"),
        ((hidden(Value("k") * f), GATE), "which no signal of the cell is"),
        ((hidden(h.before),), "must stand in the equations once"),
        ((hidden(apply("tanh", preactivation(0))), GATE), "must stand in the equations once"),
        ((hidden(h.before * parts(0)[2] + parts(0)[0] + parts(0)[1] + parts(0)[3]),), "b′ in a sum"),
    ],
)
def test_equations_that_cannot_be_computed_are_refused_with_the_reason(signals: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        declared(*signals)


# ── the language ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("node", "text", "value"),
    [
        (h - f * h, "hₜ − fₜ·hₜ", 2.0 - 0.5 * 2.0),
        (h - (f + h), "hₜ − (fₜ + hₜ)", -0.5),
        (h / (f + h), "hₜ / (fₜ + hₜ)", 0.8),
        (h / (f * h), "hₜ / (fₜ·hₜ)", 2.0),
        (f * (h / f), "fₜ·hₜ / fₜ", 2.0),
        (largest(h + f, f), "max(hₜ + fₜ, fₜ)", 2.5),
        (smallest(h, f) * h, "min(hₜ, fₜ)·hₜ", 1.0),
        (apply("exp", f - h), "exp(fₜ − hₜ)", np.exp(-1.5)),
        (apply("log σ", h), "log σ(hₜ)", -np.log1p(np.exp(-2.0))),
    ],
)
def test_every_kind_of_expression_has_its_text_and_its_number(node: Node, text: str, value: float) -> None:
    assert node.text() == text
    found = evaluate(node, {h: 2.0, f: 0.5}.__getitem__)
    assert found.value == pytest.approx(value, rel=1e-14)
