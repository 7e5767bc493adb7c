"""A question to an instrument about one model, from asking to answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from models import HiddenStateError
from models.measures.progress import subtask
from models.measures.rounding import shaken
from models.network.intervened_reader import IntervenedReader
from models.network.reader import CompiledReader

from ..contract.answer import Answer
from ..contract.instrument import Finding, News, Subject, Work
from ..wire import frames
from .protocol import Measure, Measured, Measuring, Unmeasured

log = logging.getLogger("hidden_state")

ROUNDING = "rounding"
"""The key of a run's memo on rounding: the steps read, and a sentence if rounding decides."""
PIECE_SECONDS = 0.006
"""The shortest piece of work, if the instrument's own pieces are shorter."""
NOT_APPLICABLE = "not_applicable"
"""The code of an instrument that does not apply to a model."""
TELL_SECONDS = 0.1
"""How often progress is reported."""


class Measurement:
    """One question. It ends once it has been answered, or the text has changed.

    Args:
        clock: seconds.
        refused: why the instrument does not apply to the model; None if it does.
    """

    def __init__(
        self, asked: Measure, clock: Callable[[], float] = time.perf_counter, refused: str | None = None
    ) -> None:
        self.asked = asked
        self.refused = refused
        self.over = False
        self._clock = clock
        self._reported_at = clock()
        self._work: Work | None = None

    @property
    def name(self) -> str:
        return self.asked.measure.name

    def needs(self, length: int) -> int:
        """How many characters of a text of `length` must have been read before there is something to do."""
        return 0 if self.refused is not None else min(self.asked.measure.needs(length), length)

    def end(self) -> None:
        """The answer is no longer wanted."""
        self.over = True
        if self._work is not None:
            self._work.close()
            self._work = None

    def work(self, subject: Subject, revision: int) -> list[bytes | Measuring | Unmeasured]:
        """Do the next piece. Returns what to send, possibly nothing."""
        if self.refused is not None:
            return [self.give_up(NOT_APPLICABLE, self.refused)]
        began = self._clock()
        try:
            self._work = self._work or self._whole(subject)
            while True:
                step = next(self._work)
                share, facts = self._told_by(step)
                if facts.model_fields_set or self._clock() - began >= PIECE_SECONDS:
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
        if not facts.model_fields_set and self._clock() - self._reported_at < TELL_SECONDS:
            return []
        self._reported_at = self._clock()
        asked = self.asked
        return [Measuring(id=asked.id, model=asked.model, name=self.name, share=float(share), facts=facts)]

    def _told_by(self, step: float | News) -> tuple[float, Answer]:
        """The share of the work done, and what is already known: mostly nothing."""
        if not isinstance(step, News):
            return step, Answer()
        _check(self.name, step.facts, self.asked.measure.partial)
        return step.share, step.facts

    def _whole(self, subject: Subject) -> Work:
        """The instrument's work, and whether rounding decides the reading, which is determined once per text."""
        found = yield from self.asked.measure.work(subject)
        _check(self.name, found.facts, self.asked.measure.answer)
        run = subject.run
        if self.asked.measure.reads and run.memo.get(ROUNDING, (None, ""))[0] != run.steps:
            words = ""
            if run.steps > 1 and isinstance(run.recording.reader, (CompiledReader, IntervenedReader)):
                words = (yield from subtask(shaken(run.recording), 1.0, 1.0)).words()
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


def _check(name: str, facts: Answer, declared: type[Answer] | None) -> None:
    """Check that an answer has the type that its instrument declares."""
    if type(facts) is not declared:
        raise TypeError(
            f"The instrument {name} gave {type(facts).__name__}; {declared and declared.__name__} is declared."
        )
