"""A forward pass for training that also penalises what the cell would otherwise let grow without bound.

Each cell names one quantity (`Cell.penalised`): the LSTM its cell state at the end of the segment, the vanilla cell the
argument of its tanh at every step, the GRU its hidden state at every step (activation regularisation; Merity, McCann
and Socher 2017, "Revisiting activation regularization for language RNNs"). The penalty is its mean square over
steps, streams, units and layers. Layers run one after another, since `torch.nn` returns only the last one's output.

T  steps of a segment    B  streams    H  units    V  characters    L  layers
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from ..network.language_model import CharLM


def penalised(lm: CharLM, ids: Tensor, state: tuple[Tensor, ...] | None) -> tuple[Tensor, tuple[Tensor, ...], Tensor]:
    """One segment of every stream, as `CharLM.forward` reads it.

    Args:
        ids: (T, B).
        state: each of the cell's states (L, B, H), or None for the start.

    Returns:
        Logits (T, B, V); the final states (L, B, H), without gradient; the mean square of the quantity that `lm.cell`
        names, with gradient.
    """
    symbols = len(lm.vocabulary)
    inputs = functional.one_hot(ids, symbols + 1)[..., :symbols].to(lm.readout.weight.dtype)
    if state is None:
        shape = lm.layers, ids.shape[1], lm.units
        state = tuple(inputs.new_full(shape, value) for value in lm.cell.start())
    ends, squares = [], []
    for k in range(lm.layers):
        if k > 0:
            inputs = functional.dropout(inputs, lm.between, lm.training)
        weights, start = lm.layer_weights(k), tuple(s[k] for s in state)
        hidden, end = lm.cell.layer(inputs, start, weights)  # (T, B, H)
        squares.append(lm.cell.penalised(inputs, hidden, start, end, weights).square().mean())
        ends.append([s.detach() for s in end])
        inputs = hidden
    carried = tuple(torch.stack(one) for one in zip(*ends, strict=True))
    return lm.readout(lm.dropout(inputs)), carried, torch.stack(squares).mean()
