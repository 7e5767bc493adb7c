"""The vanilla recurrent cell (Elman 1990) with tanh, as in `torch.nn.RNN`."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..equations.equation import apply, preactivation
from ..equations.functions import tanh_slope
from ..kernels.arithmetic import copy, hold, kernel, tanh
from ..kernels.packed_matrix import add_product, zero_totals
from .base import Array, Kind, Signal
from .derivative import Linear
from .fused import FusedCell
from .program import LayerWeights


@kernel
def _scan(drive, rows, recurrent, state, out, offset, fixed):  # type: ignore[no-untyped-def]
    units, held = state.shape[1], fixed.shape[0] > 0
    hidden = state[0]
    totals = zero_totals(1, recurrent, units)
    total = totals[0]
    for t in range(rows.size):
        copy(drive[rows[t]], total, units)
        add_product(totals, state, 0, recurrent, t & 1)
        for j in range(units):
            hidden[j] = tanh(total[j])
        if held:
            hold(hidden, fixed[0], units)
        copy(hidden, out[0, offset + t], units)


class RNN(FusedCell):
    name = "rnn"
    title = "Vanilla RNN"
    gates = 1
    states = ("hidden",)
    signals = (Signal("hidden", "h", "Hidden state", Kind.STATE, apply("tanh", preactivation(0))),)
    torch_module = nn.RNN
    kernel = staticmethod(torch.rnn_tanh)

    def read(
        self,
        weights: LayerWeights,
        drive: Array,
        rows: NDArray[np.int32],
        state: Array,
        out: Array,
        offset: int,
        fixed: Array,
    ) -> None:
        _scan(drive, rows, weights.recurrent, state, out, offset, fixed)

    def penalised(
        self,
        inputs: Tensor,
        hidden: Tensor,
        start: tuple[Tensor, ...],
        end: tuple[Tensor, ...],
        weights: list[Tensor],
    ) -> Tensor:
        """The argument of tanh at every step, (T, B, H): where it is large, h no longer responds to it."""
        weight_ih, weight_hh, bias_ih, bias_hh = weights
        before = torch.cat([start[0][None], hidden[:-1]])  # (T, B, H)
        return inputs @ weight_ih.T + before @ weight_hh.T + (bias_ih + bias_hh)

    def recover(self, inputs: Tensor, hidden: Tensor, state: tuple[Tensor, ...], weights: list[Tensor]) -> list[Tensor]:
        return [hidden]

    def linearise(
        self, driven: Tensor, fed_back: Tensor, before: Tensor, signals: Tensor, vectors: list[Tensor]
    ) -> Linear:
        slope = tanh_slope(driven + fed_back)[None]  # (1, 1, *, H)
        return Linear(torch.zeros_like(slope), slope, slope)
