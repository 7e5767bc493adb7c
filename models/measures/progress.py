"""Measures composed of other measures, and running a measure to its end."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeVar

Result = TypeVar("Result")


def subtask(work: Generator[float, None, Result], low: float, high: float) -> Generator[float, None, Result]:
    """A subtask of a measure: the shares that it yields are mapped between two shares of the whole."""
    try:
        while True:
            yield low + (high - low) * next(work)
    except StopIteration as done:
        result: Result = done.value
        return result
    finally:
        work.close()


def drain(work: Generator[Any, None, Result], report: Callable[[Any], object] = lambda share: None) -> Result:
    """Run a measure to the end and return its result.

    Args:
        report: is called with each share that the measure yields.
    """
    while True:
        try:
            report(next(work))
        except StopIteration as done:
            result: Result = done.value
            return result
