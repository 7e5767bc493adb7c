"""A question that an instrument was asked about one model, from its asking to its answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from models import HiddenStateError
from models.measures.progress import part
from models.measures.rounding import shaken
from models.network.intervened_reader import IntervenedReader
from models.network.reader import CompiledReader

from ..instruments.base import Finding, News, Subject, Work
from ..wire import frames
from .protocol import Measure, Measured, Measuring, Unmeasured

log = logging.getLogger("hidden_state")

ROUNDING = "rounding"
"""What a run remembers of it: the steps that were read, and a sentence where rounding decides."""
PIECE_SECONDS = 0.006
"""How long a piece of work takes, at least, if the instrument's own pieces are shorter."""
TELL_SECONDS = 0.1
"""How often it is told how far the work is."""


class Measurement:
    """One question. It is over once it has been answered, or the text has become another.

    Args:
        clock: seconds.
    """

    def __init__(self, asked: Measure, clock: Callable[[], float] = time.perf_counter) -> None:
        self.asked = asked
        self.over = False
        self._clock = clock
        self._told = clock()
        self._work: Work | None = None

    @property
    def name(self) -> str:
        return self.asked.measure.name

    def needs(self, length: int) -> int:
        """How many characters of a text of `length` must have been read before there is something to do."""
        return min(self.asked.measure.needs(length), length)

    def end(self) -> None:
        """The answer is wanted no more."""
        self.over = True
        if self._work is not None:
            self._work.close()
            self._work = None

    def work(self, subject: Subject, revision: int) -> list[bytes | Measuring | Unmeasured]:
        """Do the next piece. Returns what to send, possibly nothing."""
        began = self._clock()
        try:
            self._work = self._work or self._whole(subject)
            while True:
                step = next(self._work)
                share, facts = (step.share, step.facts) if isinstance(step, News) else (step, {})
                if facts or self._clock() - began >= PIECE_SECONDS:
                    break
        except StopIteration as done:
            self.over = True
            words = subject.run.memo.get(ROUNDING, (None, ""))[1] if self.asked.measure.reads else ""
            return [self._measured(done.value, revision, words)]
        except HiddenStateError as error:
            return [self.give_up(error.code, str(error))]
        except Exception as fault:
            log.error("The instrument %s failed", self.name, exc_info=fault)
            return [self.give_up("internal", "The server failed at this measure; its log says why.")]
        if not facts and self._clock() - self._told < TELL_SECONDS:
            return []
        self._told = self._clock()
        asked = self.asked
        return [Measuring(id=asked.id, model=asked.model, name=self.name, share=float(share), facts=facts)]

    def _whole(self, subject: Subject) -> Work:
        """What the instrument does, and whether rounding decides the reading: that is found once for a text."""
        found = yield from self.asked.measure.work(subject)
        run = subject.run
        if self.asked.measure.reads and run.memo.get(ROUNDING, (None, ""))[0] != run.steps:
            words = ""
            if run.steps > 1 and isinstance(run.recording.reader, (CompiledReader, IntervenedReader)):
                words = (yield from part(shaken(run.recording), 1.0, 1.0)).words()
            run.memo[ROUNDING] = (run.steps, words)
        return found

    def _measured(self, found: Finding, revision: int, rounding: str) -> bytes:
        asked = self.asked
        name, facts = self.name, found.facts
        message = Measured(revision=revision, id=asked.id, model=asked.model, name=name, facts=facts, rounding=rounding)
        return frames.encode(message, found.tensors)

    def give_up(self, code: str, message: str) -> Unmeasured:
        """There is no answer; `message` says why."""
        self.end()
        return Unmeasured(id=self.asked.id, model=self.asked.model, name=self.name, code=code, message=message)
