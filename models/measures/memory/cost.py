"""What remembering costs: the size of the state, the work of a step and its time, by how much has been read.

The size and the number of products follow from the network (`Reader.state_bytes`, `Reader.multiply_adds`). The times
are measured here and now: a text is read from the start, and at each of the lengths asked about, single steps are read,
as a keystroke at the end of a text does.

N  lengths
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from ...errors import NotMeasurable
from ...network.reader import Reader
from ...network.state import State, fork
from ...text.vocabulary import Ids

LONGEST = 100_000
PIECE = 512
"""Steps that are read at once, so that something else may be served in between."""
REPEATS = 25
"""Single steps timed at each length; one that another program interrupts does not move the median."""
_MANTISSAS = (1, 2, 5)


@dataclass(frozen=True)
class Cost:
    """By the number of characters read before.

    Attributes:
        lengths: (N,) 1, 2, 5, 10, … up to the longest asked about.
        state_bytes: (N,) of the state after so many characters.
        multiply_adds: (N,) multiplications and additions of two numbers in the products of the next step.
        step_seconds: (N, 3) of one more step read alone, prediction included: lower quartile, median, upper quartile.
        total_seconds: (N,) of reading so many characters in one go, without what the caller does in between.
        repeated: whether the text was too short and was read again from its start.
    """

    lengths: NDArray[np.int64]
    state_bytes: NDArray[np.int64]
    multiply_adds: NDArray[np.int64]
    step_seconds: NDArray[np.float64]
    total_seconds: NDArray[np.float64]
    repeated: bool


def lengths_up_to(longest: int) -> list[int]:
    """1, 2, 5, 10, 20, … and the longest itself."""
    powers = (10**k for k in range(len(str(longest))))
    found = [m * power for power in powers for m in _MANTISSAS if m * power < longest]
    return [*found, longest]


def cost(reader: Reader, ids: Ids, longest: int = LONGEST) -> Generator[float, None, Cost]:
    """Measure what it costs to read on after 1 … `longest` characters.

    Args:
        ids: (T,) a text; read again from its start where it is shorter than `longest`.

    Yields:
        The share of the work that is done.

    Raises:
        NotMeasurable: if the text is empty.
    """
    if len(ids) == 0:
        raise NotMeasurable("There is no text to read. Type a character.")
    reading = _Reading(reader, ids)
    reading.warm()
    lengths = lengths_up_to(longest)
    seconds = np.empty((len(lengths), 3))
    totals = np.empty(len(lengths))
    for n, length in enumerate(lengths):
        while reading.step < length:
            totals[n] = reading.forward(min(PIECE, length - reading.step))
            yield reading.step / longest
        seconds[n] = reading.alone()
    return Cost(
        np.array(lengths),
        np.array([reader.state_bytes(length) for length in lengths]),
        np.array([reader.multiply_adds(length) for length in lengths]),
        seconds,
        totals,
        len(ids) < longest,
    )


class _Reading:
    """A text read from its start, with a clock that runs only while it is read."""

    def __init__(self, reader: Reader, ids: Ids) -> None:
        self._reader, self._ids = reader, ids
        self._state = reader.start()
        self._activations = reader.allocate(PIECE)
        self.step = 0
        self._seconds = 0.0

    def warm(self) -> None:
        """Read a little beforehand: the first call of a loop may have to load it."""
        state = self._reader.start()
        for steps in (min(PIECE, len(self._ids)), 1):
            self._time(state, 0, steps)

    def forward(self, steps: int) -> float:
        """Read on; seconds since the start of the text."""
        self._seconds += self._time(self._state, self.step, steps)
        self.step += steps
        return self._seconds

    def alone(self) -> NDArray[np.float64]:
        """Quartiles of the seconds that one more step takes from here. The reading stays where it is."""
        found = []
        for _ in range(REPEATS):
            state = fork(self._state)
            found.append(self._time(state, self.step, 1))
        quartiles: NDArray[np.float64] = np.quantile(found, (0.25, 0.5, 0.75))
        return quartiles

    def _time(self, state: State, start: int, steps: int) -> float:
        ids = self._ids.take(range(start, start + steps), mode="wrap")
        begin = perf_counter()
        self._reader.read(ids, state, self._activations, at=start)
        return perf_counter() - begin
