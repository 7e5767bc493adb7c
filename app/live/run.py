"""One model reading one session's text: the recording, and how fast it goes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from models.recording.bound import MEMORY
from models.recording.overview import GRAIN, Grain
from models.recording.recording import Recording

from ..compute.model_library import LoadedModel
from .protocol import Progress, Reach

PROGRESS_SECONDS = 0.1
"""How often a model that is still reading reports its progress."""

PIECE_SECONDS = 0.006
"""Roughly how long a piece of work takes: after it new messages are noticed, and other sessions have their turn."""


class Run:
    """A model working on a text.

    Args:
        clock: seconds, for rates.

    Attributes:
        halted: whether the page has been told that this reading was stopped where it is.
        memo: results that instruments may be asked for again, by name; an edit empties it.
    """

    memo: dict[str, Any]

    def __init__(
        self,
        model: LoadedModel,
        text: str,
        grain: Grain = GRAIN,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.model = model
        self.recording = Recording(model.reader, grain=grain)
        self._clock = clock
        self._largest: dict[tuple[int, str], float] = {}
        self._rate = 0.0  # steps per second of computing
        self.edit(0, 0, text)

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def complete(self) -> bool:
        return self.recording.complete

    @property
    def steps(self) -> int:
        return self.recording.steps

    @property
    def piece(self) -> int:
        """How many steps a piece of work may read again: whole blocks."""
        block = self.recording.grain.block
        return max(1, min(8, int(self._rate * PIECE_SECONDS) // block)) * block

    def edit(self, at: int, remove: int, insert: str) -> None:
        """The text changed; whatever was read from `at` on is in question, and the rate is measured afresh."""
        self.recording.memory = MEMORY  # a text of the length allowed is always taken; how far it is read shows later
        self.recording.edit(at, remove, self.model.vocabulary.encode(insert))
        self._reported_at = 0.0
        self._since: tuple[float, int] | None = None
        self._told_reach = False
        self.halted = False
        self.memo = {}

    def read(self, until: int, interrupted: Callable[[], bool]) -> None:
        """Read blocks for one piece of time, or to step `until` if that comes first, or until it is interrupted."""
        began = now = self._clock()
        if self.halted or self._since is None:
            self._since = (began, self.steps)
        self.halted = False
        first = self.steps
        while now - began < PIECE_SECONDS:
            self.recording.read()
            now = self._clock()
            if self.complete or interrupted() or (until <= self.steps):
                break
        if self.steps - first >= self.recording.grain.block and now > began:
            self._rate = (self.steps - first) / (now - began)

    def note_largest(self, places: list[tuple[int, str]]) -> None:
        """Record the largest values of some layers' signals, so that the panels of all models agree on a range."""
        self._largest = {place: self.recording.largest(*place) for place in places}

    def largest(self, layer: int, signal: str) -> float:
        """How far the values recorded go."""
        return self._largest.get((layer, signal), 0.0)

    def news(self, revision: int) -> Progress | None:
        """The reading's progress, if it is time to report it: now and then while it runs, and once at its end.

        A reading that finishes at once is not worth a message.
        """
        now = self._clock()
        if self.complete:
            due = self._reported_at > 0
            self._reported_at = 0.0
        else:
            due = now - self._reported_at >= PROGRESS_SECONDS
            self._reported_at = now if due else self._reported_at
        return self.progress(revision) if due else None

    @property
    def felt(self) -> bool:
        """Whether it is possible to report how far the last edit was felt, and not yet done."""
        return self.recording.settled and not self._told_reach

    def reach(self, revision: int) -> Reach | None:
        """How far the last edit was felt."""
        self._told_reach = True
        found = self.recording.reach
        if found is None:
            return None
        at, seen, to = found.at, found.seen, found.to
        exact, converged = found.exact, found.converged
        return Reach(revision=revision, model=self.name, at=at, seen=seen, to=to, exact=exact, converged=converged)

    def progress(self, revision: int, *, stopped: bool = False) -> Progress:
        left = len(self.recording) - self.steps
        # By wall-clock time: other models and sessions have their share of the processors.
        since, first = self._since or (0.0, self.steps)
        read, took = self.steps - first, self._clock() - since
        rate = read / took if read > 0 and took > 0 else None
        return Progress(
            revision=revision,
            model=self.name,
            steps=self.steps,
            length=len(self.recording),
            steps_per_second=rate,
            remaining_seconds=left / rate if rate else None,
            stopped=stopped,
        )
