"""Edit sensitivity: change one character, read on, and see how far apart the two runs are.

No derivative is taken: the edited text is read by the very loop that reads the text itself, from the state before the
edit, so the compared values are, to the last bit, those that the page would show for either text.

Distances are ‖h_t − h′_t‖ of one layer's hidden states. Predictions are compared by KL(p_t ‖ p′_t) in bits. Two runs in
float32 that have forgotten where they differed still differ by rounding. This floor is measured by runs that start with
the last bits of their state changed; at the floor a curve shows rounding, not memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ...cells.base import Array
from ...echo.echo import FELT
from ...errors import NotMeasurable
from ...network.nudge import nudged
from ...network.reader import Reader
from ...network.state import State, fork
from ...text.vocabulary import Ids

Curve = NDArray[np.float64]

Choice = Literal["even", "frequency"]
"""Which other characters replace one: spread evenly over the vocabulary, or as often as they occur in the text."""

MOST = 128
"""The default number of other characters tried: all of an alphabet, a sample of thousands, where reading on from each
would take minutes."""

FEWEST = 8
READ_AT_ONCE = 128 << 20
"""The most weights times other characters: a step of reading costs as many products as a network has weights."""


def sample_size(weights: int) -> int:
    """The default number of other characters tried in a network with that many weights: `MOST`, and fewer with
    millions of weights."""
    return max(FEWEST, min(MOST, READ_AT_ONCE // max(weights, 1)))


def others(symbols: int, character: int, count: int | None, turn: int = 0) -> Ids:
    """The characters to try in place of one: all others, or `count` of them.

    The rule: as far apart as possible in the vocabulary's order, starting `turn` further on, so that over many turns
    every character gets its turn.
    """
    rest = np.delete(np.arange(symbols, dtype=np.int32), character) if character < symbols else np.arange(symbols)
    if count is None or count >= len(rest):
        return rest.astype(np.int32)
    return rest[(turn + np.arange(count) * len(rest) // count) % len(rest)].astype(np.int32)


def by_frequency(counts: NDArray[np.int64], character: int, count: int, turn: int = 0) -> Ids:
    """`count` characters to try in place of one, each as often as it occurs in a text; some occur several times.

    Systematic sampling: evenly along the cumulative frequencies, shifted by a golden section each turn. In the
    vocabulary's order most characters are rare ones (`$ & 3 Z`), which no reader of the text would expect.

    Args:
        counts: (V,) how often each character occurs. If no other character occurs, all are treated alike.
    """
    weights = counts.astype(np.float64)
    if character < len(weights):
        weights[character] = 0
    if not weights.any():
        return others(len(counts), character, count, turn)
    ends = np.cumsum(weights)
    places = (np.arange(count) + (0.5 + turn * (np.sqrt(5) - 1) / 2) % 1) / count * ends[-1]
    chosen: Ids = np.searchsorted(ends, places, side="right").astype(np.int32)
    return chosen


class Comparison:
    """A stretch of text as it was read, compared with other readings; each comparison is a pair of curves (T,): the
    distance of the hidden states, and the divergence of the predictions.

    Args:
        state: before the first of `ids` (T,); it is not changed.
        layer: whose hidden states.
        at: the step of the text at which they begin.
        predict: without it the divergences are NaN.
    """

    def __init__(self, reader: Reader, state: State, ids: Ids, layer: int, *, at: int, predict: bool) -> None:
        self._reader, self._state, self._ids, self._at = reader, state, ids, at
        self._layer, self._predict = layer, predict
        self._read, self._other = reader.allocate(len(ids)), reader.allocate(len(ids))
        reader.read(ids, fork(state), self._read, predict=predict, at=at)

    def replaced(self, character: int) -> tuple[Curve, Curve]:
        """Compared with the text with another first character."""
        ids = self._ids.copy()
        ids[0] = character
        return self._against(ids, fork(self._state))

    def replaced_by_each(self, characters: Ids) -> Generator[float, None, tuple[Curve, Curve]]:
        """The means over several other characters, each as often as it is listed; yields the share of the work done.

        Raises:
            NotMeasurable: if there are none.
        """
        if not len(characters):
            raise NotMeasurable(
                "This model knows one character only, so no other one can be put in its place. Choose another model."
            )
        total = np.zeros((2, len(self._ids)))
        times = Counter(int(character) for character in characters)
        for done, (character, often) in enumerate(times.items(), 1):
            total += often * np.array(self.replaced(character))
            yield done / len(times)
        apart, differ = total / len(characters)
        return apart, differ

    def rounded(self, runs: int = 1) -> tuple[Curve, Curve]:
        """Compared with runs from states with their last bits changed, as means: the effect of rounding alone.

        One run scatters over decades from lag to lag. Over many positions a median evens that out; at a single one it
        takes several runs.
        """
        found = [self._against(self._ids, nudged(self._state, turn)) for turn in range(runs)]
        apart, differ = np.mean(found, axis=0)
        return apart, differ

    def _against(self, ids: Ids, state: State) -> tuple[Curve, Curve]:
        self._reader.read(ids, state, self._other, predict=self._predict, at=self._at)
        apart = distance(self._read.signal(self._layer, "hidden"), self._other.signal(self._layer, "hidden"))
        if not self._predict:
            return apart, np.full(len(ids), np.nan)
        return apart, self._reader.head.divergence(self._read.predictions, self._other.predictions)


def distance(one: Array, other: Array) -> Curve:
    """‖a − b‖ of each row, (T, H) twice → (T,)."""
    difference = one.astype(np.float64) - other
    norms: Curve = np.sqrt(np.einsum("th,th->t", difference, difference))
    return norms


def felt(curve: Curve) -> int:
    """The last lag at which a distance is at least 1 % of that at lag 0, from its log₁₀ (K + 1,): how long an edit is
    felt, as in the picture of an echo. −1 if there is no distance at lag 0."""
    if not np.isfinite(curve[0]):
        return -1
    return int(np.flatnonzero(curve >= curve[0] + np.log10(FELT))[-1])


def drowned(curve: Curve, rounding: Curve, factor: float = 2.0) -> int | None:
    """The first lag from which log₁₀ `curve` (K + 1,) stays within `factor` times the rounding; None if it ends
    above. A divergence grows with the square of a distance, so its factor is 4 where that of a distance is 2."""
    above = np.flatnonzero(curve > rounding + np.log10(factor))
    first = int(above[-1]) + 1 if len(above) else 0
    return first if first < len(curve) else None


def occurrences(ids: Ids, symbols: int) -> NDArray[np.int64]:
    """How often each character occurs, (V,); unknown ones are left out."""
    return np.bincount(ids[ids < symbols], minlength=symbols)
