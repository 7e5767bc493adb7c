"""The mLSTM block of xLSTM (Beck et al. 2024, "xLSTM: Extended long short-term memory", sections 2.3 and 2.4): a memory
that is a matrix for each head, written by keys and read by queries, in a block with a residual stream.

    [x_m, z] = W·norm(x)      x_c = SiLU(convolution of the last 4 x_m)
    q, k from x_c and v from x_m by small blocks; k over √d      ĩ, f̃ of each head = W_g·[q, k, v]
    h = x + u      u = W_o·((norm(retrieved) + s∘x_c)∘SiLU(z))

The paper has C = f·C′ + i·v·kᵀ, n = f·n′ + i·k and retrieves C·q / max(|n·q|, 1), with i = exp(ĩ), f = σ(f̃) and a
stabiliser that keeps exp from overflowing. Here the same is written, as in `slstm`, with what is stored normalised by
its mass, for which no stabiliser is needed:

    φ = log σ(f̃)      a = φ + l′      κ = σ(a − ĩ)      l = log(eᵃ + e^ĩ)
    Ĉ = κ·Ĉ′ + (1 − κ)·v·kᵀ      n̂ = κ·n̂′ + (1 − κ)·k      retrieved = Ĉ·q / max(|n̂·q|, e⁻ˡ)

κ is the share of the memory that survives a step, one number for a head. The gates do not depend on the state, so all
of a segment is computed at once in training, as weights over its steps (`_parallel`).

T  steps    B  texts    D  units    N = 2·D    A  heads    d = N / A
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..equations.equation import Words
from ..equations.scale import half_line, interval, symmetric
from ..kernels import matrix_memory
from ..kernels.attention import EPSILON, layer_norm
from ..kernels.block_state import BlockState
from ..kernels.packed_matrix import affine, pack
from .base import Array, Kind, Signal
from .layout import Each
from .residual import Block, Entry, cut, entered, entry_products, held, normal, parted
from .slstm import EMPTY

WIDER = 2
"""How many times as wide as the stream the inside of the block is."""
REACH = 4
"""Steps under the convolution, the current one among them."""
BLOCK = 4
"""The size of the blocks that make queries, keys and values."""
OWN = 14
"""Parameters of a block beside the weight of its input."""
ROWS = ("keep", "log_input_gate", "log_forget_gate", "log_mass", "memory_size", "match")
"""The signals of a head, in the order of `matrix_memory.remember`."""


@dataclass(frozen=True)
class BlockWeights:
    """The parameters laid out for the loops; those of `affine` packed."""

    entry: Entry
    norm: tuple[Array, Array]
    up: Array
    nothing: Array
    convolution: tuple[Array, Array]
    blocks: tuple[Array, Array, Array]
    gates: tuple[Array, Array]
    head_norm: Array
    skip: Array
    down: tuple[Array, Array]


class MLSTMBlock(Block):
    name = "mlstm"
    title = "mLSTM block"
    heads = 4
    signals = (
        Signal("hidden", "h", "Residual stream", Kind.STATE, Words("xₜ + uₜ"), symmetric()),
        Signal("retrieved", "u", "Added to the stream", Kind.CANDIDATE,
               Words("Wₒ·((norm(Ĉₜ·q / max(|aₜ|, e^(−lₜ))) + s∘x_c)∘SiLU(z))"), symmetric()),
        Signal("keep", "κ", "Keep", Kind.GATE, Words("σ(φₜ + lₜ₋₁ − ĩₜ)"), interval(0, 1), Each.HEAD),
        Signal("log_input_gate", "ĩ", "Log of the input gate", Kind.CANDIDATE, Words("w_i·[q, k, v] + b_i"),
               symmetric(), Each.HEAD),
        Signal("log_forget_gate", "φ", "Log of the forget gate", Kind.CANDIDATE, Words("log σ(w_f·[q, k, v] + b_f)"),
               symmetric(), Each.HEAD),
        Signal("log_mass", "l", "Log mass", Kind.STATE, Words("log(e^(φₜ + lₜ₋₁) + e^ĩₜ)"), symmetric(), Each.HEAD),
        Signal("memory_size", "m", "Size of the memory", Kind.STATE, Words("‖Ĉₜ‖"), half_line(), Each.HEAD),
        Signal("match", "a", "Match of query and keys", Kind.CANDIDATE, Words("n̂ₜ·q"), symmetric(), Each.HEAD),
    )  # fmt: skip

    def start_state(self, units: int, dtype: np.dtype[Any]) -> BlockState:
        """Ĉ (A, d, d) by key and value, n̂ (A, d), l (A,), and the last x_m (REACH − 1, N)."""
        heads, inner = self.heads, WIDER * units
        width = inner // heads
        memory, mean = np.zeros((heads, width, width), dtype), np.zeros((heads, width), dtype)
        return BlockState((memory, mean, np.full(heads, EMPTY, dtype)), np.zeros((REACH - 1, inner), dtype))

    def multiply_adds(self, inputs: int, units: int, step: int | None = None) -> int:
        """The memory is written and read once in a step, whatever the step."""
        inner = WIDER * units
        products = 3 * inner * units + inner * (3 * BLOCK + REACH + 6 * self.heads)
        return entry_products(inputs, units) + products + 2 * inner * inner // self.heads

    # ── reading on the CPU ────────────────────────────────────────────────────────────────────────────

    def prepare(self, weights: list[Tensor], first: bool) -> BlockWeights:
        entry, own = parted([one.detach().cpu() for one in weights], OWN)
        n, c, up, conv, conv_bias, q, k, v, gates, gates_bias, head_norm, skip, down, bias = (
            one.numpy() for one in own
        )
        return BlockWeights(
            entry=Entry.of(entry, first),
            norm=(n, c),
            up=pack(np.ascontiguousarray(up.T)),
            nothing=np.zeros(len(up), up.dtype),
            convolution=(conv, conv_bias),
            blocks=(q, k, v),
            gates=(pack(np.ascontiguousarray(gates.T)), gates_bias),
            head_norm=head_norm,
            skip=skip,
            down=(pack(np.ascontiguousarray(down.T)), bias),
        )

    def advance(self, weights: Any, below: Array, state: Any, out: Array, offset: int, fixed: Array) -> None:
        steps, units = len(below), out.shape[2]
        inner = WIDER * units
        stream = weights.entry.stream(below, units, out.dtype)
        normed = np.empty_like(stream)
        layer_norm(stream, *weights.norm, normed)
        wide = np.empty((steps, 2 * inner), out.dtype)
        affine(normed, weights.up, weights.nothing, wide)
        inside, gate = np.ascontiguousarray(wide[:, :inner]), np.ascontiguousarray(wide[:, inner:])
        convolved = np.empty_like(inside)
        matrix_memory.convolve(state.extended(inside), REACH, *weights.convolution, convolved)
        joined = np.empty((3, steps, inner), out.dtype)
        for one, values, matrix in zip(joined, (convolved, convolved, inside), weights.blocks, strict=True):
            matrix_memory.by_blocks(values, matrix, one)
        gates = np.empty((steps, 2 * self.heads), out.dtype)
        affine(np.concatenate(joined, axis=1), *weights.gates, gates)
        shown, found = np.empty((len(ROWS), steps, self.heads), out.dtype), np.empty_like(inside)
        own = self._rows()
        of_heads = np.ascontiguousarray(fixed[own, : self.heads]) if len(fixed) else fixed[:, : self.heads]
        matrix_memory.remember(*joined, gates, *state.memory, of_heads, shown, found)
        matrix_memory.norm_heads(found, self.heads, weights.head_norm)
        matrix_memory.gated(found, weights.skip, convolved, gate)
        hidden, added = (one[offset : offset + steps] for one in out[:2])
        affine(found, *weights.down, added)
        held(added, fixed, 1)
        np.add(stream, added, out=hidden)
        held(hidden, fixed, 0)
        out[own, offset : offset + steps, : self.heads] = shown

    @classmethod
    def _rows(cls) -> list[int]:
        """Where the signals of `ROWS` stand among all."""
        return [cls.names().index(name) for name in ROWS]

    # ── in PyTorch ────────────────────────────────────────────────────────────────────────────────────

    def initial_parameters(self, units: int) -> dict[str, Tensor]:
        """As the authors have it: gates that know nothing of the input yet and keep."""
        inner, zeros = WIDER * units, torch.zeros
        spread = math.sqrt(2 / (5 * BLOCK))
        made = {
            "norm": torch.ones(units),
            "norm_bias": zeros(units),
            "weight_up": normal(2 * inner, units),
            "weight_convolution": nn.init.uniform_(torch.empty(REACH, inner), -0.5, 0.5),
            "bias_convolution": zeros(inner),
        }
        for name in ("query", "key", "value"):
            made[f"weight_{name}"] = nn.init.normal_(torch.empty(inner // BLOCK, BLOCK, BLOCK), std=spread)
        gates = torch.cat([0.1 * torch.randn(self.heads), torch.linspace(3.0, 6.0, self.heads)])
        return made | {
            "weight_gates": zeros(2 * self.heads, 3 * inner),
            "bias_gates": gates,
            "head_norm": torch.ones(inner),
            "skip": torch.ones(inner),
            "weight_down": normal(units, inner, shrunk=2),
            "bias_down": zeros(units),
        }

    def training_start(self, batch: int, units: int, like: Tensor) -> tuple[Tensor, ...]:
        """All numbers of a state side by side, (B, A·d·d + A·d + A + (REACH − 1)·N): Ĉ, n̂, l, the last x_m."""
        inner = WIDER * units
        width = inner // self.heads
        start = like.new_zeros(batch, inner * width + inner + self.heads + (REACH - 1) * inner)
        start[:, inner * width + inner :][:, : self.heads] = EMPTY
        return (start,)

    def layer(
        self, inputs: Tensor, start: tuple[Tensor, ...], weights: list[Tensor]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """The residual stream (T, B, D), and the state at the end; all steps at once."""
        inside = _Inside(self, inputs, self._split(start[0], len(weights[-1])), weights)
        found, _, end = _parallel(inside)
        hidden = inside.stream + inside.added(found)
        return hidden, (torch.cat([one.flatten(1) for one in (*end, inside.recent)], dim=1),)

    def _split(self, state: Tensor, units: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Ĉ (B, A, d, d), n̂ (B, A, d), l (B, A) and the last x_m (REACH − 1, B, N) of `training_start`."""
        inner, batch = WIDER * units, len(state)
        width = inner // self.heads
        memory, mean, mass, recent = torch.split(state, [inner * width, inner, self.heads, (REACH - 1) * inner], dim=1)
        shape = batch, self.heads, width
        return memory.view(*shape, width), mean.view(shape), mass, recent.view(batch, REACH - 1, inner).transpose(0, 1)

    def advance_torch(self, inputs: Tensor, state: Any, weights: list[Tensor]) -> list[Tensor]:
        memory, mean, mass = (torch.as_tensor(one, device=inputs.device)[None] for one in state.memory)
        before = memory, mean, mass, torch.as_tensor(state.recent, device=inputs.device)[:, None]
        inside = _Inside(self, inputs[:, None], before, weights)
        found, of_heads, end = _stepwise(inside)
        state.put(tuple(one[0].cpu().numpy() for one in end), inside.recent[0].cpu().numpy())
        added = inside.added(found)
        shown = {"hidden": inside.stream + added, "retrieved": added, **of_heads}
        return [shown[one.name][:, 0] for one in self.signals]


class _Inside:
    """What a block computes of a segment before its memory comes into play.

    Attributes:
        stream: x, (T, B, D).
        queries, keys, values: (T, B, A, d), the keys over √d.
        given, kept: ĩ and φ, (T, B, A).
        before: Ĉ, n̂ and l before the first step.
        recent: (B, REACH − 1, N), the last inputs of the convolution.
    """

    def __init__(
        self, cell: MLSTMBlock, inputs: Tensor, before: tuple[Tensor, Tensor, Tensor, Tensor], weights: list[Tensor]
    ) -> None:
        entry, own = parted(weights, OWN)
        n, c, up, conv, conv_bias, q, k, v, gates, gates_bias, self._norm, self._skip, down, bias = own
        self.stream, self._down, self._heads = entered(inputs, entry), (down, bias), cell.heads
        *self.before, recent = before
        inside, self._gate = functional.linear(functional.layer_norm(self.stream, (len(n),), n, c, EPSILON), up).chunk(
            2, dim=-1
        )
        steps = len(inside)
        every = torch.cat([recent, inside])
        self.recent = every[steps:].transpose(0, 1)
        windows = torch.stack([every[reach : reach + steps] for reach in range(REACH)])
        self._convolved = functional.silu(torch.einsum("ktbn,kn->tbn", windows, conv) + conv_bias)
        every_block = [
            _by_blocks(one, matrix) for one, matrix in ((self._convolved, q), (self._convolved, k), (inside, v))
        ]
        raised = functional.linear(torch.cat(every_block, dim=-1), gates, gates_bias)
        self.given, self.kept = raised[..., : self._heads], functional.logsigmoid(raised[..., self._heads :])
        self.queries, keys, self.values = (cut(one, self._heads) for one in every_block)
        self.keys = keys / keys.shape[-1] ** 0.5

    def added(self, found: Tensor) -> Tensor:
        """u, (T, B, D), from what is retrieved, (T, B, A, d)."""
        normed = functional.layer_norm(found, found.shape[-1:], eps=EPSILON).flatten(-2) * self._norm
        return functional.linear((normed + self._skip * self._convolved) * functional.silu(self._gate), *self._down)


def _by_blocks(values: Tensor, matrix: Tensor) -> Tensor:
    return torch.einsum("tbgj,gij->tbgi", cut(values, len(matrix)), matrix).flatten(-2)


def _parallel(inside: _Inside) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor, Tensor]]:
    """What is retrieved at each step (T, B, A, d), the weights w_ts of what was written (B, A, T, S), and Ĉ, n̂ and l at
    the end.

    Unrolled, Ĉ_t = Σ_s w_ts·v_s·k_sᵀ + w_t·Ĉ_start, with log w_ts = Σ_{s<r≤t} φ_r + ĩ_s − l_t for s ≤ t.
    """
    memory, mean, mass = inside.before
    queries, keys, values = (one.permute(1, 2, 0, 3) for one in (inside.queries, inside.keys, inside.values))
    passed = inside.kept.permute(1, 2, 0).cumsum(dim=-1)  # Σ_{r ≤ t} φ_r, (B, A, T)
    steps = passed.shape[-1]
    logs = passed[..., None] + (inside.given.permute(1, 2, 0) - passed)[..., None, :]  # (B, A, T, S)
    later = torch.ones(steps, steps, dtype=torch.bool, device=passed.device).triu(1)
    logs = logs.masked_fill(later, -math.inf)
    old = passed + mass[..., None]  # the log of what is left of the start's
    masses = torch.logaddexp(logs.logsumexp(dim=-1), old)
    weights, left = (logs - masses[..., None]).exp(), (old - masses).exp()[..., None]
    matches = weights * (queries @ keys.transpose(-1, -2))
    found = matches @ values + left * (queries @ memory)
    match = matches.sum(dim=-1, keepdim=True) + left * (queries @ mean[..., None])
    found = found / torch.maximum(match.abs(), (-masses).exp()[..., None])
    written = weights[..., -1, :, None] * keys
    end = (
        written.transpose(-1, -2) @ values + left[..., -1:, :] * memory,
        written.sum(dim=-2) + left[..., -1, :] * mean,
        masses[..., -1],
    )
    return found.permute(2, 0, 1, 3), weights, end


def _stepwise(inside: _Inside) -> tuple[Tensor, dict[str, Tensor], tuple[Tensor, Tensor, Tensor]]:
    """The same by the recurrence: what is retrieved, the signals of the heads (T, B, A), and the end."""
    memory, mean, mass = inside.before
    rows: list[tuple[Tensor, ...]] = []
    for query, key, value, given, forgotten in zip(
        inside.queries, inside.keys, inside.values, inside.given, inside.kept, strict=True
    ):
        keep = torch.sigmoid(forgotten + mass - given)
        mass = torch.logaddexp(forgotten + mass, given)
        share = (1 - keep)[..., None] * key
        mean = keep[..., None] * mean + share
        memory = keep[..., None, None] * memory + share[..., :, None] * value[..., None, :]
        match = (mean * query).sum(dim=-1)
        bound = torch.maximum(match.abs(), (-mass).exp())[..., None]
        found = torch.einsum("baji,baj->bai", memory, query) / bound
        rows.append((found, keep, given, forgotten, mass, memory.square().sum(dim=(-2, -1)).sqrt(), match))
    found, *of_heads = (torch.stack(one) for one in zip(*rows, strict=True))
    return found, dict(zip(ROWS, of_heads, strict=True)), (memory, mean, mass)
