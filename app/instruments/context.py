"""How many bits the predictions owe to what lies more than k characters back."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from models.measures.memory.used_context import POSITIONS, THRESHOLD, Past, context

from .base import Finding, Options, Subject, Work
from .forgetting import Lags


class Context(Options):
    """For k = 0 … `lags`, over `positions` positions that are spread evenly over the text."""

    name: Literal["context"]
    past: Past = "another"
    positions: Annotated[int, Field(ge=1, le=50_000)] = POSITIONS
    lags: Lags = 200

    def work(self, subject: Subject) -> Work:
        run = subject.run
        found = yield from context(
            run.model.lm, run.recording, past=self.past, positions=self.positions, lags=self.lags
        )
        facts = {
            "past": found.past,
            "lags": found.lags,
            "positions": found.positions,
            "asked": self.positions,
            "warm_up": found.warm_up,
            "threshold": THRESHOLD,
            "uses": found.uses,
            "uses_error": found.uses_error,
            "bits": found.bits,
        }
        curves = {name: getattr(found, name).astype(np.float32) for name in ("mean", "median", "error")}
        return Finding(facts, {**curves, "counts": found.counts.astype(np.int32)})
