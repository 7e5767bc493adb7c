"""Where a memory comes from: what each past step wrote of what a unit holds now.

A gated cell has a memory m (LSTM: the cell state; GRU: the hidden state; sLSTM: the normalised memory) of which a unit
keeps a share k_t in a step and to which it adds w_t (`Cell.memory`, `Cell.kept`):

    m_t = k_t·m_{t−1} + w_t = Σ_{s ≤ t} (∏_{s < r ≤ t} k_r)·w_s + (∏_{r ≤ t} k_r)·m_start

so of what was written at s exactly (∏ k_r)·w_s is still there. These addends add up to the memory. What is written is
taken from the recording, w_t = m_t − k_t·m_{t−1}, rounding and interventions included. Where the state is reset,
nothing older is left.

A unit's *share* of a step is the size of that addend over the sum of the sizes of all, a number from 0 to 1; that of a
layer is the mean over its units. Units that hold exactly nothing are left out of it.

Attention has no memory that is kept, but what it adds at a step is such a sum, too: over the steps of its window, by
its weights (`attended_window`), which each head has for itself.

This is the direct path only: what was written at s was itself computed from the state before s, so it is not all that
the character at s did. What an edit of the character does (`models.echo`) shows the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ...cells.base import Cell, Signal
from ...errors import NotMeasurable
from ...network.language_model import CharLM
from ...recording.recording import Recording
from .attended_window import AttendedWindow, attends
from .kept_memory import KeptMemory

Numbers = NDArray[np.float64]
Of = Literal["unit", "layer", "head"]

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
        heads: (A, N) the weights of each head of attention at `step`; positive, and with those of earlier steps of the
            window they add up to 1. A = 0 in a layer without attention.
        triangle: (R, R) what row t holds by step s: addends of the unit, shares of the layer, or weights of a head. The
            last row is `step`; each row is a step, `per` after the one before; each column adds up `per` steps. NaN
            where s > t.
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
    heads: Numbers
    triangle: Numbers
    per: int


class Source(Protocol):
    """What is held at each step of a stretch, by the steps it came from."""

    signal: Signal

    def addends(self, row: int, unit: int) -> tuple[Numbers, float]: ...

    def shares(self, row: int) -> tuple[Numbers, float]: ...

    def attention(self, row: int) -> Numbers: ...


def no_memory(cell: Cell) -> str:
    """The sentence for a cell whose state is not made of what is kept and what is added."""
    if not cell.explained():
        return (
            f"What the {cell.title} adds to its stream has passed a norm and products, so it is no sum of what single "
            "steps wrote. Follow the echo of an edit instead."
        )
    return (
        f"A {cell.title} keeps nothing as it is: each step computes its state anew from all of the one before, so what "
        "it holds cannot be told apart by when it was written. Follow the echo of an edit instead."
    )


def has_provenance(cell: Cell) -> bool:
    """Whether what a layer holds can be told apart by when it was written."""
    return cell.memory() is not None or attends(cell)


def provenance(
    lm: CharLM,
    recording: Recording,
    layer: int,
    unit: int,
    step: int,
    *,
    window: int = 200,
    age: int = 20,
    of: Of = "unit",
    head: int = 0,
) -> Generator[float, None, Provenance]:
    """Follow what a layer holds at a step back over `window` steps, at most `LONGEST`.

    Args:
        unit: whose addends are listed.
        age: older than so many steps is *old*.
        of: what the triangle shows.
        head: of attention, whose weights are shown of "head".

    Yields:
        the share of the work that is done.

    Raises:
        NotMeasurable: if the cell has no such memory, there is no such layer, unit or head, or the step has not been
            read.
    """
    _check(lm, recording, layer, unit, step)
    first = max(0, step + 1 - min(window, LONGEST))
    source: Source = _source(lm, recording, layer, first, step + 1)
    row = step - first
    heads = source.attention(row)
    if of == "head":
        _check_head(lm.stack[layer].cell, head, len(heads))
    yield 0.1
    addends, older = source.addends(row, unit)
    layer_shares, layer_older = source.shares(row)
    sizes, rest = np.abs(addends), abs(older)
    total = sizes.sum() + rest or 1.0
    held = float(recording.signal(layer, source.signal.name, step, step + 1)[0, unit])
    usually_old, sampled = yield from _usually(source, row, age)
    rows: dict[Of, Callable[[int], Numbers]] = {
        "unit": lambda at: source.addends(at, unit)[0],
        "layer": lambda at: source.shares(at)[0],
        "head": lambda at: source.attention(at)[head],
    }
    triangle, per = yield from _triangle(rows[of], row + 1)
    return Provenance(
        memory=source.signal,
        layer=layer,
        unit=unit,
        step=step,
        first=first,
        held=held,
        addends=addends,
        older=older,
        unit_shares=sizes / total,
        unit_older=rest / total,
        layer_shares=layer_shares,
        layer_older=layer_older,
        age=age,
        old=float(layer_shares[: max(0, row - age)].sum()) + layer_older,
        usually_old=usually_old,
        sampled=sampled,
        heads=heads,
        triangle=triangle,
        per=per,
    )


def _check(lm: CharLM, recording: Recording, layer: int, unit: int, step: int) -> None:
    if not 0 <= layer < lm.layers:
        raise NotMeasurable(f"There is no layer {layer}: {lm.name} has {lm.layers}. Choose another.")
    if not has_provenance(lm.stack[layer].cell):
        raise NotMeasurable(no_memory(lm.stack[layer].cell))
    if not 0 <= unit < lm.stack[layer].units:
        raise NotMeasurable(f"There is no unit {unit}: the layer has {lm.stack[layer].units}. Choose another.")
    if not 0 <= step < recording.steps:
        raise NotMeasurable(
            f"Step {step} holds nothing yet: {recording.steps} steps have been read. Choose an earlier one."
        )


def _check_head(cell: Cell, head: int, heads: int) -> None:
    if heads == 0:
        raise NotMeasurable(f"{cell.title} layers have no heads of attention. Show the unit or the layer instead.")
    if not 0 <= head < heads:
        raise NotMeasurable(f"There is no head {head}: the layer has {heads}. Choose another.")


def _source(lm: CharLM, recording: Recording, layer: int, start: int, stop: int) -> Source:
    made = AttendedWindow if attends(lm.stack[layer].cell) else KeptMemory
    return made(lm, recording, layer, start, stop)


def _usually(source: Source, last: int, age: int) -> Generator[float, None, tuple[float | None, int]]:
    """`Provenance.usually_old`, and over how many rows up to `last`."""
    rows: Sequence[int] = ()
    if last >= age:
        rows = sorted({round(row) for row in np.linspace(age, last, SAMPLED)})
    olds = []
    for count, row in enumerate(rows):
        each, rest = source.shares(row)
        olds.append(float(each[: row - age].sum()) + rest)
        yield 0.1 + 0.4 * (count + 1) / len(rows)
    return (float(np.mean(olds)) if olds else None), len(olds)


def _triangle(values_at: Callable[[int], Numbers], steps: int) -> Generator[float, None, tuple[Numbers, int]]:
    """See `Provenance.triangle`; `values_at` gives those of a row by step."""
    per = -(-steps // ROWS)
    rows = -(-steps // per)
    missing = rows * per - steps  # the first column may stand for fewer steps
    found = np.full((rows, rows), np.nan)
    for r in range(rows):
        at = (r + 1) * per - missing - 1
        padded = np.concatenate([np.zeros(missing), values_at(at)])
        found[r, : r + 1] = padded.reshape(r + 1, per).sum(axis=1)
        if r % 8 == 7:
            yield 0.5 + 0.5 * (r + 1) / rows
    return found, per
