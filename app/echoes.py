"""The echo that a page looks at, for one model: which one it is, and the comparing of it in pieces."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from models.echo import Echo
from models.echo_rounding import Rounding
from models.measures.edits import others
from models.recording import Recording
from models.vocabulary import Vocabulary

from .protocol import EchoFacts

PIECE_SECONDS = 0.006


class EchoKey(NamedTuple):
    """Which echo: the step whose character is another one, and what is put in its place.

    `instead` is that character, None for the mean over `others` characters of a model's own vocabulary.
    """

    step: int
    instead: str | None
    others: int
    signed: bool


class Echoes:
    """The echo of one model's recording that is looked at, if any. It is made anew whenever another is asked for."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._key: EchoKey | None = None
        self._echo: Echo | None = None
        self._rounding: Rounding | None = None

    @property
    def nbytes(self) -> int:
        return 0 if self._echo is None else self._echo.nbytes

    def cut(self, at: int) -> None:
        """The text has changed from step `at` on."""
        if self._echo is None:
            return
        if at <= self._echo.at:
            self.drop()
            return
        self._echo.cut(at)
        if self._rounding is not None and at < self._rounding.steps:
            self._rounding = None

    def drop(self) -> None:
        """No echo is looked at, or another one."""
        self._key = self._echo = self._rounding = None

    def of(self, key: EchoKey, recording: Recording, vocabulary: Vocabulary) -> Echo | None:
        """The echo that `key` names; None while its character has not been read."""
        if self._echo is not None and self._key is not None and _same(self._key, key):
            return self._echo
        self.drop()
        if key.step >= recording.steps:
            return None
        if key.instead is None:
            ids = others(len(vocabulary), int(recording.ids[key.step : key.step + 1][0]), key.others)
        else:
            ids = vocabulary.encode(key.instead)
        self._key, self._echo = key, Echo(recording, key.step, ids)
        return self._echo

    def lags(self, key: EchoKey, recording: Recording, until: int) -> bool:
        """Whether an echo is to be compared on up to step `until`, as far as the text has been read."""
        until = min(until, recording.steps)
        if key.step >= until:
            return False
        if self._echo is None or self._key is None or not _same(self._key, key):
            return True
        return self._echo.steps < until

    def advance(self, echo: Echo, until: int, interrupted: Callable[[], bool]) -> None:
        """Compare for one piece of time, or up to step `until`, or until something has arrived."""
        began = self._clock()
        while echo.advance(until):
            if interrupted() or self._clock() - began >= PIECE_SECONDS:
                return

    def measured(self, key: EchoKey, recording: Recording) -> bool:
        """Whether it is known how long the echo is felt and how long it is above rounding, as far as that is sought."""
        if key.step >= recording.steps:
            return True
        if self._echo is None or self._key is None or not _same(self._key, key):
            return False
        end = min(self._echo.farthest, recording.steps)
        rounded = end <= key.step + 1 or (self._rounding is not None and self._rounding.steps >= end)
        return self._echo.steps >= end and rounded

    def measure(self, echo: Echo, interrupted: Callable[[], bool]) -> None:
        """A piece of the search for how long an echo is felt."""
        end = min(echo.farthest, echo.recording.steps)
        if echo.steps < end:
            self.advance(echo, end, interrupted)
            return
        if self._rounding is None:
            self._rounding = Rounding(echo)
        began = self._clock()
        while self._rounding.advance(end):
            if interrupted() or self._clock() - began >= PIECE_SECONDS:
                return

    def facts(self, key: EchoKey, echo: Echo | None, layer: int, signal: str) -> EchoFacts:
        """What a panel says of the echo that it shows."""
        if echo is None:
            return EchoFacts(step=key.step, instead=key.instead, others=key.others, signed=key.signed)
        done = self.measured(key, echo.recording)
        felt = echo.felt(layer, signal)
        first = echo.first(layer, signal)
        return EchoFacts(
            step=key.step,
            instead=key.instead,
            others=len(echo.others) if key.instead is None else key.others,
            signed=key.signed and echo.single,
            first=first if np.isfinite(first) else None,
            felt=felt if echo.steps > echo.at else None,
            above=self._rounding.above(layer, signal) if done and self._rounding is not None else None,
            compared=echo.steps,
            settled=done,
        )


def _same(one: EchoKey, other: EchoKey) -> bool:
    """Whether two compare the same runs, however they are drawn."""
    return one[:3] == other[:3]
