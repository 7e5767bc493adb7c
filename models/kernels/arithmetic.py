"""The arithmetic that the cells' loops share, compiled by Numba for this machine's vector units.

Two guarantees hold here and in `packed_matrix`, where the products are, and the rest of the project relies on them:

* **One order of summation.** Each output element adds its products in ascending input order by explicit
  fused multiply-adds, however the loops are tiled. So a step computed alone, in a block of 7 or in a block
  of 10,000 gives the same bits: typing a text and reading it whole cannot differ.
* **Every loop vectorises.** exp is a polynomial times a power of two whose exponent bits are assembled
  as an integer, so that nothing calls a scalar function.

float32 uses the polynomials, float64 the library functions; both go through the same loops.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic, overload

from .compilation import OPTIONS
from .compilation import kernel as kernel  # the loops elsewhere import it from here

_inner = njit(**OPTIONS)


@intrinsic  # type: ignore[untyped-decorator]
def fma(typing: Any, a: Any, b: Any, c: Any) -> Any:
    """a·b + c with one rounding, as the processor does it."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.fma(*args)

    return a(a, a, a), generate


@intrinsic  # type: ignore[untyped-decorator]
def _float_of_bits(typing: Any, bits: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.FloatType())

    return types.float32(types.int32), generate


@_inner
def _power_of_two(n):  # type: ignore[no-untyped-def]
    return _float_of_bits((n + np.int32(127)) << np.int32(23))


@_inner
def _expm1_parts(x):  # type: ignore[no-untyped-def]
    """exp(x) − 1 = s·p + (s − 1) with s = 2ⁿ, p = exp(r) − 1, |r| ≤ ln 2 / 2 (Cody and Waite's reduction)."""
    x = np.float32(-87.0) if x < np.float32(-87.0) else x
    x = np.float32(88.0) if x > np.float32(88.0) else x
    scaled = x * np.float32(1.44269504)
    n = np.int32(scaled + (np.float32(0.5) if scaled > np.float32(0.0) else np.float32(-0.5)))
    k = np.float32(n)
    r = fma(k, np.float32(-0.693359375), x)
    r = fma(k, np.float32(2.12194440e-4), r)
    p = np.float32(1.9875691500e-4)  # the coefficients of Cephes' expf
    p = fma(p, r, np.float32(1.3981999507e-3))
    p = fma(p, r, np.float32(8.3334519073e-3))
    p = fma(p, r, np.float32(4.1665795894e-2))
    p = fma(p, r, np.float32(1.6666665459e-1))
    p = fma(p, r, np.float32(5.0000001201e-1))
    return _power_of_two(n), fma(p, r * r, r)


def exp(x: float) -> float:
    return math.exp(x)


def sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def tanh(x: float) -> float:
    return math.tanh(x)


def log_sigmoid(x: float) -> float:
    return min(x, 0.0) - math.log1p(math.exp(-abs(x)))


@overload(exp, jit_options=OPTIONS)
def _exp(x):  # type: ignore[no-untyped-def]
    if x == types.float32:

        def single(x):  # type: ignore[no-untyped-def]
            s, p = _expm1_parts(x)
            return fma(s, p, s)

        return single
    return lambda x: math.exp(x)


@overload(sigmoid, jit_options=OPTIONS)
def _sigmoid(x):  # type: ignore[no-untyped-def]
    if x == types.float32:

        def single(x):  # type: ignore[no-untyped-def]
            s, p = _expm1_parts(-x)
            return np.float32(1.0) / (np.float32(1.0) + fma(s, p, s))

        return single
    return lambda x: 1.0 / (1.0 + math.exp(-x))


@overload(log_sigmoid, jit_options=OPTIONS)
def _log_sigmoid(x):  # type: ignore[no-untyped-def]
    if x == types.float32:
        return lambda x: min(x, np.float32(0.0)) - np.log1p(exp(-abs(x)))
    return lambda x: min(x, 0.0) - math.log1p(math.exp(-abs(x)))


@overload(tanh, jit_options=OPTIONS)
def _tanh(x):  # type: ignore[no-untyped-def]
    if x == types.float32:

        def single(x):  # type: ignore[no-untyped-def]
            # tanh|x| = −m / (2 + m), m = exp(−2|x|) − 1: accurate near 0, where 2σ(2x) − 1 would cancel
            s, p = _expm1_parts(np.float32(-2.0) * abs(x))
            m = fma(s, p, s - np.float32(1.0))
            y = -m / (np.float32(2.0) + m)
            return y if x > np.float32(0.0) else -y

        return single
    return lambda x: math.tanh(x)


@kernel
def copy(values, to, count):  # type: ignore[no-untyped-def]
    """to[:count] = values[:count], as a loop, since a slice assignment checks for overlaps at each step."""
    for j in range(count):
        to[j] = values[j]


@kernel
def hold(values, fixed, count):  # type: ignore[no-untyped-def]
    """values[:count] become `fixed` wherever that is not NaN."""
    for j in range(count):
        values[j] = fixed[j] if fixed[j] == fixed[j] else values[j]


@kernel
def log_softmax(logits):  # type: ignore[no-untyped-def]
    """Turn rows of logits into rows of log-probabilities in nats, in place: (T, V)."""
    steps, size = logits.shape
    weights = np.empty(size, logits.dtype)
    for t in range(steps):
        row = logits[t]
        top = row[0]
        for j in range(1, size):
            top = max(top, row[j])
        for j in range(size):
            weights[j] = exp(row[j] - top)
        total = weights[0]
        for j in range(1, size):
            total += weights[j]
        shift = np.log(total)
        for j in range(size):
            row[j] = (row[j] - top) - shift  # not top + shift: that would round away log p where logits are large
