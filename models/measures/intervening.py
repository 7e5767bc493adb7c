"""What interventions change: what the model expects at each step, what that costs in bits, what it would write.

Both runs go on from the same state, that of the step before the first intervention. From there on:

    surprise of x_t       −log₂ p(x_t) from state t − 1, of the run with and of the one without interventions
    divergence at t       KL(p_t ‖ p′_t) = Σₖ p_t(k) · (log₂ p_t(k) − log₂ p′_t(k)), in bits: what it costs on average
                          to expect p′ where p would be right (Cover and Thomas, Elements of Information Theory, 2.3)
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cells.base import Array
from ..compiled import kernel
from ..errors import NotMeasurable
from ..intervened import IntervenedReader
from ..intervention import Intervention, first_step
from ..reader import CompiledReader, Reader, State
from ..recording import Recording
from ..sampling import standing
from ..trace import NATS_PER_BIT, mean_surprise, surprise_of
from ..words import counted

PIECE = 512
"""Steps a piece: some milliseconds for 128 units."""


@dataclass(frozen=True)
class Side:
    """One of the two runs, at its end.

    Attributes:
        reader: what it was read by.
        surprise: (N,) bits, steps first … first + N − 1 of the text; NaN where there is none.
        state, expected: after the last step; log-probabilities (V,).
    """

    reader: Reader
    surprise: NDArray[np.float32]
    state: State
    expected: Array

    @property
    def bits_per_character(self) -> float:
        """Over the steps behind the first one, whose surprise is older than any intervention; NaN if there is none."""
        return mean_surprise(self.surprise[1:])


@dataclass(frozen=True)
class Intervening:
    """Steps first … first + N − 1, to the end of the text.

    Attributes:
        scored: how many characters the bits per character are the mean of.
        divergence: (N,) bits.
    """

    first: int
    scored: int
    free: Side
    held: Side
    divergence: NDArray[np.float32]


@kernel
def _divergence(ours, theirs, out):  # type: ignore[no-untyped-def]
    """out[t] = Σₖ exp(ours) · (ours − theirs) of rows (T, V) of log-probabilities, in nats."""
    for t in range(ours.shape[0]):
        total = 0.0
        for k in range(ours.shape[1]):
            total += np.exp(np.float64(ours[t, k])) * (np.float64(ours[t, k]) - np.float64(theirs[t, k]))
        out[t] = max(total, 0.0)  # it is never below; rounding may be


class _Run:
    """A run under way, a piece at a time."""

    def __init__(self, reader: Reader, state: State, expected: Array) -> None:
        self.reader, self.state, self.expected = reader, [layer.copy() for layer in state], expected
        self.room = reader.room(PIECE)
        self.surprise: list[NDArray[np.float32]] = []

    def read(self, ids: NDArray[Any], at: int) -> Array:
        """Returns the log-probabilities (T, V) behind each of the ids."""
        self.reader.read(ids, self.state, self.room, at=at)
        rows = self.room.log_probabilities[: len(ids)]
        self.surprise.append(surprise_of(np.concatenate([self.expected[None], rows[:-1]]), ids))
        self.expected = rows[-1].copy()
        return rows

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
    if recording.reader.bound:
        raise NotMeasurable("This model has been intervened in already. Compare with the model as it is.")
    if first >= stop:
        raise NotMeasurable(
            f"The intervention begins at step {first:,}, and the text ends before it: it has "
            f"{counted(stop, 'character')}. Begin earlier, or write on."
        )
    state, expected = plain.start(), np.full(plain.symbols, np.nan, plain.dtype)
    if first > 0:
        state, expected = standing(recording, first - 1)
    runs = [_Run(reader, state, expected) for reader in (plain, held)]
    divergence = np.empty(stop - first, np.float32)
    for at in range(first, stop, PIECE):
        ids = recording.ids[at : min(at + PIECE, stop)].copy()
        ours, theirs = (run.read(ids, at) for run in runs)
        _divergence(ours, theirs, divergence[at - first : at - first + len(ids)])
        yield (at + len(ids) - first) / (stop - first)
    divergence /= np.float32(NATS_PER_BIT)
    free, changed = (run.side() for run in runs)
    return Intervening(first, int((~np.isnan(free.surprise[1:])).sum()), free, changed, divergence)
