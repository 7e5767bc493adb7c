"""Which units a network still uses: the cost in bits of replacing a unit's state by a constant.

Unit j of a layer is clamped to its own mean over the text at every step, and the text is read again. If the clamped
signal is the hidden state, only a constant is left of the unit: the readout, the next layer and the next step cannot
tell it from a bias. If it is a state that acts only through the hidden state (the LSTM's cell state), the gate still
lets the unit act, but its memory is gone: a unit with tanh(c) permanently at ±1 is such a unit.

**Dead.** The unit costs less than `BARELY` bits per character, either way, for at least one of the states that its
cell carries. Every other unit is **live**.

T  characters    H  units
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from ...cells import Cell
from ...errors import NotMeasurable
from ...network.head import surprise_of
from ...network.language_model import CharLM
from ...network.reader import CompiledReader
from ...text.vocabulary import Ids
from ..progress import subtask

BARELY = 1e-5
"""Bits per character below which a change does not count."""
SETTLED = 1_000
"""Characters read before anything is counted: the state starts at zero, and some units take long to settle."""
CHARACTERS = 10_000
"""How much of the validation split is read for the numbers on a card."""


def costs(lm: CharLM, ids: Ids, state: str) -> Generator[float, None, list[NDArray[np.float64]]]:
    """For each layer (H,): the bits per character that are lost when each unit's `state` is clamped to its mean; NaN
    in a layer whose cell has no such state.

    Negative where the network predicts better without it. Means and bits are over the steps from `SETTLED` on (from the
    first, where the text is not twice as long).

    Yields:
        the share of the work that is done.

    Raises:
        NotMeasurable: if fewer than two characters are known, or the model does not use the compiled loop.
    """
    reader = lm.reader()
    if not isinstance(reader, CompiledReader):
        raise NotMeasurable("Units are clamped one by one in the compiled way only. Load the model on the CPU.")
    activations = reader.allocate(len(ids))
    reader.read(ids, reader.start(), activations)
    first = SETTLED if len(ids) >= 2 * SETTLED else 0
    plain = _bits(activations.predictions[first:], ids[first:])
    found = [np.full(layer.units, np.nan) for layer in reader.stack]
    units = [
        (k, j) for k, layer in enumerate(reader.stack) if state in _watched(layer.cell) for j in range(layer.units)
    ]
    means = {
        k: activations.signal(k, state)[first:].mean(axis=0, dtype=np.float64)
        for k, layer in enumerate(reader.stack)
        if state in _watched(layer.cell)
    }
    for n, (k, j) in enumerate(units):
        fixed = [np.empty((0, layer.units), reader.dtype) for layer in reader.stack]
        names = reader.stack[k].cell.names()
        fixed[k] = np.full((len(names), reader.stack[k].units), np.nan, reader.dtype)
        fixed[k][names.index(state), j] = means[k][j]
        reader.read(ids, reader.start(), activations, fixed=fixed)
        found[k][j] = _bits(activations.predictions[first:], ids[first:]) - plain
        yield (n + 1) / len(units)
    return found


def dead(lm: CharLM, ids: Ids) -> Generator[float, None, list[NDArray[np.bool_]]]:
    """For each layer, which of its units are dead (H,); see the module."""
    states = list(dict.fromkeys(state for layer in lm.stack for state in _watched(layer.cell)))
    gone = [np.zeros(layer.units, bool) for layer in lm.stack]
    for n, state in enumerate(states):
        cost = yield from subtask(costs(lm, ids, state), n / len(states), (n + 1) / len(states))
        gone = [one | (np.abs(lost) < BARELY) for one, lost in zip(gone, cost, strict=True)]
    return gone


def _watched(cell: Cell) -> tuple[str, ...]:
    """The signals whose units may be dead: the states, or what a layer without such hands up."""
    return cell.states or cell.names()[:1]


def _bits(log_probabilities: NDArray[np.floating], ids: Ids) -> float:
    """Mean surprise of all characters but the first, in bits."""
    bits = surprise_of(log_probabilities[:-1], ids[1:])
    known = bits[~np.isnan(bits)]
    if not len(known):
        raise NotMeasurable("The text holds too few characters that the model knows. Use a longer one.")
    return float(known.mean(dtype=np.float64))
