"""How the gradient of the loss vanishes, or explodes, on its way into the past."""

from __future__ import annotations

from typing import Literal

from models.measures.memory.gradients import gradients
from models.measures.positions import UNDERIVABLE, no_derivative

from ...contract.candidate import Candidate
from ...contract.instrument import Finding, Options, Subject, Work
from ...contract.python import Snippet, measured, of
from ...contract.table import MODEL, fact, row, tensor
from ...wire.message import Index
from .forgetting import Lags
from .horizon import BandAnswer, Positions, band_facts, band_tensors


class GradientsAnswer(BandAnswer):
    layer: int
    asked: int
    """Positions requested."""
    warm_up: int
    """Characters left out at the beginning."""
    per_step: float | None
    """The average factor by which the median changes per step; null where it begins or ends at zero."""

    columns = (
        MODEL,
        row("lag", "steps"),
        tensor("median", "median_nats", "nats", log=True),
        tensor("low", "quartile_1", "nats", log=True),
        tensor("high", "quartile_3", "nats", log=True),
        fact("per_step", "factor_a_step"),
        fact("positions"),
    )


class Gradients(Options):
    """Gradients at many positions with respect to the hidden states before them, up to `lags` characters back."""

    name: Literal["gradients"]
    answer = GradientsAnswer
    positions: Positions = 128
    lags: Lags = 200
    layer: Index | None = None

    @classmethod
    def inapplicable(cls, model: Candidate) -> str | None:
        """Gradients are derivatives of the model's own equations by the state before a step: interventions replace
        these by others, and attention has no such state."""
        return UNDERIVABLE if model.intervened else no_derivative(model.stack)

    def work(self, subject: Subject) -> Work:
        run = subject.run
        found = yield from gradients(
            run.model.lm, run.recording, positions=self.positions, lags=self.lags, layer=self.layer
        )
        facts = GradientsAnswer(
            **band_facts(found.band),
            layer=found.layer,
            asked=self.positions,
            warm_up=found.warm_up,
            per_step=found.per_step,
        )
        return Finding(facts, band_tensors(found.band))

    def as_python(self) -> Snippet:
        return measured(
            "gradients",
            "lm",
            "record(lm, text)",
            module="memory.gradients",
            note="Curves are the decimal logarithms of their values, by the lag.",
            facts={**of("layer", "warm_up", "per_step"), "positions": "len(found.band.steps)"},
            tensors=of(median="band.median", low="band.low", high="band.high", steps="band.steps"),
            positions=self.positions,
            lags=self.lags,
            layer=self.layer,
        )
