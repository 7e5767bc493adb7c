"""What a block with a memory hands to its next step: the memory itself, and what its convolution looks back on."""

from __future__ import annotations

import numpy as np

from .last_bits import same_bits, shifted
from .packed_matrix import Array


class BlockState:
    """Changed in place by the loops, so a copy copies all of it.

    Attributes:
        memory: the arrays of the memory, as the block has them.
        recent: (R, N), the last inputs of the convolution, the oldest first.
    """

    def __init__(self, memory: tuple[Array, ...], recent: Array) -> None:
        self.memory, self.recent = memory, recent

    def extended(self, values: Array) -> Array:
        """What the convolution reads over T further steps, (R + T, N), of which the last R stay."""
        every = np.concatenate([self.recent, values])
        self.recent = every[len(values) :].copy()
        return every

    def put(self, memory: tuple[Array, ...], recent: Array) -> None:
        """Replace all."""
        self.memory, self.recent = tuple(np.ascontiguousarray(one) for one in memory), np.ascontiguousarray(recent)

    # ── what a layer's state must offer ───────────────────────────────────────────────────────────────

    @property
    def nbytes(self) -> int:
        return sum(one.nbytes for one in (*self.memory, self.recent))

    def copy(self) -> BlockState:
        return BlockState(tuple(one.copy() for one in self.memory), self.recent.copy())

    def same_bits(self, other: BlockState) -> bool:
        pairs = zip((*self.memory, self.recent), (*other.memory, other.recent), strict=True)
        return all(same_bits(a, b) for a, b in pairs)

    def nudged(self, turn: int) -> BlockState:
        """A copy that is off by the last bits, as `kernels.last_bits` turns them."""
        draw = np.random.Generator(np.random.PCG64(turn))
        return BlockState(tuple(shifted(one, turn, draw) for one in self.memory), shifted(self.recent, turn, draw))
