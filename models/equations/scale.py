"""The scale of a signal: which values it can take, how they are drawn, and which of them count as saturated.

    interval(0, 1)                        a gate: saturated below 0.1 and above 0.9
    interval(-1, 1)                       what a tanh gives: saturated beyond ±0.9
    symmetric()                           real, without a bound; saturation does not apply
    symmetric(saturation=Ends.OF_TANH)    the same, but read through a tanh: saturated where that is
    half_line()                           from 0 on, without a bound
    logarithmic()                         a positive factor, as an exponential gate is: what counts is its logarithm

Whatever shows or counts values asks the scale; the kind of a signal says only what it is for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

FARTHEST_FACTOR = 1e6
"""A factor that is farther from 1 than this, either way, counts as this far."""


class Form(StrEnum):
    """Which values there are, and how they are drawn."""

    INTERVAL = "interval"
    """Between two ends, drawn between them."""
    SYMMETRIC = "symmetric"
    """Real numbers, drawn to either side of 0 as far as they go."""
    HALF_LINE = "half_line"
    """From 0 on, drawn from 0 as far as they go."""
    LOGARITHMIC = "logarithmic"
    """Above 0, drawn by their logarithm, to either side of 1."""


class Ends(StrEnum):
    """Where a signal saturates, if thresholds that a user may choose say how near is near."""

    OF_INTERVAL = "of_interval"
    """Near the ends of its own interval."""
    OF_TANH = "of_tanh"
    """Where its tanh is near ±1: what reads the signal takes its tanh."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How near to an end is saturated: in an interval from 0 on below `low` and above `high`, as shares of it; in any
    other, and for a tanh, beyond `bound` of the way from 0 to either end."""

    low: float = 0.1
    high: float = 0.9
    bound: float = 0.9


USUAL = Thresholds()


@dataclass(frozen=True, slots=True)
class Scale:
    """See the module, whose functions make one.

    Attributes:
        range: the (lowest, highest) values, or None if there are no two such.
        saturation: near which ends it saturates; or a value below which and one above which it does, whatever the
            thresholds; or None: saturation does not apply.
    """

    form: Form
    range: tuple[float, float] | None = None
    saturation: Ends | tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if self.range is None and self.saturation is Ends.OF_INTERVAL:
            raise ValueError("A signal without an interval has no ends of one to saturate at.")
        if self.range is not None and not self.range[0] < self.range[1]:
            raise ValueError(f"An interval ends above where it begins; {self.range} does not.")
        if isinstance(self.saturation, tuple) and not self.saturation[0] <= self.saturation[1]:
            raise ValueError(f"Saturation begins below one value and above a larger one; {self.saturation} are not so.")

    def saturated(self, at: Thresholds = USUAL) -> tuple[float, float] | None:
        """A value below the first or above the second is saturated; None: saturation does not apply."""
        if self.saturation is Ends.OF_TANH:
            return -math.atanh(at.bound), math.atanh(at.bound)
        if self.saturation is Ends.OF_INTERVAL:
            assert self.range is not None
            floor, top = self.range
            return (at.low * top, at.high * top) if floor == 0.0 else (at.bound * floor, at.bound * top)
        return self.saturation

    @property
    def middle(self) -> float:
        """The value in the middle of a picture."""
        if self.range is not None:
            return (self.range[0] + self.range[1]) / 2
        return 1.0 if self.form is Form.LOGARITHMIC else 0.0

    def possible(self, farthest: float) -> tuple[float, float]:
        """The least and the greatest value that it can be held at, none of them farther from 0 than `farthest` where it
        has no bound."""
        if self.range is not None:
            return self.range
        return (-farthest if self.form is Form.SYMMETRIC else 0.0), farthest

    def lead(self, lowest: Array, highest: Array) -> Array:
        """How much farther from the middle the highest values lie than the lowest, as a picture shows them."""
        if self.form is Form.LOGARITHMIC:
            return np.asarray(_log(highest) + _log(lowest))
        return np.asarray((highest - self.middle) - (self.middle - lowest))

    def read(self, values: Array) -> Array:
        """What of values tells them apart: their tanh, where it is all that is read of them; the logarithm of a factor;
        else the values."""
        if self.saturation is Ends.OF_TANH:
            return np.asarray(np.tanh(values))
        return _log(values) if self.form is Form.LOGARITHMIC else values

    @property
    def width(self) -> float:
        """How wide what `read` gives is: a change by less than a level of a picture of it, width / 255, is none.
        Without a bound, that of ±1."""
        return 2.0 if self.range is None else self.range[1] - self.range[0]


def largest_factor(values: Array) -> float:
    """By which factor values lie above or below 1, at most; 1 if none is a number."""
    clipped = _clipped(values)
    return float(np.fmax.reduce(np.fmax(clipped, 1.0 / clipped), axis=None, initial=1.0))


def _log(values: Array) -> Array:
    return np.asarray(np.log(_clipped(values)))


def _clipped(values: Array) -> Array:
    return np.clip(values, 1.0 / FARTHEST_FACTOR, FARTHEST_FACTOR)


def interval(low: float, high: float, saturation: Ends | tuple[float, float] | None = Ends.OF_INTERVAL) -> Scale:
    """Values from `low` to `high`."""
    return Scale(Form.INTERVAL, (float(low), float(high)), saturation)


def symmetric(saturation: Ends | tuple[float, float] | None = None) -> Scale:
    """Real values without a bound."""
    return Scale(Form.SYMMETRIC, None, saturation)


def half_line(saturation: tuple[float, float] | None = None) -> Scale:
    """Values from 0 on, without a bound."""
    return Scale(Form.HALF_LINE, None, saturation)


def logarithmic(saturation: tuple[float, float] | None = None) -> Scale:
    """Values above 0 that differ by factors."""
    return Scale(Form.LOGARITHMIC, None, saturation)
