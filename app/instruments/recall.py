"""What a model answers where the text asks for a key: delayed recall, played."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from models.measures.memory.recall_answers import answers
from models.tasks.delayed_recall import KEYS

from .base import Finding, Options, Subject, Work


class Recall(Options):
    """The probabilities of the keys at the marks of the text."""

    name: Literal["recall"]
    reads: ClassVar[bool] = False
    most: Annotated[int, Field(ge=1, le=1000)] = 100
    """How many marks, the last ones of the text."""

    def work(self, subject: Subject) -> Work:
        lm, recording = subject.run.model.lm, subject.run.recording
        found = yield from answers(lm, recording, subject.text(0, subject.length), self.most)
        tensors = {
            "marks": found.marks,
            "keys_at": found.keys_at,
            "keys": found.keys,
            "probabilities": found.probabilities,
        }
        return Finding({"keys": KEYS}, tensors)
