"""The logarithmic scale of an echo: from a difference to a level of the picture.

Seven decades, from 1e-7, which is the rounding of a number near 1 in float32, to 1. Level 0 is a difference of at most
1e-7, level 254 one of 1 or more, and in between a level is 7/254 of a decade. With a sign, 127 is nothing and each side
has half as many levels. 255 stands for what is not a number. Rounding keeps order, so the level of the largest
difference is the largest level.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .cells.base import Array

LOWEST = 1e-7
HIGHEST = 1.0
DECADES = 7
TOP = 254
NOT_A_NUMBER = 255


def magnitude_levels(values: Array) -> NDArray[np.int16]:
    """The levels of |values| with their signs, −254 … 254, the shape of `values`; 255 where one is not a number."""
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.log10(np.abs(values))
    level += DECADES
    level *= TOP / DECADES
    np.clip(level, 0, TOP, out=level)
    missing = np.isnan(level)
    level[missing] = 0
    out = np.rint(level).astype(np.int16)
    np.negative(out, where=values < 0, out=out)
    if missing.any():
        out[missing] = NOT_A_NUMBER
    return out


def picture_levels(levels: NDArray[np.int16], *, signed: bool) -> NDArray[np.uint8]:
    """What the picture shows of `magnitude_levels`: their sizes, or both signs around 127."""
    if not signed:
        return np.abs(levels).astype(np.uint8)
    half = (np.abs(levels) + 1) // 2
    out = (TOP // 2 + np.sign(levels) * half).astype(np.uint8)
    out[levels == NOT_A_NUMBER] = NOT_A_NUMBER
    return np.asarray(out, np.uint8)


def largest(values: Array, per: int, first: int = 0) -> Array:
    """Of each column of `per` rows of (T, H) the value farthest from zero, with its sign, (columns, H); NaN where a row
    has one.

    Args:
        first: how many rows of the first column lie before these.
    """
    starts = np.arange(-first, len(values), per)
    starts[0] = 0
    low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    return np.where(high >= -low, high, low)
