"""How much of the past can be read off the state, measured on the user's own text."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Literal

import numpy as np

from ...contract.answer import Answer, Tensor
from ...contract.instrument import Finding, Options, Run, Subject, Work
from ...contract.python import Snippet, measured, of
from ...contract.table import MODEL, fact, tensor

if TYPE_CHECKING:
    from models.measures.memory.recoverability import Recoverability as Found

LONGEST = 20_000
"""Of a longer text only this many characters, its first ones, are probed: the time grows with them."""


class RecoverabilityAnswer(Answer):
    chance: float
    """The accuracy of always naming the character that is most frequent where the probe was fitted."""
    trained_on: int
    """Characters on which the probe was fitted."""
    held_out: int
    """Characters on which it was scored."""

    tensors = (
        Tensor("lags", "I32", "100", "k, steps back"),
        Tensor("accuracy", "F32", "100", "the share of characters k steps back that the probe names correctly"),
    )
    columns = (
        MODEL,
        tensor("lags", "lag", "steps"),
        tensor("accuracy"),
        fact("chance"),
        fact("trained_on", "fitted_on", "characters"),
        fact("held_out", "scored_on", "characters"),
    )


class Recoverability(Options):
    """A linear probe for the character k steps back, fitted and scored on the text, or on its start if it is long."""

    name: Literal["recoverability"]
    answer = RecoverabilityAnswer

    def needs(self, length: int) -> int:
        return min(length, LONGEST)

    def work(self, subject: Subject) -> Work:
        found = yield from probed(subject.run)
        return Finding(
            RecoverabilityAnswer(chance=found.chance, trained_on=found.trained_on, held_out=found.held_out),
            {
                "lags": np.asarray(found.lags, np.int32),
                "accuracy": np.asarray(found.accuracy, np.float32),
            },
        )

    def as_python(self) -> Snippet:
        return measured(
            "read_off",
            "lm",
            "record(lm, text)",
            module="memory.recoverability",
            facts=of("chance", "trained_on", "held_out"),
            tensors=of("lags", "accuracy"),
            longest=LONGEST,
        )


def probed(run: Run) -> Generator[float, None, Found]:
    """The probe on what has been read, at most its first `LONGEST` characters."""
    from models.measures.memory.recoverability import read_off  # scikit-learn takes a second to load

    return (yield from read_off(run.model.lm, run.recording, LONGEST))
