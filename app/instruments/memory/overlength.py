"""Whether a model gets worse after reading for long: bits, saturation and norm by the steps since a reset."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from models.measures.memory.over_length import LEVEL, RELEVANT, over_length

from ...contract.answer import Answer, Tensor
from ...contract.instrument import Finding, Options, Subject, Work
from ...contract.python import Snippet, measured, of
from ...contract.table import MODEL, fact, own, tensor
from ...wire.message import Index

_CURVES = {
    "bits": "bits per character",
    "saturation": "the share of the layer's units that are saturated (NaN where saturation does not apply)",
    "norm": "the norm of the signal",
}
_UNITS = {"bits": "bits", "saturation": "", "norm": ""}
_OVER_READINGS = {
    "low": "lower quartile over the readings",
    "median": "median",
    "high": "upper quartile",
    "mean": "mean",
}


class OverlengthAnswer(Answer):
    length: int
    """Characters of the longest readings: as many as requested, at most half of the text."""
    layer: int
    signal: str
    readings: int
    degrades: int | None
    """Characters at which the first class begins that is worse than an earlier one; null: none is."""
    detectable: float | None
    """The smallest difference of the last class that the test would have detected, bits; null: unknown."""
    relevant: float
    """Bits: a smaller difference does not count."""
    level: float
    """The probability, at most, of reporting degradation in a model that has none."""

    tensors = (
        *(
            Tensor(f"{name}_{quartile}", "F32", "S", f"{what}, by span: {over}")
            for name, what in _CURVES.items()
            for quartile, over in _OVER_READINGS.items()
        ),
        Tensor("edges", "I32", "S + 1", "characters since the reset at which the spans begin, and the length"),
        Tensor("classes", "I32", "D + 1", "the same for the classes compared"),
        Tensor("worse", "F32", "D", "bits by which each class is worse than an earlier one; NaN: it is not"),
    )
    columns = (
        MODEL,
        fact("layer"),
        fact("signal"),
        tensor("edges", "from", "characters"),
        own("to", "the last character of the span", "characters"),
        *(tensor(f"{name}_{quartile}", unit=unit) for name, unit in _UNITS.items() for quartile in _OVER_READINGS),
        own("bits_worse_than_before", "`worse` of the class in which the span begins", "bits"),
        fact("degrades", "gets_worse_from", "characters"),
        fact("readings"),
    )


class Overlength(Options):
    """Readings of up to `length` characters from the zero state, at starts spread evenly over the text."""

    name: Literal["overlength"]
    answer = OverlengthAnswer
    length: Annotated[int, Field(ge=32, le=100_000)] = 1000
    readings: Annotated[int, Field(ge=1, le=2000)] | None = None
    """By default as many as suit the length."""
    layer: Index | None = None
    """The last by default."""
    signal: str = "hidden"

    def work(self, subject: Subject) -> Work:
        found = yield from over_length(
            subject.run.recording, length=self.length, readings=self.readings, layer=self.layer, signal=self.signal
        )
        facts = OverlengthAnswer(
            length=found.length,
            layer=found.layer,
            signal=found.signal,
            readings=found.readings,
            degrades=found.degrades,
            detectable=found.detectable,
            relevant=RELEVANT,
            level=LEVEL,
        )
        curves = {
            f"{name}_{quartile}": getattr(getattr(found, name), quartile).astype(np.float32)
            for name in _CURVES
            for quartile in _OVER_READINGS
        }
        edges = {"edges": found.edges.astype(np.int32), "classes": found.classes.astype(np.int32)}
        return Finding(facts, {**curves, **edges, "worse": found.worse.astype(np.float32)})

    def as_python(self) -> Snippet:
        quartiles = {f"{name}_{quartile}": f"{name}.{quartile}" for name in _CURVES for quartile in _OVER_READINGS}
        return measured(
            "over_length",
            "record(lm, text)",
            module="memory.over_length",
            facts=of("length", "layer", "signal", "readings", "degrades", "detectable"),
            tensors=of("edges", "classes", "worse", **quartiles),
            length=self.length,
            readings=self.readings,
            layer=self.layer,
            signal=self.signal,
        )
