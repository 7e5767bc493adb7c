"""What a cell declares, in one place; everything else, the page included, follows the declaration.

B batch, T steps, H units of a layer, I inputs of a layer, V vocabulary, L layers, S signals of a cell,
J states of a cell, G blocks of pre-activations (LSTM 4: i f g o; GRU 3: r z n; vanilla 1).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..kernels.packed_matrix import pack
from .equation import Node

Array = NDArray[np.floating[Any]]
LayerState = tuple[Array, ...]
"""The recurrent state of one layer: one (H,) array for each name in `Cell.states`."""


class Kind(StrEnum):
    """What a signal is, and so how it is coloured."""

    GATE = "gate"
    STATE = "state"
    CANDIDATE = "candidate"


@dataclass(frozen=True, slots=True)
class Signal:
    """One named quantity that a cell computes at each step, shape (T, H).

    Attributes:
        name: the field's own word for it, the same in Python, on the wire and in files.
        symbol: the letter of the equations.
        range: (lowest, highest) value it can take, or None if unbounded.
        keeps: whether this is the signal that keeps the past (1 keeps all of it, 0 nothing).
        formula: how it is computed.
    """

    name: str
    symbol: str
    title: str
    kind: Kind
    formula: Node
    range: tuple[float, float] | None = (-1.0, 1.0)
    keeps: bool = False

    @property
    def equation(self) -> str:
        """How it is computed, as text."""
        return f"{self.symbol}ₜ = {self.formula.text()}" + (", near 1 keeps the past" if self.keeps else "")

    @property
    def saturated(self) -> tuple[float, float]:
        """A value below the first or above the second counts as saturated: a gate within a tenth of its ends, a signal
        in ±1 beyond ±0.9, an unbounded one where its tanh is."""
        return self.ends(0.1, 0.9, 0.9)

    def ends(self, low: float, high: float, bound: float) -> tuple[float, float]:
        """Where saturation begins: below the first and above the second of these values.

        Args:
            low, high: for a gate, 0 … 1.
            bound: for a signal in ±1, on both sides; an unbounded one is there where its tanh is.
        """
        if self.range is None:
            return -math.atanh(bound), math.atanh(bound)
        floor, top = self.range
        return (low, high) if floor == 0.0 else (bound * floor, bound * top)


@dataclass(frozen=True, slots=True)
class LayerWeights:
    """One layer's parameters laid out for the compiled loop.

    Attributes:
        drive: what the input adds to the pre-activations. Layer 0, whose input is one-hot: a table
            (V + 1, G·H) with a row a character, the last row for unknown ones. Upper layers: (I, G·H), packed.
        bias: (G·H,) all that is added whatever the input; already within the table of layer 0.
        recurrent: (H, G·H), the transposed `weight_hh`, packed.
        recurrent_bias: (H,) the bias inside a product with a gate (GRU's b_hn), else empty.
    """

    drive: Array
    bias: Array
    recurrent: Array
    recurrent_bias: Array


@dataclass(frozen=True, slots=True)
class Linear:
    """What a small change does at each of some steps, to first order, of one layer. For the states j at t:

        ds'_j = Σ_i carry[j, i] ∘ ds_i + Σ_g feedback[j, g] ∘ (U_g·dh) + Σ_g drive[j, g] ∘ (W_g·dx)

    where ds are the states at t − 1, dh the first of them, x the layer's input, U_g and W_g the blocks of `weight_hh`
    and `weight_ih`. Any number of axes may stand for the steps: `*`.

    Attributes:
        carry: (J, J, *, H), past all weights.
        feedback: (J, G, *, H), through the recurrent weights.
        drive: (J, G, *, H), through the input's weights.
    """

    carry: Tensor
    feedback: Tensor
    drive: Tensor


class Cell(ABC):
    """A recurrent cell: its states, its signals, and two ways through the same equations.

    `scan` is a compiled loop over steps, used on the CPU for one step and for a whole sequence alike.
    `fused` and `recover` are the way for CUDA: PyTorch's kernel gives every h, and the signals follow from
    h by one matrix product. Tests hold the two equal to each other and to the written formulas.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    gates: ClassVar[int]
    """G, the number of (H,) blocks in the pre-activations."""
    states: ClassVar[tuple[str, ...]]
    """The signals that are handed to the next step, the one handed to the next layer first."""
    signals: ClassVar[tuple[Signal, ...]]
    module: ClassVar[Callable[..., nn.RNNBase]]
    """PyTorch's own module of this cell: holds the parameters and trains them."""
    scan: ClassVar[Callable[..., None]]
    """scan(drive, rows, recurrent, recurrent_bias, state, out, offset, fixed): compiled; for each t, reads the
    pre-activations `drive[rows[t]]`, updates `state` (len(states), H) in place and writes the signals to
    `out[:, offset + t]`, where `out` is (S, T, H). A number in `fixed` (S, H) takes the place of what a signal's unit
    would have been, for all that follows from it; NaN leaves it free, and where nothing is held `fixed` is (0, H)."""

    @abstractmethod
    def fused(self, inputs: Tensor, state: tuple[Tensor, ...], weights: list[Tensor]) -> Tensor:
        """Every h of one layer, (T, H), from inputs (T, I) by PyTorch's fused kernel."""

    kernel: ClassVar[Callable[..., tuple[Tensor, ...]]]
    """PyTorch's fused kernel of `module`, which trains one layer."""

    def layer(
        self, inputs: Tensor, start: tuple[Tensor, ...], weights: list[Tensor]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """One layer over many texts side by side: h (T, B, H) and the states at the end, each (B, H).

        Args:
            inputs: (T, B, I).
            start: the states before, each (B, H).
        """
        first: object = tuple(s[None].contiguous() for s in start) if len(start) > 1 else start[0][None].contiguous()
        hidden, *end = type(self).kernel(inputs, first, weights, True, 1, 0.0, True, False, False)
        return hidden, tuple(s[0] for s in end)

    @abstractmethod
    def penalised(
        self,
        inputs: Tensor,
        hidden: Tensor,
        start: tuple[Tensor, ...],
        end: tuple[Tensor, ...],
        weights: list[Tensor],
    ) -> Tensor:
        """What a training may keep small, of one layer, in any shape: see `models.training.penalty`. Arguments as in
        `layer`."""

    @abstractmethod
    def recover(self, inputs: Tensor, hidden: Tensor, state: tuple[Tensor, ...], weights: list[Tensor]) -> list[Tensor]:
        """All signals of one layer, each (T, H), in the order of `signals`, once every h is known."""

    @abstractmethod
    def linearise(self, driven: Tensor, fed_back: Tensor, before: Tensor, signals: Tensor) -> Linear:
        """The derivative of each step, from what the step was computed from.

        Derivatives of σ and tanh are taken at their arguments: where a float32 output has become 1, the
        argument still knows how flat it is there.

        Args:
            driven: (G, *, H), W·x + b, `bias_ih` included.
            fed_back: (G, *, H), U·h + b′ at t − 1, `bias_hh` included.
            before: (J, *, H), the states at t − 1.
            signals: (S, *, H) at t.
        """

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return tuple(signal.name for signal in cls.signals)

    @classmethod
    def signal(cls, name: str) -> Signal:
        """The declaration of a signal."""
        return cls.signals[cls.names().index(name)]

    @classmethod
    def carried(cls) -> tuple[int, ...]:
        """Where the states stand among the signals: so any computed step is also a place to go on from."""
        return tuple(cls.names().index(state) for state in cls.states)

    @classmethod
    def prepare(cls, weights: list[Tensor], first: bool) -> LayerWeights:
        """Lay out `weight_ih, weight_hh, bias_ih, bias_hh` of one layer for `scan`."""
        weight_ih, weight_hh, bias_ih, bias_hh = (w.detach().cpu() for w in weights)
        bias, recurrent_bias = cls.join_biases(bias_ih, bias_hh)
        drive = torch.cat([weight_ih.T + bias, bias[None]]).numpy() if first else pack(weight_ih.T.numpy())
        return LayerWeights(drive, bias.numpy(), pack(weight_hh.T.numpy()), recurrent_bias.numpy().copy())

    @classmethod
    def join_biases(cls, bias_ih: Tensor, bias_hh: Tensor) -> tuple[Tensor, Tensor]:
        """(what may be added beforehand, what must wait): PyTorch's two biases, summed where they can be."""
        return bias_ih + bias_hh, bias_ih[:0]


def sigmoid_slope(x: Tensor) -> Tensor:
    """σ′(x) = σ(x)·σ(−x), to full relative precision where σ has become 0 or 1."""
    return torch.sigmoid(x) * torch.sigmoid(-x)


def tanh_slope(x: Tensor) -> Tensor:
    """tanh′(x) = 1 − tanh² x = 4·σ(2x)·σ(−2x), to full relative precision where tanh has become ±1."""
    return 4.0 * sigmoid_slope(2.0 * x)


def previous(hidden: Tensor, start: Tensor) -> Tensor:
    """h_{t−1} for each t: (T, H) shifted by one step, with the start state (H,) in front."""
    return torch.cat([start[None], hidden[:-1]])


def scan_linear(keep: Tensor, add: Tensor, start: Tensor) -> Tensor:
    """c_t = keep_t·c_{t−1} + add_t for all t at once: (T, H), (T, H), (H,) → (T, H).

    Hillis and Steele's doubling scan: log₂ T elementwise passes in place of T steps. Stable, since keep ≤ 1.
    """
    total = add.clone()
    total[0] += keep[0] * start
    decay = keep.clone()
    reach = 1
    while reach < len(total):
        carried = decay[reach:] * total[:-reach]
        further = decay[reach:] * decay[:-reach]
        total[reach:] += carried
        decay[reach:] = further
        reach *= 2
    return total
