"""What can be measured of a model on a text: each measure defined in one file, and in docs/measures.md.

A measure that takes its time is a generator: it yields the share of the work that is done, 0 … 1, after each piece of
some milliseconds, so that its caller can show how far it is, do something else in between, or let it be. `drain` waits:

    from models import load
    from models.measures import drain, record
    from models.measures.memory.horizon import horizon

    lm = load("shakespeare-lstm")
    found = drain(horizon(lm, record(lm, text)))
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

from ..recording.record import record

__all__ = ["drain", "record"]

Result = TypeVar("Result")


def drain(work: Generator[Any, None, Result]) -> Result:
    """What a measure returns, once it is done."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            result: Result = done.value
            return result
