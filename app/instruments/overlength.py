"""Whether a model gets worse after it has read for long: bits, saturation and norm by the steps since a reset."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from models.measures.memory.over_length import LEVEL, RELEVANT, over_length

from ..wire.message import Index
from .base import Finding, Options, Subject, Work


class Overlength(Options):
    """Readings of up to `length` characters from a state of zero, at starts that are spread evenly over the text."""

    name: Literal["overlength"]
    length: Annotated[int, Field(ge=32, le=100_000)] = 1000
    readings: Annotated[int, Field(ge=1, le=2000)] | None = None
    """As many as are usual for the length, unless it is given."""
    layer: Index | None = None
    """The last, unless it is named."""
    signal: str = "hidden"

    def work(self, subject: Subject) -> Work:
        found = yield from over_length(
            subject.run.recording, length=self.length, readings=self.readings, layer=self.layer, signal=self.signal
        )
        facts = {
            "length": found.length,
            "layer": found.layer,
            "signal": found.signal,
            "readings": found.readings,
            "degrades": found.degrades,
            "detectable": None if math.isnan(found.detectable) else found.detectable,
            "relevant": RELEVANT,
            "level": LEVEL,
        }
        curves = {
            f"{name}_{quartile}": getattr(getattr(found, name), quartile).astype(np.float32)
            for name in ("bits", "saturation", "norm")
            for quartile in ("low", "median", "high", "mean")
        }
        edges = {"edges": found.edges.astype(np.int32), "classes": found.classes.astype(np.int32)}
        return Finding(facts, {**curves, **edges, "worse": found.worse.astype(np.float32)})
