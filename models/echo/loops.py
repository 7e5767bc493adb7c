"""The loops of an echo, compiled: an echo follows the pointer, and NumPy would go through memory several times."""

from __future__ import annotations

import numpy as np

from ..kernels.compilation import kernel

INFINITE = np.int32(0x7F800000)
"""The bits of infinity in float32. Those of a number rise with it; above these a number is none."""
CUT = np.int32(16)
"""Bits that a first look at a number leaves out: what is left is its exponent and seven bits behind the point."""


@kernel
def subtract(ours, theirs, into, apart):  # type: ignore[no-untyped-def]
    """into = ours − theirs, all (T, H), and apart[t] = ‖into[t]‖. `into` may be one of the two."""
    steps, units = ours.shape
    whole = units // 8 * 8
    for t in range(steps):
        for j in range(units):
            into[t, j] = ours[t, j] - theirs[t, j]
        row = into[t]
        zero = row.dtype.type(0)
        a = b = c = d = e = f = g = h = zero  # eight sums at once: none waits for the one before
        for j in range(0, whole, 8):
            a += row[j] * row[j]
            b += row[j + 1] * row[j + 1]
            c += row[j + 2] * row[j + 2]
            d += row[j + 3] * row[j + 3]
            e += row[j + 4] * row[j + 4]
            f += row[j + 5] * row[j + 5]
            g += row[j + 6] * row[j + 6]
            h += row[j + 7] * row[j + 7]
        for j in range(whole, units):
            a += row[j] * row[j]
        apart[t] = np.sqrt(((a + b) + (c + d)) + ((e + f) + (g + h)))


@kernel
def look_up(bits, first, edges, missing, out):  # type: ignore[no-untyped-def]
    """The signed levels of numbers, all (N,).

    Args:
        bits: of float32 numbers.
        first: for all but the last `CUT` bits of a number without its sign, the level at which such numbers begin; none
            of these stretches is as wide as a level.
        edges: for each level, the bits of the first number of the next one.
        missing: what stands for what is no number.
    """
    for k in range(bits.size):
        size = bits[k] & np.int32(0x7FFFFFFF)
        if size > INFINITE:
            out[k] = missing
        else:
            level = first[size >> CUT]
            level += np.int16(size >= edges[level])
            out[k] = -level if bits[k] < 0 else level
