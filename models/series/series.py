"""A series: rows of readings in equal steps, with what is known of their sensors.

N  rows    C  channels
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..errors import CorpusError

Rows = NDArray[np.float64]
"""Readings (N, C); a missing one is NaN."""

SPLITS = {"train": (0.0, 0.8), "validation": (0.8, 0.9), "test": (0.9, 1.0)}
"""Shares of the rows, in the order of time: what is predicted always comes after what was trained on."""

LEAST_ROWS = 20
"""Fewer rows make no series: each of the two held-out splits needs a row to predict and one to predict it from."""

DIGITS = 6
"""Significant digits of a resolution that is found: beyond them lies the rounding of the difference."""


@dataclass(frozen=True)
class Channel:
    """One sensor.

    Attributes:
        unit: as it is written beside the name; empty if it is not stated.
        resolution: the smallest step that it shows, in its unit.
    """

    name: str
    unit: str = ""
    resolution: float = 1.0

    def __post_init__(self) -> None:
        if not self.name:
            raise CorpusError("A channel has no name. Name it in the first line of the file.")
        if not (math.isfinite(self.resolution) and self.resolution > 0):
            raise CorpusError(
                f"The resolution of {self.name} cannot be {self.resolution:g}: it is the smallest step that the sensor "
                "shows, a number above 0. Correct it, or leave it out."
            )

    @property
    def heading(self) -> str:
        """As it stands in the first line of a file: `temperature [°C]`."""
        return f"{self.name} [{self.unit}]" if self.unit else self.name


@dataclass(frozen=True)
class Label:
    """What is known to have happened in rows `start` … `stop` − 1.

    Attributes:
        kind: "premature", "missing" (beats); "spike", "drift", "dropout", "stuck" (faults).
        channel: which one is affected; None for all.
    """

    kind: str
    start: int
    stop: int
    channel: int | None = None


@dataclass(frozen=True, eq=False)
class Series:
    """See the module.

    Attributes:
        rows: (N, C) float64; a missing reading is NaN.
        seconds: between two rows; None where nobody stated it.
        seasons: periods in steps, such as the day and the week of hourly rows; none if there are none.
        labels: what is known to have happened, in the order of time.
        source: its name on a command line.

    Raises:
        CorpusError: if it has too few rows, numbers that cannot be, or channels of the same name.
    """

    name: str
    channels: tuple[Channel, ...]
    rows: Rows
    seconds: float | None = None
    seasons: tuple[int, ...] = ()
    description: str = ""
    licence: str = "not stated"
    labels: tuple[Label, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        rows = np.ascontiguousarray(self.rows, np.float64)
        object.__setattr__(self, "rows", rows)
        if rows.ndim != 2 or rows.shape[1] != len(self.channels) or not self.channels:
            raise CorpusError(
                f"{self.name} has rows of shape {rows.shape} and {len(self.channels)} channels. Each row must have one "
                "number for each channel."
            )
        if len(rows) < LEAST_ROWS:
            raise CorpusError(
                f"{self.name} has {len(rows):,} rows of readings, too few to train on or to measure: {LEAST_ROWS} is "
                "the least. Use a longer series."
            )
        if np.isinf(rows).any():
            raise CorpusError(f"{self.name} has an infinite reading. Leave a missing one empty, or write NaN.")
        names = [one.name for one in self.channels]
        if twice := [one for k, one in enumerate(names) if one in names[:k]]:
            raise CorpusError(f"{self.name} has two channels called {twice[0]!r}. Give each a name of its own.")
        if self.seconds is not None and not (math.isfinite(self.seconds) and self.seconds > 0):
            raise CorpusError(
                f"{self.name} cannot have {self.seconds:g} seconds between two rows. State a number above 0."
            )
        for one in self.seasons:
            if one < 1:
                raise CorpusError(f"{self.name} cannot have a season of {one:,} steps. State 1 or more.")

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.channels)

    @property
    def resolution(self) -> NDArray[np.float64]:
        """(C,)"""
        return np.array([one.resolution for one in self.channels])

    @property
    def sha256(self) -> str:
        """Of the channels, the seconds and the numbers; how they were written in a file does not matter."""
        facts = [[one.name, one.unit] for one in self.channels], self.seconds
        sha = hashlib.sha256(json.dumps(facts, ensure_ascii=True).encode())
        sha.update(np.where(np.isnan(self.rows), np.nan, self.rows + 0.0).astype("<f8").tobytes())
        return sha.hexdigest()

    def span(self, split: str) -> slice:
        """The rows of "train", "validation" or "test"; "all" are all.

        Raises:
            CorpusError: if there is no such split.
        """
        if split == "all":
            return slice(0, len(self))
        if split not in SPLITS:
            raise CorpusError(f"There is no split called {split!r}; choose {', '.join(SPLITS)} or all.")
        low, high = SPLITS[split]
        return slice(round(low * len(self)), round(high * len(self)))

    def split(self, name: str) -> Rows:
        """The rows of a split."""
        return self.rows[self.span(name)]

    def part(self, name: str) -> Series:
        """A split as a series of its own, with the labels that lie in it."""
        span = self.span(name)
        labels = tuple(
            replace(one, start=one.start - span.start, stop=one.stop - span.start)
            for one in self.labels
            if span.start <= one.start and one.stop <= span.stop
        )
        return replace(self, name=f"{self.name} ({name})", rows=self.rows[span], labels=labels)

    def picked(self, names: Sequence[str]) -> Series:
        """The channels of these names, in this order.

        Raises:
            CorpusError: if one is missing.
        """
        if missing := [one for one in names if one not in self.names]:
            raise CorpusError(
                f"{self.name} has no channel called {missing[0]!r}; it has {', '.join(self.names)}. "
                "Name the columns as the model's card does."
            )
        at = [self.names.index(one) for one in names]
        return replace(self, channels=tuple(self.channels[k] for k in at), rows=self.rows[:, at])


def smallest_step(values: NDArray[np.float64]) -> float:
    """The smallest difference between two distinct values that are known; 1 where no two differ: then the sensor has
    shown nothing of its resolution."""
    found = np.unique(values[np.isfinite(values)])
    steps = np.diff(found)
    steps = steps[steps > 4 * np.spacing(np.abs(found[1:]))] if len(steps) else steps  # the same number, rounded twice
    return float(f"{steps.min():.{DIGITS}g}") if len(steps) else 1.0
