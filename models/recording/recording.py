"""A run of one model over one text that is still being edited, at any length, without storing the trace.

The text is cut into blocks. Kept for every block: the prediction that the step before it made and, as far as memory
allows, the state before it, so that it can be recomputed exactly; and its bins, from which any wide view is drawn. Kept
whole only for the last few blocks that were touched: their activations. Reading on, editing in the middle and looking
anywhere all go through these blocks, and give the bits of a fresh run, since the compiled loop's result does not depend
on how the steps are grouped.

After an edit, the blocks behind it are not thrown away. Where the new state is the old one to the last bit, all that
follows is what it was: reading stops there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cells.base import Array
from ..network.codec import Items
from ..network.reader import Reader
from ..network.state import State, same
from ..network.trace import mean_surprise
from .activation_cache import ActivationCache, CachedActivations
from .block import Block, Sums, block_bytes
from .bound import MEMORY, Bound
from .checkpoints import Checkpoint
from .edit_effect import EditEffect
from .edit_tracking import EditTracking
from .gap_buffer import GapBuffer
from .memory import Charge, KeptState, Tally
from .overview import GRAIN, Bins, Grain, Levels, Show, Summary, exact_columns
from .recomputation import Recomputation


class Recording:
    """What one model computes over one text.

    Args:
        reader: the model, prepared for reading. It may be shared.
        kept: how many blocks' activations are held at a time, at most.
        grain: how finely it is cut.
        memory: the most bytes that it may hold between two calls, the text, what was read of it, the states to read on
            from and the activations at hand together. While something is computed there may be the activations of one
            block and two states more.

    Raises:
        MemoryFull: if not even an empty text fits.
    """

    def __init__(self, reader: Reader, *, kept: int = 8, grain: Grain = GRAIN, memory: int = MEMORY) -> None:
        self.reader = reader
        self.grain = grain
        self.ids: GapBuffer[Any] = GapBuffer(reader.codec.dtype, reader.codec.shape)
        self.steps = 0
        """How many of the text's characters have been read."""
        self._surprise: GapBuffer[np.float32] = GapBuffer(np.float32)
        self._summaries = [Summary(layer.cell, reader.dtype, grain.bin) for layer in reader.stack]
        self._tally = Tally()
        # The last block is being read, the others are whole.
        begin = Checkpoint(KeptState(self._tally, reader.start()))
        self._blocks = [Block(0, begin, None, Sums.none(reader))]
        # Whole blocks that lie behind what has been read: made before an edit, they may still be right.
        self._tail: list[Block] = []
        self._tracking = EditTracking(reader, self._tally)
        self._cache = ActivationCache(reader, grain.block, kept)
        held = (self.ids, self._surprise, self._tally)
        self._bound = Bound(memory, reader, self._blocks, self._tail, self._cache, self._tracking, held)
        self._computed = Recomputation(reader, self.ids, self._blocks, self._cache, self._bound, self._tally)
        self._watched = range(0)
        levels = [
            summary.nbytes(grain.block, layer.units)
            for summary, layer in zip(self._summaries, reader.stack, strict=True)
        ]
        self._block_bytes = block_bytes(levels, reader.head.width * reader.dtype.itemsize)
        self._bound.make_room(0)

    def __len__(self) -> int:
        """How long the text is; `steps` of it have been read."""
        return len(self.ids)

    @property
    def complete(self) -> bool:
        return self.steps == len(self.ids)

    @property
    def memory(self) -> int:
        """The most bytes that it may hold. What has been read stays where it is set lower."""
        return self._bound.limit

    @memory.setter
    def memory(self, limit: int) -> None:
        self._bound.limit = limit

    @property
    def nbytes(self) -> int:
        """How much memory it holds, give or take what Python itself needs."""
        return self._bound.held

    # ── the text ─────────────────────────────────────────────────────────────────────────────────────

    def edit(self, at: int, remove: int, insert: Items) -> None:
        """Replace `remove` items from `at` on by `insert`.

        Raises:
            ValueError: if these are no items as the codec has them.
            MemoryFull: if the text does not fit into `memory`; nothing has changed then.
        """
        if insert.shape[1:] != self.reader.codec.shape:
            raise ValueError(f"Items of shape {insert.shape[1:]} came; the codec's have {self.reader.codec.shape}.")
        if not remove and not len(insert):
            return
        stop, shift = at + remove, len(insert) - remove
        grown = self.ids.grown(shift) + self._surprise.grown(shift) + self.grain.block * insert.itemsize
        if at < self.steps:
            grown += self._block_bytes + 2 * self._bound.state(self.steps)  # the block being read, and where it starts
        self._bound.make_room(grown)
        place = self._place(at) if at < self.steps else len(self._blocks) - 1
        if at < self.steps:
            self._finish()
        # What depends on the number of a step is right nowhere else.
        behind = [] if self.reader.position_dependent and shift else [*self._blocks[place:-1], *self._tail]
        hit, moved = self._blocks[place], [block for block in behind if block.start >= stop]
        if at < self.steps and hit.begin.kept is None:
            hit.begin.kept = KeptState(self._tally, self._computed.state_before(hit))
        self._tracking.edit(at, stop, len(insert), hit=hit, steps=self.steps, ids=self.ids)
        self.ids.replace(at, remove, insert)
        self._surprise.replace(at, remove, np.full(len(insert), np.nan, np.float32))
        self._tail[:] = [*(block for block in self._tail if block.stop <= at), *moved]
        if at < self.steps:
            live = hit.begun(at - hit.start)
            self._blocks[place:] = [live]
            self.steps = at
            self._cache.hand(hit, live, live.steps)
            self._cache.drop_behind(at)
        for block in moved:
            block.start += shift
        if self.complete:
            self._tracking.drop()

    def forget(self) -> None:
        """Let go of what was read before an edit and has not been found right again: it costs memory."""
        self._bound.forget()

    def watch(self, start: int, stop: int) -> None:
        """These steps are looked at: the blocks that hold them are worth keeping while the reading passes over them."""
        self._watched = range(start, stop)

    def read(self) -> int:
        """Read on to the end of a block or of the text. Returns by how many steps; 0 at the end.

        Raises:
            MemoryFull: if there is no room for more in `memory`; what has been read stays.
        """
        before, live = self.steps, self._blocks[-1]
        # Blocks end at the same steps as ever, if they can: one that was taken over may begin anywhere.
        block = self.grain.block
        stop = min((before // block + 1) * block, live.start + block, len(self.ids))
        ids = self.ids[before:stop]
        if not len(ids):
            return 0
        self._bound.make_room(self._block_bytes + self._bound.state(stop))
        cached, offset = self._computed.cached(live, predict=True), live.steps
        state = self._computed.going_on(live, cached)
        self.reader.read(ids, state, cached.activations, offset, at=before)
        cached.filled = cached.predicted = live.steps = offset + len(ids)
        cached.front = None if self.reader.visible else state
        self._score(live, cached, offset, ids)
        self.steps = stop
        if not self._join(live) and (stop % block == 0 or stop == live.start + block):
            self._seal(live, stop)
            self._hand_on(live)
        if self.complete:
            self._tracking.ends(self.steps, self._states)
        return self.steps - before

    @property
    def reach(self) -> EditEffect | None:
        """How far the last edit before the end was felt; None while that is not known. Found when first asked for."""
        return self._tracking.effect

    @property
    def settled(self) -> bool:
        """Whether `reach` is known, or can be found."""
        return self._tracking.settled

    # ── what was computed ────────────────────────────────────────────────────────────────────────────

    def signal(self, layer: int, name: str, start: int, stop: int) -> Array:
        """Exact values of a signal at steps start … stop − 1, (stop − start, H) or as wide as it is; up to `steps`."""
        stop = max(min(stop, self.steps), start)
        out = np.empty((stop - start, self.reader.stack[layer].width(name)), self.reader.dtype)
        for block, low, high in self._spans(start, stop):
            at = block.start + low - start
            out[at : at + high - low] = self._computed.cached(block).activations.signal(layer, name)[low:high]
        return out

    def columns(self, layer: int, name: str, start: int, stop: int, per: int, show: Show) -> Array:
        """A signal at steps start … stop − 1 in columns of `per` steps each, (⌈(stop − start) / per⌉, H).

        Columns narrower than a bin are made of exact values. Wider ones are made of bins, from those of a block on of
        whole blocks, each counted to the column in which it begins: after an edit that was soon forgotten, a column's
        edges may lie up to that much off.
        """
        stop = min(stop, self.steps)
        if start >= stop:
            return np.empty((0, self.reader.stack[layer].width(name)), self.reader.dtype)
        if per == 1 and show != "saturated":
            return self.signal(layer, name, start, stop)
        if per < self.grain.bin:
            values, starts = self.signal(layer, name, start, stop), np.arange(0, stop - start, per)
            return exact_columns(values, starts, show, self.reader.stack[layer].cell.signal(name))
        parts, places = self._bins(layer, start, stop, whole=per >= self.grain.block)
        edges = np.searchsorted(places, [*range(start, stop, per), stop])
        among = [edges]
        if edges[-2] == edges[-1]:
            # No bin begins in the last column, a text's last steps: the one that reaches into it stands for it too.
            among = [one for one in (edges[:-1], edges[-1] - np.array([1, 0])) if len(one) > 1]
        found = [self._summaries[layer].columns(name, parts, one, show) for one in among]
        return np.concatenate(found)[:, : self.reader.stack[layer].width(name)]

    def activations(self, start: int, stop: int) -> Iterator[tuple[int, tuple[Array, ...]]]:
        """Exact values of all signals at steps start … stop − 1, piece by piece: the first step of each piece, and each
        layer's (S, T, H). They are views, right until the recording is asked or edited again."""
        for block, low, high in self._spans(start, min(stop, self.steps)):
            layers = self._computed.cached(block).activations.layers
            yield block.start + low, tuple(layer[:, low:high] for layer in layers)

    def state_at(self, step: int) -> State:
        """The state of all layers from which step `step` is computed; at most `steps`."""
        if step == 0:
            return self.reader.start()
        block, row, _ = next(self._spans(step - 1, step))
        return self._computed.state_after(block, row + 1)

    def stretches(self, start: int, stop: int) -> Iterator[tuple[int, int, tuple[Levels, ...]]]:
        """The stretches that cover steps start … stop − 1: the first step of each, the step behind its last, and what
        is kept of it for each layer; of the last one, which is being read, nothing is. Its bins begin where it does."""
        for block, _, _ in self._spans(start, min(stop, self.steps)):
            yield block.start, block.start + block.steps, block.levels

    def column(self, layer: int, step: int) -> tuple[Array, Array]:
        """All signals of a layer at one step, (S, H), NaN beyond the width of one that is narrower; and the
        log-probabilities of what follows it, (V,)."""
        if not 0 <= step < self.steps:
            raise IndexError(f"Step {step} has not been read; {self.steps} have.")
        block, row, _ = next(self._spans(step, step + 1))
        activations = self._computed.cached(block, predict=True).activations
        signals = activations.layers[layer][:, row].copy()
        for one, width in zip(signals, self.reader.stack[layer].widths, strict=True):
            one[width:] = np.nan
        return signals, activations.predictions[row].copy()

    def surprise(self, start: int, stop: int) -> NDArray[np.float32]:
        """Bits, steps start … stop − 1; NaN for the first character and for unknown ones."""
        return self._surprise[start : min(stop, self.steps)]

    def bits_per_character(self) -> tuple[float, int]:
        """Mean surprise of what has been read, NaN if there is none, and the number of characters it is the mean of."""
        live = self._blocks[-1]
        bits, scored = self._scored(live.start, self.steps)
        count = live.before.scored + scored
        return ((live.before.bits + bits) / count if count else float("nan")), count

    def largest(self, layer: int, name: str) -> float:
        """How far a signal goes in all that has been read, see `Levels.largest`; 0 before the first step."""
        live, index = self._blocks[-1], self.reader.stack[layer].cell.names().index(name)
        peak = float(live.before.largest[layer][index])
        if live.start == self.steps:
            return peak
        values = self._computed.cached(live).activations.layers[layer][index, : self.steps - live.start]
        return max(peak, float(np.abs(values).max()))

    # ── blocks and their rooms ───────────────────────────────────────────────────────────────────────

    def _place(self, step: int) -> int:
        """Which block holds `step`, or is to hold it."""
        return bisect_right(self._blocks, step, key=lambda block: block.start) - 1

    def _spans(self, start: int, stop: int) -> Iterator[tuple[Block, int, int]]:
        """The blocks that cover start … stop − 1, each with its first and last row; all of that has been read."""
        place = self._place(start)
        while start < stop:
            block = self._blocks[place]
            end = min(stop, block.start + block.steps)
            yield block, start - block.start, end - block.start
            start, place = end, place + 1

    def _bins(
        self, layer: int, start: int, stop: int, *, whole: bool
    ) -> tuple[list[tuple[Bins, int]], NDArray[np.int64]]:
        """The bins of the blocks that cover start … stop − 1, how many steps each block has, where each bin begins."""
        parts, places = [], []
        for block, _, _ in self._spans(start, stop):
            rows = block.steps
            if block.end is None:
                levels = self._summaries[layer].of(self._computed.cached(block).activations.layers[layer], rows)
            else:
                levels = block.levels[layer]
            parts.append((levels.whole if whole else levels.bins, rows))
            places.append(np.arange(block.start, block.start + rows, self.grain.block if whole else self.grain.bin))
        return parts, np.concatenate(places)

    def _score(self, block: Block, cached: CachedActivations, offset: int, ids: Items) -> None:
        """Surprise of the ids just read, each under the prediction of the step before it."""
        asked = cached.activations.predictions[max(offset - 1, 0) : offset + len(ids) - 1]
        if offset == 0:
            unknown = np.full(self.reader.head.width, np.nan, self.reader.dtype)
            asked = np.concatenate([(unknown if block.prediction is None else block.prediction)[None], asked])
        start = block.start + offset
        self._surprise[start : start + len(ids)] = self.reader.head.bits(asked, ids)

    def _scored(self, start: int, stop: int) -> tuple[float, int]:
        """The sum of the bits of steps start … stop − 1, and how many of them have any."""
        surprise = self._surprise[start:stop]
        scored = int((~np.isnan(surprise)).sum())
        return (mean_surprise(surprise) * scored if scored else 0.0), scored

    def _seal(self, block: Block, stop: int) -> None:
        """The last block ends before step `stop`: note what it leaves behind, and begin the next."""
        cached, rows = self._computed.cached(block, predict=True), stop - block.start
        layers = zip(self._summaries, cached.activations.layers, strict=True)
        block.levels = tuple(summary.of(values, rows) for summary, values in layers)
        block.own = Sums(*self._scored(block.start, stop), tuple(levels.largest for levels in block.levels))
        block.end = Checkpoint(KeptState(self._tally, self._computed.state_after(block, rows)))
        block.after = cached.activations.predictions[rows - 1].copy()
        sizes = [levels.nbytes for levels in block.levels]
        block.charge = Charge(self._tally, block_bytes(sizes, block.after.nbytes))
        block.steps, cached.front = rows, None
        cached.cut(rows)
        self._blocks.append(block.next())

    def _hand_on(self, block: Block) -> None:
        """The next block takes over this one's buffer, if nobody looks at that: a long text is read in one buffer."""
        if block.stop <= self._watched.start or block.start >= self._watched.stop:
            self._cache.hand(block, self._blocks[-1], 0)

    def _finish(self) -> None:
        """Make the block that is being read a whole one, so that it too can be found right after an edit."""
        live = self._blocks[-1]
        if live.start < self.steps:
            self._seal(live, self.steps)

    # ── where the run is what it was before an edit ──────────────────────────────────────────────────────

    def _join(self, live: Block) -> bool:
        """If the state has become what it was before the edit, all whole blocks from there on are right: take them."""
        while self._tail and self._tail[0].start <= self.steps:
            old = self._tail[0]
            if old.begin.state is None:
                self._tracking.passes(old, self.ids)
                del self._tail[0]
                continue
            state = self._computed.state_after(live, old.start - live.start)
            # The first character of all has no surprise; no other block may take its place, nor it theirs.
            if old.start > 0 and old.prediction is not None and same(state, old.begin.state):
                self._take(live, old)
                if not self._tail:
                    self._tracking.joins(old.start, self._states)
                return True
            del self._tail[0]
            self._tracking.differs(old, state, self.ids)
        return False

    def _take(self, live: Block, first: Block) -> None:
        """The blocks from `first` on, before which the state is what it was, become part of what has been read, as far
        as they are one run."""
        if first.start > live.start:
            self._seal(live, first.start)
        taken = 0
        for old in self._tail:
            live = self._blocks[-1]
            if old.start != live.start or not (old is first or old.begin.meets(live.begin)):
                break
            self._cache.drop(live)
            old.before = live.before
            if len(self._blocks) > 1:
                self._blocks[-2].end = old.begin  # one border, and one state
            self._blocks[-1:] = [old, old.next()]
            taken += 1
        del self._tail[:taken]
        self.steps = self._blocks[-1].start

    def _states(self, start: int, stop: int) -> list[Array]:
        """All states of each layer at steps start … stop − 1, each (states, T, H)."""
        return [
            np.stack([self.signal(k, name, start, stop) for name in layer.cell.states])
            for k, layer in enumerate(self.reader.stack)
        ]
