"""What a model answers where the text asks for a key: delayed recall, played."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from models.measures.memory.recall_answers import answers
from models.tasks.delayed_recall import CORPUS, KEYS

from ...contract.answer import Answer, Tensor
from ...contract.candidate import Candidate
from ...contract.instrument import Finding, Options, Subject, Work
from ...contract.python import Snippet, measured, of
from ...contract.table import MODEL, own, tensor

UNTAUGHT = (
    "This model was not trained on delayed recall, so what it expects at a mark says nothing of its memory. "
    "Open one that was, for instance recall-lstm."
)


class RecallAnswer(Answer):
    keys: str
    """The letters, in the order of `probabilities`."""

    tensors = (
        Tensor("marks", "I32", "M", "the steps that read a mark after a key"),
        Tensor("keys_at", "I32", "M", "the steps that read their keys"),
        Tensor("keys", "I32", "M", "the right key of each, as its index in the letters"),
        Tensor("probabilities", "F32", "M, 8", "of each key as the next character"),
    )
    columns = (
        MODEL,
        tensor("keys_at", "key_at_step"),
        tensor("marks", "mark_at_step"),
        own("delay", "steps between the two", "steps"),
        own("key", "the right one, as a letter"),
        *(tensor("probabilities", f"p_{key}", item=k) for k, key in enumerate(KEYS)),
    )


class Recall(Options):
    """The probabilities of the keys at the marks of the text."""

    name: Literal["recall"]
    answer = RecallAnswer
    reads: ClassVar[bool] = False
    most: Annotated[int, Field(ge=1, le=1000)] = 100
    """How many marks, counted from the end of the text."""

    @classmethod
    def inapplicable(cls, model: Candidate) -> str | None:
        """Only models trained on delayed recall, and their untrained twins, are asked for keys."""
        return None if model.card.corpus.name == CORPUS else UNTAUGHT

    def work(self, subject: Subject) -> Work:
        lm, recording = subject.run.model.lm, subject.run.recording
        found = yield from answers(lm, recording, subject.text(0, subject.length), self.most)
        tensors = {
            "marks": found.marks,
            "keys_at": found.keys_at,
            "keys": found.keys,
            "probabilities": found.probabilities,
        }
        return Finding(RecallAnswer(keys=KEYS), tensors)

    def as_python(self) -> Snippet:
        return measured(
            "answers",
            "lm",
            "record(lm, text)",
            "text",
            module="memory.recall_answers",
            facts={},
            tensors=of("keys_at", "marks", "keys", "probabilities"),
            most=self.most,
        )
