"""What is left of one character in the steps after it, and what is left of those before it."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from models.measures.memory.edit_sensitivity import Choice, drowned, felt
from models.measures.memory.forgetting import TargetIs, forgetting

from ...contract.answer import Answer, Tensor
from ...contract.instrument import Finding, Options, Subject, Work
from ...contract.python import Snippet, measured, of
from ...contract.table import MODEL, fact, row, tensor
from ...wire.message import Index

Lags = Annotated[int, Field(ge=1, le=1000)]


class ForgettingAnswer(Answer):
    step: int
    layer: int
    units: int
    """H."""
    lags: int
    """K: as many as requested, or as the text has after the step."""
    back: int
    """Lags back from the step."""
    retention_is: Literal["gate", "diagonal"]
    """What retention is the product of: the gate that keeps the past, or the diagonal of the Jacobian."""
    keeps: str | None
    """The signal that keeps the past; null for a cell without one."""
    derivable: bool
    """False under interventions: whatever needs derivatives is then NaN."""
    state: int
    """Numbers in the state of all layers."""
    directions: int
    """The number of directions in which the Jacobian was followed: all of up to 1024, a sample of more."""
    character: str
    known: bool
    """Whether the model knows the character."""
    replacements: int
    """Other characters tried in its place."""
    by: Choice
    candidates: int
    """How many other characters there are."""
    target: str
    """The character whose logit `backward` follows."""
    target_is: TargetIs
    """Whether it came next; or is the most likely, as the text ends or the model does not know the one that came."""
    felt: int
    """The last lag at which the edit still moves the state at least 1 % as far as at lag 0; −1: it never does."""
    rounding_from: int | None
    """The lag from which on `edit` is no more than rounding; null: nowhere."""
    rounding_kl_from: int | None
    """The same for `kl`."""

    tensors = (
        Tensor("retention", "F32", "K + 1, H", "what the gates let through, by unit"),
        Tensor("retention_quartiles", "F32", "3, K + 1", "its quartiles over the units"),
        Tensor("jacobian", "F32", "K + 1", "‖∂s/∂s‖, a small nudge to the state"),
        Tensor("edit", "F32", "K + 1", "mean ‖h − h′‖ with another character instead"),
        Tensor("kl", "F32", "K + 1", "mean KL divergence of the predictions, bits"),
        Tensor("rounding", "F32", "K + 1", "`edit` for a change of the last bits only"),
        Tensor("rounding_kl", "F32", "K + 1", "`kl` for the same"),
        Tensor("connectivity", "F32", "K + 1", "‖∂logit/∂x‖ of the character that came, logits"),
        Tensor(
            "backward",
            "F32",
            "back + 1",
            "‖∂logit/∂x‖ of the target by the characters before the step, logits",
        ),
    )
    columns = (
        MODEL,
        fact("step"),
        row("lag", "steps"),
        tensor("edit", "edit_distance", log=True),
        tensor("kl", "edit_kl_bits", "bits", log=True),
        tensor("retention_quartiles", "retention_quartile_1", item=0, axis=1, log=True),
        tensor("retention_quartiles", "retention_median", item=1, axis=1, log=True),
        tensor("retention_quartiles", "retention_quartile_3", item=2, axis=1, log=True),
        tensor("connectivity", unit="logits", log=True),
        tensor("jacobian", log=True),
        tensor("backward", "pull_of_the_character_so_far_back", "logits", log=True),
    )


class Forgetting(Options):
    """From the character `step` over the next `lags` characters, and as many back."""

    name: Literal["forgetting"]
    answer = ForgettingAnswer
    step: Index
    lags: Lags = 200
    layer: Index | None = None
    """The last by default."""
    replacements: Annotated[int, Field(ge=1)] | None = None
    """Other characters tried in its place; by default all, but no more than `edit_sensitivity.sample_size`."""
    by: Choice = "even"
    """Spread evenly over the vocabulary, or each as often as it occurs in the text."""

    def needs(self, length: int) -> int:
        return self.step + self.lags + 2  # the prediction of the character after the last lag is needed

    def work(self, subject: Subject) -> Work:
        run = subject.run
        found = yield from forgetting(
            run.model.lm,
            run.recording,
            self.step,
            lags=self.lags,
            layer=self.layer,
            replacements=self.replacements,
            by=self.by,
        )
        vocabulary = run.model.vocabulary
        character = subject.text(found.step, found.step + 1)
        facts = ForgettingAnswer(
            step=found.step,
            layer=found.layer,
            units=run.model.lm.stack[found.layer].units,
            lags=found.lags,
            back=found.back,
            retention_is="diagonal" if found.keeps is None else "gate",
            keeps=found.keeps,
            derivable=found.derivable,
            state=found.dimension,
            directions=found.directions,
            character=character,
            known=character in vocabulary,
            replacements=found.replacements,
            by=found.by,
            candidates=found.candidates,
            target=vocabulary.characters[found.target],
            target_is=found.target_is,
            felt=felt(found.edit),
            rounding_from=drowned(found.edit, found.rounding),
            rounding_kl_from=drowned(found.divergence, found.rounding_divergence, 4.0),
        )
        curves = {
            "retention": found.retention,
            "retention_quartiles": found.retention_quartiles,
            "jacobian": found.jacobian,
            "edit": found.edit,
            "kl": found.divergence,
            "rounding": found.rounding,
            "rounding_kl": found.rounding_divergence,
            "connectivity": found.connectivity,
            "backward": found.backward,
        }
        return Finding(facts, {name: curve.astype(np.float32) for name, curve in curves.items()})

    def as_python(self) -> Snippet:
        return measured(
            "forgetting",
            "lm",
            "record(lm, text)",
            repr(self.step),
            module="memory.forgetting",
            note="Curves are the decimal logarithms of their values, by the lag.",
            facts=of("step", "layer", "replacements", "candidates"),
            tensors=of(
                "edit", "retention_quartiles", "connectivity", "jacobian", "backward", "rounding", kl="divergence"
            ),
            lags=self.lags,
            layer=self.layer,
            replacements=self.replacements,
            by=self.by,
        )
