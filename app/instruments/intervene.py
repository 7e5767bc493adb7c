"""What interventions change in the reading of a text, and in what the model would write behind it."""

from __future__ import annotations

import math
from itertools import islice
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from models.measures.comparison.intervention_effect import Intervening, Side, intervening, limited
from models.measures.progress import part
from models.network.generation import generate
from models.network.intervened_reader import compiled
from models.network.intervention import parse
from models.recording.overview import surprise_columns

from ..wire.message import Index
from .base import Finding, Options, Subject, Work
from .generate import Seed, Temperature

COLUMNS = 8192
"""The most columns of the lane."""


class Intervene(Options):
    """The model as it is, and itself under the interventions that `letters` spell (see `models.network.intervention`).

    The lane shows the steps start … start + columns · per − 1. Both write `count` characters behind the text's end.
    """

    name: Literal["intervene"]
    reads: ClassVar[bool] = False
    letters: Annotated[str, Field(max_length=1000)]
    start: Index = 0
    columns: Annotated[int, Field(ge=0, le=COLUMNS)] = 0
    per: Annotated[int, Field(ge=1, le=2**30)] = 1
    count: Annotated[int, Field(ge=0, le=1000)] = 120
    temperature: Temperature = 1.0
    seed: Seed = 0
    exactly: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Also measure the model with exactly this many characters before each one."""

    def work(self, subject: Subject) -> Work:
        run = subject.run
        plain = compiled(run.model.lm, run.model.reader)
        share = 1.0 if self.exactly is None else 0.2
        found = yield from part(intervening(run.recording, plain, parse(self.letters)), 0.0, share)
        bits = [side.bits_per_character for side in (found.free, found.held)]
        facts = {
            "first": found.first,
            "length": run.steps,
            "scored": found.scored,
            "free_bits": _number(bits[0]),
            "held_bits": _number(bits[1]),
            "free_nudged_bits": _number(found.free_nudged_bits),
            "held_nudged_bits": _number(found.held_nudged_bits),
            "divergence": _number(float(found.divergence.mean(dtype=np.float64))),
            "written": [run.model.vocabulary.decode(self._write(side, run.steps)) for side in (found.free, found.held)],
        }
        if self.exactly is not None and found.scored:
            near = yield from part(limited(run.recording, plain, self.exactly, found.first), share, 1.0)
            facts |= {
                "exactly": near.context,
                "exact_positions": near.positions,
                "exact_free_bits": _number(near.free_bits),
                "exact_bits": _number(near.bits),
                "exact_error": _number(near.error),
            }
        mean, peak = surprise_columns(self._lane(found), self.per)
        return Finding(facts, {"divergence": mean, "peak": peak})

    def _lane(self, found: Intervening) -> NDArray[np.float32]:
        """The divergence at the steps that are shown; NaN before the first that may differ."""
        stop = min(self.start + self.columns * self.per, found.first + len(found.divergence))
        lane = np.full(max(stop - self.start, 0), np.nan, np.float32)
        low = max(self.start, found.first)
        if low < stop:
            lane[low - self.start :] = found.divergence[low - found.first : stop - found.first]
        return lane

    def _write(self, side: Side, at: int) -> NDArray[np.int32]:
        """What one of the two writes behind the text."""
        writing = generate(side.reader, side.state, side.expected, self.temperature, self.seed, at)
        return np.array(list(islice(writing, self.count)), np.int32)


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
