"""What can be measured of a model on a text: each measure defined in one file, and in docs/measures.md.

A measure that takes its time is a generator: it yields the share of the work that is done, 0 … 1, after each piece of
some milliseconds, so that its caller can show how far it is, do something else in between, or let it be. `drain` waits:

    from models import load
    from models.measures import drain, record
    from models.measures.horizon import horizon

    lm = load("shakespeare-lstm")
    found = drain(horizon(lm, record(lm, text)))
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, TypeVar

from ..lines import unix_lines
from ..recording import Recording

if TYPE_CHECKING:
    from ..charlm import CharLM

Result = TypeVar("Result")


def drain(work: Generator[Any, None, Result]) -> Result:
    """What a measure returns, once it is done."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            result: Result = done.value
            return result


def record(lm: CharLM, text: str) -> Recording:
    """A recording of `lm` that has read the whole of `text`, its line ends as `models.lines` says."""
    recording = Recording(lm.reader())
    recording.edit(0, 0, lm.vocabulary.encode(unix_lines(text)))
    while recording.read():
        pass
    return recording
