"""One model on two texts: the session's own and another, aligned, and the difference of the states."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from models import NotMeasurable
from models.echo.echo import FELT
from models.echo.levels import HIGHEST, LOWEST, magnitude_levels, picture_levels
from models.figures.spacing import symmetric_range
from models.measures.comparison.two_texts import texts

from ..contract.answer import Answer, Tensor
from ..contract.instrument import Finding, Options, Subject, Work
from ..contract.python import MEASURES, Snippet, drained, literal, of, quoted
from ..contract.table import MODEL, own, tensor
from ..wire import frames
from ..wire.message import Index

LONGEST = 20_000
"""Characters of either text that are compared."""
COLUMNS = 1500
"""The most columns sent."""


class TextsAnswer(Answer):
    compared: int
    """Characters of the session's text that were compared."""
    edits: int
    """Replacements, insertions and deletions."""
    cut: bool
    """Whether there are more columns than are sent."""
    low: float
    """Where the colours begin."""
    high: float
    """Where they end."""
    largest: float
    """The largest absolute difference in view."""
    first_column: int | None
    """The column in which the states first differ; null: nowhere."""
    felt_columns: int | None
    """How many columns later they differ for the last time by at least 1 % of that."""
    bits: tuple[float, float]
    """Bits per character of both texts; null where no character has a surprise."""

    tensors = (
        Tensor("pairs", "I32", "C, 2", "the aligned steps of both texts; −1: none"),
        Tensor("cells", "U8", "C, H", "the difference, as a picture"),
        Tensor("distance", "F32", "C", "‖difference‖"),
        Tensor("surprise", "F32", "C, 2", "of each text in its own run, bits"),
    )
    columns = (
        MODEL,
        own("signal", "layer and signal"),
        tensor("pairs", "step", item=0),
        tensor("pairs", "step_of_second", item=1),
        own("character", "of the first text"),
        own("character_of_second", "of the second"),
        tensor("distance"),
        tensor("surprise", "surprise_bits", "bits", item=0),
        tensor("surprise", "surprise_of_second_bits", "bits", item=1),
    )


class Texts(Options):
    """A signal of a layer at steps start … stop − 1 minus that of the same model on `other`, where the two texts
    are aligned. Colours end at ±scale; without it at the largest difference, in steps of 0.001, 0.002, 0.005,
    0.01, … With `echo` they show its size on the logarithmic scale of an echo instead."""

    name: Literal["texts"]
    answer = TextsAnswer
    reads: ClassVar[bool] = False
    other: Annotated[str, Field(max_length=LONGEST)]
    layer: Index
    signal: str
    start: Index
    stop: Index
    scale: Annotated[float, Field(ge=1e-6, le=1e6, allow_inf_nan=False)] | None = None
    echo: bool = False

    def needs(self, length: int) -> int:
        return min(length, LONGEST)

    def work(self, subject: Subject) -> Work:
        run = subject.run
        reader = run.recording.reader
        if f"{self.layer}.{self.signal}" not in reader.stack.names:
            raise NotMeasurable(
                f"{run.name} has no signal {self.layer}.{self.signal}. It has: {', '.join(reader.stack.names)}."
            )
        if not self.other:
            raise NotMeasurable("There is no second text to compare with. Write one.")
        if not subject.length:
            raise NotMeasurable("There is no first text to compare with. Write one in the editor.")
        first = subject.text(0, min(subject.length, LONGEST))
        found = yield from texts(
            run.recording, run.model.vocabulary, first, self.other, self.layer, self.signal, self.start, self.stop
        )
        shown = slice(0, COLUMNS)
        largest = float(np.nan_to_num(np.abs(found.difference[shown]), nan=0.0).max(initial=0.0))
        if self.echo:
            low, high = LOWEST, HIGHEST
            cells = picture_levels(magnitude_levels(found.difference[shown]), signed=False)
        else:
            low, high = (-self.scale, self.scale) if self.scale else fine_range(largest)
            cells = frames.quantise(found.difference[shown], low, high)
        parted, lasts = felt_from(found.distance[shown])
        facts = TextsAnswer(
            compared=len(first),
            edits=found.edits,
            cut=len(found.pairs) > COLUMNS,
            low=low,
            high=high,
            largest=largest,
            first_column=parted,
            felt_columns=lasts,
            bits=found.bits,
        )
        tensors: dict[str, NDArray[Any]] = {
            "pairs": found.pairs[shown].astype(np.int32),
            "cells": cells,
            "distance": found.distance[shown],
            "surprise": found.surprise[shown],
        }
        return Finding(facts, tensors)

    def as_python(self) -> Snippet:
        imports = {MEASURES: ("drain", "record"), f"{MEASURES}.comparison.two_texts": ("texts",)}
        texts = ("record(lm, text)", "lm.vocabulary", f"text[:{LONGEST}]", "other")
        place = (repr(self.layer), quoted(self.signal), repr(self.start), repr(self.stop))
        shown = f"[:{COLUMNS}]"
        return Snippet(
            imports,
            (literal("other", self.other), drained("found", "texts", *texts, *place)),
            of("edits", "bits"),
            {name: f"found.{name}{shown}" for name in ("pairs", "distance", "surprise")},
            {"difference": f"found.difference{shown}"},
        )


def felt_from(distance: NDArray[np.float32]) -> tuple[int | None, int | None]:
    """How long the first difference in view is felt: the column in which the states first differ, and how many
    columns later they last differ by at least 1 % of that; None where they nowhere do.

    Args:
        distance: (N,), NaN where there is nothing opposite.
    """
    differ = np.flatnonzero(np.nan_to_num(distance, nan=0.0) > 0)
    if not len(differ):
        return None, None
    first = int(differ[0])
    with np.errstate(invalid="ignore"):
        last = int(np.flatnonzero(distance >= FELT * distance[first])[-1])
    return first, last - first


def fine_range(largest: float) -> tuple[float, float]:
    """`symmetric_range`, a thousand times finer: differences may be small."""
    low, high = symmetric_range(1000 * largest)
    return low / 1000, high / 1000
