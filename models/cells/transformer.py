"""A block of a decoder-only transformer (Vaswani et al. 2017; pre-norm: Xiong et al. 2020; rotary positions: Su et al.
2021), as a layer among others: what a recurrent cell is compared with.

    x = input (the first block: the character's row of a table);  a = x + Attention(norm(x))·Wₒ;  h = a + MLP(norm(a))

It has no state that one step hands to the next, but a *window*: the keys and values of the last `WINDOW` steps. Within
it nothing fades by itself; beyond it nothing is known. A window is not among the signals, grows until it is full, and
has the same bits wherever in the text its characters stand.

There is no norm after the last block: what the readout reads is the signal that the page shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ..equations.equation import Words
from ..equations.scale import symmetric
from ..kernels.attention import EPSILON, attend, gelu, layer_norm, rotations
from ..kernels.packed_matrix import affine, pack
from ..kernels.window import Window
from .base import Array, Kind, Signal
from .residual import Block, Entry, entered, entry_products, held, normal, parted

WINDOW = 256
"""Steps that attention looks back on, the current one among them."""
WIDER = 4
"""How many times as wide as a block its MLP is."""
OWN = 12
"""Parameters of a block beside the weight of its input."""


@dataclass(frozen=True)
class BlockWeights:
    """The parameters of a block laid out for its loops; the matrices packed.

    Attributes:
        norms: (4, D), weight and bias of the first norm, then of the second.
        turns: see `rotations`.
    """

    entry: Entry
    norms: Array
    qkv: Array
    qkv_bias: Array
    output: Array
    output_bias: Array
    up: Array
    up_bias: Array
    down: Array
    down_bias: Array
    turns: Array


class TransformerBlock(Block):
    name = "transformer"
    title = "Transformer"
    heads = 4
    window = WINDOW
    signals = (
        Signal("hidden", "h", "Residual stream", Kind.STATE, Words("xₜ + uₜ + vₜ"), symmetric()),
        Signal("attention", "u", "Attention", Kind.CANDIDATE, Words("Attention(norm(x))·Wₒ + bₒ"), symmetric()),
        Signal("mlp", "v", "MLP", Kind.CANDIDATE, Words("GELU(norm(xₜ + uₜ)·W₁ + b₁)·W₂ + b₂"), symmetric()),
    )

    def start_state(self, units: int, dtype: np.dtype[Any]) -> Window:
        return Window.empty(units, dtype)

    def grown(self, units: int, step: int) -> int:
        return 2 * min(step, WINDOW - 1) * units

    def multiply_adds(self, inputs: int, units: int, step: int | None = None) -> int:
        """Attention over what is in the window at that step; a projection where the input is of another width."""
        seen = WINDOW if step is None else min(step + 1, WINDOW)
        return entry_products(inputs, units) + (4 + 2 * WIDER) * units**2 + 2 * seen * units

    # ── reading on the CPU ────────────────────────────────────────────────────────────────────────────

    def prepare(self, weights: list[Tensor], first: bool) -> BlockWeights:
        entry, own = parted([one.detach().cpu() for one in weights], OWN)
        n1, c1, w, b, wo, bo, n2, c2, wu, bu, wd, bd = (one.numpy() for one in own)
        turns = rotations(len(n1) // self.heads, WINDOW, n1.dtype)
        packed = [pack(np.ascontiguousarray(one.T)) for one in (w, wo, wu, wd)]
        norms = np.stack([n1, c1, n2, c2])
        come_in = Entry.of(entry, first)
        return BlockWeights(come_in, norms, packed[0], b, packed[1], bo, packed[2], bu, packed[3], bd, turns)

    def advance(self, weights: Any, below: Array, state: Any, out: Array, offset: int, fixed: Array) -> None:
        steps, units = len(below), out.shape[2]
        hidden, attention, mlp = (one[offset : offset + steps] for one in out)
        x = weights.entry.stream(below, units, out.dtype)
        normed = np.empty_like(x)
        layer_norm(x, weights.norms[0], weights.norms[1], normed)
        wide = np.empty((steps, 3 * units), out.dtype)
        affine(normed, weights.qkv, weights.qkv_bias, wide)
        seen = state.count
        keys, values = state.extended(wide[:, units : 2 * units], wide[:, 2 * units :], WINDOW - 1)
        queries, scratch = np.ascontiguousarray(wide[:, :units]), np.empty(WINDOW, out.dtype)
        attend(queries, keys, values, seen, self.heads, weights.turns, scratch, normed)
        affine(normed, weights.output, weights.output_bias, attention)
        held(attention, fixed, 1)
        np.add(x, attention, out=x)
        layer_norm(x, weights.norms[2], weights.norms[3], normed)
        wide = np.empty((steps, WIDER * units), out.dtype)
        affine(normed, weights.up, weights.up_bias, wide)
        gelu(wide)
        affine(wide, weights.down, weights.down_bias, mlp)
        held(mlp, fixed, 2)
        np.add(x, mlp, out=hidden)
        held(hidden, fixed, 0)

    # ── in PyTorch ────────────────────────────────────────────────────────────────────────────────────

    def initial_parameters(self, units: int) -> dict[str, Tensor]:
        zeros, wide = torch.zeros, WIDER * units
        return {
            "norm1": torch.ones(units),
            "norm1_bias": zeros(units),
            "weight_qkv": normal(3 * units, units),
            "bias_qkv": zeros(3 * units),
            "weight_out": normal(units, units, shrunk=2),
            "bias_out": zeros(units),
            "norm2": torch.ones(units),
            "norm2_bias": zeros(units),
            "weight_up": normal(wide, units),
            "bias_up": zeros(wide),
            "weight_down": normal(units, wide, shrunk=2),
            "bias_down": zeros(units),
        }

    def layer(
        self, inputs: Tensor, start: tuple[Tensor, ...], weights: list[Tensor]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """The residual stream (T, B, D); a segment begins with an empty window, and no state is handed on."""
        signals, _ = self._signals(inputs, weights, None)
        return signals[0], ()

    def advance_torch(self, inputs: Tensor, state: Any, weights: list[Tensor]) -> list[Tensor]:
        past = [torch.as_tensor(one, device=inputs.device)[:, None] for one in (state.keys.T, state.values)]
        signals, (keys, values) = self._signals(inputs[:, None], weights, (past[0], past[1]))
        state.put(keys[1 - WINDOW :, 0].cpu().numpy(), values[1 - WINDOW :, 0].cpu().numpy())
        return [one[:, 0] for one in signals]

    def _signals(
        self, inputs: Tensor, weights: list[Tensor], past: tuple[Tensor, Tensor] | None
    ) -> tuple[list[Tensor], tuple[Tensor, Tensor]]:
        """All signals of a block, each (T, B, D), and the keys and values of `past` and of all its steps, (N, B, D)."""
        entry, (n1, c1, w, b, wo, bo, n2, c2, wu, bu, wd, bd) = parted(weights, OWN)
        x = entered(inputs, entry)
        units = len(n1)
        q, k, v = functional.linear(functional.layer_norm(x, (units,), n1, c1, EPSILON), w, b).chunk(3, dim=-1)
        if past is not None:
            k, v = torch.cat([past[0].to(k), k]), torch.cat([past[1].to(v), v])
        u = functional.linear(self._attention(q, k, v), wo, bo)
        a = x + u
        m = functional.layer_norm(a, (units,), n2, c2, EPSILON)
        m = functional.linear(functional.gelu(functional.linear(m, wu, bu), approximate="tanh"), wd, bd)
        return [a + m, u, m], (k, v)

    def _attention(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """(T, B, D) from queries (T, B, D) and N ≥ T keys and values, the queries' own last."""
        steps, streams, units = q.shape
        ages = torch.arange(len(k), device=q.device)
        at = ages[len(k) - steps :]
        heads = [one.view(len(one), streams, self.heads, -1).permute(1, 2, 0, 3) for one in (q, k, v)]
        away = at[:, None] - ages[None]  # (T, N)
        allowed = (away >= 0) & (away < WINDOW)
        found = functional.scaled_dot_product_attention(
            rotated(heads[0], at), rotated(heads[1], ages), heads[2], attn_mask=allowed
        )
        return found.permute(2, 0, 1, 3).reshape(steps, streams, units)


def rotated(values: Tensor, at: Tensor) -> Tensor:
    """Queries or keys (…, T, width) turned by their positions (T,)."""
    width = values.shape[-1]
    theta = 10000.0 ** (-2.0 * torch.arange(width // 2, device=at.device, dtype=torch.float64) / width)
    angles = at.double()[:, None] * theta
    cosine, sine = angles.cos().to(values), angles.sin().to(values)
    one, other = values[..., 0::2], values[..., 1::2]
    return torch.stack([one * cosine - other * sine, one * sine + other * cosine], dim=-1).flatten(-2)
