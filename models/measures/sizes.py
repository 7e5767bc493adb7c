"""How large an unbounded state becomes over a long text: the bound below which a given share of its values stays.

A state limited only by its own gates may drift as long as a text continues (an LSTM's cell state to thousands), and a
short stretch does not show it. So the text is read in one go, carrying the state on, and |s| of every unit and step is
counted by size in bins of 1/512 of an octave: a quantile is known to 0.14 %, whatever the length.

T  characters    H  units
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from ..errors import NotMeasurable
from ..network.language_model import CharLM
from ..text.vocabulary import Ids

SHARE = 0.999
FINENESS = 512
"""Bins per octave."""
LOWEST, HIGHEST = -24, 40
"""Octaves: sizes below 2⁻²⁴ count as that, and those above 2⁴⁰."""


@dataclass(frozen=True)
class Sizes:
    """Statistics of the values of all layers and units at T steps.

    Attributes:
        share: the share of them below `below`, the upper edge of a bin.
        largest: exact.
    """

    characters: int
    share: float
    below: float
    largest: float


def sizes(lm: CharLM, ids: Ids, share: float = SHARE) -> Generator[float, None, Sizes]:
    """Read `ids` (T,) from the zero state on and count |s| of the states without a range, one in a layer.

    Yields:
        the share of the work that is done.

    Raises:
        NotMeasurable: if the cell has no such state, or there is no text.
    """
    free = [[s for s in layer.cell.carried() if layer.cell.signals[s].range is None] for layer in lm.stack]
    if not any(free):
        raise NotMeasurable(f"Every state of {lm.name} stays within its range: there is nothing that could grow.")
    if not len(ids):
        raise NotMeasurable("There is no text to read. Give one.")
    reader = lm.reader()
    activations, state = reader.allocate(reader.block), reader.start()
    counts, largest = np.zeros((HIGHEST - LOWEST) * FINENESS, np.int64), 0.0
    for offset in range(0, len(ids), reader.block):
        block = ids[offset : offset + reader.block]
        reader.read(block, state, activations, predict=False, at=offset)
        for layer, rows in zip(activations.layers, free, strict=True):
            if not rows:
                continue
            size = np.abs(layer[rows[0], : len(block)]).ravel()
            largest = max(largest, float(size.max()))
            octaves = np.log2(np.maximum(size, 2.0**LOWEST)) - LOWEST
            bins = np.minimum((octaves * FINENESS).astype(np.int64), len(counts) - 1)
            counts += np.bincount(bins, minlength=len(counts))
        yield (offset + len(block)) / len(ids)
    at = int(np.searchsorted(np.cumsum(counts), share * counts.sum()))
    return Sizes(len(ids), share, float(2.0 ** (LOWEST + (at + 1) / FINENESS)), largest)
