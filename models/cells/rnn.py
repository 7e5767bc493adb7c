"""The vanilla recurrent cell (Elman 1990) with tanh, as in `torch.nn.RNN`."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from ..compiled import add_product, kernel, tanh
from .base import Cell, Kind, Signal


@kernel
def _scan(drive, rows, recurrent, recurrent_bias, state, out, offset):  # type: ignore[no-untyped-def]
    units = recurrent.shape[0]
    hidden = state[0]
    total = np.empty(units, drive.dtype)
    for t in range(rows.size):
        total[:] = drive[rows[t]]
        add_product(total, hidden, recurrent)
        for j in range(units):
            total[j] = tanh(total[j])
        hidden[:] = total
        out[0, offset + t] = total


class RNN(Cell):
    name = "rnn"
    title = "Vanilla RNN"
    gates = 1
    states = ("hidden",)
    signals = (Signal("hidden", "h", "Hidden state", Kind.STATE, "hₜ = tanh(W·xₜ + b + U·hₜ₋₁ + b′)"),)
    module = nn.RNN
    scan = staticmethod(_scan)

    def fused(self, inputs: Tensor, state: tuple[Tensor, ...], weights: list[Tensor]) -> Tensor:
        start = state[0][None, None]  # (1, 1, H): one layer, one text
        return torch.rnn_tanh(inputs[:, None], start, weights, True, 1, 0.0, False, False, False)[0][:, 0]

    def recover(self, inputs: Tensor, hidden: Tensor, state: tuple[Tensor, ...], weights: list[Tensor]) -> list[Tensor]:
        return [hidden]
