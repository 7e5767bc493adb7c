"""What can be measured of a model on a text: each measure defined in one file, and in docs/measures.md.

A slow measure is a generator: it yields the share of the work done, 0 … 1, after each piece of a few milliseconds, so
that its caller can show progress, do something else in between, or cancel it. `drain` runs it to the end:

    from models import load
    from models.measures import drain, record
    from models.measures.memory.horizon import horizon

    lm = load("shakespeare-lstm")
    found = drain(horizon(lm, record(lm, text)))
"""

from __future__ import annotations

from ..recording.record import record
from .progress import drain

__all__ = ["drain", "record"]
