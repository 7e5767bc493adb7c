"""What a recording lets go of when it may hold no more, before it says that it cannot go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..errors import MemoryFull
from ..network.reader import Reader
from .activation_cache import ActivationCache
from .block import Block
from .checkpoints import thin
from .edit_tracking import EditTracking
from .memory import kept_bytes, spelled

MEMORY = 4 << 30
"""Bytes that a recording may hold, unless it is told otherwise."""


class Sized(Protocol):
    """What is held, and says how many bytes that are."""

    @property
    def nbytes(self) -> int: ...


class Bound:
    """The most that a recording may hold between two calls.

    Args:
        limit: bytes.
        blocks, tail: those that have been read, and those that wait behind an edit.
        held: everything that counts beside the activations.
    """

    def __init__(
        self,
        limit: int,
        reader: Reader,
        blocks: list[Block],
        tail: list[Block],
        cache: ActivationCache,
        tracking: EditTracking,
        held: Sequence[Sized],
    ) -> None:
        self.limit = limit
        self._reader = reader
        self._blocks, self._tail = blocks, tail
        self._cache, self._tracking = cache, tracking
        self._held = held

    @property
    def held(self) -> int:
        """Bytes held now."""
        held = self._cache.nbytes
        for one in self._held:
            held += one.nbytes
        return held

    def forget(self) -> None:
        """Let go of what was read before an edit and has not been found right again."""
        self._tail.clear()
        self._tracking.release()

    def state(self, step: int) -> int:
        """Bytes that the state before a step takes up once it is kept."""
        return kept_bytes(self._reader.state_bytes(step), self._reader.layers)

    def fits(self, more: int) -> bool:
        """Whether so many bytes more fit."""
        return self._lacking(more) <= 0

    def make_room(self, more: int) -> None:
        """Let go of what can be computed again, until `more` bytes fit: first of states, as `checkpoints` says; then of
        what was read before an edit; last of activations.

        Raises:
            MemoryFull: if they do not.
        """
        if self.fits(more) or self._thin(more):
            return
        for let_go in (self.forget, self._cache.shrink):
            let_go()
            if self.fits(more) or self._thin(more):
                return
        reached = self._blocks[-1].stop
        raise MemoryFull(
            f"This recording stops at step {reached:,}: it may hold {spelled(self.limit)}. The text, its overview and "
            f"the states to read on from, {spelled(self._reader.state_bytes(reached))} each, need more, although these "
            "lie as far apart as anybody would wait for what is between. What has been read stays. Allow the recording "
            "more memory, or shorten the text."
        )

    def _lacking(self, more: int) -> int:
        """How many bytes too many there are with `more`; zero or less if it fits. Whatever is looked at needs room for
        one block's activations and the state behind them, and one state more where it is not among the signals."""
        buffer = 0 if len(self._cache) else self._cache.buffer_bytes
        states = (1 if self._reader.visible else 2) * self.state(self._blocks[-1].stop)
        return self.held + buffer + states + more - self.limit

    def _thin(self, more: int) -> bool:
        """Make checkpoints sparser, until `more` bytes fit. Returns whether they do."""
        runs = []
        for blocks in (self._blocks, self._tail):
            kept = [block for block in blocks if block.begin.kept is not None]
            runs.append(([self._reader.cost(0, block.start) for block in kept], [block.begin for block in kept]))
        thin(runs, self._lacking(more))
        return self.fits(more)
