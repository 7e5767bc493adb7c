"""The loops of an mLSTM block beside its products with matrices: causal convolution, small blocks, the matrix memory.

As everywhere in `kernels`, each result adds in one order whatever the steps are grouped by.

T  steps    N  inner width    A  heads    d = N / A, the width of a head
"""

from __future__ import annotations

import numpy as np

from .arithmetic import exp, fma, kernel, log_sigmoid, sigmoid
from .attention import EPSILON

KEEP, INPUT, FORGET, MASS, SIZE, MATCH = range(6)
"""The rows of what a head shows, in the order of `remember`."""


@kernel
def silu(row):  # type: ignore[no-untyped-def]
    """x·σ(x), in place."""
    for j in range(len(row)):
        row[j] = row[j] * sigmoid(row[j])


@kernel
def convolve(values, reach, weight, bias, out):  # type: ignore[no-untyped-def]
    """SiLU(bias + Σ_k weight[k]·values[t + k]), channel by channel: values (reach − 1 + T, N), weight (reach, N)."""
    for t in range(len(out)):
        row = out[t]
        for j in range(len(bias)):
            row[j] = bias[j]
        for k in range(reach):
            here = values[t + k]
            for j in range(len(bias)):
                row[j] = fma(weight[k, j], here[j], row[j])
        silu(row)


@kernel
def by_blocks(values, weight, out):  # type: ignore[no-untyped-def]
    """A block-diagonal product: (T, N), (N / b, b, b) → (T, N)."""
    blocks, size, _ = weight.shape
    for t in range(len(values)):
        for block in range(blocks):
            base = block * size
            for i in range(size):
                total = values[t, base] * weight[block, i, 0]
                for j in range(1, size):
                    total = fma(values[t, base + j], weight[block, i, j], total)
                out[t, base + i] = total


@kernel
def remember(queries, keys, values, gates, memory, mean, mass, fixed, shown, out):  # type: ignore[no-untyped-def]
    """T steps of the matrix memory of each head; `mlstm` has the equations.

    Args:
        queries, keys, values: (T, N), a head's numbers side by side.
        gates: (T, 2·A), ĩ of all heads and then f̃.
        memory, mean, mass: (A, d, d) by key and value, (A, d), (A,); changed in place.
        fixed: (6, A), see `Cell.read`; or (0, A).
        shown: (6, T, A), in the order of the constants above.
        out: (T, N), what is retrieved.
    """
    heads, width, _ = memory.shape
    one = queries.dtype.type(1.0)
    scale = one / np.sqrt(queries.dtype.type(width))
    squares = np.empty(width, memory.dtype)
    for t in range(len(queries)):
        for head in range(heads):
            base = head * width
            rows, total = memory[head], mean[head]
            given = _held(gates[t, head], fixed, INPUT, head)
            forgotten = _held(log_sigmoid(gates[t, heads + head]), fixed, FORGET, head)
            aged = forgotten + mass[head]
            keep = _held(sigmoid(aged - given), fixed, KEEP, head)
            mass[head] = _held(given - log_sigmoid(given - aged), fixed, MASS, head)
            written = one - keep
            match = one - one
            for i in range(width):
                squares[i] = 0
                out[t, base + i] = 0
            for j in range(width):
                key, query = keys[t, base + j] * scale, queries[t, base + j]
                share = written * key
                total[j] = fma(keep, total[j], share)
                match = fma(total[j], query, match)
                row = rows[j]
                for i in range(width):
                    row[i] = fma(keep, row[i], share * values[t, base + i])
                    squares[i] = fma(row[i], row[i], squares[i])
                    out[t, base + i] = fma(row[i], query, out[t, base + i])
            size = squares[0]
            for i in range(1, width):
                size += squares[i]
            match = _held(match, fixed, MATCH, head)
            bound = max(abs(match), exp(-mass[head]))
            for i in range(width):
                out[t, base + i] /= bound
            shown[KEEP, t, head], shown[INPUT, t, head], shown[FORGET, t, head] = keep, given, forgotten
            shown[MASS, t, head], shown[MATCH, t, head] = mass[head], match
            shown[SIZE, t, head] = _held(np.sqrt(size), fixed, SIZE, head)


@kernel
def _held(value, fixed, row, head):  # type: ignore[no-untyped-def]
    """A number, unless an intervention holds it."""
    if len(fixed) == 0:
        return value
    other = fixed[row, head]
    return other if other == other else value


@kernel
def norm_heads(values, heads, weight):  # type: ignore[no-untyped-def]
    """Each head's numbers less their mean, over their standard deviation, times a weight, in place: (T, N), (N,)."""
    width = values.shape[1] // heads
    one = weight.dtype.type(1.0)
    for t in range(len(values)):
        for head in range(heads):
            row = values[t, head * width : (head + 1) * width]
            mean = row[0]
            for j in range(1, width):
                mean += row[j]
            mean /= width
            spread = mean - mean
            for j in range(width):
                spread = fma(row[j] - mean, row[j] - mean, spread)
            scale = one / np.sqrt(spread / width + weight.dtype.type(EPSILON))
            for j in range(width):
                row[j] = (row[j] - mean) * scale * weight[head * width + j]


@kernel
def gated(values, skip, convolved, gate):  # type: ignore[no-untyped-def]
    """(values + skip·convolved)·SiLU(gate), in place: (T, N), (N,), (T, N), (T, N)."""
    for t in range(len(values)):
        for j in range(len(skip)):
            z = gate[t, j]
            values[t, j] = fma(skip[j], convolved[t, j], values[t, j]) * (z * sigmoid(z))
