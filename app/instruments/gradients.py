"""How the gradient of the loss vanishes, or explodes, on its way into the past."""

from __future__ import annotations

from typing import Literal

from models.measures.memory.gradients import gradients

from ..wire.message import Index
from .base import Finding, Options, Subject, Work
from .forgetting import Lags
from .horizon import Positions, band_facts, band_tensors


class Gradients(Options):
    """Gradients of many positions by the hidden states before them, over `lags` characters back."""

    name: Literal["gradients"]
    positions: Positions = 128
    lags: Lags = 200
    layer: Index | None = None

    def work(self, subject: Subject) -> Work:
        run = subject.run
        found = yield from gradients(
            run.model.lm, run.recording, positions=self.positions, lags=self.lags, layer=self.layer
        )
        facts = {
            **band_facts(found.band),
            "layer": found.layer,
            "asked": self.positions,
            "warm_up": found.warm_up,
            "per_step": found.per_step,
        }
        return Finding(facts, band_tensors(found.band))
