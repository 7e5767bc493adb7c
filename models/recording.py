"""A run of one model over one text that is still being typed, at any length, without storing the trace.

The text is cut into blocks of K steps. Kept for every block: the state before it and the prediction that the
step before it made (so it can be recomputed exactly), and its sums. Kept whole only for the last few blocks
that were touched: their activations. Reading on, editing in the middle and looking anywhere all go through
these blocks, and give the bits of a fresh run, since the compiled loop's result does not depend on how the steps
are grouped.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .cells.base import Array
from .reader import Activations, Reader, State
from .trace import mean_surprise, surprise_of
from .vocabulary import Ids

BLOCK = 512
"""K, steps a block: 1.5 to 2.5 ms of reading for 128 units, and 1.5 MiB of an LSTM's activations."""


@dataclass
class Mark:
    """What stays of a block: where it starts from and, once it is whole, what its steps add up to."""

    state: State
    prediction: Array | None
    """(V,) log-probabilities that the step before the block left; None before the first character."""
    bits: float = 0.0
    scored: int = 0
    largest: tuple[Array, ...] = ()
    """For each layer, the largest absolute value of each signal, (S,)."""


class Recording:
    """What one model computes over one text.

    Args:
        reader: the model, prepared for reading. It may be shared.
        kept: how many blocks' activations are held at a time.
    """

    def __init__(self, reader: Reader, *, kept: int = 6) -> None:
        self.reader = reader
        self.kept = kept
        self.ids: Ids = np.empty(0, np.int32)
        self.steps = 0
        self._surprise = np.empty(0, np.float32)
        self._marks = [Mark(reader.start(), None)]
        self._blocks: OrderedDict[int, Activations] = OrderedDict()

    def __len__(self) -> int:
        """How long the text is; `steps` of it have been read."""
        return len(self.ids)

    @property
    def complete(self) -> bool:
        return self.steps == len(self.ids)

    def edit(self, at: int, remove: int, insert: Ids) -> None:
        """Replace `remove` ids from `at` on by `insert`; what was read from `at` on is forgotten."""
        self.ids = np.concatenate([self.ids[:at], insert, self.ids[at + remove :]])
        self._rewind(min(self.steps, at))

    def read(self) -> int:
        """Read on to the end of a block or of the text. Returns the number of steps read; 0 at the end."""
        block, offset = divmod(self.steps, BLOCK)
        ids = self.ids[self.steps : (block + 1) * BLOCK]
        if not len(ids):
            return 0
        room = self._activations(block)
        mark = self._marks[block]
        state = room.state(offset - 1) if offset else [s.copy() for s in mark.state]
        self.reader.read(ids, state, room, offset)
        self._score(block, room, offset, ids)
        self.steps += len(ids)
        if offset + len(ids) == BLOCK:
            self._seal(block, room, state)
        return len(ids)

    def signal(self, layer: int, name: str, start: int, stop: int) -> Array:
        """Exact values of a signal at steps start … stop − 1, (stop − start, H); at most `steps`."""
        parts = [
            self._activations(block).signal(layer, name)[low:high]
            for block, low, high in self._spans(start, min(stop, self.steps))
        ]
        return np.concatenate(parts) if parts else np.empty((0, self.reader.units), self.reader.dtype)

    def column(self, layer: int, step: int) -> tuple[Array, Array]:
        """All signals of a layer at one step, (S, H), and the log-probabilities of what follows it, (V,)."""
        if not 0 <= step < self.steps:
            raise IndexError(f"Step {step} has not been read; {self.steps} have.")
        block, offset = divmod(step, BLOCK)
        room = self._activations(block)
        return room.layers[layer][:, offset].copy(), room.log_probabilities[offset].copy()

    def surprise(self, start: int, stop: int) -> NDArray[np.float32]:
        """Bits, steps start … stop − 1; NaN for the first character and for unknown ones."""
        return self._surprise[start : min(stop, self.steps)]

    def bits_per_character(self) -> tuple[float, int]:
        """Mean surprise of what has been read, NaN if there is none, and the number of characters it is the mean of."""
        whole, live = self._marks[:-1], self._surprise[(len(self._marks) - 1) * BLOCK : self.steps]
        scored = int((~np.isnan(live)).sum())
        bits = sum(mark.bits for mark in whole) + (mean_surprise(live) * scored if scored else 0.0)
        count = scored + sum(mark.scored for mark in whole)
        return (bits / count if count else float("nan")), count

    def largest(self, layer: int, name: str) -> float:
        """The largest absolute value of a signal over all that has been read; 0 before the first step."""
        index = self.reader.cell.names().index(name)
        peaks = [float(mark.largest[layer][index]) for mark in self._marks[:-1]]
        block, offset = divmod(self.steps, BLOCK)
        if offset:
            peaks.append(float(np.abs(self._activations(block).signal(layer, name)[:offset]).max()))
        return max(peaks, default=0.0)

    def _rewind(self, steps: int) -> None:
        if len(self._surprise) < len(self.ids):
            grown = np.empty(max(len(self.ids), 2 * len(self._surprise), BLOCK), np.float32)
            grown[: len(self._surprise)] = self._surprise
            self._surprise = grown
        self.steps = steps
        block = steps // BLOCK
        del self._marks[block + 1 :]
        for gone in [b for b in self._blocks if b > block]:
            del self._blocks[gone]

    def _activations(self, block: int) -> Activations:
        """A block's activations, recomputed from its mark if they are not held; rows from `steps` on are not filled."""
        if block in self._blocks:
            self._blocks.move_to_end(block)
            return self._blocks[block]
        room = self.reader.room(BLOCK)
        read = self.ids[block * BLOCK : min(self.steps, (block + 1) * BLOCK)]
        self.reader.read(read, [s.copy() for s in self._marks[block].state], room)
        self._blocks[block] = room
        while len(self._blocks) > self.kept:
            self._blocks.popitem(last=False)
        return room

    def _score(self, block: int, room: Activations, offset: int, ids: Ids) -> None:
        """Surprise of the ids just read, each under the prediction of the step before it."""
        start = block * BLOCK + offset
        asked = room.log_probabilities[max(offset - 1, 0) : offset + len(ids) - 1]
        if offset == 0:
            before = self._marks[block].prediction
            first = np.full((1, self.reader.symbols), np.nan, self.reader.dtype) if before is None else before[None]
            asked = np.concatenate([first, asked])
        self._surprise[start : start + len(ids)] = surprise_of(asked, ids)

    def _seal(self, block: int, room: Activations, state: State) -> None:
        """A block is whole: note its sums, and where the next one starts from."""
        mark = self._marks[block]
        surprise = self._surprise[block * BLOCK : (block + 1) * BLOCK]
        mark.scored = int((~np.isnan(surprise)).sum())
        mark.bits = mean_surprise(surprise) * mark.scored if mark.scored else 0.0
        mark.largest = tuple(np.abs(layer).max(axis=(1, 2)) for layer in room.layers)
        self._marks.append(Mark([s.copy() for s in state], room.log_probabilities[-1].copy()))

    def _spans(self, start: int, stop: int) -> list[tuple[int, int, int]]:
        """The blocks that cover start … stop − 1, each with its first and last row."""
        blocks = range(start // BLOCK, -(-stop // BLOCK)) if start < stop else range(0)
        return [(b, max(start - b * BLOCK, 0), min(stop - b * BLOCK, BLOCK)) for b in blocks]
