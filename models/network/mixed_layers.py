"""Layers of different cells or sizes on top of one another, trained each by its own module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from torch import Tensor, nn
from torch.nn import functional

from .stack import Stack


class MixedLayers(nn.Module):
    """Called as `torch.nn.RNN` is, but the state is a tuple of what each layer's own module returns.

    Args:
        inputs: I of the first layer.
        dropout: between the layers, while training.
    """

    def __init__(self, stack: Stack, inputs: int, dropout: float) -> None:
        super().__init__()
        below = [inputs, *(layer.units for layer in stack)]
        modules = [
            layer.cell.module(wide, layer.units, 1, first=k == 0)
            for k, (wide, layer) in enumerate(zip(below, stack, strict=False))
        ]
        self.layers = nn.ModuleList(modules)
        self.dropout = dropout

    def forward(self, inputs: Tensor, state: object = None) -> tuple[Tensor, tuple[object, ...]]:
        """
        Args:
            inputs: (T, B, I).
            state: what an earlier call returned; None for the start.
        """
        given = [None] * len(self.layers) if state is None else cast(Sequence[Any], state)
        ends = []
        for k, layer in enumerate(self.layers):
            below = functional.dropout(inputs, self.dropout, self.training) if k else inputs
            inputs, end = layer(below, given[k])
            ends.append(end)
        return inputs, tuple(ends)
