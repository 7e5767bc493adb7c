"""Every signal against its written formula, one step at a time in float64, by code that shares nothing
with the cells. A cell without formulas here fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from models import CharLM, Vocabulary
from models.cells import CELLS, Cell, Kind

Vector = NDArray[np.float64]
Step = Callable[[Vector, Mapping[str, Vector], list[Vector]], dict[str, Vector]]


def sigmoid(x: Vector) -> Vector:
    return 1 / (1 + np.exp(-x))


def rnn(x: Vector, before: Mapping[str, Vector], weights: list[Vector]) -> dict[str, Vector]:
    """h = tanh(W·x + b + U·h' + b')"""
    w, u, b, b_ = weights
    return {"hidden": np.tanh(w @ x + b + u @ before["hidden"] + b_)}


def gru(x: Vector, before: Mapping[str, Vector], weights: list[Vector]) -> dict[str, Vector]:
    """r, z = σ(W·x + b + U·h' + b'); n = tanh(Wₙ·x + bₙ + r·(Uₙ·h' + b'ₙ)); h = (1 − z)·n + z·h'"""
    w, u, b, b_ = (np.split(p, 3) for p in weights)
    h = before["hidden"]
    r = sigmoid(w[0] @ x + b[0] + u[0] @ h + b_[0])
    z = sigmoid(w[1] @ x + b[1] + u[1] @ h + b_[1])
    n = np.tanh(w[2] @ x + b[2] + r * (u[2] @ h + b_[2]))
    return {"hidden": (1 - z) * n + z * h, "reset_gate": r, "update_gate": z, "candidate": n}


def lstm(x: Vector, before: Mapping[str, Vector], weights: list[Vector]) -> dict[str, Vector]:
    """i, f, o = σ(W·x + b + U·h' + b'); g = tanh(…); c = f·c' + i·g; h = o·tanh(c)"""
    w, u, b, b_ = (np.split(p, 4) for p in weights)
    h = before["hidden"]
    i = sigmoid(w[0] @ x + b[0] + u[0] @ h + b_[0])
    f = sigmoid(w[1] @ x + b[1] + u[1] @ h + b_[1])
    g = np.tanh(w[2] @ x + b[2] + u[2] @ h + b_[2])
    o = sigmoid(w[3] @ x + b[3] + u[3] @ h + b_[3])
    c = f * before["cell"] + i * g
    return {
        "hidden": o * np.tanh(c),
        "cell": c,
        "input_gate": i,
        "forget_gate": f,
        "output_gate": o,
        "candidate": g,
    }


FORMULAS: dict[str, Step] = {"rnn": rnn, "gru": gru, "lstm": lstm}
STATES = {"rnn": ("hidden",), "gru": ("hidden",), "lstm": ("hidden", "cell")}
KEEPS = {"rnn": [], "gru": ["update_gate"], "lstm": ["forget_gate"]}
KINDS = {
    "hidden": Kind.STATE,
    "cell": Kind.STATE,
    "candidate": Kind.CANDIDATE,
    "input_gate": Kind.GATE,
    "forget_gate": Kind.GATE,
    "output_gate": Kind.GATE,
    "reset_gate": Kind.GATE,
    "update_gate": Kind.GATE,
}
RANGES = {Kind.GATE: (0.0, 1.0), Kind.STATE: (-1.0, 1.0), Kind.CANDIDATE: (-1.0, 1.0)}

every_cell = pytest.mark.parametrize("name", CELLS)


def by_the_formulas(lm: CharLM, text: str) -> tuple[dict[str, Vector], Vector]:
    """All signals of all layers, each (T, H), and log-probabilities (T, V), in float64."""
    step = FORMULAS[lm.cell.name]
    weights = {k: v.double().numpy() for k, v in lm.state_dict().items()}
    parts = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    layers = [[weights[f"rnn.{part}_l{k}"] for part in parts] for k in range(lm.layers)]
    size, units = weights["readout.weight"].shape
    state = [{name: np.zeros(units) for name in STATES[lm.cell.name]} for _ in layers]
    rows: dict[str, list[Vector]] = {}
    scores = []
    for character in text:
        x = np.zeros(size)
        if character in lm.vocabulary:
            x[lm.vocabulary.characters.index(character)] = 1.0
        for k, layer in enumerate(layers):
            signals = step(x, state[k], layer)
            for name, value in signals.items():
                rows.setdefault(f"{k}.{name}", []).append(value)
            state[k] = {name: signals[name] for name in state[k]}
            x = signals["hidden"]
        logits = weights["readout.weight"] @ x + weights["readout.bias"]
        scores.append(logits - np.log(np.exp(logits).sum()))
    return {name: np.array(values) for name, values in rows.items()}, np.array(scores)


@every_cell
def test_every_cell_has_formulas_here(name: str) -> None:
    assert name in FORMULAS
    assert CELLS[name].name == name


@every_cell
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("units", [1, 7, 24])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 3e-6)])
def test_each_signal_is_what_its_formula_says(
    make_model: Any, own_text: str, name: str, layers: int, units: int, dtype: torch.dtype, tolerance: float
) -> None:
    lm = make_model(name, units, layers, dtype=dtype, gain=1.5, seed=units)
    text = own_text[:150] + "€é😀" + own_text[150:200]  # three characters that the model does not know
    signals, log_probabilities = by_the_formulas(lm, text)
    trace = lm.trace(text)
    assert trace.keys() == list(lm.signal_names)
    assert set(trace.keys()) == set(signals)
    for key, expected in signals.items():
        assert trace[key].dtype == dtype
        np.testing.assert_allclose(trace[key], expected, rtol=0, atol=tolerance, err_msg=key)
    np.testing.assert_allclose(trace.log_probabilities, log_probabilities, rtol=0, atol=tolerance)


@every_cell
def test_states_are_signals_and_the_hidden_state_goes_up_first(name: str) -> None:
    cell = CELLS[name]
    assert cell.states == STATES[name]
    assert cell.states[0] == "hidden" == cell.names()[0]
    assert [cell.names()[place] for place in cell.carried()] == list(cell.states)


@every_cell
def test_only_the_stated_signal_keeps_the_past(name: str) -> None:
    keeper = CELLS[name].keeper()
    assert ([] if keeper is None else [(keeper[0].name, keeper[1])]) == [(one, 1.0) for one in KEEPS[name]]


@every_cell
def test_signals_are_declared_for_the_page(name: str) -> None:
    cell = CELLS[name]
    assert len(set(cell.names())) == len(cell.signals)
    assert len({signal.symbol for signal in cell.signals}) == len(cell.signals)
    for signal in cell.signals:
        assert signal.kind is KINDS[signal.name]
        assert signal.range == (None if signal.name == "cell" else RANGES[signal.kind])
        assert signal.title
        assert cell.equation(signal).startswith(f"{signal.symbol}ₜ = ")


@every_cell
def test_no_signal_leaves_its_range_however_large_the_weights(make_model: Any, own_text: str, name: str) -> None:
    trace = make_model(name, 32, 2, gain=60.0).trace(own_text[:2000])
    for key in trace:
        signal = next(s for s in CELLS[name].signals if s.name == key.split(".")[1])
        values = trace[key]
        assert torch.isfinite(values).all()
        if signal.range is not None:
            low, high = signal.range
            assert values.min() >= low, key
            assert values.max() <= high, key
            assert values.max() - values.min() > 0.9 * (high - low), f"{key} does not use its range; the test is idle"


@every_cell
def test_parameters_are_torch_own_in_shape_and_order(name: str) -> None:
    cell: Cell = CELLS[name]
    blocks = {"rnn": 1, "gru": 3, "lstm": 4}[name]
    assert cell.gates == blocks
    lm = CharLM(name, Vocabulary("abcde"), 6, 2)
    shapes = {key: tuple(value.shape) for key, value in lm.state_dict().items()}
    assert shapes == {
        "rnn.weight_ih_l0": (6 * blocks, 5),
        "rnn.weight_hh_l0": (6 * blocks, 6),
        "rnn.bias_ih_l0": (6 * blocks,),
        "rnn.bias_hh_l0": (6 * blocks,),
        "rnn.weight_ih_l1": (6 * blocks, 6),
        "rnn.weight_hh_l1": (6 * blocks, 6),
        "rnn.bias_ih_l1": (6 * blocks,),
        "rnn.bias_hh_l1": (6 * blocks,),
        "readout.weight": (5, 6),
        "readout.bias": (5,),
    }
