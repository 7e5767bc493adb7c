"""What remembering costs: bytes, products and time of a step, by how much has been read."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from models import NotMeasurable
from models.measures.memory.cost import LONGEST, cost
from models.measures.progress import subtask

from ...contract.answer import Answer, Tensor
from ...contract.instrument import Finding, Options, Subject, Work
from ...contract.python import MEASURES, Snippet, drained, of
from ...contract.table import MODEL, fact, tensor
from .recoverability import LONGEST as PROBED
from .recoverability import probed

_SHARE_OF_COST = 0.2
"""Of the work, where the probe runs too."""


class CostAnswer(Answer):
    repeated: bool
    """Whether the text was too short for the largest length, and was read again from its start."""
    bits: float | None
    """What a linear probe reads of the last 100 characters off the last layer's hidden state: the sum over the lags of
    what it tells of a character beyond its frequency. Null where it was not asked for, or cannot be fitted."""
    why: str | None
    """Why the probe cannot be fitted; null where it can, or was not asked for."""

    tensors = (
        Tensor("lengths", "I32", "N", "characters read before"),
        Tensor("state_bytes", "F32", "N", "bytes of the state, of all layers"),
        Tensor("multiply_adds", "F32", "N", "multiplications and additions of two numbers in the next step's products"),
        Tensor("step_seconds", "F32", "N, 3", "one more step read alone: lower quartile, median, upper quartile"),
        Tensor("total_seconds", "F32", "N", "reading so many characters in one go"),
    )
    columns = (
        MODEL,
        tensor("lengths", "characters_read", "characters"),
        tensor("state_bytes", "state", "bytes"),
        tensor("multiply_adds"),
        tensor("step_seconds", "step_low", "s", item=0),
        tensor("step_seconds", "step_median", "s", item=1),
        tensor("step_seconds", "step_high", "s", item=2),
        tensor("total_seconds", "total", "s"),
        fact("bits", "probe_bits", "bits"),
    )


class Cost(Options):
    """What reading on costs after 1, 2, 5, 10, … characters of the text, which is repeated where it is too short."""

    name: Literal["cost"]
    reads = False
    answer = CostAnswer
    longest: Annotated[int, Field(ge=10, le=LONGEST)] = LONGEST
    """The largest of these lengths."""
    probe: bool = False
    """Whether to fit the probe of `recoverability` too, which takes some seconds."""

    def needs(self, length: int) -> int:
        return min(length, max(self.longest, PROBED) if self.probe else self.longest)

    def work(self, subject: Subject) -> Work:
        run = subject.run
        share = _SHARE_OF_COST if self.probe else 1.0
        reader = run.recording.reader
        found = yield from subtask(cost(reader, run.recording.ids[: run.recording.steps], self.longest), 0.0, share)
        bits, why = None, None
        if self.probe:
            try:
                bits = float((yield from subtask(probed(run), share, 1.0)).bits.sum())
            except NotMeasurable as error:
                why = str(error)
        return Finding(
            CostAnswer(repeated=found.repeated, bits=bits, why=why),
            {
                "lengths": found.lengths.astype(np.int32),
                "state_bytes": found.state_bytes.astype(np.float32),
                "multiply_adds": found.multiply_adds.astype(np.float32),
                "step_seconds": found.step_seconds.astype(np.float32),
                "total_seconds": found.total_seconds.astype(np.float32),
            },
        )

    def as_python(self) -> Snippet:
        imports = {MEASURES: ("drain", "record"), f"{MEASURES}.memory.cost": ("cost",)}
        lines = [
            "recording = record(lm, text)",
            "# The times are those of this machine.",
            drained("found", "cost", "recording.reader", "recording.ids[: recording.steps]", longest=self.longest),
        ]
        facts = of("repeated")
        if self.probe:
            imports[f"{MEASURES}.memory.recoverability"] = ("read_off",)
            lines.append(drained("probe", "read_off", "lm", "recording", longest=PROBED))
            facts["bits"] = "probe.bits.sum()"
        else:
            facts["bits"] = "None"
        tensors = of("lengths", "state_bytes", "multiply_adds", "step_seconds", "total_seconds")
        return Snippet(imports, tuple(lines), facts, tensors)
