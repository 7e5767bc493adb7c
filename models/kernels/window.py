"""What a transformer block hands to its next step: the keys and values of the steps that attention can still see."""

from __future__ import annotations

from typing import Any

import numpy as np

from .last_bits import same_bits, shifted
from .packed_matrix import Array


class Window:
    """Keys (D, n) and values (n, D) of the last n steps, the oldest first. The arrays are never written to, only
    replaced, so a copy costs nothing and stays what it was."""

    def __init__(self, keys: Array, values: Array) -> None:
        self.keys, self.values = keys, values

    @staticmethod
    def empty(units: int, dtype: np.dtype[Any]) -> Window:
        return Window(np.empty((units, 0), dtype), np.empty((0, units), dtype))

    @property
    def count(self) -> int:
        """n."""
        return len(self.values)

    def extended(self, keys: Array, values: Array, most: int) -> tuple[Array, Array]:
        """The keys (D, n + T) and values (n + T, D) with those of T further steps, given as (T, D); the last `most` of
        all steps stay."""
        every = np.concatenate([self.keys, keys.T], axis=1), np.concatenate([self.values, values])
        self.keys = np.ascontiguousarray(every[0][:, max(0, every[0].shape[1] - most) :])
        self.values = every[1][max(0, len(every[1]) - most) :].copy()
        return every

    def put(self, keys: Array, values: Array) -> None:
        """Replace all by keys and values of n steps, both (n, D)."""
        self.keys, self.values = np.ascontiguousarray(keys.T), np.ascontiguousarray(values)

    # ── what a layer's state must offer ───────────────────────────────────────────────────────────────

    @property
    def nbytes(self) -> int:
        return self.keys.nbytes + self.values.nbytes

    def copy(self) -> Window:
        return Window(self.keys, self.values)

    def same_bits(self, other: Window) -> bool:
        return same_bits(self.keys, other.keys) and same_bits(self.values, other.values)

    def nudged(self, turn: int) -> Window:
        """A copy that is off by the last bits, as `kernels.last_bits` turns them."""
        draw = np.random.Generator(np.random.PCG64(turn))
        return Window(shifted(self.keys, turn, draw), shifted(self.values, turn, draw))
