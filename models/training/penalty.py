"""A forward pass for training that also penalises what the cell would otherwise let grow without bound.

Each cell names one quantity (`Cell.penalised`): the LSTM its cell state at the end of the segment, the vanilla cell the
argument of its tanh at every step, the GRU its hidden state at every step (activation regularisation; Merity, McCann
and Socher 2017, "Revisiting activation regularization for language RNNs"). The penalty is its mean square over
steps, streams and units, and of that the mean over the layers. Layers run one after another, since `torch.nn` returns
only the last one's output.

T  steps of a segment    B  streams    H  units    P  numbers of a prediction    L  layers
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from ..network.sequence_model import LayerStates, SequenceModel


def penalised(lm: SequenceModel, items: Tensor, state: LayerStates | None) -> tuple[Tensor, LayerStates, Tensor]:
    """One segment of every stream, as `SequenceModel.forward` reads it.

    Args:
        items: (T, B) or (T, B, C).
        state: for each layer each state of its cell, (B, H); None for the start.

    Returns:
        What is read out (T, B, P); the states at the end, without gradient; the mean square of what the cells name,
        with gradient.
    """
    inputs = lm.codec.tensor(items, lm.readout.weight)
    if state is None:
        state = [layer.cell.training_start(items.shape[1], layer.units, inputs) for layer in lm.stack]
    ends, squares = [], []
    for k, (layer, start) in enumerate(zip(lm.stack, state, strict=True)):
        if k > 0:
            inputs = functional.dropout(inputs, lm.between, lm.training)
        weights = lm.layer_weights(k)
        hidden, end = layer.cell.layer(inputs, start, weights)  # (T, B, H)
        squares.append(layer.cell.penalised(inputs, hidden, start, end, weights).square().mean())
        ends.append(tuple(s.detach() for s in end))
        inputs = hidden
    return lm.readout(lm.dropout(inputs)), ends, torch.stack(squares).mean()
