"""Every signal of one unit over time, at the resolution of a picture."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from ...errors import NotMeasurable
from ...recording.recording import Recording

WIDE = 32
"""Columns per piece where they come from bins."""


def series(
    recording: Recording, layer: int, unit: int, start: int, stop: int, per: int
) -> Generator[float, None, NDArray[np.float32]]:
    """The lowest value, the mean and the highest in columns of `per` steps each, (3, S, C); of single steps, (1, S, C).
    NaN for a signal that is too narrow to have a number of this unit.

    As with the pictures, columns of a bin and more are made of bins; see `Recording.columns`.

    Yields:
        the share of the work that is done.

    Raises:
        NotMeasurable: if the line would end before it begins, or beyond what has been read.
    """
    if start > stop:
        raise NotMeasurable(f"A line cannot end at step {stop:,}, before it begins at {start:,}. Exchange the two.")
    if stop > recording.steps:
        raise NotMeasurable(
            f"A line to step {stop - 1:,} cannot be drawn yet: {recording.steps:,} have been read. Wait for the rest."
        )
    names, shows = (
        recording.reader.stack[layer].cell.names(),
        (("mean",) if per == 1 else ("lowest", "mean", "highest")),
    )
    count = -(-(stop - start) // per)
    out = np.empty((len(shows), len(names), count), np.float32)
    together = WIDE if per >= recording.grain.bin else max(1, recording.grain.block // per)
    for k in range(0, count, together):
        a, b = start + k * per, min(start + (k + together) * per, stop)
        for s, name in enumerate(names):
            for show, into in zip(shows, out, strict=True):
                found = recording.columns(layer, name, a, b, per, show)  # type: ignore[arg-type]
                into[s, k : k + len(found)] = found[:, unit] if unit < found.shape[1] else np.nan
        yield min(k + together, count) / count
    return out
