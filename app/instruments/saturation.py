"""Which units are at an end of their range, how often and when."""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from models import NotMeasurable
from models.measures.positions import layer_of
from models.measures.saturation import Saturation as Counted
from models.measures.saturation import Thresholds, ends_of, marks, saturation

from ..contract.answer import Answer, Tensor
from ..contract.instrument import Finding, Options, Run, Subject, Work
from ..contract.python import MEASURES, Snippet, drained, of, quoted
from ..contract.table import fact, option, own, tensor
from ..wire.message import Index

COLUMNS = 8192
"""The most columns of a lane."""

Share = Annotated[float, Field(ge=0, le=1)]


class SaturationAnswer(Answer):
    start: int
    stop: int
    signals: tuple[str, ...]
    """Those to which saturation applies, in the order of the counts."""
    widths: tuple[int, ...]
    """How many numbers each of them has at a step: H, unless it has one for each head, say. Counts beyond are 0."""
    ends: tuple[tuple[float, float], ...]
    """For each of them, the thresholds below and above which it is saturated."""

    tensors = (
        Tensor("left", "I32", "signals, H", "at how many steps each unit is saturated at its lower end"),
        Tensor("right", "I32", "signals, H", "the same at its upper end"),
        Tensor("numbers", "I32", "signals, H", "at how many steps its value is not NaN"),
        Tensor("lane", "F32", "2, C", "in each column, the shares of the signal's values at its lower and upper end"),
        Tensor(
            "marks", "U8", "steps, W", "of each value, whether it is saturated and at which end", when="if asked for"
        ),
    )
    columns = (
        own("model", "its id"),
        option("layer"),
        own("signal", "its name"),
        own("unit", "its number"),
        fact("start", "first_step"),
        own("last_step", "`stop` − 1"),
        tensor("numbers", "steps", "steps"),
        own("below", "the lower of the signal's `ends`"),
        own("above", "the upper one"),
        tensor("left", "steps_below", "steps"),
        tensor("right", "steps_above", "steps"),
        own("share_below", "`left` / `numbers`"),
        own("share_above", "`right` / `numbers`"),
    )


class Saturation(Options):
    """Counts over the steps start … stop − 1, for every signal of a layer to which saturation applies. For one signal
    also, over the steps first … last − 1: a lane with the share of saturated values in each column of `per` steps, NaN
    where saturation does not apply, and marks."""

    name: Literal["saturation"]
    answer = SaturationAnswer
    layer: Index
    signal: str
    start: Index
    stop: Index
    first: Index
    last: Index
    per: Annotated[int, Field(ge=1, le=2**30)] = 1
    marks: bool = False
    """Whether to mark each saturated value; only with one step per column."""
    low: Share = 0.1
    high: Share = 0.9
    bound: Share = 0.9

    def needs(self, length: int) -> int:
        return max(self.stop, self.last)

    def work(self, subject: Subject) -> Work:
        run, thresholds = subject.run, Thresholds(self.low, self.high, self.bound)
        recording = run.recording
        layer = recording.reader.stack[layer_of(recording, self.layer)]
        cell = layer.cell
        if self.signal not in cell.names():
            raise NotMeasurable(f"A {cell.title} has no signal {self.signal!r}. It has: {', '.join(cell.names())}.")
        if (self.last - self.first) / self.per > COLUMNS:
            raise NotMeasurable(f"A lane has at most {COLUMNS:,} columns. Let one stand for more steps.")
        seen = yield from saturation(recording, self.layer, self.first, self.last, per=self.per, thresholds=thresholds)
        same = (self.start, self.stop) == (self.first, self.last)
        found = seen if same else (yield from self._count(run, thresholds))
        tensors: dict[str, NDArray[Any]] = {
            "left": found.left.astype(np.int32),
            "right": found.right.astype(np.int32),
            "numbers": found.numbers.astype(np.int32),
            "lane": seen.shares(self.signal).astype(np.float32),
        }
        if self.marks and self.per == 1:
            tensors["marks"] = marks(recording, self.layer, self.signal, self.first, self.last, thresholds)
        facts = SaturationAnswer(
            start=found.start,
            stop=found.stop,
            signals=found.signals,
            widths=tuple(layer.width(name) for name in found.signals),
            ends=tuple(ends_of(cell, thresholds).values()),
        )
        return Finding(facts, tensors)

    def _count(self, run: Run, thresholds: Thresholds) -> Generator[float, None, Counted]:
        """The counts; reused from the last time if only the lane differs."""
        key = (self.layer, self.start, self.stop, thresholds)
        if run.memo.get("saturation", (None, None))[0] != key:
            found = yield from saturation(run.recording, self.layer, self.start, self.stop, thresholds=thresholds)
            run.memo["saturation"] = (key, found)
        counted: Counted = run.memo["saturation"][1]
        return counted

    def as_python(self) -> Snippet:
        imports = {MEASURES: ("drain", "record"), f"{MEASURES}.saturation": ("Thresholds", "ends_of", "saturation")}
        counted = ("recording", repr(self.layer), repr(self.start), repr(self.stop))
        seen = ("recording", repr(self.layer), repr(self.first), repr(self.last))
        lines = [
            "recording = record(lm, text)",
            f"limits = Thresholds({self.low!r}, {self.high!r}, {self.bound!r})",
            drained("found", "saturation", *counted, "thresholds=limits"),
            drained("lane", "saturation", *seen, f"per={self.per}", "thresholds=limits"),
        ]
        facts = {
            **of("start", "stop", "signals"),
            "ends": f"tuple(ends_of(lm.stack[{self.layer}].cell, limits).values())",
        }
        tensors = {**of("left", "right", "numbers"), "lane": f"lane.shares({quoted(self.signal)})"}
        if self.marks and self.per == 1:
            imports[f"{MEASURES}.saturation"] = ("Thresholds", "ends_of", "marks", "saturation")
            tensors["marks"] = f"marks({', '.join([*seen[:2], quoted(self.signal), *seen[2:]])}, limits)"
        return Snippet(imports, tuple(lines), facts, tensors)
