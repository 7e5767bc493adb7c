"""The state of a trained network: a few numbers that say whether its units are still alive.

All on held-out text of the model's corpus, with the state carried from its first character:

    validation_bits     bits per character of the whole validation split
    dead                units that are dead, of all layers; see `measures.liveness`
    stuck               units whose tanh(c) is beyond ±0.9 at 99 % of the steps or more; None without such a state
    saturated           share of hidden values that are saturated: beyond ±0.9, unless declared otherwise; 0 where
                        saturation does not apply
    saturated_cell      share of tanh(c) beyond ±0.9, for a cell with a state c read through a tanh; else None
    largest_cell        |c| at 99.9 % over the held-out characters, likewise
    context             {k: bits lost where all but the last k characters come from another place}
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from ..cells.base import Array, Signal
from ..equations.scale import USUAL, Ends
from ..measures import drain
from ..measures.units.liveness import CHARACTERS, dead
from ..network.evaluation import bits_per_character
from ..network.head import surprise_of
from ..network.language_model import CharLM
from ..network.state import fork
from ..text.vocabulary import Ids
from .corpora import Corpus

LAGS = (10, 20, 50)
POSITIONS = 2500
HELD_OUT = 100_000
STUCK = 0.99


@dataclass(frozen=True)
class Examination:
    """See the module; `units` counts those of all layers."""

    validation_bits: float
    units: int
    dead: int
    stuck: int | None
    saturated: float
    saturated_cell: float | None
    largest_cell: float | None
    context: dict[str, float]

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def examine(lm: CharLM, corpus: Corpus) -> Examination:
    """Measure all of it; a few seconds for a model of 128 units."""
    lm.eval()
    validation = lm.vocabulary.encode(corpus.split("validation"))
    held_out = np.concatenate([validation, lm.vocabulary.encode(corpus.split("test"))])[:HELD_OUT]
    bits, _ = bits_per_character(lm, validation)
    gone = drain(dead(lm, validation[:CHARACTERS]))
    saturated, saturated_cell, largest, stuck = _extremes(lm, held_out)
    lost = context(lm, held_out)
    return Examination(
        round(bits, 4),
        sum(layer.units for layer in lm.stack),
        int(sum(one.sum() for one in gone)),
        stuck,
        round(saturated, 4),
        None if saturated_cell is None else round(saturated_cell, 4),
        None if largest is None else round(largest, 2),
        {str(k): round(v, 4) for k, v in lost.items()},
    )


def _extremes(lm: CharLM, ids: Ids) -> tuple[float, float | None, float | None, int | None]:
    """Saturated hidden values, saturated tanh(c), |c| at 99.9 %, and stuck units; all layers together."""
    reader = lm.reader()
    activations, state = reader.allocate(reader.block), reader.start()
    cells = [layer.cell for layer in lm.stack]
    free = [[s for s in cell.carried() if cell.signals[s].scale.saturation is Ends.OF_TANH] for cell in cells]
    beyond, beyond_cell, sizes = 0, [np.zeros(layer.units) for layer in lm.stack], []
    for offset in range(0, len(ids), reader.block):
        block = ids[offset : offset + reader.block]
        reader.read(block, state, activations, predict=False)
        for k, layer in enumerate(activations.layers):
            beyond += _saturated(layer[0, : len(block)], cells[k].signals[0])
            if free[k]:
                size = np.abs(layer[free[k][0], : len(block)])
                beyond_cell[k] += (np.tanh(size) > USUAL.bound).sum(axis=0)
                sizes.append(size.ravel().astype(np.float32))
    values = len(ids) * sum(layer.units for layer in lm.stack)
    if not sizes:
        return beyond / values, None, None, None
    largest = float(np.quantile(np.concatenate(sizes), 0.999))
    counts = [one for one, rows in zip(beyond_cell, free, strict=True) if rows]
    stuck = int(sum((one >= STUCK * len(ids)).sum() for one in counts))
    in_cells = sum(one.sum() for one in counts) / (len(ids) * sum(map(len, counts)))
    return beyond / values, float(in_cells), largest, stuck


def _saturated(values: Array, signal: Signal) -> int:
    if signal.saturated is None:
        return 0
    below, above = signal.saturated
    return int(((values < below) | (values > above)).sum())


def context(
    lm: CharLM, ids: Ids, lags: tuple[int, ...] = LAGS, positions: int = POSITIONS, seed: int = 0
) -> dict[int, float]:
    """Bits lost at a character when the state k characters before it is replaced by that of another place in the text.

    The mean over `positions` characters drawn from `ids` (T,), each with one other place drawn for it; the k true
    characters are then read. The draw depends only on `seed` and T, so it is the same for all models of a text.
    """
    random = np.random.default_rng(seed)
    longest = max(lags)
    at = random.integers(longest + 1, len(ids), positions)  # the characters predicted
    other = random.integers(longest + 1, len(ids), positions)
    known = ids[at] < len(lm.vocabulary)
    if not lm.reader().visible:
        return _context_by_reading(lm, ids, lags, at, other, known)
    true = [at - k - 1 for k in lags]  # the last step before the k characters
    wanted = np.concatenate([other, at - 1, *true])
    states, predictions = _standing(lm, ids, wanted)
    plain = surprise_of(predictions[positions : 2 * positions], ids[at])
    found = {}
    for k in lags:
        start = [tuple(torch.from_numpy(s[:positions]) for s in layer) for layer in states]
        steps = torch.from_numpy(ids[at[None, :] - k + np.arange(k)[:, None]].astype(np.int64))  # (k, N)
        with torch.inference_mode():
            logits, _ = lm(steps, lm.joined_state(start))
            scores = functional.log_softmax(logits[-1], dim=-1).numpy()
        bits = surprise_of(scores, ids[at])
        found[k] = float((bits - plain)[known].mean(dtype=np.float64))
    return found


def _context_by_reading(
    lm: CharLM,
    ids: Ids,
    lags: tuple[int, ...],
    at: NDArray[np.int64],
    other: NDArray[np.int64],
    known: NDArray[np.bool_],
) -> dict[int, float]:
    """The same where states are opaque: each is kept as the text is read, and read on from by itself."""
    reader = lm.reader()
    plain, states = np.empty(len(at)), {}
    activations, state, done = reader.allocate(reader.block), reader.start(), 0
    for step in sorted({*(at - 1).tolist(), *other.tolist()}):
        while done <= step:
            count = min(reader.block, step + 1 - done)
            reader.read(ids[done : done + count], state, activations)
            done += count
        last = activations.predictions[count - 1]
        for n in np.flatnonzero(at - 1 == step):
            plain[n] = surprise_of(last[None], ids[at[n]][None])[0]
        if (other == step).any():
            states[step] = fork(state)
    found = {}
    for k in lags:
        bits = np.empty(len(at))
        for row, (place, lender) in enumerate(zip(at, other, strict=True)):
            reader.read(ids[place - k : place], fork(states[int(lender)]), activations)
            bits[row] = surprise_of(activations.predictions[k - 1][None], ids[place][None])[0]
        found[k] = float((bits - plain)[known].mean())
    return found


def _standing(
    lm: CharLM, ids: Ids, steps: NDArray[np.int64]
) -> tuple[list[tuple[NDArray[np.float32], ...]], NDArray[np.float32]]:
    """For each layer the states after `steps` of `ids`, each (N, H), and the log-probabilities there, (N, V)."""
    reader = lm.reader()
    activations, state = reader.allocate(reader.block), reader.start()
    states = [tuple(np.empty((len(steps), one.units), np.float32) for _ in one.cell.states) for one in lm.stack]
    scores = np.empty((len(steps), reader.symbols), np.float32)
    for offset in range(0, len(ids), reader.block):
        block = ids[offset : offset + reader.block]
        reader.read(block, state, activations)
        here = np.flatnonzero((steps >= offset) & (steps < offset + len(block)))
        scores[here] = activations.predictions[steps[here] - offset]
        for k, layer in enumerate(lm.stack):
            for one, row in zip(states[k], layer.cell.carried(), strict=True):
                one[here] = activations.layers[k][row, steps[here] - offset]
    return states, scores
