"""Tangents and adjoints against PyTorch's autograd in float64, through formulas written by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from models import CharLM
from models.derivatives import propagation
from models.derivatives.propagation import Backward, Forward
from models.derivatives.segments import Segments
from models.measures import drain, record
from models.measures.curves import state_jacobian
from models.measures.positions import passages as passages_of
from tests.support.cells import FUSED
from tests.support.cells.formulas import one_hot, states_after, step_of
from tests.support.texts import LETTERS

every_cell = pytest.mark.parametrize("cell", FUSED)
every_depth = pytest.mark.parametrize("layers", [1, 2])


def top(lm: CharLM, state: Tensor) -> Tensor:
    """h of the last layer."""
    return state.view(lm.layers, -1, lm.units)[-1, 0]


TEXTS = ["the lamp was", "qu€et river,", "A stone; win"]
"""One has a character that the model does not know."""


@pytest.fixture
def passages(make_model: Any) -> Any:
    def make(cell: str, layers: int) -> Segments:
        lm = make_model(cell, 5, layers, dtype=torch.float64, gain=2.0, seed=layers)
        draw = np.random.default_rng(3)
        states = [[s + draw.normal(size=s.shape) * 0.5 for s in lm.reader().start()] for _ in TEXTS]
        ids = np.stack([lm.vocabulary.encode(text) for text in TEXTS])
        found = drain(Segments.read(lm, lm.reader(), states, ids, predict=True))
        assert not found.linear[0].drive.isnan().any()
        return found

    return make


def start(passages: Segments, n: int) -> Tensor:
    return torch.stack([before[:, 0, n] for before in passages.before]).flatten()


def close(log2: Tensor, expected: list[float]) -> None:
    np.testing.assert_allclose(np.exp2(log2.numpy()), expected, rtol=1e-10, atol=0)


@every_cell
@every_depth
def test_the_passages_are_what_the_formulas_compute(passages: Any, cell: str, layers: int) -> None:
    found = passages(cell, layers)
    for n, text in enumerate(TEXTS):
        states = states_after(found.lm, one_hot(found.lm, text), start(found, n))
        for t, state in enumerate(states):
            rows = torch.stack([layer[list(found.lm.cell.carried()), t, n] for layer in found.layers])
            torch.testing.assert_close(rows.flatten(), state, rtol=0, atol=1e-12)


@every_cell
@every_depth
def test_the_state_jacobian_is_that_of_autograd(passages: Any, cell: str, layers: int) -> None:
    found = passages(cell, layers)
    forward = Forward.from_state(found)
    size = layers * len(found.lm.cell.states) * 5
    close(forward.norms(), [np.sqrt(size)] * len(TEXTS))
    after_first = [
        states_after(found.lm, one_hot(found.lm, text)[:1], start(found, n))[0] for n, text in enumerate(TEXTS)
    ]
    for t in range(1, found.steps):
        forward.advance()
        exact = [
            torch.autograd.functional.jacobian(
                lambda s, text=text, t=t: states_after(found.lm, one_hot(found.lm, text)[1 : t + 1], s)[-1], state
            )
            for text, state in zip(TEXTS, after_first, strict=True)
        ]
        close(forward.norms(), [float(torch.linalg.matrix_norm(j)) for j in exact])


@every_cell
@every_depth
@pytest.mark.parametrize("directions", [1, 3])
@pytest.mark.parametrize("many", [1, 1024], ids=["coefficients after the product", "before it"])
def test_in_a_few_directions_it_is_the_jacobian_times_those(
    passages: Any, monkeypatch: pytest.MonkeyPatch, cell: str, layers: int, directions: int, many: int
) -> None:
    """Against the whole one, carried along; the directions stand at right angles and keep the norm on average."""
    monkeypatch.setattr(propagation, "MANY_UNITS", many)
    found = passages(cell, layers)
    whole, few = Forward.from_state(found), Forward.from_state(found, directions)
    size = layers * len(found.lm.cell.states) * 5

    def jacobians(forward: Forward) -> Tensor:
        powers = torch.exp2(-forward._scaled.powers)
        rows = torch.stack([tangents.movedim(0, 2) for tangents in forward._tangents], dim=2)  # (N, C, L, J, H)
        return rows.flatten(2) * powers[:, None, None]

    drawn = jacobians(few)  # (N, C, D)
    gram = drawn[0] @ drawn[0].T
    torch.testing.assert_close(gram, torch.eye(directions, dtype=gram.dtype) * size / directions)
    for _ in range(1, found.steps):
        whole.advance()
        few.advance()
        expected = drawn @ jacobians(whole)
        torch.testing.assert_close(jacobians(few), expected, rtol=1e-9, atol=1e-9 * float(expected.abs().max()))
        close(few.norms(), [float(torch.linalg.matrix_norm(one)) for one in expected])


def test_the_norm_in_random_directions_is_that_of_the_whole_within_its_error(make_model: Any) -> None:
    """D = 256 in 64 directions; the standard error of the norm is at most √(2/64)/2 = 9 %."""
    lm = make_model("lstm", units=128, layers=1)
    recording = record(lm, TEXTS[0] * 3)
    whole = drain(state_jacobian(drain(passages_of(lm, recording, [0], 12, derive=True))))
    part = drain(state_jacobian(drain(passages_of(lm, recording, [0], 12, derive=True)), 64))
    assert part[0] == pytest.approx(whole[0])
    np.testing.assert_allclose(10 ** (part - whole), 1, atol=0.3)
    assert (part[1:] != whole[1:]).all()


@every_cell
@every_depth
def test_connectivity_forwards_is_that_of_autograd(passages: Any, cell: str, layers: int) -> None:
    found = passages(cell, layers)
    forward = Forward.from_input(found)
    for t in range(found.steps):
        if t:
            forward.advance()
        targets = torch.tensor([(7 * t + n) % len(found.lm.vocabulary) for n in range(len(TEXTS))])

        def logit(x: Tensor, n: int, t: int = t, targets: Tensor = targets) -> Tensor:
            inputs = torch.cat([x[None], one_hot(found.lm, TEXTS[n])[1 : t + 1]])
            return found.lm.readout(top(found.lm, states_after(found.lm, inputs, start(found, n))[-1]))[targets[n]]

        slopes = [
            torch.autograd.functional.jacobian(lambda x, n=n: logit(x, n), one_hot(found.lm, TEXTS[n])[0])
            for n in range(len(TEXTS))
        ]
        close(forward.logit_norms(targets), [float(slope.norm()) for slope in slopes])


@every_cell
@every_depth
def test_connectivity_backwards_is_that_of_autograd(passages: Any, cell: str, layers: int) -> None:
    found = passages(cell, layers)
    targets = torch.tensor([4, 9, 30])
    backward = Backward.of_logit(found, targets)

    def logit(inputs: Tensor, n: int) -> Tensor:
        return found.lm.readout(top(found.lm, states_after(found.lm, inputs, start(found, n))[-1]))[targets[n]]

    slopes = [
        torch.autograd.functional.jacobian(lambda x, n=n: logit(x, n), one_hot(found.lm, text))
        for n, text in enumerate(TEXTS)
    ]
    for t in reversed(range(found.steps)):
        assert backward.step == t
        close(backward.input_norms(), [float(slope[t].norm()) for slope in slopes])
        if t:
            backward.back()


@every_cell
@every_depth
def test_gradients_of_the_loss_by_every_hidden_state_are_those_of_autograd(
    passages: Any, cell: str, layers: int
) -> None:
    found = passages(cell, layers)
    targets = torch.tensor([4, 9, 30])
    backward = Backward.of_loss(found, targets)
    slopes = []
    for n, text in enumerate(TEXTS):
        state = start(found, n).view(layers, -1, 5)
        nodes = []
        for x in one_hot(found.lm, text):
            rows = []
            for k in range(layers):
                states = step_of(found.lm, k, x, list(state[k]))
                if not states[0].requires_grad:
                    states[0].requires_grad_()
                rows.append(states)
                x = states[0]
            nodes.append([states[0] for states in rows])
            state = [torch.stack(states) for states in rows]  # type: ignore[assignment]
        loss = -torch.log_softmax(found.lm.readout(nodes[-1][-1]), 0)[targets[n]]
        flat = [h for row in nodes for h in row]
        slopes.append(torch.autograd.grad(loss, flat))
    for t in reversed(range(found.steps)):
        for k in range(layers):
            expected = [float(slope[t * layers + k].norm()) for slope in slopes]
            close(backward.hidden_norms(k), expected)
        if t:
            backward.back()


@every_cell
def test_the_diagonal_is_that_of_autograd(passages: Any, cell: str) -> None:
    found = passages(cell, 2)
    for n, text in enumerate(TEXTS):
        states = [start(found, n), *states_after(found.lm, one_hot(found.lm, text), start(found, n))]
        for t in range(found.steps):
            jacobian = torch.autograd.functional.jacobian(
                lambda s, text=text, t=t: states_after(found.lm, one_hot(found.lm, text)[t : t + 1], s)[0], states[t]
            )
            exact = jacobian.diagonal().view(2, -1, 5)[:, 0]
            for k in range(2):
                torch.testing.assert_close(found.diagonal(k)[t, n], exact[k], rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(("factor", "power"), [(1e-3, -300), (1e3, 300)])
def test_neither_vanishing_nor_exploding_products_leave_the_range_of_numbers(
    make_model: Any, factor: float, power: int
) -> None:
    """A vanilla cell with U = λ·I at h = 0, where tanh is its argument: ∂h_t/∂h_0 = λᵗ·I, in float32."""
    lm = make_model("rnn", 4)
    with torch.no_grad():
        for parameter in lm.parameters():
            parameter.zero_()
        lm.layer_weights(0)[1].copy_(factor * torch.eye(4))
        lm.readout.weight.fill_(1.0)
    reader = lm.reader()
    found = drain(Segments.read(lm, reader, [reader.start()], lm.vocabulary.encode("a" * 101)[None]))
    forward, backward = Forward.from_state(found), Backward.of_logit(found, torch.tensor([0]))
    for _ in range(100):
        forward.advance()
        backward.back()
    log10 = np.log10(2.0)
    assert float(forward.norms()) * log10 == pytest.approx(power + np.log10(2.0), abs=1e-3)
    assert float(backward.hidden_norms(0)) * log10 == pytest.approx(power + np.log10(2.0), abs=1e-3)
    assert float(backward.input_norms()) == -np.inf  # W is zero: nothing comes from the input


def test_an_upper_layer_that_forgets_sooner_than_the_lower_one_keeps_its_numbers(make_model: Any) -> None:
    """Two vanilla layers with U = λ·I, the upper λ smaller: its adjoint is λ₁ᵏ beside one of λ₀ᵏ below it."""
    lm = make_model("rnn", 4, 2)
    for parameter in lm.parameters():
        parameter.zero_()
    lm.layer_weights(0)[1].copy_(0.9 * torch.eye(4))
    lm.layer_weights(1)[1].copy_(0.1 * torch.eye(4))
    lm.layer_weights(1)[0].copy_(torch.eye(4))
    lm.layer_weights(0)[0].fill_(1e-20)
    lm.readout.weight.fill_(1.0)
    reader = lm.reader()
    found = drain(Segments.read(lm, reader, [reader.start()], lm.vocabulary.encode("a" * 101)[None]))
    backward = Backward.of_logit(found, torch.tensor([0]))
    for k in range(1, 101):
        backward.back()
        upper = 0.1**k  # of each of four units
        lower = sum(0.9 ** (k - i) * 0.1**i for i in range(k + 1))  # it may go down at any of the steps
        arrives = 4 * lower * 1e-20  # at each place of the one-hot vector, from all four
        assert float(backward.hidden_norms(1)) == pytest.approx(np.log2(upper * 2), abs=1e-3)
        assert float(backward.hidden_norms(0)) == pytest.approx(np.log2(lower * 2), abs=1e-3)
        assert float(backward.input_norms()) == pytest.approx(np.log2(arrives * np.sqrt(len(LETTERS))), abs=1e-3)
