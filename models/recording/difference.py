"""The difference of two runs over the same text: at each step, what one model's signal is more than the other's.

It is exact at any width: the values are subtracted first, and columns are made of what is left, so that nothing that
two runs share is taken for a difference, and no difference is lost between the extremes of the two. The price is that
both runs compute what is looked at once more.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..cells.base import Array
from ..equations.scale import symmetric
from .overview import Show, exact_columns
from .recording import Recording


def difference(
    ours: Recording,
    theirs: Recording,
    layer: int,
    name: str,
    start: int,
    stop: int,
    per: int = 1,
    show: Show = "extreme",
) -> Array:
    """ours − theirs at steps start … stop − 1 in columns of `per` steps each, (⌈(stop − start) / per⌉, H).

    A column's extreme is the difference farthest from zero, whatever the range of the signal.
    """
    stop = max(min(stop, ours.steps, theirs.steps), start)
    values: Array = ours.signal(layer, name, start, stop) - theirs.signal(layer, name, start, stop)  # (T, H)
    if per == 1 or start == stop:
        return values
    signal = replace(ours.reader.stack[layer].cell.signal(name), scale=symmetric())
    return exact_columns(values, np.arange(0, stop - start, per), show, signal)
