"""Measures that are made of other measures, and measures that are waited for."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeVar

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


def drain(work: Generator[Any, None, Result], report: Callable[[Any], object] = lambda share: None) -> Result:
    """What a measure returns, once it is done.

    Args:
        report: is called with each share that the measure yields.
    """
    while True:
        try:
            report(next(work))
        except StopIteration as done:
            result: Result = done.value
            return result
