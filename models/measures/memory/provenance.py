"""Where a memory comes from: what each past step wrote of what a unit holds now.

A gated cell has a memory m (LSTM: the cell state; GRU: the hidden state; sLSTM: the normalised memory) of which a unit
keeps a share k_t in a step and to which it adds w_t (`Cell.memory`, `Cell.kept`):

    m_t = k_t·m_{t−1} + w_t = Σ_{s ≤ t} (∏_{s < r ≤ t} k_r)·w_s + (∏_{r ≤ t} k_r)·m_start

so of what was written at s exactly (∏ k_r)·w_s is still there. These addends add up to the memory. What is written is
taken from the recording, w_t = m_t − k_t·m_{t−1}, rounding and interventions included. Where the state is reset,
nothing older is left.

A unit's *share* of a step is the size of that addend over the sum of the sizes of all, a number from 0 to 1; that of a
layer is the mean over its units. Units that hold exactly nothing are left out of it.

This is the direct path only: what was written at s was itself computed from the state before s, so it is not all that
the character at s did. What an edit of the character does (`models.echo`) shows the rest.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from ...cells.base import Cell, Signal
from ...errors import NotMeasurable
from ...network.language_model import CharLM
from ...recording.recording import Recording

Numbers = NDArray[np.float64]
Of = Literal["unit", "layer"]

LONGEST = 2_000
"""The most steps that are followed back one by one; what is older is one number."""
ROWS = 400
"""The most rows and columns of the triangle: of a longer window every row stands for several steps."""
SAMPLED = 64
"""Steps over which the share of what is old is averaged."""


@dataclass(frozen=True)
class Provenance:
    """The memory of a layer at `step`, by the steps first … step at which it was written, N of them.

    Attributes:
        memory: the signal that is followed.
        held: its value in the unit.
        addends: (N,) what each step wrote of it; with `older` they add up to `held`.
        older: what is left of the memory from before `first`.
        unit_shares, layer_shares: (N,) the shares of each step; with `unit_older`, `layer_older` they add up to 1.
        old: the layer's share of what was written more than `age` steps before `step`.
        usually_old: the same, as a mean over `sampled` steps of the window with as much text before them; None if there
            is none.
        triangle: (R, R) what row t holds by step s: addends of the unit, or shares of the layer. The last row is
            `step`; each row is a step, `per` after the one before; each column adds up `per` steps. NaN where s > t.
    """

    memory: Signal
    layer: int
    unit: int
    step: int
    first: int
    held: float
    addends: Numbers
    older: float
    unit_shares: Numbers
    unit_older: float
    layer_shares: Numbers
    layer_older: float
    age: int
    old: float
    usually_old: float | None
    sampled: int
    triangle: Numbers
    per: int


def no_memory(cell: Cell) -> str:
    """The sentence for a cell whose state is not made of what is kept and what is added."""
    return (
        f"A {cell.title} keeps nothing as it is: each step computes its state anew from all of the one before, so what "
        "it holds cannot be told apart by when it was written. Follow the echo of an edit instead."
    )


def provenance(
    lm: CharLM,
    recording: Recording,
    layer: int,
    unit: int,
    step: int,
    *,
    window: int = 500,
    age: int = 20,
    of: Of = "unit",
) -> Generator[float, None, Provenance]:
    """Follow what a layer holds at a step back over `window` steps, at most `LONGEST`.

    Args:
        unit: whose addends are listed.
        age: older than so many steps is *old*.
        of: what the triangle shows.

    Yields:
        the share of the work that is done.

    Raises:
        NotMeasurable: if the cell has no such memory, there is no such layer or unit, or the step has not been read.
    """
    _check(lm, recording, layer, unit, step)
    first = max(0, step + 1 - min(window, LONGEST))
    memory, keep, write, before = _unrolled(lm, recording, layer, first, step + 1)
    yield 0.1
    addends, older = _addends(keep, write, before)
    layer_shares, layer_older = _shares(addends, older)
    unit_shares, unit_older = _shares(addends[:, [unit]], older[[unit]])
    held = float(recording.signal(layer, memory.name, step, step + 1)[0, unit])
    sample: Sequence[int] = ()
    if len(keep) > age:
        sample = sorted({round(row) for row in np.linspace(age, len(keep) - 1, SAMPLED)})
    olds = []
    for count, row in enumerate(sample):
        each, rest = _shares(*_addends(keep[: row + 1], write[: row + 1], before))
        olds.append(float(each[: row - age].sum()) + rest)
        yield 0.1 + 0.4 * (count + 1) / len(sample)
    triangle, per = yield from _triangle(keep, write, before, unit if of == "unit" else None)
    return Provenance(
        memory=memory,
        layer=layer,
        unit=unit,
        step=step,
        first=first,
        held=held,
        addends=addends[:, unit],
        older=float(older[unit]),
        unit_shares=unit_shares,
        unit_older=unit_older,
        layer_shares=layer_shares,
        layer_older=layer_older,
        age=age,
        old=float(layer_shares[: max(0, len(keep) - 1 - age)].sum()) + layer_older,
        usually_old=float(np.mean(olds)) if olds else None,
        sampled=len(olds),
        triangle=triangle,
        per=per,
    )


def _check(lm: CharLM, recording: Recording, layer: int, unit: int, step: int) -> None:
    if not 0 <= layer < lm.layers:
        raise NotMeasurable(f"There is no layer {layer}: {lm.name} has {lm.layers}. Choose another.")
    if lm.stack[layer].cell.memory() is None:
        raise NotMeasurable(no_memory(lm.stack[layer].cell))
    if not 0 <= unit < lm.stack[layer].units:
        raise NotMeasurable(f"There is no unit {unit}: the layer has {lm.stack[layer].units}. Choose another.")
    if not 0 <= step < recording.steps:
        raise NotMeasurable(
            f"Step {step} holds nothing yet: {recording.steps} steps have been read. Choose an earlier one."
        )


def _unrolled(
    lm: CharLM, recording: Recording, layer: int, start: int, stop: int
) -> tuple[Signal, Numbers, Numbers, Numbers]:
    """The memory's declaration; what is kept of it and written to it at each step, (T, H); and what it was before."""
    cell = lm.stack[layer].cell
    memory = cell.memory()
    assert memory is not None
    now = {one.symbol: _double(recording.signal(layer, one.name, start, stop)) for one in cell.signals}
    empty = dict(zip(cell.states, cell.start(), strict=True))
    before = {}
    for name in cell.states:
        symbol = cell.signal(name).symbol
        if start:
            earlier = _double(recording.signal(layer, name, start - 1, start))
        else:
            earlier = torch.full_like(now[symbol][:1], empty[name])
        before[symbol] = torch.cat([earlier, now[symbol][:-1]])
    fresh = [k for k in range(stop - start) if recording.reader.starts_fresh(start + k)]
    for name in cell.states:
        before[cell.signal(name).symbol][fresh] = empty[name]
    vectors = dict(zip(cell.layout.vectors, (one.double() for one in lm.layer_weights(layer)[4:]), strict=True))
    with torch.no_grad():
        keep = cell.kept(now, before, {one: vector.cpu() for one, vector in vectors.items()})
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


def _shares(addends: Numbers, older: Numbers) -> tuple[Numbers, float]:
    """The layer's share of each step, (T,), and of what is older, from (T, H) and (H,)."""
    sizes, rest = np.abs(addends), np.abs(older)
    total = sizes.sum(axis=0) + rest
    holding = total != 0
    if not holding.any():
        return np.zeros(len(sizes)), 0.0
    sizes, rest, total = sizes[:, holding], rest[holding], total[holding]
    return (sizes / total).mean(axis=1), float((rest / total).mean())


def _triangle(
    keep: Numbers, write: Numbers, before: Numbers, unit: int | None
) -> Generator[float, None, tuple[Numbers, int]]:
    """See `Provenance.triangle`; of the layer if `unit` is None."""
    steps = len(keep)
    per = -(-steps // ROWS)
    rows = -(-steps // per)
    missing = rows * per - steps  # the first column may stand for fewer steps
    found = np.full((rows, rows), np.nan)
    own = slice(None) if unit is None else slice(unit, unit + 1)
    for r in range(rows):
        stop = (r + 1) * per - missing
        addends, older = _addends(keep[:stop, own], write[:stop, own], before[own])
        values = addends[:, 0] if unit is not None else _shares(addends, older)[0]
        padded = np.concatenate([np.zeros(missing), values])
        found[r, : r + 1] = padded.reshape(r + 1, per).sum(axis=1)
        if r % 8 == 7:
            yield 0.5 + 0.5 * (r + 1) / rows
    return found, per
