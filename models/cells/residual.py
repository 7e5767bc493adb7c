"""What blocks with a residual stream share: how their input becomes a stream, and the module that trains them.

A block adds to a stream of D numbers, x → x + …, instead of computing a state anew. The input of a network's first
block is a row of a table, one for each character; that of a block above a layer of another width is projected.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..equations.equation import Weight
from ..kernels.arithmetic import hold
from ..kernels.packed_matrix import Array, affine, pack
from .base import Cell
from .layout import Layout

INITIAL = 0.02
"""Standard deviation of initial weights (Radford et al. 2019)."""


@dataclass(frozen=True)
class Entry:
    """How the input of a block becomes its stream.

    Attributes:
        table: (V + 1, D), of a first block that reads characters; the last row, of an unknown one, is zero.
        project: packed (I, D), for an input of another width.
    """

    table: Array | None
    project: Array | None

    @staticmethod
    def of(weight: Tensor | None, first: bool) -> Entry:
        """From the weight of the input (D, I), None where there is none; `first`: of the network."""
        if weight is None:
            return Entry(None, None)
        columns = np.ascontiguousarray(weight.T.numpy())
        if first:
            return Entry(np.concatenate([columns, np.zeros((1, columns.shape[1]), columns.dtype)]), None)
        return Entry(None, pack(columns))

    def stream(self, below: Array, units: int, dtype: np.dtype[Any]) -> Array:
        """x, (T, D), which the caller may change, from ids (T,) or from (T, I)."""
        if self.table is not None and below.ndim == 1:
            return self.table[np.asarray(below, np.int64)]
        if self.project is None:
            return np.array(below, dtype)
        x = np.empty((len(below), units), dtype)
        affine(np.ascontiguousarray(below), self.project, np.zeros(units, dtype), x)
        return x


def entered(inputs: Tensor, weight: Tensor | None) -> Tensor:
    """The same in PyTorch: (…, I) → (…, D)."""
    return inputs if weight is None else inputs @ weight.T


def entry_products(inputs: int, units: int) -> int:
    """Multiplications that the input costs in a step: none from a table (I = 0) or a stream of the same width."""
    return inputs * units if inputs not in (0, units) else 0


def parted(weights: list[Tensor], own: int) -> tuple[Tensor | None, list[Tensor]]:
    """The weight of the input, None where a block has none, and the `own` other parameters."""
    return (None, weights) if len(weights) == own else (weights[0], weights[1:])


def cut(values: Tensor, parts: int) -> Tensor:
    """The numbers of each of so many heads or blocks by themselves: (…, N) → (…, parts, N / parts)."""
    return values.reshape(*values.shape[:-1], parts, -1)


def held(values: Array, fixed: Array, row: int) -> None:
    """Steps of a signal (T, D) with what an intervention holds of it; see `Cell.read`."""
    for one in values if len(fixed) else ():
        hold(one, fixed[row], len(one))


def normal(*shape: int, shrunk: int = 1) -> Tensor:
    """Random initial weights, smaller where as many blocks as `shrunk` add up."""
    return nn.init.normal_(torch.empty(shape), std=INITIAL / math.sqrt(shrunk))


class Blocks(nn.Module):
    """Blocks of one kind on top of one another, called like `torch.nn.RNN`.

    Args:
        inputs: I of the first.
        units: D of all.
        dropout: between the blocks, while training.
        first: whether the first block is the network's: then it has a table of its inputs.
    """

    def __init__(self, block: Block, inputs: int, units: int, layers: int, dropout: float, first: bool) -> None:
        super().__init__()
        self._block, self.units, self.num_layers, self.dropout = block, units, layers, dropout
        for k in range(layers):
            below = inputs if k == 0 else units
            entry = {"weight_in": normal(units, below)} if below != units or (k == 0 and first) else {}
            for name, value in {**entry, **block.initial_parameters(units)}.items():
                self.register_parameter(f"{name}_l{k}", nn.Parameter(value))

    def forward(self, inputs: Tensor, state: object = None) -> tuple[Tensor, object]:
        """
        Args:
            inputs: (T, B, I), or (T, I) for one text.
            state: what an earlier call returned: each of the block's states, (L, B, …), alone where there is but one;
                None for the start.
        """
        alone = inputs.dim() == 2
        below = inputs[:, None] if alone else inputs
        given = state if isinstance(state, tuple) else None if state is None else (state,)
        ends = []
        for k in range(self.num_layers):
            weights: list[Tensor] = [one for name, one in self.named_parameters() if name.endswith(f"_l{k}")]
            if k:
                below = functional.dropout(below, self.dropout, self.training)
            start = self._block.training_start(below.shape[1], self.units, below)
            if given is not None:
                start = tuple((one[k, None] if alone else one[k]) for one in given)
            below, end = self._block.layer(below, start, weights)
            ends.append(end)
        last = tuple(torch.stack(one)[:, 0] if alone else torch.stack(one) for one in zip(*ends, strict=True))
        return below[:, 0] if alone else below, last[0] if len(last) == 1 else last


class Block(Cell):
    """A layer that computes itself: its signals have words in place of equations, its state is not among them, and it
    has no derivative of single units."""

    gates = 0
    states = ()
    visible = False
    derivable = False

    def __init__(self) -> None:
        """Nothing is generated from equations, so there is nothing to check."""

    @property
    def layout(self) -> Layout:
        return Layout(self.signals, (), 0)

    def arranged(self, learned: list[Tensor]) -> list[Tensor]:
        """The table or projection first, where there is one, then the parameters that every block has."""
        return learned

    def vectors(self, weights: list[Tensor]) -> dict[Weight, Tensor]:
        """None: no equation speaks of them."""
        return {}

    def module(self, inputs: int, units: int, layers: int, dropout: float = 0.0, *, first: bool = True) -> nn.Module:
        return Blocks(self, inputs, units, layers, dropout, first)

    def initial_parameters(self, units: int) -> dict[str, Tensor]:
        """The initial values of its own parameters, in the order in which `layer` takes them.

        Raises:
            NotImplementedError: unless the block says what it learns.
        """
        raise NotImplementedError(f"{self.title} does not say what it learns: define its method `initial_parameters`.")
