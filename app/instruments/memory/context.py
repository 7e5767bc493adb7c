"""How many bits the predictions owe to the text more than k characters back."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from models.measures.memory.used_context import POSITIONS, THRESHOLD, Past, context

from ...contract.answer import Answer, Tensor
from ...contract.instrument import Finding, Options, Subject, Work
from ...contract.python import Snippet, measured, of
from ...contract.table import MODEL, fact, row, tensor
from .forgetting import Lags


class ContextAnswer(Answer):
    past: Past
    lags: int
    """K: as many as requested, at most half of the text."""
    positions: int
    asked: int
    """Positions requested."""
    warm_up: int
    """Characters left out at the beginning."""
    threshold: float
    """Bits: a mean loss above it counts as use."""
    uses: int | None
    """The largest k at which the mean is above the threshold; null: it never is; K: at least K."""
    uses_error: float | None
    """Its standard error; null where unknown."""
    bits: float
    """Bits per character of the undisturbed reading at the same characters."""

    tensors = (
        Tensor("mean", "F32", "K + 1", "mean loss with k true characters, bits"),
        Tensor("median", "F32", "K + 1", "median loss, bits"),
        Tensor("error", "F32", "K + 1", "standard error of the mean, bits"),
        Tensor("counts", "I32", "K + 1", "characters in the mean: those that the model knows"),
    )
    columns = (
        MODEL,
        fact("past"),
        row("k", "characters"),
        tensor("mean", "mean_bits_lost", "bits"),
        tensor("error", "standard_error", "bits"),
        tensor("median", "median_bits_lost", "bits"),
        tensor("counts", "characters"),
        fact("uses", unit="characters"),
        fact("uses_error", "uses_standard_error", "characters"),
        fact("positions"),
    )


class Context(Options):
    """For k = 0 … `lags`, over `positions` positions spread evenly over the text."""

    name: Literal["context"]
    answer = ContextAnswer
    past: Past = "another"
    positions: Annotated[int, Field(ge=1, le=50_000)] = POSITIONS
    lags: Lags = 200

    def work(self, subject: Subject) -> Work:
        run = subject.run
        found = yield from context(
            run.model.lm, run.recording, past=self.past, positions=self.positions, lags=self.lags
        )
        facts = ContextAnswer(
            past=found.past,
            lags=found.lags,
            positions=found.positions,
            asked=self.positions,
            warm_up=found.warm_up,
            threshold=THRESHOLD,
            uses=found.uses,
            uses_error=found.uses_error,
            bits=found.bits,
        )
        curves = {name: getattr(found, name).astype(np.float32) for name in ("mean", "median", "error")}
        return Finding(facts, {**curves, "counts": found.counts.astype(np.int32)})

    def as_python(self) -> Snippet:
        return measured(
            "context",
            "lm",
            "record(lm, text)",
            module="memory.used_context",
            facts=of("past", "uses", "uses_error", "bits", "positions", "lags", "warm_up"),
            tensors=of("mean", "error", "median", "counts"),
            past=self.past,
            positions=self.positions,
            lags=self.lags,
        )
