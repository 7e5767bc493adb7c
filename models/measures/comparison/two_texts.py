"""One model reads two texts, and aligned states are compared.

difference at (s, t)   h_s of the first text − h′_t of the second, per unit: exact, for any signal
distance               ‖h_s − h′_t‖₂ over the units of the layer
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...cells.base import Array
from ...recording.recording import Recording
from ...text.vocabulary import Vocabulary, code_points
from ..progress import subtask
from .alignment import Pairs, align


@dataclass(frozen=True)
class Texts:
    """Columns of an alignment, N of them.

    Attributes:
        pairs: (N, 2) steps of both texts, −1 where one has no counterpart.
        difference: (N, H); NaN where there is no counterpart.
        distance: (N,), of the same.
        surprise: (N, 2) bits, of each text in its own run; NaN where there is none.
        edits: replacements, insertions and deletions in everything aligned.
        bits: bits per character of both texts, all of them; NaN where no character has a surprise.
    """

    pairs: Pairs
    difference: Array
    distance: NDArray[np.float32]
    surprise: NDArray[np.float32]
    edits: int
    bits: tuple[float, float]


def window_of(pairs: Pairs, start: int, stop: int) -> Pairs:
    """The columns from the one with step `start` of the first text to before the one with step `stop`, including what
    the second text has between them, before the very first step, or after the very last."""
    ours = pairs[:, 0]
    first = 0 if start == 0 else int(np.searchsorted(_filled(ours), start))
    last = int(np.searchsorted(_filled(ours), stop))
    return pairs[first:last]


def _filled(steps: NDArray[np.int32]) -> NDArray[np.int32]:
    """Where the first text has no counterpart, the step before."""
    return np.asarray(np.maximum.accumulate(steps))


def texts(
    recording: Recording,
    vocabulary: Vocabulary,
    first: str,
    second: str,
    layer: int,
    signal: str,
    start: int,
    stop: int,
) -> Generator[float, None, Texts]:
    """Compare what a recording computed over its text with what the same model computes over another.

    Args:
        first: the recorded text, or its beginning: only this is aligned.
        start, stop: which steps of the first text, with everything aligned with them or between them.

    Raises:
        NotMeasurable: if the texts differ too much to be aligned.
    """
    pairs = yield from subtask(align(code_points(first), code_points(second)), 0.0, 0.5)
    other = Recording(recording.reader)
    other.edit(0, 0, vocabulary.encode(second))
    while other.read():
        yield 0.5 + 0.5 * other.steps / len(other)
    shown = window_of(pairs, start, min(stop, len(first)))
    both = (shown >= 0).all(axis=1)
    difference = np.full((len(shown), recording.reader.stack[layer].width(signal)), np.nan, recording.reader.dtype)
    if both.any():
        difference[both] = _at(recording, layer, signal, shown[both, 0]) - _at(other, layer, signal, shown[both, 1])
    surprise = np.full((len(shown), 2), np.nan, np.float32)
    for side, one in enumerate((recording, other)):
        there = shown[:, side] >= 0
        surprise[there, side] = one.surprise(0, one.steps)[shown[there, side]]
    distance = np.sqrt(np.square(difference.astype(np.float64)).sum(axis=1)).astype(np.float32)
    matched = (pairs >= 0).all(axis=1)
    points = code_points(first), code_points(second)
    replaced = int((points[0][pairs[matched, 0]] != points[1][pairs[matched, 1]]).sum())
    bits = recording.bits_per_character()[0], other.bits_per_character()[0]
    return Texts(shown, difference, distance, surprise, int((~matched).sum()) + replaced, bits)


def _at(recording: Recording, layer: int, signal: str, steps: NDArray[np.int32]) -> Array:
    """A signal at ascending steps, (N, H)."""
    first, last = int(steps[0]), int(steps[-1])
    values: Array = recording.signal(layer, signal, first, last + 1)[steps - first]
    return values
