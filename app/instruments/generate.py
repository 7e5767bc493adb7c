"""The model continues the text from a given position."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from models.network.generation import unwritable
from models.recording.continuation import continuation

from ..contract.answer import Answer
from ..contract.instrument import Finding, Options, Subject, Work
from ..contract.python import Snippet, called
from ..contract.table import MODEL, own

PIECE = 64
"""Characters per piece: a few milliseconds."""

Temperature = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]
Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]
Count = Annotated[int, Field(ge=1, le=5000)]


class GenerateAnswer(Answer):
    step: int
    """The step after which the writing begins: the one requested, or the last one read."""
    text: str

    columns = (
        own("step", "of the character"),
        own("character", "one of `text`"),
        MODEL,
        own("temperature", "`temperature` of the question that was written last"),
        own("seed", "its `seed`"),
    )


class Generate(Options):
    """`count` characters after the character `step`, drawn at a temperature with a seed; −1 is before the first."""

    name: Literal["generate"]
    answer = GenerateAnswer
    reads: ClassVar[bool] = False
    step: Annotated[int, Field(ge=-1, le=2**53)]
    count: Count = 200
    temperature: Temperature = 1.0
    seed: Seed = 0

    def needs(self, length: int) -> int:
        return self.step + 1

    def work(self, subject: Subject) -> Work:
        run = subject.run
        step = min(self.step, run.steps - 1)
        writing = continuation(run.recording, step, self.temperature, self.seed, unwritable(run.model.vocabulary))
        written: list[int] = []
        while len(written) < self.count:
            written += islice(writing, min(PIECE, self.count - len(written)))
            yield len(written) / self.count
        text = run.model.vocabulary.decode(np.array(written, np.int32))
        return Finding(GenerateAnswer(step=step, text=text))

    def as_python(self) -> Snippet:
        how = {"temperature": self.temperature, "seed": self.seed}
        written = called("written", "lm.generate", repr(self.count), f"start=text[:{self.step + 1}]", **how)
        return Snippet({}, (written,), facts={"text": "written"})
