"""The activations of the few blocks that were touched last."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from ..network.reader import Activations, Reader
from ..network.state import State, size
from .block import Block


@dataclass(slots=True)
class CachedActivations:
    """The activations of one block, as far as they are there."""

    activations: Activations
    filled: int = 0
    """Rows whose signals are there."""
    predicted: int = 0
    """Rows whose log-probabilities are there too."""
    front: State | None = None
    """The state after the last of the filled rows of a block that is being read, where it is not among the signals;
    None if it is not at hand."""

    def cut(self, rows: int) -> None:
        """What lies behind so many rows is of another text."""
        if rows < self.filled:
            self.front = None
        self.filled, self.predicted = min(self.filled, rows), min(self.predicted, rows)


class ActivationCache:
    """Buffers for the activations of a few blocks; beyond that one is taken from the block touched longest ago.

    Args:
        steps: the length of each.
        kept: how many there are, at most.
    """

    def __init__(self, reader: Reader, steps: int, kept: int) -> None:
        self._reader = reader
        self.steps = steps
        self._kept = kept
        self._of: OrderedDict[Block, CachedActivations] = OrderedDict()
        values = reader.head.width + sum(len(layer.cell.signals) * layer.units for layer in reader.stack)
        self.buffer_bytes = steps * values * reader.dtype.itemsize
        """Bytes of each."""

    def __len__(self) -> int:
        return len(self._of)

    @property
    def nbytes(self) -> int:
        buffers = len(self._of) * self.buffer_bytes
        if self._reader.visible:
            return buffers
        return buffers + sum(size(one.front) for one in self._of.values() if one.front is not None)

    def has(self, block: Block, rows: int) -> CachedActivations | None:
        """A block's buffer, if so many of its rows are filled."""
        cached = self._of.get(block)
        return cached if cached is not None and cached.filled >= rows else None

    def of(self, block: Block, fits: Callable[[int], bool]) -> CachedActivations:
        """A block's buffer; one that had none gets one in which nothing is filled.

        Args:
            fits: whether there is memory for so many bytes more; without it there is one all the same.
        """
        if block not in self._of:
            self._of[block] = self._spare(fits)
        self._of.move_to_end(block)
        return self._of[block]

    def hand(self, block: Block, to: Block, rows: int) -> None:
        """Another block takes over the buffer, if there is one, with its first rows."""
        cached = self._of.pop(block, None)
        if cached is not None:
            cached.cut(rows)
            self._of[to] = cached

    def drop(self, block: Block) -> None:
        """What a block computed is of no use any more."""
        self._of.pop(block, None)

    def drop_behind(self, step: int) -> None:
        """What the blocks computed that begin behind `step` is of no use any more."""
        for block in [block for block in self._of if block.start > step]:
            del self._of[block]

    def shrink(self) -> None:
        """Only the buffer that was touched last stays."""
        while len(self._of) > 1:
            self._of.popitem(last=False)

    def _spare(self, fits: Callable[[int], bool]) -> CachedActivations:
        if not self._of or (len(self._of) < self._kept and fits(self.buffer_bytes)):
            return CachedActivations(self._reader.allocate(self.steps))
        cached = self._of.popitem(last=False)[1]
        cached.cut(0)
        return cached
