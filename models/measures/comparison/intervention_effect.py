"""What interventions change: the model's predictions at each step, their cost in bits, and what it would write.

Both runs continue from the same state, that of the step before the first intervention. From there on:

    surprise of x_t       −log₂ p(x_t) from state t − 1, of the run with and of the one without interventions
    divergence at t       KL(p_t ‖ p′_t) = Σₖ p_t(k) · (log₂ p_t(k) − log₂ p′_t(k)), in bits: the average cost of
                          expecting p′ when p is right (Cover and Thomas, Elements of Information Theory, 2.3)
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...cells.base import Array
from ...errors import NotMeasurable
from ...network.generation import generate
from ...network.head import divergence, surprise_of
from ...network.intervened_reader import IntervenedReader
from ...network.intervention import Intervention, first_step
from ...network.nudge import nudged
from ...network.reader import CompiledReader, Reader
from ...network.state import State, fork
from ...network.trace import mean_surprise
from ...recording.continuation import standing
from ...recording.overview import surprise_columns
from ...recording.recording import Recording
from ...text.vocabulary import Ids
from ...text.words import counted
from ..batches import ALIKE, batch_error

TWICE = "This model has been intervened in already. Compare with the model as it is."
"""Why an intervened model is not compared with itself under other interventions."""
LIMITED = 1_000_000
"""Roughly how many characters `limited` reads: a few seconds for 128 units."""
PIECE = 512
"""Steps per piece: a few milliseconds for 128 units."""


@dataclass(frozen=True)
class Side:
    """One of the two runs, finished.

    Attributes:
        reader: the reader that read it.
        surprise: (N,) bits, steps first … first + N − 1 of the text; NaN where there is none.
        state, expected: after the last step; log-probabilities (V,).
    """

    reader: Reader
    surprise: NDArray[np.float32]
    state: State
    expected: Array

    @property
    def bits_per_character(self) -> float:
        """Over the steps after the first, whose surprise predates any intervention; NaN if there are none."""
        return mean_surprise(self.surprise[1:])

    def writes(self, count: int, temperature: float, seed: int, at: int) -> Ids:
        """The `count` characters that it writes after what it has read, `at` of them in all."""
        writing = generate(self.reader, self.state, self.expected, temperature, seed, at)
        return np.array(list(islice(writing, count)), np.int32)


@dataclass(frozen=True)
class Intervening:
    """Steps first … first + N − 1, to the end of the text.

    Attributes:
        scored: how many characters are in the mean of the bits per character.
        divergence: (N,) bits.
        free_nudged_bits, held_nudged_bits: bits per character of the two runs once more, with the last bit of every
            number of their state changed after the first step. Where these differ, rounding decides, not the network.
    """

    first: int
    scored: int
    free: Side
    held: Side
    divergence: NDArray[np.float32]
    free_nudged_bits: float
    held_nudged_bits: float

    def lane(self, start: int, columns: int, per: int = 1) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The mean and the largest divergence in columns of `per` steps from step `start` on: as many as asked for, or
        as the text has. NaN before the first step that may differ."""
        stop = min(start + columns * per, self.first + len(self.divergence))
        steps = np.full(max(stop - start, 0), np.nan, np.float32)
        low = max(start, self.first)
        if low < stop:
            steps[low - start :] = self.divergence[low - self.first : stop - self.first]
        return surprise_columns(steps, per)


class _Run:
    """A run in progress, a piece at a time."""

    def __init__(self, reader: Reader, state: State, expected: Array) -> None:
        self.reader, self.state, self.expected = reader, fork(state), expected
        self.activations = reader.allocate(PIECE)
        self.surprise: list[NDArray[np.float32]] = []

    def read(self, ids: NDArray[Any], at: int) -> Array:
        """Returns the log-probabilities (T, V) after each of the ids."""
        self.reader.read(ids, self.state, self.activations, at=at)
        rows = self.activations.predictions[: len(ids)]
        self.surprise.append(surprise_of(np.concatenate([self.expected[None], rows[:-1]]), ids))
        self.expected = rows[-1].copy()
        return rows

    def nudge(self) -> None:
        """Change the last bits of the state. Not before the first step: a reader may reset there."""
        self.state = nudged(self.state, 2)

    def side(self) -> Side:
        return Side(self.reader, np.concatenate(self.surprise), self.state, self.expected)


def intervening(
    recording: Recording, plain: CompiledReader, interventions: Iterable[Intervention]
) -> Generator[float, None, Intervening]:
    """Compare a model that has read a whole text with itself under interventions.

    Args:
        plain: the recorded model's reader.

    Raises:
        NotMeasurable: if the text ends before the first of them, or the recording is of an intervened model itself.
    """
    held = IntervenedReader(plain, tuple(interventions))
    first, stop = first_step(held.interventions), recording.steps
    if recording.reader.position_dependent:
        raise NotMeasurable(TWICE)
    if first >= stop:
        raise NotMeasurable(
            f"The intervention begins at step {first:,}, and the text ends before it: it has "
            f"{counted(stop, 'character')}. Begin earlier, or write on."
        )
    state, expected = plain.start(), np.full(plain.symbols, np.nan, plain.dtype)
    if first > 0:
        state, expected = standing(recording, first - 1)
    runs = [_Run(reader, state, expected) for reader in (plain, held)]
    others = [_Run(reader, state, expected) for reader in (plain, held)]
    for other in others:
        other.read(recording.ids[first : first + 1].copy(), first)
        other.nudge()
    divergences = np.empty(stop - first, np.float32)
    for at in range(first, stop, PIECE):
        ids = recording.ids[at : min(at + PIECE, stop)].copy()
        ours, theirs = (run.read(ids, at) for run in runs)
        for other in others:
            skip = 1 if at == first else 0  # the first step has been read
            if len(ids) > skip:
                other.read(ids[skip:], at + skip)
        divergences[at - first : at - first + len(ids)] = divergence(ours, theirs)
        yield (at + len(ids) - first) / (stop - first)
    free, changed = (run.side() for run in runs)
    scored = int((~np.isnan(free.surprise[1:])).sum())
    again = [other.side().bits_per_character for other in others]
    return Intervening(first, scored, free, changed, divergences, *again)


@dataclass(frozen=True)
class Limited:
    """The model's predictions with exactly `context` characters before each one, read from the zero state.

    Attributes:
        free_bits, bits: means over the same `positions` characters, unlimited and limited; NaN if there are none.
        error: standard error of their difference, by batches of neighbours; NaN where unknown.
    """

    context: int
    positions: int
    free_bits: float
    bits: float
    error: float

    @property
    def more(self) -> float:
        """Bits per character that the rest of the text is worth."""
        return self.bits - self.free_bits


def limited(recording: Recording, plain: CompiledReader, context: int, first: int) -> Generator[float, None, Limited]:
    """Read `context` characters before each of many positions after step `first`, from the zero state.

    Reading in chunks of k removes nearby context as well: the second character of a chunk has only one before it. Here
    every character has all k, or as many as there are at the beginning of the text. All characters after `first` are
    used if `LIMITED` allows, otherwise as many as it allows, spread evenly.

    Args:
        plain: the recorded model's reader.

    Raises:
        NotMeasurable: if the recording is of an intervened model, or nothing follows `first`.
    """
    if recording.reader.position_dependent:
        raise NotMeasurable(TWICE)
    free = recording.surprise(first + 1, recording.steps).astype(np.float64)
    scored = first + 1 + np.flatnonzero(np.isfinite(free))
    if not len(scored):
        raise NotMeasurable(f"No known character follows step {first:,}: write on, or begin earlier.")
    count = max(min(len(scored), LIMITED // context), min(len(scored), 32))
    chosen = scored[np.unique(np.linspace(0, len(scored) - 1, count).round().astype(np.int64))]
    activations, lost = plain.allocate(min(context, recording.steps)), np.empty((len(chosen), 2))
    for n, step in enumerate(chosen):
        ids = recording.ids[max(int(step) - context, 0) : int(step) + 1]
        plain.read(ids[:-1], plain.start(), activations)
        lost[n] = free[step - first - 1], surprise_of(activations.predictions[len(ids) - 2 : len(ids) - 1], ids[-1:])[0]
        yield (n + 1) / len(chosen)
    spacing = max(np.ptp(chosen) / max(len(chosen) - 1, 1), 1)
    error = batch_error(lost[:, 1:] - lost[:, :1], int(np.ceil(ALIKE / spacing)))
    return Limited(context, len(chosen), float(lost[:, 0].mean()), float(lost[:, 1].mean()), float(error[0]))
