"""Every signal against its written formula, one step at a time in float64, and what a cell generates against what is
written by hand. A cell without a formula in `tests.support.cells.formulas` fails."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from models import CharLM, Vocabulary
from models.cells import CELLS, Cell, Kind
from tests.support.cells import FUSED
from tests.support.cells.formulas import FORMULAS, STATES, by_the_formulas

KEEPS = {"rnn": [], "leaky": [], "gru": ["update_gate"], "lstm": ["forget_gate"], "slstm": ["keep"]}
KINDS = {
    "hidden": Kind.STATE,
    "cell": Kind.STATE,
    "candidate": Kind.CANDIDATE,
    "input_gate": Kind.GATE,
    "forget_gate": Kind.GATE,
    "output_gate": Kind.GATE,
    "reset_gate": Kind.GATE,
    "update_gate": Kind.GATE,
    "keep": Kind.GATE,
    "memory": Kind.STATE,
    "log_mass": Kind.STATE,
    "log_input_gate": Kind.CANDIDATE,
    "log_forget_gate": Kind.CANDIDATE,
}
UNBOUNDED = ("cell", "log_mass", "log_input_gate", "log_forget_gate")
RANGES = {Kind.GATE: (0.0, 1.0), Kind.STATE: (-1.0, 1.0), Kind.CANDIDATE: (-1.0, 1.0)}

every_cell = pytest.mark.parametrize("name", [name for name, cell in CELLS.items() if cell.explained()])


@every_cell
def test_every_cell_has_formulas_here(name: str) -> None:
    assert name in FORMULAS
    assert CELLS[name].name == name


@pytest.mark.parametrize("name", FUSED)
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
        assert signal.range == (None if signal.name in UNBOUNDED else RANGES[signal.kind])
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


@pytest.mark.parametrize("name", FUSED)
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
