"""The long short-term memory cell (Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 2000) in
PyTorch's form: `torch.nn.LSTM`, gate order i f g o."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..equations.equation import Value, apply, preactivation
from ..equations.functions import sigmoid_slope, tanh_slope
from ..equations.scale import Ends, interval, symmetric
from ..kernels.arithmetic import copy, fma, hold, kernel, sigmoid, tanh
from ..kernels.packed_matrix import add_product, zero_totals
from .base import Array, Kind, Signal
from .derivative import Linear
from .fused import FusedCell, previous, scan_linear
from .program import LayerWeights

FORGET_BIAS = 1.0
"""The initial bias of the forget gate (Jozefowicz et al. 2015), so that it keeps at first."""


@kernel
def _scan(drive, rows, recurrent, state, out, offset, fixed):  # type: ignore[no-untyped-def]
    units, held = state.shape[1], fixed.shape[0] > 0
    hidden, cell = state[0], state[1]
    totals = zero_totals(1, recurrent, units)
    total = totals[0]
    both = total[: 2 * units]
    input_gate, forget_gate = total[:units], total[units : 2 * units]
    candidate, output_gate = total[2 * units : 3 * units], total[3 * units :]
    for t in range(rows.size):
        step = offset + t
        copy(drive[rows[t]], total, 4 * units)
        add_product(totals, state, 0, recurrent, t & 1)
        for j in range(2 * units):
            both[j] = sigmoid(both[j])
        for j in range(units):
            candidate[j] = tanh(candidate[j])
        for j in range(units):
            output_gate[j] = sigmoid(output_gate[j])
        if held:
            hold(input_gate, fixed[2], units)
            hold(forget_gate, fixed[3], units)
            hold(output_gate, fixed[4], units)
            hold(candidate, fixed[5], units)
        for j in range(units):
            cell[j] = fma(forget_gate[j], cell[j], input_gate[j] * candidate[j])
        if held:
            hold(cell, fixed[1], units)
        for j in range(units):
            hidden[j] = output_gate[j] * tanh(cell[j])
        if held:
            hold(hidden, fixed[0], units)
        copy(hidden, out[0, step], units)
        copy(cell, out[1, step], units)
        copy(input_gate, out[2, step], units)
        copy(forget_gate, out[3, step], units)
        copy(output_gate, out[4, step], units)
        copy(candidate, out[5, step], units)


class LSTM(FusedCell):
    name = "lstm"
    title = "LSTM"
    gates = 4
    states = ("hidden", "cell")
    signals = (
        Signal("hidden", "h", "Hidden state", Kind.STATE, Value("o") * apply("tanh", Value("c"))),
        Signal(
            "cell",
            "c",
            "Cell state",
            Kind.STATE,
            Value("f") * Value("c").before + Value("i") * Value("g"),
            symmetric(saturation=Ends.OF_TANH),
        ),
        Signal("input_gate", "i", "Input gate", Kind.GATE, apply("σ", preactivation(0, "i")), interval(0, 1)),
        Signal("forget_gate", "f", "Forget gate", Kind.GATE, apply("σ", preactivation(1, "f")), interval(0, 1)),
        Signal("output_gate", "o", "Output gate", Kind.GATE, apply("σ", preactivation(3, "o")), interval(0, 1)),
        Signal("candidate", "g", "Candidate", Kind.CANDIDATE, apply("tanh", preactivation(2, "g"))),
    )
    keeps = Value("f")
    start_biases = MappingProxyType({1: (FORGET_BIAS, FORGET_BIAS)})
    torch_module = nn.LSTM
    kernel = staticmethod(torch.lstm)

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
        """The cell state at the end of the segment, (B, H): it accumulates, so its end shows how far it went."""
        return end[1]

    def recover(self, inputs: Tensor, hidden: Tensor, state: tuple[Tensor, ...], weights: list[Tensor]) -> list[Tensor]:
        weight_ih, weight_hh, bias_ih, bias_hh = weights
        total = torch.addmm(bias_ih + bias_hh, inputs, weight_ih.T)
        total.addmm_(previous(hidden, state[0]), weight_hh.T)
        i, f, g, o = total.chunk(4, dim=1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        cell = scan_linear(f, i * g, state[1])
        return [hidden, cell, i, f, o, g]

    def linearise(
        self, driven: Tensor, fed_back: Tensor, before: Tensor, signals: Tensor, vectors: list[Tensor]
    ) -> Linear:
        _, cell, input_gate, forget_gate, output_gate, candidate = signals
        total = driven + fed_back  # (4, *, H)
        flat = sigmoid_slope(total)
        nothing = torch.zeros_like(cell)
        by_candidate = input_gate * tanh_slope(total[2])
        for_cell = torch.stack([candidate * flat[0], before[1] * flat[1], by_candidate, nothing])
        through = output_gate * tanh_slope(cell)  # the effect on h of a change of the cell state
        for_hidden = through * for_cell
        for_hidden[3] = torch.tanh(cell) * flat[3]
        feedback = torch.stack([for_hidden, for_cell])  # (2, 4, *, H)
        kept = torch.stack([through * forget_gate, forget_gate])
        carry = torch.stack([torch.zeros_like(kept), kept], dim=1)  # (2, 2, *, H): none from h but through the gates
        return Linear(carry, feedback, feedback)
