"""A run of one model over one text that is still being edited, at any length, without storing the trace.

The text is cut into blocks of at most `BLOCK` steps. Kept for every block: the state before it and the prediction that
the step before it made, so that it can be recomputed exactly, and its bins, from which any wide view is drawn. Kept
whole only for the last few blocks that were touched: their activations. Reading on, editing in the middle and looking
anywhere all go through these blocks, and give the bits of a fresh run, since the compiled loop's result does not depend
on how the steps are grouped.

After an edit, the blocks behind it are not thrown away. Where the new state is the old one to the last bit, all that
follows is what it was: reading stops there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..cells.base import Array
from ..network.reader import Reader, State
from ..network.trace import mean_surprise, surprise_of
from ..text.vocabulary import Ids
from .activation_cache import ActivationCache, CachedActivations
from .block import Block, Sums, same
from .edit_effect import EditEffect
from .edit_tracking import EditTracking
from .gap_buffer import GapBuffer
from .overview import BIN, Bins, Levels, Show, Summary, exact_columns

BLOCK = 512
"""Steps a block, at most: 0.7 to 2.1 ms of reading for 128 units, and 1.5 MiB of an LSTM's activations."""


def stretches() -> tuple[int, ...]:
    """Of how many steps the stretches are that columns are made of, the longest first."""
    return BLOCK, BIN, 1


def overhang(per: int) -> int:
    """How many steps beyond its edge a column of `per` may show: it is made of the stretches that begin in it."""
    return next(steps for steps in stretches() if steps <= per) - 1


class Recording:
    """What one model computes over one text.

    Args:
        reader: the model, prepared for reading. It may be shared.
        kept: how many blocks' activations are held at a time.
    """

    def __init__(self, reader: Reader, *, kept: int = 8) -> None:
        self.reader = reader
        self.ids: GapBuffer[np.int32] = GapBuffer(np.int32)
        self.steps = 0
        """How many of the text's characters have been read."""
        self._surprise: GapBuffer[np.float32] = GapBuffer(np.float32)
        self._summary = Summary(reader.cell, reader.dtype)
        # The last block is being read, the others are whole.
        self._blocks = [Block(0, reader.start(), None, Sums.none(reader))]
        # Whole blocks that lie behind what has been read: made before an edit, they may still be right.
        self._tail: list[Block] = []
        self._tracking = EditTracking(reader)
        self._rooms = ActivationCache(reader, BLOCK, kept)
        self._watched = range(0)

    def __len__(self) -> int:
        """How long the text is; `steps` of it have been read."""
        return len(self.ids)

    @property
    def complete(self) -> bool:
        return self.steps == len(self.ids)

    @property
    def nbytes(self) -> int:
        """About how much memory it holds."""
        # The first and the last block may be short ones: what most are like stands in the middle.
        blocks = sum(len(some) * some[len(some) // 2].nbytes for some in (self._blocks, self._tail) if some)
        return self.ids.nbytes + self._surprise.nbytes + blocks + self._rooms.nbytes

    # ── the text ─────────────────────────────────────────────────────────────────────────────────────

    def edit(self, at: int, remove: int, insert: Ids) -> None:
        """Replace `remove` ids from `at` on by `insert`."""
        if not remove and not len(insert):
            return
        stop, shift = at + remove, len(insert) - remove
        place = self._place(at) if at < self.steps else len(self._blocks) - 1
        if at < self.steps:
            self._finish()
        # What depends on the number of a step is right nowhere else.
        behind = [] if self.reader.bound and shift else [*self._blocks[place:-1], *self._tail]
        hit, moved = self._blocks[place], [block for block in behind if block.start >= stop]
        self._tracking.edit(at, stop, len(insert), hit=hit, steps=self.steps, ids=self.ids)
        self.ids.replace(at, remove, insert)
        self._surprise.replace(at, remove, np.full(len(insert), np.nan, np.float32))
        self._tail = [block for block in self._tail if block.stop <= at] + moved
        if at < self.steps:
            live = hit.begun()
            self._blocks[place:] = [live]
            self.steps = at
            self._rooms.hand(hit, live, at - live.start)
            self._rooms.drop_behind(at)
        for block in moved:
            block.start += shift
        if self.complete:
            self._tracking.drop()

    def forget(self) -> None:
        """Let go of what was read before an edit and has not been found right again: it costs memory."""
        self._tail.clear()

    def watch(self, start: int, stop: int) -> None:
        """These steps are looked at: the blocks that hold them are worth keeping while the reading passes over them."""
        self._watched = range(start, stop)

    def read(self) -> int:
        """Read on to the end of a block or of the text. Returns by how many steps; 0 at the end."""
        before, live = self.steps, self._blocks[-1]
        # Blocks end at the same steps as ever, if they can: one that was taken over may begin anywhere.
        stop = min((before // BLOCK + 1) * BLOCK, live.start + BLOCK, len(self.ids))
        ids = self.ids[before:stop]
        if not len(ids):
            return 0
        room = self._room(live, predict=True)
        offset = before - live.start
        state = room.activations.state(offset - 1) if offset else [s.copy() for s in live.state]
        self.reader.read(ids, state, room.activations, offset, at=before)
        room.filled = room.predicted = offset + len(ids)
        self._score(live, room, offset, ids)
        self.steps = stop
        if not self._join(live) and (stop % BLOCK == 0 or stop == live.start + BLOCK):
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
        """Exact values of a signal at steps start … stop − 1, (stop − start, H); at most `steps`."""
        stop = max(min(stop, self.steps), start)
        out = np.empty((stop - start, self.reader.units), self.reader.dtype)
        for block, low, high in self._spans(start, stop):
            at = block.start + low - start
            out[at : at + high - low] = self._room(block).activations.signal(layer, name)[low:high]
        return out

    def columns(self, layer: int, name: str, start: int, stop: int, per: int, show: Show) -> Array:
        """A signal at steps start … stop − 1 in columns of `per` steps each, (⌈(stop − start) / per⌉, H).

        Columns narrower than a bin are made of exact values. Wider ones are made of bins, from `BLOCK` steps on of
        whole blocks, each counted to the column in which it begins: after an edit that was soon forgotten, a column's
        edges may lie up to that much off.
        """
        stop = min(stop, self.steps)
        if start >= stop:
            return np.empty((0, self.reader.units), self.reader.dtype)
        if per == 1 and show != "saturated":
            return self.signal(layer, name, start, stop)
        if per < BIN:
            values, starts = self.signal(layer, name, start, stop), np.arange(0, stop - start, per)
            return exact_columns(values, starts, show, self.reader.cell.signal(name))
        parts, places = self._bins(layer, start, stop, whole=per >= BLOCK)
        edges = np.searchsorted(places, [*range(start, stop, per), stop])
        if edges[-2] < edges[-1]:
            return self._summary.columns(name, parts, edges, show)
        # No bin begins in the last column, a text's last steps: the one that reaches into it stands for it too.
        last = self._summary.columns(name, parts, edges[-1] - np.array([1, 0]), show)
        return np.concatenate([self._summary.columns(name, parts, edges[:-1], show), last]) if len(edges) > 2 else last

    def activations(self, start: int, stop: int) -> Iterator[tuple[int, tuple[Array, ...]]]:
        """Exact values of all signals at steps start … stop − 1, piece by piece: the first step of each piece, and each
        layer's (S, T, H). They are views, right until the recording is asked or edited again."""
        for block, low, high in self._spans(start, min(stop, self.steps)):
            layers = self._room(block).activations.layers
            yield block.start + low, tuple(layer[:, low:high] for layer in layers)

    def state_before(self, step: int) -> State:
        """The state of all layers from which step `step` is computed; at most `steps`."""
        if step == 0:
            return self.reader.start()
        block, row, _ = next(self._spans(step - 1, step))
        return self._room(block).activations.state(row)

    def stretches(self, start: int, stop: int) -> Iterator[tuple[int, int, tuple[Levels, ...]]]:
        """The stretches that cover steps start … stop − 1: the first step of each, the step behind its last, and what
        is kept of it for each layer; of the last one, which is being read, nothing is. Its bins begin where it does."""
        for block, _, _ in self._spans(start, min(stop, self.steps)):
            yield block.start, block.start + self._rows(block), block.levels

    def column(self, layer: int, step: int) -> tuple[Array, Array]:
        """All signals of a layer at one step, (S, H), and the log-probabilities of what follows it, (V,)."""
        if not 0 <= step < self.steps:
            raise IndexError(f"Step {step} has not been read; {self.steps} have.")
        block, row, _ = next(self._spans(step, step + 1))
        activations = self._room(block, predict=True).activations
        return activations.layers[layer][:, row].copy(), activations.log_probabilities[row].copy()

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
        """The largest absolute value of a signal over all that has been read; 0 before the first step."""
        live, index = self._blocks[-1], self.reader.cell.names().index(name)
        peak = float(live.before.largest[layer][index])
        if live.start == self.steps:
            return peak
        values = self._room(live).activations.layers[layer][index, : self.steps - live.start]
        return max(peak, float(np.abs(values).max()))

    # ── blocks and their rooms ───────────────────────────────────────────────────────────────────────

    def _place(self, step: int) -> int:
        """Which block holds `step`, or is to hold it."""
        return bisect_right(self._blocks, step, key=lambda block: block.start) - 1

    def _rows(self, block: Block) -> int:
        """How many steps of a block have been read."""
        return (self.steps if block.end is None else block.stop) - block.start

    def _spans(self, start: int, stop: int) -> Iterator[tuple[Block, int, int]]:
        """The blocks that cover start … stop − 1, each with its first and last row; all of that has been read."""
        place = self._place(start)
        while start < stop:
            block = self._blocks[place]
            end = min(stop, block.start + self._rows(block))
            yield block, start - block.start, end - block.start
            start, place = end, place + 1

    def _room(self, block: Block, *, predict: bool = False) -> CachedActivations:
        """A block's activations, recomputed as far as they are not held."""
        room = self._rooms.of(block)
        rows, first = self._rows(block), room.predicted if predict else room.filled
        if first < rows:
            state = room.activations.state(first - 1) if first else [s.copy() for s in block.state]
            ids = self.ids[block.start + first : block.start + rows]
            self.reader.read(ids, state, room.activations, first, predict=predict, at=block.start + first)
            room.filled = rows
            room.predicted = rows if predict else room.predicted
        return room

    def _bins(
        self, layer: int, start: int, stop: int, *, whole: bool
    ) -> tuple[list[tuple[Bins, int]], NDArray[np.int64]]:
        """The bins of the blocks that cover start … stop − 1, how many steps each block has, where each bin begins."""
        parts, places = [], []
        for block, _, _ in self._spans(start, stop):
            rows = self._rows(block)
            if block.end is None:
                levels = self._summary.of(self._room(block).activations.layers[layer], rows)
            else:
                levels = block.levels[layer]
            parts.append((levels.whole if whole else levels.bins, rows))
            places.append(np.arange(block.start, block.start + rows, BLOCK if whole else BIN))
        return parts, np.concatenate(places)

    def _score(self, block: Block, room: CachedActivations, offset: int, ids: Ids) -> None:
        """Surprise of the ids just read, each under the prediction of the step before it."""
        asked = room.activations.log_probabilities[max(offset - 1, 0) : offset + len(ids) - 1]
        if offset == 0:
            unknown = np.full(self.reader.symbols, np.nan, self.reader.dtype)
            asked = np.concatenate([(unknown if block.prediction is None else block.prediction)[None], asked])
        start = block.start + offset
        self._surprise[start : start + len(ids)] = surprise_of(asked, ids)

    def _scored(self, start: int, stop: int) -> tuple[float, int]:
        """The sum of the bits of steps start … stop − 1, and how many of them have any."""
        surprise = self._surprise[start:stop]
        scored = int((~np.isnan(surprise)).sum())
        return (mean_surprise(surprise) * scored if scored else 0.0), scored

    def _seal(self, block: Block, stop: int) -> None:
        """The last block ends before step `stop`: note what it leaves behind, and begin the next."""
        room, rows = self._room(block, predict=True), stop - block.start
        block.levels = tuple(self._summary.of(layer, rows) for layer in room.activations.layers)
        block.own = Sums(*self._scored(block.start, stop), tuple(levels.largest for levels in block.levels))
        block.end, block.after = room.activations.state(rows - 1), room.activations.log_probabilities[rows - 1].copy()
        block.steps = rows
        room.cut(rows)
        self._blocks.append(block.next())

    def _hand_on(self, block: Block) -> None:
        """The next block takes over this one's room, if nobody looks at that: a long text is read in one room."""
        if block.stop <= self._watched.start or block.start >= self._watched.stop:
            self._rooms.hand(block, self._blocks[-1], 0)

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
            row = old.start - live.start - 1
            state = live.state if row < 0 else self._room(live).activations.state(row)
            # The first character of all has no surprise; no other block may take its place, nor it theirs.
            if old.start > 0 and old.prediction is not None and same(state, old.state):
                self._take(live, old.start)
                if not self._tail:
                    self._tracking.joins(old.start, self._states)
                return True
            del self._tail[0]
            self._tracking.differs(old, state, self.ids)
        return False

    def _take(self, live: Block, start: int) -> None:
        """The blocks that begin at `start`, as far as they are one run, become part of what has been read."""
        if start > live.start:
            self._seal(live, start)
        taken = 0
        for old in self._tail:
            live = self._blocks[-1]
            if old.start != live.start or not same(live.state, old.state):
                break
            self._rooms.drop(live)
            old.before = live.before
            self._blocks[-1:] = [old, old.next()]
            taken += 1
        del self._tail[:taken]
        self.steps = self._blocks[-1].start

    def _states(self, start: int, stop: int) -> list[Array]:
        """All states of each layer at steps start … stop − 1, each (states, T, H)."""
        names = self.reader.cell.states
        layers = range(self.reader.layers)
        return [np.stack([self.signal(layer, name, start, stop) for name in names]) for layer in layers]
