"""The sLSTM block of xLSTM (Beck et al. 2024, section 2.4): an sLSTM in a block with a residual stream, then an MLP.

    n = norm(x)      x_c = SiLU(convolution of the last 4 n)
    sLSTM with ĩ, f̃ from x_c and z̃, õ from n, each head for itself (`slstm`)      u = norm of each head of its h
    h = (x + u) + v      v = W·(GELU(W_a·m) ∘ (W_b·m)), m = norm(x + u)

T  steps    B  texts    D  units    A  heads    F  width of the MLP
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..equations.equation import Value, Words
from ..equations.scale import symmetric
from ..kernels import matrix_memory
from ..kernels.attention import EPSILON, gelu, layer_norm
from ..kernels.block_state import BlockState
from ..kernels.packed_matrix import affine, pack
from .base import Array, Kind, Signal
from .program import LayerWeights
from .residual import Block, Entry, cut, entered, entry_products, held, normal, parted
from .sequence import read_driven
from .slstm import SLSTM

REACH = 4
"""Steps under the convolution, the current one among them."""
WIDER = 4 / 3
"""How many times as wide as the stream the MLP is, rounded up to a multiple of `STEP`."""
STEP = 8
OWN = 13
"""Parameters of a block beside the weight of its input."""
CORE = SLSTM()
INNER = "cell_hidden"
"""The hidden state of the sLSTM inside, which is not the stream."""


def mlp_width(units: int) -> int:
    """F."""
    return -(-int(units * WIDER) // STEP) * STEP


@dataclass(frozen=True)
class BlockWeights:
    """The parameters laid out for the loops; those of `affine` packed."""

    entry: Entry
    norms: tuple[Array, Array, Array, Array]
    convolution: tuple[Array, Array]
    gates: tuple[Array, ...]
    bias: Array
    core: LayerWeights
    head_norm: Array
    up: Array
    down: Array
    nothing: Array


class SLSTMBlock(Block):
    name = "slstm_block"
    title = "sLSTM block"
    heads = CORE.heads
    keeps = Value("κ")
    signals = (
        Signal("hidden", "h", "Residual stream", Kind.STATE, Words("xₜ + uₜ + vₜ"), symmetric()),
        Signal("added", "u", "Added by the sLSTM", Kind.CANDIDATE, Words("norm of each head of yₜ"), symmetric()),
        Signal("mlp", "v", "MLP", Kind.CANDIDATE, Words("W·(GELU(W_a·m)∘(W_b·m)), m = norm(xₜ + uₜ)"), symmetric()),
        Signal(INNER, "y", "Hidden state of the sLSTM", Kind.STATE, Words("oₜ·ĉₜ")),
        Signal("memory", "ĉ", "Normalised memory", Kind.STATE, Words("κₜ·ĉₜ₋₁ + (1 − κₜ)·zₜ")),
        Signal("log_mass", "l", "Log mass", Kind.STATE, Words("log(e^(φₜ + lₜ₋₁) + e^ĩₜ)"), symmetric()),
        Signal("keep", "κ", "Keep", Kind.GATE, Words("σ(φₜ + lₜ₋₁ − ĩₜ)"), CORE.signal("keep").scale),
        Signal("log_input_gate", "ĩ", "Log of the input gate", Kind.CANDIDATE, Words("W_i·x_c + R_i·yₜ₋₁ + b_i"),
               symmetric()),
        Signal("log_forget_gate", "φ", "Log of the forget gate", Kind.CANDIDATE,
               Words("log σ(W_f·x_c + R_f·yₜ₋₁ + b_f)"), symmetric()),
        Signal("output_gate", "o", "Output gate", Kind.GATE, Words("σ(W_o·n + R_o·yₜ₋₁ + b_o)"),
               CORE.signal("output_gate").scale),
        Signal("candidate", "z", "Candidate", Kind.CANDIDATE, Words("tanh(W_z·n + R_z·yₜ₋₁ + b_z)")),
    )  # fmt: skip

    @classmethod
    def memory(cls) -> Signal:
        return cls.signal("memory")

    @classmethod
    def _rows(cls) -> list[int]:
        """Where the sLSTM's signals, in its own order, stand among those of the block."""
        return [cls.names().index(INNER if name == "hidden" else name) for name in CORE.names()]

    def start_state(self, units: int, dtype: np.dtype[Any]) -> BlockState:
        """The sLSTM's states (J, D), and the last n (REACH − 1, D)."""
        return BlockState((CORE.start_state(units, dtype),), np.zeros((REACH - 1, units), dtype))

    def multiply_adds(self, inputs: int, units: int, step: int | None = None) -> int:
        inside = 2 * CORE.gates * units * (units // self.heads) + REACH * units
        return entry_products(inputs, units) + inside + 3 * units * mlp_width(units)

    # ── reading on the CPU ────────────────────────────────────────────────────────────────────────────

    def prepare(self, weights: list[Tensor], first: bool) -> BlockWeights:
        entry, own = parted([one.detach().cpu() for one in weights], OWN)
        n1, c1, conv, conv_bias, gates, _, bias, head_norm, n2, c2, up_a, up_b, down = (one.numpy() for one in own)
        return BlockWeights(
            entry=Entry.of(entry, first),
            norms=(n1, c1, n2, c2),
            convolution=(conv, conv_bias),
            gates=tuple(gates),
            bias=bias,
            core=CORE.prepare(_core_weights(own), False),
            head_norm=head_norm,
            up=pack(np.ascontiguousarray(np.concatenate([up_a, up_b]).T)),
            down=pack(np.ascontiguousarray(down.T)),
            nothing=np.zeros(2 * len(up_a), bias.dtype),
        )

    def advance(self, weights: Any, below: Array, state: Any, out: Array, offset: int, fixed: Array) -> None:
        steps, units, dtype = len(below), out.shape[2], out.dtype
        n1, c1, n2, c2 = weights.norms
        stream = weights.entry.stream(below, units, dtype)
        normed = np.empty_like(stream)
        layer_norm(stream, n1, c1, normed)
        convolved = np.empty_like(stream)
        matrix_memory.convolve(state.extended(normed), REACH, *weights.convolution, convolved)
        drive = np.empty((steps, CORE.gates, units), dtype)
        product = np.empty_like(stream)
        for gate, (source, matrix) in enumerate(zip(_sources(convolved, normed), weights.gates, strict=True)):
            matrix_memory.by_blocks(source, matrix, product)
            np.add(product, weights.bias[gate * units : (gate + 1) * units], out=drive[:, gate])
        rows, own = np.arange(steps, dtype=np.int32), self._rows()
        inside = np.empty((len(own), steps, units), dtype)
        of_core = np.ascontiguousarray(fixed[own]) if len(fixed) else fixed
        CORE.read(weights.core, drive.reshape(steps, -1), rows, state.memory[0], inside, 0, of_core)
        out[own, offset : offset + steps] = inside
        hidden, added, mlp = (one[offset : offset + steps] for one in out[:3])
        added[:] = inside[0]
        matrix_memory.norm_heads(added, self.heads, weights.head_norm)
        held(added, fixed, 1)
        np.add(stream, added, out=stream)
        layer_norm(stream, n2, c2, normed)
        width = mlp_width(units)
        wide = np.empty((steps, 2 * width), dtype)
        affine(normed, weights.up, weights.nothing, wide)
        raised = np.ascontiguousarray(wide[:, :width])
        gelu(raised)
        affine(raised * wide[:, width:], weights.down, weights.nothing[:units], mlp)
        held(mlp, fixed, 2)
        np.add(stream, mlp, out=hidden)
        held(hidden, fixed, 0)

    # ── in PyTorch ────────────────────────────────────────────────────────────────────────────────────

    def initial_parameters(self, units: int) -> dict[str, Tensor]:
        zeros, width, wide = torch.zeros, units // self.heads, mlp_width(units)
        bias = zeros(CORE.gates, units)
        for gate, ends in CORE.start_biases.items():
            bias[gate] = torch.linspace(*ends, units)
        return {
            "norm1": torch.ones(units),
            "norm1_bias": zeros(units),
            "weight_convolution": nn.init.uniform_(torch.empty(REACH, units), -0.5, 0.5),
            "bias_convolution": zeros(units),
            "weight_gates": nn.init.normal_(
                torch.empty(CORE.gates, self.heads, width, width), std=(0.4 / width) ** 0.5
            ),
            "weight_recurrent": zeros(CORE.gates * units, width),
            "bias_gates": bias.flatten(),
            "head_norm": torch.ones(units),
            "norm2": torch.ones(units),
            "norm2_bias": zeros(units),
            "weight_raise": normal(wide, units),
            "weight_gate": normal(wide, units),
            "weight_down": normal(units, wide, shrunk=2),
        }

    def training_start(self, batch: int, units: int, like: Tensor) -> tuple[Tensor, ...]:
        """The sLSTM's states, each (B, D), and the last n, (B, (REACH − 1)·D)."""
        return *CORE.training_start(batch, units, like), like.new_zeros(batch, (REACH - 1) * units)

    def layer(
        self, inputs: Tensor, start: tuple[Tensor, ...], weights: list[Tensor]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        signals, end = self._signals(inputs, start, weights)
        return signals[0], end

    def advance_torch(self, inputs: Tensor, state: Any, weights: list[Tensor]) -> list[Tensor]:
        cell, recent = (torch.as_tensor(one, device=inputs.device) for one in (state.memory[0], state.recent))
        start = *(one[None] for one in cell), recent.reshape(1, -1)
        signals, (*cell_end, recent) = self._signals(inputs[:, None], start, weights)
        state.put((torch.cat(cell_end).cpu().numpy(),), recent.view(REACH - 1, -1).cpu().numpy())
        return [one[:, 0] for one in signals]

    def _signals(
        self, inputs: Tensor, start: tuple[Tensor, ...], weights: list[Tensor]
    ) -> tuple[list[Tensor], tuple[Tensor, ...]]:
        """All signals of a block, each (T, B, D), and the states at the end."""
        entry, own = parted(weights, OWN)
        n1, c1, conv, conv_bias, gates, _, bias, head_norm, n2, c2, up_a, up_b, down = own
        x = entered(inputs, entry)
        steps, batch, units = x.shape
        normed = functional.layer_norm(x, (units,), n1, c1, EPSILON)
        every = torch.cat([start[-1].view(batch, REACH - 1, units).transpose(0, 1), normed])
        windows = torch.stack([every[reach : reach + steps] for reach in range(REACH)])
        convolved = functional.silu(torch.einsum("ktbn,kn->tbn", windows, conv) + conv_bias)
        sources = cut(torch.stack(_sources(convolved, normed)), self.heads)
        driven = torch.einsum("gtbaj,gaij->tbgai", sources, gates).flatten(2) + bias
        inside, end = read_driven(CORE.layout, driven, start[:-1], _core_weights(own))
        of_heads = cut(inside[0], self.heads)
        u = functional.layer_norm(of_heads, of_heads.shape[-1:], eps=EPSILON).flatten(-2) * head_norm
        m = functional.layer_norm(x + u, (units,), n2, c2, EPSILON)
        v = functional.linear(functional.gelu(m @ up_a.T, approximate="tanh") * (m @ up_b.T), down)
        shown = dict(zip((INNER, *CORE.names()[1:]), inside, strict=True)) | {"hidden": x + u + v, "added": u, "mlp": v}
        return [shown[name] for name in self.names()], (*end, every[steps:].transpose(0, 1).flatten(1))


def _sources(convolved: Any, normed: Any) -> list[Any]:
    """What each gate of the sLSTM reads: ĩ and f̃ the convolution, z̃ and õ the stream itself."""
    return [convolved, convolved, normed, normed]


def _core_weights(own: list[Tensor]) -> list[Tensor]:
    """The parameters of the sLSTM inside as `Cell.prepare` takes them; its input is driven from outside."""
    recurrent = CORE.dense(own[5])
    nothing = recurrent.new_zeros(len(recurrent))
    return [recurrent.new_zeros(len(recurrent), 1), recurrent, nothing, nothing]
