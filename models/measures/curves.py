"""Curves over the lag: how much is left after a number of characters. Every curve is log₁₀ of its value, float64.

So 1e-60 is an ordinary number; −inf is exactly zero, and NaN means undefined.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..cells import Cell
from ..derivatives.propagation import Backward, Forward
from ..derivatives.segments import Segments, weights_of

Curve = NDArray[np.float64]

LOG10_2 = float(np.log10(2.0))


def log10(values: Curve) -> Curve:
    """log₁₀, −inf for zero."""
    with np.errstate(divide="ignore"):
        logs: Curve = np.log10(values)
    return logs


def retention(passages: Segments, layer: int) -> Curve:
    """How much of the state after the first step is kept, (K, N, H): the product of `Cell.keeps` over all later steps.

    For a cell that has none, of the absolute diagonal of its Jacobian, ∂h_t[u]/∂h_{t−1}[u].
    """
    cell = passages.lm.stack[layer].cell
    if cell.keeps is None:
        kept = passages.diagonal(layer).abs()
    else:
        signals = {one.symbol: passages.layers[layer][k] for k, one in enumerate(cell.signals)}
        before = dict(zip(cell.layout.states, passages.before[layer], strict=True))
        vectors = cell.vectors(weights_of(passages.lm, layer))
        kept = cell.kept(signals, before, vectors)
    logs = log10(kept.double().cpu().numpy())
    logs[0] = 0.0
    return np.cumsum(logs, axis=0)


def keep_signal(cell: Cell) -> str | None:
    """The name of what says how much a cell keeps, if anything does: a signal's name, or else the expression itself."""
    keeper = cell.keeper()
    return keeper[0].name if keeper is not None else None if cell.keeps is None else cell.keeps.text()


def state_jacobian(passages: Segments, directions: int | None = None) -> Generator[float, None, Curve]:
    """‖∂s_t/∂s_a‖, Frobenius, s the state of all layers, (K, N); a is the first step. √dim s at lag 0.

    With `directions` it is estimated from that many random ones: see `Forward.from_state`.
    """
    forward = Forward.from_state(passages, directions)
    norms = [forward.norms()]
    for step in range(1, passages.steps):
        forward.advance()
        norms.append(forward.norms())
        yield (step + 1) / passages.steps
    return _curve(norms)


def connectivity(passages: Segments, targets: Tensor) -> Generator[float, None, Curve]:
    """‖∂logit_k(t)/∂x_a‖₂, (K, N), a the first step and x its one-hot vector; `targets` (K, N) gives k."""
    forward = Forward.from_input(passages)
    norms = [forward.logit_norms(targets[0])]
    for step in range(1, passages.steps):
        forward.advance()
        norms.append(forward.logit_norms(targets[step]))
        yield (step + 1) / passages.steps
    return _curve(norms)


def connectivity_back(passages: Segments, targets: Tensor) -> Generator[float, None, Curve]:
    """‖∂logit_k(t)/∂x_{t−lag}‖₂, (K, N), t the last step; `targets` (N,) gives k."""
    backward = Backward.of_logit(passages, targets)
    norms = [backward.input_norms()]
    while backward.step > 0:
        backward.back()
        norms.append(backward.input_norms())
        yield len(norms) / passages.steps
    return _curve(norms)


def gradient_back(passages: Segments, targets: Tensor, layer: int) -> Generator[float, None, Curve]:
    """‖∂loss_t/∂h_{t−lag}‖₂, (K, N), t the last step, loss −ln p(x_{t+1}), x_{t+1} in `targets` (N,)."""
    backward = Backward.of_loss(passages, targets)
    norms = [backward.hidden_norms(layer)]
    while backward.step > 0:
        backward.back()
        norms.append(backward.hidden_norms(layer))
        yield len(norms) / passages.steps
    return _curve(norms)


def _curve(norms: list[Tensor]) -> Curve:
    """log₂ of norms, step by step, as log₁₀: (K, N)."""
    logs: Curve = torch.stack(norms).cpu().numpy() * LOG10_2
    return logs
