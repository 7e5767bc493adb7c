"""The vanilla recurrent cell (Elman 1990) with tanh, as in `torch.nn.RNN`."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..kernels.arithmetic import copy, hold, kernel, tanh
from ..kernels.packed_matrix import add_product, room_for
from .base import Cell, Kind, Linear, Signal, tanh_slope
from .equation import apply, preactivation


@kernel
def _scan(drive, rows, recurrent, recurrent_bias, state, out, offset, fixed):  # type: ignore[no-untyped-def]
    units, held = state.shape[1], fixed.shape[0] > 0
    hidden = state[0]
    room = room_for(1, recurrent, units)
    total = room[0]
    for t in range(rows.size):
        copy(drive[rows[t]], total, units)
        add_product(room, state, 0, recurrent, t & 1)
        for j in range(units):
            hidden[j] = tanh(total[j])
        if held:
            hold(hidden, fixed[0], units)
        copy(hidden, out[0, offset + t], units)


class RNN(Cell):
    name = "rnn"
    title = "Vanilla RNN"
    gates = 1
    states = ("hidden",)
    signals = (Signal("hidden", "h", "Hidden state", Kind.STATE, apply("tanh", preactivation(0))),)
    module = nn.RNN
    kernel = staticmethod(torch.rnn_tanh)
    scan = staticmethod(_scan)

    def fused(self, inputs: Tensor, state: tuple[Tensor, ...], weights: list[Tensor]) -> Tensor:
        start = state[0][None, None]  # (1, 1, H): one layer, one text
        return torch.rnn_tanh(inputs[:, None], start, weights, True, 1, 0.0, False, False, False)[0][:, 0]

    def penalised(
        self,
        inputs: Tensor,
        hidden: Tensor,
        start: tuple[Tensor, ...],
        end: tuple[Tensor, ...],
        weights: list[Tensor],
    ) -> Tensor:
        """The argument of tanh at every step, (T, B, H): where it is large, h no longer answers to it."""
        weight_ih, weight_hh, bias_ih, bias_hh = weights
        before = torch.cat([start[0][None], hidden[:-1]])  # (T, B, H)
        return inputs @ weight_ih.T + before @ weight_hh.T + (bias_ih + bias_hh)

    def recover(self, inputs: Tensor, hidden: Tensor, state: tuple[Tensor, ...], weights: list[Tensor]) -> list[Tensor]:
        return [hidden]

    def linearise(self, driven: Tensor, fed_back: Tensor, before: Tensor, signals: Tensor) -> Linear:
        slope = tanh_slope(driven + fed_back)[None]  # (1, 1, *, H)
        return Linear(torch.zeros_like(slope), slope, slope)
