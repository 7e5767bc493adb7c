"""The logarithmic scale of an echo: from a difference to a level of the picture.

Seven decades, from 1e-7, which is the rounding of a number near 1 in float32, to 1. Level 0 is a difference of at most
1e-7, level 254 one of 1 or more, and in between a level is 7/254 of a decade. With a sign, 127 is nothing and each side
has half as many levels. 255 stands for what is not a number. Rounding keeps order, so the level of the largest
difference is the largest level.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..cells.base import Array
from ..recording.overview import LEVELS, NO_NUMBER
from .loops import CUT, INFINITE, look_up

LOWEST = 1e-7
HIGHEST = 1.0
DECADES = 7


def magnitude_levels(values: Array) -> NDArray[np.int16]:
    """The levels of |values| with their signs, −254 … 254, the shape of `values`; 255 where one is not a number."""
    bits = np.ascontiguousarray(values, np.float32).view(np.int32)
    out = np.empty(bits.shape, np.int16)
    look_up(bits.reshape(-1), _FIRST, _EDGES, NO_NUMBER, out.reshape(-1))
    return out


def _level(sizes: NDArray[np.float32]) -> NDArray[np.int16]:
    """The levels of positive numbers, by their definition: twenty times as slow as to look them up."""
    with np.errstate(divide="ignore"):
        return np.rint(np.clip((np.log10(sizes) + DECADES) * (LEVELS / DECADES), 0, LEVELS)).astype(np.int16)


def _edges() -> NDArray[np.int32]:
    """For each level the bits of the smallest number of the next one, by bisection; after the last there is none."""
    wanted = np.arange(1, LEVELS + 1)
    below = np.zeros(LEVELS, np.int32)
    reached = np.full(LEVELS, np.float32(10 * HIGHEST).view(np.int32), np.int32)
    while (reached - below > 1).any():
        middle = below + (reached - below) // 2
        is_there = _level(middle.view(np.float32)) >= wanted
        below, reached = np.where(is_there, below, middle), np.where(is_there, middle, reached)
    return np.append(reached, np.iinfo(np.int32).max)


_EDGES = _edges()
_FIRST = _level((np.arange(1 << (31 - CUT), dtype=np.int32) << CUT).clip(max=INFINITE).view(np.float32))


def picture_levels(levels: NDArray[np.int16], *, signed: bool) -> NDArray[np.uint8]:
    """What the picture shows of `magnitude_levels`: their sizes, or both signs around 127."""
    if not signed:
        return np.abs(levels).astype(np.uint8)
    half = (np.abs(levels) + 1) // 2
    out = (LEVELS // 2 + np.sign(levels) * half).astype(np.uint8)
    out[levels == NO_NUMBER] = NO_NUMBER
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
