"""The echo in view, for one model: computing it in pieces, and its frames."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from models.echo.echo import Echo
from models.echo.rounding import Rounding
from models.measures.memory.edit_sensitivity import others

from . import pictures
from .protocol import EchoFacts, Panel
from .sent_columns import EchoKey, Look, Reported, SentColumns
from .view import View

if TYPE_CHECKING:
    from .run import Run

PIECE_SECONDS = 0.006


class Echoes:
    """The echo in view of one model's recording, if any. A new one is made whenever another is requested."""

    def __init__(self, view: View, clock: Callable[[], float] = time.perf_counter) -> None:
        self._view = view
        self._clock = clock
        self._run: Run | None = None
        self._key: EchoKey | None = None
        self._echo: Echo | None = None
        self._rounding: Rounding | None = None
        self.wanted = False
        """Whether any panel of the model is in view."""

    @property
    def _asked(self) -> EchoKey | None:
        return self._view.echo if self.wanted else None

    def begin(self, run: Run) -> None:
        """The model is loaded and has the text."""
        self._run = run

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
        """No echo is in view any more, or another one."""
        self._key = self._echo = self._rounding = None

    # ── comparing ────────────────────────────────────────────────────────────────────────────────────

    def _made(self) -> Echo | None:
        """The echo in view, if it has been started."""
        key = self._asked
        same = key is not None and self._key is not None and key[:3] == self._key[:3]  # regardless of how it is drawn
        return self._echo if same else None

    def _current(self) -> Echo | None:
        """The echo in view, started if need be; None while its character has not been read."""
        key, run = self._asked, self._run
        if key is None or run is None:
            return None
        if self._made() is None:
            before = self._echo
            self.drop()
            if key.step >= run.steps:
                return None
            vocabulary, recording = run.model.vocabulary, run.recording
            if key.instead is None:
                ids = others(len(vocabulary), int(recording.ids[key.step : key.step + 1][0]), key.others)
            else:
                ids = vocabulary.encode(key.instead)
            self._key, self._echo = key, Echo(recording, key.step, ids, after=before)
        return self._echo

    def lags(self, until: int) -> bool:
        """Whether an echo still has to be compared up to step `until`, as far as the text has been read."""
        key, run = self._asked, self._run
        if key is None or run is None or key.step >= min(until, run.steps):
            return False
        echo = self._made()
        return echo is None or echo.steps < min(until, run.steps)

    def advance(self, until: int) -> None:
        """Compare for one piece of time, or up to step `until`, or until a message arrives."""
        echo = self._current()
        if echo is not None:
            self._repeat(lambda: echo.advance(until))

    def _repeat(self, act: Callable[[], bool]) -> None:
        began = self._clock()
        while act():
            if self._view.interrupted or self._clock() - began >= PIECE_SECONDS:
                return

    @property
    def measured(self) -> bool:
        """Whether there is nothing to search for: the pointer is only moving across, or everything is known."""
        return self._view.passing or self.settled

    @property
    def settled(self) -> bool:
        """Whether the search has found how long the echo is felt and how long it is above rounding."""
        key, run = self._asked, self._run
        if key is None or run is None or key.step >= run.steps:
            return True
        echo = self._made()
        if echo is None or echo.steps < (end := self._end(echo)):
            return False
        return end <= key.step + 1 or (self._rounding is not None and self._rounding.steps >= end)

    def measure(self) -> None:
        """A piece of the search for how long the echo is felt."""
        echo = self._current()
        if echo is None:
            return
        end = self._end(echo)
        if echo.steps < end:
            self._repeat(lambda: echo.advance(end))
            return
        rounding = self._rounding = self._rounding or Rounding(echo)
        self._repeat(lambda: rounding.advance(end))

    @staticmethod
    def _end(echo: Echo) -> int:
        return min(echo.farthest, echo.recording.steps)

    # ── what goes out ────────────────────────────────────────────────────────────────────────────────

    def at(self, step: int) -> Echo | None:
        """The echo in view, if it has been compared at a step."""
        return None if self._asked is None or self.lags(step + 1) else self._current()

    def lacks(self, key: EchoKey, held: SentColumns, look: Look, seen: int) -> tuple[int, int] | None:
        """Which of the steps before `seen` the page lacks, as far as whole columns can be sent."""
        run, echo = self._run, self._made()
        assert run is not None
        compared = min(key.step, run.steps) if echo is None else echo.steps
        if compared < run.steps:
            seen = min(seen, compared // look.per * look.per)
        return held.next(self._view.window.start, seen, look, 1 << 40)

    def reported(self, key: EchoKey) -> Reported | None:
        """The echo's part of the final report to the page; None before the end of the reading."""
        assert self._run is not None
        return (self._view.revision, self._view.length, (key, self.settled)) if self._run.complete else None

    def frame(self, key: EchoKey, panel: Panel, look: Look, span: tuple[int, int]) -> bytes:
        """A panel's columns of the steps `span`."""
        run, echo = self._run, self._current()
        assert run is not None
        facts = self._facts(key, echo, panel)
        return pictures.echo_columns(run, self._view, panel, look, span, echo, facts)

    def _facts(self, key: EchoKey, echo: Echo | None, panel: Panel) -> EchoFacts:
        place = panel.layer, panel.signal
        facts = EchoFacts(step=key.step, instead=key.instead, others=key.others, signed=key.signed)
        if echo is None:
            return facts
        first, settled = echo.first(*place), self.settled
        above = self._rounding.above(*place) if settled and self._rounding is not None else None
        return facts.model_copy(
            update={
                "others": len(echo.others),
                "first": first if np.isfinite(first) else None,
                "felt": echo.felt(*place) if echo.steps > echo.at else None,
                "above": above,
                "compared": echo.steps,
                "settled": settled,
            }
        )
