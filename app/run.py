"""One model reading one session's text: the recording, and how fast it goes."""

from __future__ import annotations

import time
from collections.abc import Callable

from models.recording import Recording

from .library import LoadedModel
from .protocol import Progress

PROGRESS_SECONDS = 0.1
"""How often a model that is still reading says where it is."""


class Run:
    """A model at work on a text.

    Args:
        clock: seconds, for rates.

    Attributes:
        halted: whether the page has been told that this reading was stopped where it is.
    """

    def __init__(self, model: LoadedModel, text: str, clock: Callable[[], float] = time.perf_counter) -> None:
        self.model = model
        self.recording = Recording(model.reader)
        self._clock = clock
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

    def edit(self, at: int, remove: int, insert: str) -> None:
        """The text changed; what was read from `at` on is forgotten, and the rate is measured anew."""
        self.recording.edit(at, remove, self.model.vocabulary.encode(insert))
        self._seconds, self._read, self._told = 0.0, 0, 0.0
        self.halted = False

    def read(self) -> None:
        """Read one block."""
        self.halted = False
        began = self._clock()
        self._read += self.recording.read()
        self._seconds += self._clock() - began

    def news(self, revision: int) -> Progress | None:
        """Where the reading is, if it is time to say so: now and then while it goes on, and once at its end.

        A reading that is over at once is not worth a message.
        """
        now = self._clock()
        if self.complete:
            due = self._told > 0
            self._told = 0.0
        else:
            due = now - self._told >= PROGRESS_SECONDS
            self._told = now if due else self._told
        return self.progress(revision) if due else None

    def progress(self, revision: int, *, stopped: bool = False) -> Progress:
        rate = self._read / self._seconds if self._seconds > 0 else None
        left = len(self.recording) - self.steps
        return Progress(
            revision=revision,
            model=self.name,
            steps=self.steps,
            length=len(self.recording),
            steps_per_second=rate,
            remaining_seconds=left / rate if rate else None,
            stopped=stopped,
        )
