"""What interventions change in the reading of a text, and in what the model would write after it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from models.measures.comparison.intervention_effect import TWICE, intervening, limited
from models.measures.progress import subtask
from models.network.intervention import parse

from ..contract.answer import Answer, Tensor
from ..contract.candidate import Candidate
from ..contract.instrument import Finding, Options, Subject, Work
from ..contract.python import MEASURES, Snippet, drained, of, quoted
from ..contract.table import MODEL, fact, own, tensor
from ..wire.message import Index
from .generate import Seed, Temperature

COLUMNS = 8192
"""The most columns of the lane."""


class InterveneAnswer(Answer):
    first: int
    """The first step that may differ."""
    length: int
    """Characters of the text."""
    scored: int
    """Characters in the mean of the bits per character."""
    free_bits: float
    """Bits per character without interventions; null: no character is scored."""
    held_bits: float
    """The same under the interventions."""
    free_nudged_bits: float
    """`free_bits` again, with the last bits of the state changed after the first step: the effect of rounding alone."""
    held_nudged_bits: float
    """The same for `held_bits`."""
    divergence: float
    """The mean KL divergence of the predictions, bits."""
    written: tuple[str, str]
    """What the two write after the text."""
    exactly: int = 0
    """Characters read before each one; this and the next four only if requested."""
    exact_positions: int = 0
    """Characters in the means that follow."""
    exact_free_bits: float = 0.0
    """Bits per character there without interventions."""
    exact_bits: float = 0.0
    """The same with exactly that many characters read before each."""
    exact_error: float = 0.0
    """The standard error of the difference; null where unknown."""

    tensors = (
        Tensor("divergence", "F32", "C", "mean KL divergence in each column, bits; NaN before `first`"),
        Tensor("peak", "F32", "C", "the largest in each column"),
    )
    columns = (
        MODEL,
        own("intervention", "in words"),
        own("step", "at which the column begins"),
        tensor("divergence", "divergence_bits", "bits"),
        tensor("peak", "largest_divergence_bits", "bits"),
        fact("free_bits", "bits_per_character", "bits"),
        fact("held_bits", "bits_per_character_held", "bits"),
        fact("divergence", "mean_divergence_bits", "bits"),
        fact("scored", unit="characters"),
        fact("exactly", unit="characters"),
        fact("exact_bits", "bits_with_exactly_so_many", "bits"),
        fact("exact_free_bits", "bits_as_it_is_there", "bits"),
    )


class Intervene(Options):
    """The model without interventions, and with those that `letters` spell (see `models.network.intervention`).

    The lane shows the steps start … start + columns · per − 1. Both write `count` characters after the end of the text.
    """

    name: Literal["intervene"]
    answer = InterveneAnswer
    reads: ClassVar[bool] = False
    letters: Annotated[str, Field(max_length=1000)]
    start: Index = 0
    columns: Annotated[int, Field(ge=0, le=COLUMNS)] = 0
    per: Annotated[int, Field(ge=1, le=2**30)] = 1
    count: Annotated[int, Field(ge=0, le=1000)] = 120
    temperature: Temperature = 1.0
    seed: Seed = 0
    exactly: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Also measure the model with exactly this many characters before each one."""

    @classmethod
    def inapplicable(cls, model: Candidate) -> str | None:
        """The comparison starts from a model without interventions, not from one that already has some."""
        return TWICE if model.intervened else None

    def work(self, subject: Subject) -> Work:
        run = subject.run
        plain = run.model.compiled
        share = 1.0 if self.exactly is None else 0.2
        found = yield from subtask(intervening(run.recording, plain, parse(self.letters)), 0.0, share)
        decode = run.model.vocabulary.decode
        facts = InterveneAnswer(
            first=found.first,
            length=run.steps,
            scored=found.scored,
            free_bits=found.free.bits_per_character,
            held_bits=found.held.bits_per_character,
            free_nudged_bits=found.free_nudged_bits,
            held_nudged_bits=found.held_nudged_bits,
            divergence=float(found.divergence.mean(dtype=np.float64)),
            written=(
                decode(found.free.writes(self.count, self.temperature, self.seed, run.steps)),
                decode(found.held.writes(self.count, self.temperature, self.seed, run.steps)),
            ),
        )
        if self.exactly is not None and found.scored:
            near = yield from subtask(limited(run.recording, plain, self.exactly, found.first), share, 1.0)
            facts = InterveneAnswer(
                **facts.model_dump(),
                exactly=near.context,
                exact_positions=near.positions,
                exact_free_bits=near.free_bits,
                exact_bits=near.bits,
                exact_error=near.error,
            )
        mean, peak = found.lane(self.start, self.columns, self.per)
        return Finding(facts, {"divergence": mean, "peak": peak})

    def as_python(self) -> Snippet:
        imports = {
            MEASURES: ("drain", "record"),
            f"{MEASURES}.comparison.intervention_effect": ("intervening",),
            "hidden_state.models.network.intervention": ("parse",),
        }
        plain = "recording.reader"
        lines = [
            "recording = record(lm, text)",
            drained("found", "intervening", "recording", plain, f"parse({quoted(self.letters)})"),
            f"divergence, peak = found.lane({self.start}, {self.columns}, {self.per})",
        ]
        how = f"{self.count}, {self.temperature!r}, {self.seed}, recording.steps"
        writes = [f"lm.vocabulary.decode(found.{side}.writes({how}))" for side in ("free", "held")]
        facts = {
            **of("first", "scored", "free_nudged_bits", "held_nudged_bits"),
            **of(free_bits="free.bits_per_character", held_bits="held.bits_per_character"),
            "divergence": 'found.divergence.mean(dtype="float64")',
            "written": f"({', '.join(writes)})",
        }
        if self.exactly is not None:
            imports[f"{MEASURES}.comparison.intervention_effect"] = ("intervening", "limited")
            lines.append(drained("near", "limited", "recording", plain, repr(self.exactly), "found.first"))
            facts |= of(
                found="near", exactly="context", exact_positions="positions", exact_free_bits="free_bits",
                exact_bits="bits", exact_error="error",
            )  # fmt: skip
        return Snippet(imports, tuple(lines), facts, {"divergence": "divergence", "peak": "peak"})
