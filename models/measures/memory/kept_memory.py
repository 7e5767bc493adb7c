"""What a gated cell's memory is made of: at each step a share k_t of it is kept, and w_t is written.

What is left of a step's writing is taken from the recording, w_t = m_t − k_t·m_{t−1}, so rounding and interventions are
included. Where the state is reset, nothing older is left.

T  steps    H  units
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from ...cells.base import Signal
from ...network.language_model import CharLM
from ...recording.recording import Recording

Numbers = NDArray[np.float64]


class KeptMemory:
    """A layer's memory over the steps start … stop − 1 of a recording.

    Attributes:
        signal: its declaration.
        keep, write: (T, H).
        before: (H,), the memory before the first of these steps.
    """

    def __init__(self, lm: CharLM, recording: Recording, layer: int, start: int, stop: int) -> None:
        self.signal, self.keep, self.write, self.before = _unrolled(lm, recording, layer, start, stop)

    def addends(self, row: int, unit: int) -> tuple[Numbers, float]:
        """What is left in a unit at a step of each step's writing up to then, (row + 1,), and of what is older."""
        own = slice(unit, unit + 1)
        each, older = _addends(self.keep[: row + 1, own], self.write[: row + 1, own], self.before[own])
        return each[:, 0], float(older[0])

    def shares(self, row: int) -> tuple[Numbers, float]:
        """The mean over the units of the sizes of these, as shares of the sum of all sizes."""
        return shares(*_addends(self.keep[: row + 1], self.write[: row + 1], self.before))

    def attention(self, row: int) -> Numbers:
        """There is none: (0, row + 1)."""
        return np.zeros((0, row + 1))


def shares(addends: Numbers, older: Numbers) -> tuple[Numbers, float]:
    """The layer's share of each step, (T,), and of what is older, from (T, H) and (H,)."""
    sizes, rest = np.abs(addends), np.abs(older)
    total = sizes.sum(axis=0) + rest
    holding = total != 0
    if not holding.any():
        return np.zeros(len(sizes)), 0.0
    sizes, rest, total = sizes[:, holding], rest[holding], total[holding]
    return (sizes / total).mean(axis=1), float((rest / total).mean())


def _unrolled(
    lm: CharLM, recording: Recording, layer: int, start: int, stop: int
) -> tuple[Signal, Numbers, Numbers, Numbers]:
    """The memory's declaration; what is kept of it and written to it at each step, (T, H); and what it was before."""
    cell = lm.stack[layer].cell
    memory = cell.memory()
    assert memory is not None
    now = {one.symbol: _double(recording.signal(layer, one.name, start, stop)) for one in cell.signals}
    empty = dict(zip(cell.states, cell.start(), strict=True)) | ({} if cell.visible else {memory.name: 0.0})
    before = {}
    for name in empty:
        symbol = cell.signal(name).symbol
        if start:
            earlier = _double(recording.signal(layer, name, start - 1, start))
        else:
            earlier = torch.full_like(now[symbol][:1], empty[name])
        before[symbol] = torch.cat([earlier, now[symbol][:-1]])
    fresh = [k for k in range(stop - start) if recording.reader.starts_fresh(start + k)]
    for name in empty:
        before[cell.signal(name).symbol][fresh] = empty[name]
    vectors = {one: vector.double().cpu() for one, vector in cell.vectors(lm.layer_weights(layer)).items()}
    with torch.no_grad():
        keep = cell.kept(now, before, vectors)
    write = now[memory.symbol] - keep * before[memory.symbol]
    start_value = before[memory.symbol][0].numpy()
    keep = keep.clone()
    for k in fresh:
        if k:  # what was there before is gone; what the start value adds counts as written
            write[k] = now[memory.symbol][k]
            keep[k] = 0.0
    return memory, keep.numpy(), write.numpy(), start_value


def _double(values: NDArray[np.floating]) -> torch.Tensor:
    return torch.from_numpy(np.asarray(values, np.float64).copy())


def _addends(keep: Numbers, write: Numbers, before: Numbers) -> tuple[Numbers, Numbers]:
    """What is left of each step's writing after the last, (T, H), and of what was there before the first, (H,)."""
    left = np.ones_like(write)
    left[:-1] = np.cumprod(keep[:0:-1], axis=0)[::-1]
    return left * write, left[0] * keep[0] * before
