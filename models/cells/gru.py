"""The gated recurrent unit (Cho et al. 2014) in PyTorch's form: `torch.nn.GRU`, gate order r z n."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..equations.equation import Value, apply, parts, preactivation
from ..equations.functions import sigmoid_slope, tanh_slope
from ..equations.scale import interval
from ..kernels.arithmetic import copy, fma, hold, kernel, sigmoid, tanh
from ..kernels.packed_matrix import add_product, zero_totals
from .base import Array, Kind, Signal
from .derivative import Linear
from .fused import FusedCell, previous
from .program import LayerWeights


@kernel
def _scan(drive, rows, recurrent, constants, state, out, offset, fixed):  # type: ignore[no-untyped-def]
    units, held = state.shape[1], fixed.shape[0] > 0
    hidden = state[0]
    one = drive.dtype.type(1.0)
    totals = zero_totals(1, recurrent, units)
    total = totals[0]
    reset, update, candidate = total[:units], total[units : 2 * units], total[2 * units :]
    for t in range(rows.size):
        step = offset + t
        driven = drive[rows[t]]
        copy(driven, total, 2 * units)
        copy(constants[0], candidate, units)
        add_product(totals, state, 0, recurrent, t & 1)
        for j in range(2 * units):
            total[j] = sigmoid(total[j])
        if held:
            hold(reset, fixed[1], units)
            hold(update, fixed[2], units)
        for j in range(units):
            candidate[j] = tanh(fma(reset[j], candidate[j], driven[2 * units + j]))
        if held:
            hold(candidate, fixed[3], units)
        for j in range(units):
            hidden[j] = fma(update[j], hidden[j], (one - update[j]) * candidate[j])
        if held:
            hold(hidden, fixed[0], units)
        copy(hidden, out[0, step], units)
        copy(reset, out[1, step], units)
        copy(update, out[2, step], units)
        copy(candidate, out[3, step], units)


_W, _B, _U, _B_INSIDE = parts(2, "n")
_CANDIDATE = apply("tanh", _W + _B + Value("r") * (_U + _B_INSIDE))


class GRU(FusedCell):
    name = "gru"
    title = "GRU"
    gates = 3
    states = ("hidden",)
    signals = (
        Signal(
            "hidden", "h", "Hidden state", Kind.STATE, (1 - Value("z")) * Value("n") + Value("z") * Value("h").before
        ),
        Signal("reset_gate", "r", "Reset gate", Kind.GATE, apply("σ", preactivation(0, "r")), interval(0, 1)),
        Signal("update_gate", "z", "Update gate", Kind.GATE, apply("σ", preactivation(1, "z")), interval(0, 1)),
        Signal("candidate", "n", "Candidate", Kind.CANDIDATE, _CANDIDATE),
    )
    keeps = Value("z")
    torch_module = nn.GRU
    kernel = staticmethod(torch.gru)

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
        _scan(drive, rows, weights.recurrent, weights.constants, state, out, offset, fixed)

    def recover(self, inputs: Tensor, hidden: Tensor, state: tuple[Tensor, ...], weights: list[Tensor]) -> list[Tensor]:
        weight_ih, weight_hh, bias_ih, bias_hh = weights
        driven = torch.addmm(bias_ih, inputs, weight_ih.T).chunk(3, dim=1)
        fed_back = torch.addmm(bias_hh, previous(hidden, state[0]), weight_hh.T).chunk(3, dim=1)
        reset = torch.sigmoid(driven[0] + fed_back[0])
        update = torch.sigmoid(driven[1] + fed_back[1])
        candidate = torch.tanh(driven[2] + reset * fed_back[2])
        return [hidden, reset, update, candidate]

    def linearise(
        self, driven: Tensor, fed_back: Tensor, before: Tensor, signals: Tensor, vectors: list[Tensor]
    ) -> Linear:
        _, reset, update, candidate = signals
        inner = fed_back[2]  # what the reset gate scales: Uₙ·h + b′ₙ
        flat = (1.0 - update) * tanh_slope(driven[2] + reset * inner)
        by_reset = flat * inner * sigmoid_slope(driven[0] + fed_back[0])
        by_update = (before[0] - candidate) * sigmoid_slope(driven[1] + fed_back[1])
        feedback = torch.stack([by_reset, by_update, flat * reset])[None]  # (1, 3, *, H)
        drive = torch.stack([by_reset, by_update, flat])[None]
        return Linear(update[None, None], feedback, drive)
