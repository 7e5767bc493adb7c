"""Where the memory of a unit and of its layer comes from."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from models.measures.memory.provenance import LONGEST, Of, has_provenance, no_memory, provenance

from ...contract.answer import Answer, Tensor
from ...contract.candidate import Candidate
from ...contract.instrument import Finding, Options, Subject, Work
from ...contract.python import MEASURES, Snippet, drained, of
from ...contract.table import MODEL, fact, own, tensor
from ...wire.message import Index


class ProvenanceAnswer(Answer):
    layer: int
    unit: int
    step: int
    first: int
    """The first step of the window; what was written before it is `older`."""
    memory: str
    """The signal that is followed."""
    symbol: str
    held: float
    """Its value in the unit."""
    total: float
    """The sum of `addends` and `older`."""
    older: float
    """What the unit holds from before the window."""
    unit_older: float
    """The share of it."""
    layer_older: float
    """The same for the layer."""
    age: int
    old: float
    """The layer's share of what was written more than `age` steps before `step`."""
    usually_old: float | None
    """The same as a mean over `sampled` steps of the window; null where there are none with so much text before."""
    sampled: int
    of: Of
    heads: int
    """Heads of attention of the layer; 0 if it has none."""
    per: int
    """Steps to a column of `triangle`."""

    tensors = (
        Tensor("addends", "F32", "step + 1 − first", "what each step wrote of what the unit holds"),
        Tensor("unit_shares", "F32", "step + 1 − first", "log₁₀ of the share of each step in what the unit holds"),
        Tensor("layer_shares", "F32", "step + 1 − first", "the same for the layer, the mean over its units"),
        Tensor("heads", "F32", "heads, step + 1 − first", "the weights of each head of attention at the step"),
        Tensor(
            "triangle", "F32", "R, R", "by row t and column s; the unit's addends, the layer's shares, a head's weights"
        ),
    )
    columns = (
        MODEL,
        fact("layer"),
        fact("unit"),
        fact("step"),
        own("written_at", "the step: `first` and those after it"),
        tensor("addends", "addend"),
        tensor("unit_shares", "unit_share", log=True),
        tensor("layer_shares", "layer_share", log=True),
    )


class Provenance(Options):
    """What a unit of `layer` holds at `step`, by the steps of the last `window` at which it was written."""

    name: Literal["provenance"]
    answer = ProvenanceAnswer
    layer: Index
    unit: Index
    step: Index
    window: Annotated[int, Field(ge=2, le=LONGEST)] = 200
    age: Annotated[int, Field(ge=1, le=1000)] = 20
    """Older than so many steps counts as old."""
    of: Of = "unit"
    """What `triangle` is of."""
    head: Index = 0
    """The head of attention whose weights are in `triangle` of "head"."""

    @classmethod
    def inapplicable(cls, model: Candidate) -> str | None:
        """A cell without gates keeps nothing as it is."""
        cells = [layer.cell for layer in model.stack]
        return None if any(has_provenance(cell) for cell in cells) else no_memory(cells[0])

    def needs(self, length: int) -> int:
        return self.step + 1

    def work(self, subject: Subject) -> Work:
        run = subject.run
        found = yield from provenance(
            run.model.lm, run.recording, self.layer, self.unit, self.step,
            window=self.window, age=self.age, of=self.of, head=self.head,
        )  # fmt: skip
        facts = ProvenanceAnswer(
            layer=found.layer,
            unit=found.unit,
            step=found.step,
            first=found.first,
            memory=found.memory.name,
            symbol=found.memory.symbol,
            held=found.held,
            total=float(found.addends.sum()) + found.older,
            older=found.older,
            unit_older=found.unit_older,
            layer_older=found.layer_older,
            age=found.age,
            old=found.old,
            usually_old=found.usually_old,
            sampled=found.sampled,
            of=self.of,
            heads=len(found.heads),
            per=found.per,
        )
        with np.errstate(divide="ignore"):  # a share of exactly zero
            shares = {"unit_shares": np.log10(found.unit_shares), "layer_shares": np.log10(found.layer_shares)}
        tensors = {"addends": found.addends, **shares, "heads": found.heads, "triangle": found.triangle}
        return Finding(facts, {name: values.astype(np.float32) for name, values in tensors.items()})

    def as_python(self) -> Snippet:
        imports = {
            MEASURES: ("drain", "record"), f"{MEASURES}.memory.provenance": ("provenance",), "numpy as np": ()
        }  # fmt: skip
        place = ("lm", "record(lm, text)", *map(repr, (self.layer, self.unit, self.step)))
        how = {"window": self.window, "age": self.age, "of": self.of, "head": self.head if self.of == "head" else None}
        return Snippet(
            imports,
            (drained("found", "provenance", *place, **how),),
            of("layer", "unit", "step", "first", "held", "older", "unit_older", "layer_older", "old", "usually_old"),
            {
                **of("addends", "heads", "triangle"),
                "unit_shares": "np.log10(found.unit_shares)",
                "layer_shares": "np.log10(found.layer_shares)",
            },
        )
