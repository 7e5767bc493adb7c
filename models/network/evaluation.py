"""Bits per character on held-out text: state carried through from the first character to the last."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..text.vocabulary import Ids
from .language_model import CharLM


def bits_per_character(
    lm: CharLM, ids: Ids, *, progress: Callable[[int, int], None] | None = None
) -> tuple[float, int]:
    """Mean surprise of `ids` (T,) in bits, and the number of characters it is the mean of.

    The first character and unknown ones have no surprise and are not counted. Memory does not grow with T.
    """
    reader = lm.reader()
    activations, state = reader.allocate(reader.block), reader.start()
    total, count = 0.0, 0
    before = np.empty((0, reader.head.width), reader.dtype)  # the prediction that the last block ended with
    for offset in range(0, len(ids), reader.block):
        block = ids[offset : offset + reader.block]
        reader.read(block, state, activations, at=offset)
        made = activations.predictions[: len(block)]
        asked = np.concatenate([before, made[:-1]])
        bits = reader.head.bits(asked, block[len(block) - len(asked) :])
        known = ~np.isnan(bits)
        total += float(bits[known].sum(dtype=np.float64))
        count += int(known.sum())
        before = made[-1:].copy()
        if progress is not None:
            progress(offset + len(block), len(ids))
    return (total / count if count else float("nan")), count
