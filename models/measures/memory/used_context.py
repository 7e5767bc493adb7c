"""Used context: how many bits the prediction of a character owes to the text more than k characters back.

The past up to k characters before a position is replaced by another, the k true characters are read, and the cost in
bits at the next character is counted (the "effective context" of Khandelwal et al. 2018). The pasts:

    another    the state of another position of the same text: natural, but useless here
    zero       the state before any character
    shuffled   the state after the last `SHUFFLED` characters in random order: the same letters, another order

One run of K characters from a replaced past gives the loss for every k = 0 … K, each at a different character. Losses
are counted against the recording itself by the same loop, so where the two runs become equal the loss is exactly zero.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray

from ...cells.base import Array
from ...network.head import surprise_of
from ...network.language_model import CharLM
from ...network.state import State, fork
from ...recording.continuation import standing
from ...recording.recording import Recording
from ...text.vocabulary import Ids
from ..batches import ALIKE, Resampled, batch_error, mean_of
from ..positions import Positions, places
from ..progress import subtask

Past = Literal["another", "zero", "shuffled"]
PASTS: tuple[Past, ...] = get_args(Past)

THRESHOLD = 0.01
"""Bits: a mean loss above this counts as use of the past."""
POSITIONS = 2000
SHUFFLED = 200
"""Characters before the replaced past that are read in random order."""
SEED = 0
GATHERING = 0.1
"""Roughly the share of the work spent on collecting the natural states."""

Curve = NDArray[np.float64]
Losses = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Context:
    """Bits lost at the character after k true ones, for k = 0 … K, over N positions.

    Attributes:
        mean, median, error: (K + 1,) bits; `error` is the standard error of the mean (see `batches`), NaN for a
            single position.
        counts: (K + 1,) how many characters are in each mean: those that the model knows.
        uses: the largest k at which the mean is above `THRESHOLD`; None if there is none, K means "at least".
        uses_error: the standard error of that number, by resampling; None where unknown.
        bits: bits per character of the undisturbed reading at the same characters.
        positions: N, spread evenly over the text after the first `warm_up` characters.
    """

    past: Past
    mean: Curve
    median: Curve
    error: Curve
    counts: NDArray[np.int64]
    uses: int | None
    uses_error: float | None
    bits: float
    positions: int
    warm_up: int

    @property
    def lags(self) -> int:
        return len(self.mean) - 1


def context(
    lm: CharLM,
    recording: Recording,
    *,
    past: Past = "another",
    positions: int = POSITIONS,
    lags: int = 200,
) -> Generator[float, None, Context]:
    """Measure how far back the predictions look, over everything read so far.

    Args:
        lags: K, at most half of the text.

    Yields:
        the share of the work that is done.

    Raises:
        NotMeasurable: if the text is too short, or the model knows none of its characters.
    """
    where = places(recording, positions, lags)
    pasts = _Pasts(lm, recording, where, past)
    yield from subtask(pasts.gather(), 0.0, GATHERING)
    lost = np.empty((len(where.starts), where.lags + 1), np.float32)
    intact = np.empty_like(lost)
    activations = recording.reader.allocate(where.lags)
    for n, start in enumerate(where.starts):
        ids = recording.ids[start : start + where.lags + 1]
        state, expected = pasts.of(n)
        recording.reader.read(ids[:-1], state, activations, at=int(start))
        rows = np.concatenate([expected[None], activations.predictions[: where.lags]])
        intact[n] = recording.surprise(int(start), int(start) + where.lags + 1)
        lost[n] = surprise_of(rows, ids) - intact[n]
        yield GATHERING + (1 - GATHERING) * (n + 1) / len(where.starts)
    return _summary(past, lost, intact, where)


def used(mean: Curve, threshold: float = THRESHOLD) -> int | None:
    """The largest k whose mean loss is above the threshold; None if there is none."""
    above = np.flatnonzero(mean > threshold)
    return int(above[-1]) if len(above) else None


def lenders(count: int) -> NDArray[np.int64]:
    """Which position lends its state to each of `count`: one cycle through all, in an order unrelated to any rhythm of
    the text. A single position can only lend to itself."""
    order = np.random.Generator(np.random.PCG64(SEED)).permutation(count)
    lender = np.empty_like(order)
    lender[order] = np.roll(order, 1)
    return lender


def reordered(ids: Ids, start: int) -> Ids:
    """The characters before step `start` in random order, the same at every call."""
    return np.random.Generator(np.random.PCG64([SEED, start])).permutation(ids)


class _Pasts:
    """The replaced state before each position, and the prediction made from it."""

    def __init__(self, lm: CharLM, recording: Recording, where: Positions, past: Past) -> None:
        self._recording, self._starts, self._past = recording, where.starts, past
        self._lender = lenders(len(where.starts))
        self._natural: list[tuple[State, Array]] = []
        self._blank = torch.log_softmax(lm.readout.bias.detach().cpu(), 0).numpy()
        self._activations = recording.reader.allocate(SHUFFLED)

    def gather(self) -> Generator[float, None, None]:
        """Collect the natural states in the order of the text, so that no block of it is computed twice."""
        for start in self._starts if self._past == "another" else ():
            self._natural.append(standing(self._recording, int(start) - 1))
            yield len(self._natural) / len(self._starts)

    def of(self, n: int) -> tuple[State, Array]:
        """(state, which the caller may change, and log-probabilities (V,)) before the n-th position."""
        recording, start = self._recording, int(self._starts[n])
        if self._past == "zero":
            return recording.reader.start(), self._blank
        if self._past == "another":
            state, expected = self._natural[self._lender[n]]
            return fork(state), expected
        first = max(start - SHUFFLED, 0)
        state = recording.state_at(first)
        ids = reordered(recording.ids[first:start], start)
        recording.reader.read(ids, state, self._activations, at=first)
        return state, self._activations.predictions[len(ids) - 1].copy()


def _summary(past: Past, lost: Losses, intact: Losses, where: Positions) -> Context:
    """The statistics of losses (N, K + 1)."""
    counts = np.isfinite(lost).sum(axis=0)
    median = np.full(len(counts), np.nan)
    median[counts > 0] = np.nanmedian(lost[:, counts > 0], axis=0)
    spacing = np.ptp(where.starts) / max(len(where.starts) - 1, 1)
    least = int(np.ceil(ALIKE / max(spacing, 1)))
    mean = mean_of(lost)
    uses = used(mean)
    others = [used(one) for one in Resampled(lost, least).means()]
    spread = float(np.std([-1 if one is None else one for one in others], ddof=1)) if others else None
    return Context(
        past=past,
        mean=mean,
        median=median,
        error=batch_error(lost, least),
        counts=counts,
        uses=uses,
        uses_error=None if uses is None else spread,
        bits=float(mean_of(intact.reshape(-1, 1))[0]),
        positions=len(where.starts),
        warm_up=where.warm_up,
    )
