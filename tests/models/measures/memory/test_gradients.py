"""Gradients of the loss by earlier hidden states: against autograd through `torch.nn`'s own cells, and decay that is
known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from models import CharLM, NotMeasurable, Vocabulary
from models.measures import drain, record
from models.measures.memory.gradients import gradients
from tests.support.cells import FUSED

every_cell = pytest.mark.parametrize("cell", FUSED)

ALPHABET = "abcdefgh "
TORCH_CELLS = {"rnn": torch.nn.RNNCell, "gru": torch.nn.GRUCell, "lstm": torch.nn.LSTMCell}


def some_text(length: int, seed: int = 0) -> str:
    return "".join(np.random.default_rng(seed).choice(list(ALPHABET), length))


def by_autograd(lm: CharLM, text: str, last: int, lags: int) -> np.ndarray:
    """‖∂loss_last/∂h‖ of each layer at the steps last, last − 1, …: (L, lags + 1), through PyTorch's own cells."""
    ids = lm.vocabulary.encode(text)
    cells = []
    for k in range(lm.layers):
        size = len(lm.vocabulary) if k == 0 else lm.units
        cell = TORCH_CELLS[lm.cell.name](size, lm.units).to(lm.readout.weight.dtype)
        cell.load_state_dict(
            {name: getattr(lm.rnn, f"{name}_l{k}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
        )
        cells.append(cell)
    zero = torch.zeros(1, lm.units, dtype=lm.readout.weight.dtype)
    states: list[Any] = [(zero, zero) if lm.cell.name == "lstm" else zero for _ in cells]
    nodes = []
    for step in range(last + 1):
        x = torch.nn.functional.one_hot(torch.tensor([int(ids[step])]), len(lm.vocabulary)).to(zero.dtype)
        row = []
        for k, cell in enumerate(cells):
            states[k] = cell(x, states[k])
            x = states[k][0] if lm.cell.name == "lstm" else states[k]
            row.append(x)
        nodes.append(row)
    loss = torch.nn.functional.cross_entropy(lm.readout(nodes[-1][-1]), torch.tensor([int(ids[last + 1])]))
    wanted = [h for row in reversed(nodes[-1 - lags :]) for h in row]
    norms = [float(slope.norm()) for slope in torch.autograd.grad(loss, wanted)]
    return np.array(norms).reshape(lags + 1, lm.layers).T


@every_cell
@pytest.mark.parametrize("layers", [1, 2])
def test_gradients_are_those_of_autograd(make_model: Any, cell: str, layers: int) -> None:
    lm = make_model(cell, 7, layers, characters=ALPHABET, gain=1.5, dtype=torch.float64)
    text, lags = some_text(90), 20
    recording = record(lm, text)
    for layer in range(layers):
        found = drain(gradients(lm, recording, positions=5, lags=lags, layer=layer))
        exact = np.array([by_autograd(lm, text, int(step) + lags, lags)[layer] for step in found.band.steps])
        assert len(exact) == 5
        expected = np.sort(exact, axis=0)[[1, 2, 3]]
        band = 10 ** np.array([found.band.low, found.band.median, found.band.high])
        np.testing.assert_allclose(band, expected, rtol=1e-10)


def of_factor(factor: float) -> CharLM:
    """A vanilla cell at h = 0 with U = λ·I: what arrives k characters earlier is λᵏ of the error."""
    lm = CharLM("rnn", Vocabulary(ALPHABET), 4).requires_grad_(False)
    for parameter in lm.rnn.parameters():
        parameter.zero_()
    lm.layer_weights(0)[1].copy_(factor * torch.eye(4))
    return lm


@pytest.mark.parametrize("factor", [0.1, 0.5, 1.0, 1.5, 30.0])
def test_vanishing_and_exploding_gradients_keep_their_numbers(factor: float) -> None:
    lm = of_factor(factor)
    found = drain(gradients(lm, record(lm, some_text(1000)), positions=10, lags=300))
    expected = np.arange(301) * np.log10(np.float32(factor))
    np.testing.assert_allclose(found.band.median - found.band.median[0], expected, rtol=1e-5, atol=1e-4)
    assert found.per_step == pytest.approx(factor, rel=1e-4)


def test_a_gradient_that_is_zero_is_zero_and_has_no_factor() -> None:
    lm = of_factor(0.0)
    found = drain(gradients(lm, record(lm, some_text(100)), positions=10, lags=30))
    assert np.isfinite(found.band.median[0])
    assert (found.band.median[1:] == -np.inf).all()
    assert found.per_step is None


@every_cell
def test_by_default_it_is_the_last_layer_at_many_positions(make_model: Any, cell: str) -> None:
    lm = make_model(cell, 6, 2, characters=ALPHABET)
    recording = record(lm, some_text(600))
    found, named = (drain(gradients(lm, recording, lags=40, **options)) for options in ({}, {"layer": 1}))
    assert found.layer == 1
    assert len(found.band.steps) == 128
    np.testing.assert_array_equal(found.band.median, named.band.median)
    shares = list(gradients(lm, recording, lags=40))
    assert shares == sorted(shares)
    assert len(shares) > 100


def test_what_cannot_be_measured_says_why(make_model: Any) -> None:
    lm = make_model("gru", 4, characters=ALPHABET)
    with pytest.raises(NotMeasurable, match="The text has 3 characters"):
        drain(gradients(lm, record(lm, "abc")))
    with pytest.raises(NotMeasurable, match="no layer 2"):
        drain(gradients(lm, record(lm, some_text(100)), layer=2))
