"""Bits per character on held-out text, bits per reading on a held-out series: state carried through from the first
item to the last."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from ..text.vocabulary import Ids
from .codec import Items
from .head import Bits
from .language_model import CharLM
from .sequence_model import SequenceModel
from .series_model import SeriesModel


def bits_per_character(
    lm: CharLM, ids: Ids, *, progress: Callable[[int, int], None] | None = None
) -> tuple[float, int]:
    """Mean surprise of `ids` (T,) in bits, and the number of characters it is the mean of.

    The first character and unknown ones have no surprise and are not counted. Memory does not grow with T.
    """
    total, count = 0.0, 0
    for bits, _ in _scored(lm, ids, progress):
        known = ~np.isnan(bits)
        total += float(bits[known].sum(dtype=np.float64))
        count += int(known.sum())
    return (total / count if count else float("nan")), count


def bits_per_reading(
    model: SeriesModel, items: NDArray[np.float32], *, progress: Callable[[int, int], None] | None = None
) -> tuple[float, int]:
    """The surprise of all `items` (T, C) in bits over the number of readings, and that number.

    The first row and missing readings have no surprise and are not counted. Memory does not grow with T.
    """
    total, count = 0.0, 0
    for bits, block in _scored(model, items, progress):
        total += float(np.nansum(bits, dtype=np.float64))
        count += int((~np.isnan(block)).sum())
    return (total / count if count else float("nan")), count


def _scored(
    model: SequenceModel, items: Items, progress: Callable[[int, int], None] | None
) -> Iterator[tuple[Bits, Items]]:
    """The surprise of every item that follows another, block by block, beside these items."""
    reader = model.reader()
    activations, state = reader.allocate(reader.block), reader.start()
    before = np.empty((0, reader.head.width), reader.dtype)  # the prediction that the last block ended with
    for offset in range(0, len(items), reader.block):
        block = items[offset : offset + reader.block]
        reader.read(block, state, activations, at=offset)
        made = activations.predictions[: len(block)]
        asked = np.concatenate([before, made[:-1]])
        scored = block[len(block) - len(asked) :]
        yield reader.head.bits(asked, scored), scored
        before = made[-1:].copy()
        if progress is not None:
            progress(offset + len(block), len(items))
