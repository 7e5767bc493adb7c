"""What is left of one character in the steps after it, and what is left of those before it."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from models.measures.memory.edit_sensitivity import Choice, drowned, felt
from models.measures.memory.forgetting import forgetting

from ..wire.message import Index
from .base import Finding, Options, Subject, Work

Lags = Annotated[int, Field(ge=1, le=1000)]


class Forgetting(Options):
    """From the character `step` on over `lags` characters, and as many back."""

    name: Literal["forgetting"]
    step: Index
    lags: Lags = 200
    layer: Index | None = None
    """The last, unless it is named."""
    replacements: Annotated[int, Field(ge=1)] | None = None
    """Other characters put in its place; all, but no more than `edit_sensitivity.sample_size`, unless given."""
    by: Choice = "even"
    """Evenly along the vocabulary, or as often as each occurs in the text."""

    def needs(self, length: int) -> int:
        return self.step + self.lags + 2  # the character after the last lag is asked about

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
        facts = {
            "step": found.step,
            "layer": found.layer,
            "units": run.model.lm.units,
            "lags": found.lags,
            "back": found.back,
            "retention_is": "diagonal" if found.keeps is None else "gate",
            "keeps": found.keeps,
            "derivable": found.derivable,
            "state": found.dimension,
            "directions": found.directions,
            "character": character,
            "known": character in vocabulary,
            "replacements": found.replacements,
            "by": found.by,
            "candidates": found.candidates,
            "target": vocabulary.characters[found.target],
            "target_is": found.target_is,
            "felt": felt(found.edit),
            "rounding_from": drowned(found.edit, found.rounding),
            "rounding_kl_from": drowned(found.divergence, found.rounding_divergence, 4.0),
        }
        quartiles = np.quantile(found.retention, [0.25, 0.5, 0.75], axis=1, method="inverted_cdf")
        curves = {
            "retention": found.retention,
            "retention_quartiles": quartiles,
            "jacobian": found.jacobian,
            "edit": found.edit,
            "kl": found.divergence,
            "rounding": found.rounding,
            "rounding_kl": found.rounding_divergence,
            "connectivity": found.connectivity,
            "backward": found.backward,
        }
        return Finding(facts, {name: curve.astype(np.float32) for name, curve in curves.items()})
