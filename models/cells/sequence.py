"""A declared cell in PyTorch, step by step: trains the cell, and is the reference for its compiled loop.

It computes the equations as written, with tensors, so autograd works. A Python loop over steps is slow; cells for
which PyTorch has a kernel are trained by that kernel.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..equations.equation import Node, Part, Role, Value, compute
from .layout import Layout

if TYPE_CHECKING:
    from .base import Cell


class Step:
    """One step of a layer, for a batch of B texts.

    Args:
        driven: (B, G·H), W·x + b.
        before: the states at t − 1, each (B, H), in the layout's order.
        weights: of the layer; see `CharLM.layer_weights`.
    """

    def __init__(self, layout: Layout, driven: Tensor, before: tuple[Tensor, ...], weights: list[Tensor]) -> None:
        _, weight_hh, _, bias_hh, *vectors = weights
        self._driven = driven.chunk(layout.blocks, dim=-1)
        self._recurrent = list(zip(weight_hh.chunk(layout.blocks), bias_hh.chunk(layout.blocks), strict=True))
        self._before = dict(zip(layout.states, before, strict=True))
        self._vectors = dict(zip(layout.vectors, vectors, strict=True))
        self._now: dict[str, Tensor] = {}
        for signal in layout.order:
            self._now[signal.symbol] = compute(signal.formula, self._leaf)
        self.signals = [self._now[signal.symbol] for signal in layout.signals]
        """Each (B, H), in the order of the declaration."""
        self.states = tuple(self._now[symbol] for symbol in layout.states)

    def _leaf(self, node: Node) -> Tensor:
        if isinstance(node, Value):
            return self._before[node.symbol] if node.lag else self._now[node.symbol]
        if not isinstance(node, Part):
            return self._vectors[node]  # type: ignore[index]
        if node.role is Role.INPUT:
            return self._driven[node.block]
        weight, bias = self._recurrent[node.block]
        if node.role is Role.RECURRENT:
            return compute(node.operand, self._leaf) @ weight.T
        return bias if node.role is Role.RECURRENT_BIAS else torch.zeros_like(bias)  # b is part of the input's product


def read_sequence(
    layout: Layout, inputs: Tensor, start: tuple[Tensor, ...], weights: list[Tensor]
) -> tuple[list[Tensor], tuple[Tensor, ...]]:
    """All signals of a layer, each (T, B, H), and the states at the end, each (B, H), from inputs (T, B, I)."""
    return read_driven(layout, functional.linear(inputs, weights[0], weights[2]), start, weights)


def read_driven(
    layout: Layout, driven: Tensor, start: tuple[Tensor, ...], weights: list[Tensor]
) -> tuple[list[Tensor], tuple[Tensor, ...]]:
    """The same from W·x + b, (T, B, G·H)."""
    rows, states = [], start
    for given in driven:
        step = Step(layout, given, states, weights)
        rows.append(step.signals)
        states = step.states
    return [torch.stack(one) for one in zip(*rows, strict=True)], states


class Recurrence(nn.Module):
    """A stack of layers of a declared cell, named, initialised and called like `torch.nn.RNN`.

    Args:
        inputs: I of the first layer.
        units: H of every layer.
        dropout: between the layers, while training.
    """

    def __init__(self, cell: Cell, inputs: int, units: int, layers: int = 1, dropout: float = 0.0) -> None:
        super().__init__()
        self._cell, self.num_layers, self.dropout = cell, layers, dropout
        rows = cell.gates * units
        for k in range(layers):
            shapes: dict[str, tuple[int, ...]] = {"weight_ih": (rows, units if k else inputs)}
            shapes |= {"weight_hh": (rows, units // cell.heads)}
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
            shapes |= {vector.name: (units,) for vector in cell.layout.vectors}
            for name, shape in shapes.items():
                self.register_parameter(f"{name}_l{k}", nn.Parameter(torch.empty(shape)))
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -1 / math.sqrt(units), 1 / math.sqrt(units))

    def forward(self, inputs: Tensor, state: object = None) -> tuple[Tensor, object]:
        """
        Args:
            inputs: (T, B, I), or (T, I) for one text.
            state: what an earlier call returned, (L, B, H) or a tuple of these, one per state; None for the start.
        """
        alone = inputs.dim() == 2
        below = inputs[:, None] if alone else inputs
        names = ["weight_ih", "weight_hh", "bias_ih", "bias_hh", *(v.name for v in self._cell.layout.vectors)]
        given = state if isinstance(state, tuple) else None if state is None else (state,)
        ends = []
        for k in range(self.num_layers):
            weights = [getattr(self, f"{name}_l{k}") for name in names]
            weights[1] = self._cell.dense(weights[1])
            if k:
                below = functional.dropout(below, self.dropout, self.training)
            start = self._cell.training_start(below.shape[1], weights[1].shape[1], below)
            if given is not None:
                start = tuple((one[k, None] if alone else one[k]) for one in given)
            signals, end = read_sequence(self._cell.layout, below, start, weights)
            below = signals[0]
            ends.append(end)
        last = tuple(torch.stack(one)[:, 0] if alone else torch.stack(one) for one in zip(*ends, strict=True))
        return below[:, 0] if alone else below, last if len(last) > 1 else last[0]
