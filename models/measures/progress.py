"""Measures that are made of other measures."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

Result = TypeVar("Result")


def part(work: Generator[float, None, Result], low: float, high: float) -> Generator[float, None, Result]:
    """A part of a measure's work: the shares that it yields come to lie between two shares of the whole."""
    try:
        while True:
            yield low + (high - low) * next(work)
    except StopIteration as done:
        result: Result = done.value
        return result
    finally:
        work.close()
