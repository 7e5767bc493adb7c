"""What a recording does not keep, computed again from the checkpoint before it: activations, and the states between."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from ..network.reader import Activations, Reader
from ..network.state import State, fork
from .activation_cache import ActivationCache, CachedActivations
from .block import Block
from .bound import Bound
from .gap_buffer import GapBuffer
from .memory import KeptState, Tally


class Recomputation:
    """Goes on from the nearest state that is at hand.

    Args:
        items: the text.
        blocks: those that have been read, one behind the other; the last is being read.
        cache: the activations that are at hand.
        bound: says whether more of them fit.
        tally: counts the one state that is kept here.
    """

    def __init__(
        self,
        reader: Reader,
        items: GapBuffer[Any],
        blocks: list[Block],
        cache: ActivationCache,
        bound: Bound,
        tally: Tally,
    ) -> None:
        self._reader = reader
        self._items = items
        self._blocks = blocks
        self._cache = cache
        self._bound = bound
        self._tally = tally
        self._passed: tuple[Block, KeptState] | None = None
        """The block computed last whose end is no checkpoint, and the state there: whoever looks along the text goes on
        from it."""

    def cached(self, block: Block, *, predict: bool = False) -> CachedActivations:
        """A block's activations, recomputed as far as they are not held."""
        held = self._cache.has(block, 1)
        first = 0 if held is None else held.predicted if predict else held.filled
        if first >= block.steps:
            return self._cache.of(block, self._bound.fits)
        ahead = None if held is not None and self._resumes(held, first) else self._nearest(block)
        cached = self._cache.of(block, self._bound.fits)
        if ahead is None:
            state = self._taken(cached, first)
        else:
            first = 0
            if ahead[0] < block.start:
                cached.cut(0)
            state = self._lead(block, cached.activations, ahead)
        ids = self._items[block.start + first : block.start + block.steps]
        self._reader.read(ids, state, cached.activations, first, predict=predict, at=block.start + first)
        cached.filled = block.steps
        cached.predicted = block.steps if predict else cached.predicted
        self._note(block, cached, state)
        return cached

    def going_on(self, block: Block, cached: CachedActivations) -> State:
        """The state behind all steps of a block that have been read, whose buffer is at hand, to be read on from. It is
        taken out: a reading that fails leaves no half-changed one behind."""
        if self._resumes(cached, block.steps):
            return self._taken(cached, block.steps)
        return self.state_after(block, block.steps) if block.steps else self._lead(block, cached.activations)

    def _resumes(self, cached: CachedActivations, row: int) -> bool:
        """Whether the state before a row of the buffer is at hand there."""
        return row > 0 and (self._reader.visible or (row == cached.filled and cached.front is not None))

    def _taken(self, cached: CachedActivations, row: int) -> State:
        if cached.front is None:
            return cached.activations.state(row - 1)
        front, cached.front = cached.front, None
        return front

    def state_before(self, block: Block) -> State:
        """The state before a block; the caller may change it."""
        if block.begin.state is not None:
            return fork(block.begin.state)
        return self._lead(block, self._reader.allocate(self._cache.steps))

    def state_after(self, block: Block, rows: int) -> State:
        """The state after the first `rows` steps of a block, all of which have been read; the caller may change it."""
        if rows == 0:
            return self.state_before(block)
        if rows == block.steps and block.end is not None and block.end.state is not None:
            return fork(block.end.state)
        if self._reader.visible:
            return self.cached(block).activations.state(rows - 1)
        held = self._cache.has(block, rows)
        if held is not None and held.front is not None and held.filled == rows:
            return fork(held.front)
        scratch = self._reader.allocate(self._cache.steps)
        state = self._lead(block, scratch)
        ids = self._items[block.start : block.start + rows]
        self._reader.read(ids, state, scratch, predict=False, at=block.start)
        return state

    def _note(self, block: Block, cached: CachedActivations, state: State) -> None:
        """Keep the state behind a block that has just been computed, where it is wanted next and not kept already."""
        if block.end is None:
            cached.front = None if self._reader.visible else state
        elif block.end.kept is None:
            self._passed = block, KeptState(self._tally, state)

    def _lead(self, block: Block, scratch: Activations, ahead: tuple[int, State] | None = None) -> State:
        """The state before a block, read from the nearest that is at hand; `scratch` is written over."""
        step, state = ahead or self._nearest(block)
        while step < block.start:
            ids = self._items[step : min(step + self._cache.steps, block.start)]
            self._reader.read(ids, state, scratch, predict=False, at=step)
            step += len(ids)
        return state

    def _nearest(self, block: Block) -> tuple[int, State]:
        """The last step at or before a block's first before which a state is at hand, and a copy of that."""
        if block.begin.state is not None:
            return block.start, fork(block.begin.state)
        place = bisect_right(self._blocks, block.start, key=lambda one: one.start) - 1
        while True:
            place -= 1
            one = self._blocks[place]
            if self._passed is not None and self._passed[0] is one:
                return one.stop, fork(self._passed[1].state)
            if one.begin.state is not None:
                return one.start, fork(one.begin.state)
