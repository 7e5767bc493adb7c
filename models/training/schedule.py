"""The learning rate over a training: one rule for every model."""

from __future__ import annotations

import math

LOWEST = 0.02
"""The final share of the highest rate."""


def learning_rate(step: int, steps: int, *, highest: float, warmup: int) -> float:
    """The rate of update `step` among `steps`: linear warm-up to `highest`, then a cosine down to a fiftieth of it."""
    if step < warmup:
        return highest * (step + 1) / warmup
    along = (step - warmup) / max(1, steps - warmup)
    return highest * (LOWEST + (1 - LOWEST) * 0.5 * (1 + math.cos(math.pi * along)))
