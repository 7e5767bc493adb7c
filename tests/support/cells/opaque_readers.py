"""Readers of made-up layers whose states nobody else can look into: one of any size, and one that grows."""

from __future__ import annotations

from typing import Any

import numpy as np

from models import CharLM
from models.network.nudge import nudged
from models.network.reader import CompiledReader
from models.network.state import State, same_bits


class Remembering:
    """A cell's state, and the first unit's hidden state at steps before: at all of them, or at the last `most`.

    A window of fixed length is a ring in which step t stands at t modulo its length.
    """

    def __init__(self, values: np.ndarray, past: np.ndarray, steps: int = 0) -> None:
        self.values, self.past, self.steps = values, past, steps

    @property
    def nbytes(self) -> int:
        return self.values.nbytes + self.past.nbytes

    def copy(self) -> Remembering:
        return Remembering(self.values.copy(), self.past.copy(), self.steps)

    def same_bits(self, other: Remembering) -> bool:
        alike = self.steps == other.steps and same_bits(self.values, other.values)
        return alike and same_bits(self.past, other.past)

    def nudged(self, turn: int) -> Remembering:
        return Remembering(nudged([self.values], turn)[0], self.past.copy(), self.steps)


class RingReader(CompiledReader):
    """Its first layer keeps the last `length` hidden states of one unit; what stood `length` steps back is taken from
    each prediction, so a ring that is not the right one shows."""

    visible = False

    def __init__(self, lm: CharLM, length: int) -> None:
        super().__init__(lm)
        self._length = length

    def start(self) -> State:
        plain = super().start()
        ring = np.zeros(self._length, self.dtype)
        return [Remembering(plain[0], ring), *(Remembering(values, ring[:0].copy()) for values in plain[1:])]

    def read(self, ids: Any, state: State, into: Any, offset: int = 0, *, predict: bool = True, **how: Any) -> None:  # type: ignore[override]
        super().read(ids, [one.values for one in state], into, offset, predict=predict, **how)
        memory, new = state[0], into.layers[0][0, offset : offset + len(ids), 0]
        places = (memory.steps + np.arange(len(ids))) % self._length
        then = memory.past[places].copy()  # (T,): `length` steps back
        then[self._length :] = new[: max(len(ids) - self._length, 0)]
        if predict:
            into.predictions[offset : offset + len(ids)] -= then[:, None]
        memory.past[places[-self._length :]] = new[-self._length :]
        for one in state:
            one.steps += len(ids)


class GrowingReader(CompiledReader):
    """Its first layer keeps the hidden states of one unit at all steps, `width` times over, as attention keeps its keys
    and values; their sum so far, in the order of the steps, is taken from each prediction."""

    visible = False

    def __init__(self, lm: CharLM, width: int = 1) -> None:
        super().__init__(lm)
        self._width = width

    def start(self) -> State:
        plain = super().start()
        none = np.zeros((0, self._width), self.dtype)
        return [Remembering(values, none.copy()) for values in plain]

    def state_bytes(self, step: int) -> int:
        return super().state_bytes(0) + step * self._width * self.dtype.itemsize

    def cost(self, start: int, stop: int) -> float:
        return super().cost(start, stop) + self._width * (stop * (stop - 1) - start * (start - 1)) / 2

    def read(self, ids: Any, state: State, into: Any, offset: int = 0, *, predict: bool = True, **how: Any) -> None:  # type: ignore[override]
        super().read(ids, [one.values for one in state], into, offset, predict=predict, **how)
        memory, new = state[0], into.layers[0][0, offset : offset + len(ids), 0]
        memory.past = np.concatenate([memory.past, np.repeat(new[:, None], self._width, axis=1)])
        if predict:
            so_far = np.cumsum(memory.past[:, 0])[memory.steps :]
            into.predictions[offset : offset + len(ids)] -= so_far[:, None]
        for one in state:
            one.steps += len(ids)
