"""The loops of a transformer block beside its products with matrices: norm, GELU, and attention over a window.

As everywhere in `kernels`, each result adds in one order whatever the steps are grouped by, so a step has the same bits
alone and in a block of a thousand. Positions enter as *distances* only, by rotating (Su et al. 2021, "RoFormer") at the
moment of comparison instead of when a key is stored: what attention computes depends on what is in the window and not
on where in the text the window is, to the last bit.

T  steps    D  units    W  steps of a window    N  keys at hand
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arithmetic import exp, fma, kernel, tanh

Array = NDArray[Any]
EPSILON = 1e-5


@kernel
def layer_norm(values, weight, bias, out):  # type: ignore[no-untyped-def]
    """out = (x − mean) / √(variance + ε) · weight + bias, row by row: (T, D)."""
    steps, units = values.shape
    for t in range(steps):
        row = values[t]
        mean = row[0] - row[0]
        for j in range(units):
            mean += row[j]
        mean /= units
        spread = mean - mean
        for j in range(units):
            spread = fma(row[j] - mean, row[j] - mean, spread)
        scale = bias.dtype.type(1.0) / np.sqrt(spread / units + bias.dtype.type(EPSILON))
        for j in range(units):
            out[t, j] = fma((row[j] - mean) * scale, weight[j], bias[j])


@kernel
def gelu(values):  # type: ignore[no-untyped-def]
    """x·½·(1 + tanh(√(2/π)·(x + 0.044715·x³))), in place: (T, N)."""
    steps, size = values.shape
    one = values.dtype.type(1.0)
    half, cube, scale = values.dtype.type(0.5), values.dtype.type(0.044715), values.dtype.type(0.7978845608028654)
    for t in range(steps):
        row = values[t]
        for j in range(size):
            x = row[j]
            row[j] = half * x * (one + tanh(scale * fma(cube * x * x, x, x)))


def rotations(width: int, window: int, dtype: Any) -> Array:
    """cos and sin of θ_p·k for the pairs p of a head's `width` numbers and distances k = W − 1 … 0: (2, width/2, W).

    θ_p = 10000^(−2p / width). The distance falls along the axis as it does along a window, whose last key is the
    nearest.
    """
    theta = 10000.0 ** (-2.0 * np.arange(width // 2) / width)
    angles = theta[:, None] * np.arange(window - 1, -1, -1)
    return np.stack([np.cos(angles), np.sin(angles)]).astype(dtype)


@kernel
def attend(queries, keys, values, seen, heads, turns, weights, out):  # type: ignore[no-untyped-def]
    """Causal attention of T queries (T, D) over the last W keys up to their own, head by head.

    Args:
        keys: (D, N), a column for each step: `seen` earlier ones and then the T of the queries.
        values: (N, D).
        turns: from `rotations`.
        weights: (W,), scratch.
        out: (T, D).
    """
    steps, units = queries.shape
    window, width = turns.shape[2], units // heads
    scale = queries.dtype.type(1.0) / np.sqrt(queries.dtype.type(width))
    for t in range(steps):
        own = seen + t
        first = max(0, own + 1 - window)
        count = own + 1 - first
        skip = window - count
        for head in range(heads):
            base = head * width
            for j in range(count):
                weights[j] = 0
            for p in range(width // 2):
                a, b = queries[t, base + 2 * p] * scale, queries[t, base + 2 * p + 1] * scale
                one, other = keys[base + 2 * p], keys[base + 2 * p + 1]
                cosine, sine = turns[0, p], turns[1, p]
                for j in range(count):
                    x, y = one[first + j], other[first + j]
                    straight, turned = fma(a, x, b * y), fma(a, y, -(b * x))
                    weights[j] = fma(straight, cosine[skip + j], fma(turned, sine[skip + j], weights[j]))
            top = weights[0]
            for j in range(1, count):
                top = max(top, weights[j])
            for j in range(count):
                weights[j] = exp(weights[j] - top)
            total = weights[0]
            for j in range(1, count):
                total += weights[j]
            for d in range(width):
                out[t, base + d] = 0
            for j in range(count):
                weight = weights[j]
                for d in range(width):
                    out[t, base + d] = fma(weight, values[first + j, base + d], out[t, base + d])
            for d in range(width):
                out[t, base + d] /= total
