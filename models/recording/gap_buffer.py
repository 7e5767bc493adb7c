"""An array that is edited in one place for a while: its spare capacity is a gap where the last edit was."""

from __future__ import annotations

from math import prod
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Item = TypeVar("Item", bound=np.generic)

LEAST = 1024
"""Spare items when an array has to grow; a long one gets a sixteenth of its length."""


class GapBuffer(Generic[Item]):
    """An array in which replacing costs what is replaced, plus the way from the last edit.

    Typing at the end or in the middle of a million items moves nothing else.

    Args:
        dtype, shape: of one item.
    """

    def __init__(self, dtype: type[Item], shape: tuple[int, ...] = ()) -> None:
        self._array: NDArray[Item] = np.empty((0, *shape), dtype)
        self._gap = 0  # where the gap starts; it is len(buffer) − length wide
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def nbytes(self) -> int:
        return self._array.nbytes

    def grown(self, by: int) -> int:
        """How many bytes it takes up more once it has so many items more."""
        length = self._length + by
        if length <= len(self._array):
            return 0
        return (_capacity(length) - len(self._array)) * self._array.itemsize * prod(self._array.shape[1:])

    def replace(self, at: int, remove: int, insert: NDArray[Any]) -> None:
        """Items at … at + remove − 1 give way to `insert`."""
        if not 0 <= at <= at + remove <= self._length:
            raise IndexError(f"Items {at} to {at + remove} do not lie in an array of {self._length}.")
        length = self._length - remove + len(insert)
        if length > len(self._array):
            self._grow(length)
        self._move(at)
        self._length += len(insert) - remove
        self._array[at : at + len(insert)] = insert
        self._gap = at + len(insert)
        if len(self._array) > 4 * (length + LEAST):
            self._grow(length)

    def __setitem__(self, span: slice, values: NDArray[Any]) -> None:
        """Overwrite start … stop − 1."""
        start, stop, _ = span.indices(self._length)
        first = max(min(stop, self._gap) - start, 0)
        behind = len(self._array) - self._length
        self._array[start : start + first] = values[:first]
        self._array[start + first + behind : stop + behind] = values[first:]

    def __getitem__(self, span: slice) -> NDArray[Item]:
        """Items start … stop − 1; a view where the gap is not among them."""
        start, stop, _ = span.indices(self._length)
        behind = len(self._array) - self._length
        if stop <= self._gap:
            return self._array[start:stop]
        if start >= self._gap:
            return self._array[start + behind : stop + behind]
        return np.concatenate([self._array[start : self._gap], self._array[self._gap + behind : stop + behind]])

    def _move(self, to: int) -> None:
        behind = len(self._array) - self._length
        if to < self._gap:
            self._array[to + behind : self._gap + behind] = self._array[to : self._gap]
        elif to > self._gap:
            self._array[self._gap : to] = self._array[self._gap + behind : to + behind]
        self._gap = to

    def _grow(self, length: int) -> None:
        array = np.empty((_capacity(length), *self._array.shape[1:]), self._array.dtype)
        array[: self._length] = self[:]
        self._array, self._gap = array, self._length


def _capacity(length: int) -> int:
    """For how many items an array of so many is made."""
    return length + max(LEAST, length // 16)
