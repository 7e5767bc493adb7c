"""One unit over time, and what of the text it follows."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from models import NotMeasurable
from models.measures.progress import part
from models.measures.units.half_life import Kept
from models.measures.units.selectivity import Row
from models.measures.units.unit import UnitView, unit_view
from models.measures.units.unit_series import series

from ..wire.message import Index
from .base import Finding, Options, Subject, Work

COLUMNS = 8192
"""The most columns of a line."""


class Unit(Options):
    """One unit of a layer: its `signal` is looked at over the steps start … stop − 1, and every signal of it is drawn
    over the steps first … last − 1 in columns of `per` steps."""

    name: Literal["unit"]
    layer: Index
    signal: str
    unit: Index
    start: Index
    stop: Index
    first: Index
    last: Index
    per: Annotated[int, Field(ge=1, le=2**30)] = 1
    pattern: Annotated[str, Field(max_length=10_000)] = ""
    """A regular expression; empty for none."""
    feature: str = ""
    """The name of the feature whose followers are wanted; empty for the one that the unit follows most."""

    def needs(self, length: int) -> int:
        return max(self.stop, self.last)

    def work(self, subject: Subject) -> Work:
        recording, lm = subject.run.recording, subject.run.model.lm
        if (self.last - self.first) / self.per > COLUMNS:
            raise NotMeasurable(f"A line has at most {COLUMNS:,} columns. Let one stand for more steps.")
        text = subject.text(0, subject.length)
        looked = unit_view(
            lm, recording, text, self.layer, self.signal, self.unit, self.start, self.stop,
            pattern=self.pattern, focus=self.feature or None,
        )  # fmt: skip
        found = yield from part(looked, 0.0, 0.8)
        drawn = series(recording, self.layer, self.unit, self.first, self.last, self.per)
        lines = yield from part(drawn, 0.8, 1.0)
        ends = [signal.saturated for signal in lm.cell.signals]
        facts = _facts(found) | {"signals": list(lm.cell.names()), "ends": ends}
        return Finding(facts, {"lines": lines, "values": found.values.astype(np.float32)})


def _number(value: float | None) -> float | None:
    """JSON has no number for what is none."""
    return value if value is not None and math.isfinite(value) else None


def _facts(found: UnitView) -> dict[str, Any]:
    chance = found.followers.mark if found.followers else None
    return {
        "start": found.start,
        "stop": found.stop,
        "saturated": [[one.low, one.high] for one in found.saturated],
        "keeps": found.keeps,
        "kept": None if found.kept is None else _kept(found.kept),
        "autocorrelation": None if found.autocorrelation is None else _within(found.autocorrelation),
        "half": (found.stop - found.start) // 2,
        "rows": [_row(row) for row in found.rows],
        "best_of_all": _number(found.best_of_all),
        "characters": [
            {"character": one.character, "count": one.count, "mean": one.mean, "r": one.r, "mark": _number(one.mark)}
            for one in found.characters
        ],
        "focus": found.focus.name,
        "followers": None if found.followers is None else {"units": found.followers.units, "mark": _number(chance)},
    }


def _within(steps: float) -> dict[str, float | None]:
    """A number of steps; null where it lies beyond what was looked at."""
    return {"steps": _number(steps)}


def _kept(kept: Kept) -> dict[str, Any]:
    return {
        "quartiles": [_number(lag) for lag in kept.lags],
        "steady": _number(kept.steady),
        "limit": kept.limit,
        "starts": kept.starts,
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "name": row.feature.name,
        "title": row.feature.title,
        "note": row.feature.note,
        "counts": row.feature.counts,
        "mean": _number(row.mean),
        "why": row.why,
        "r": _number(row.r),
        "d": _number(row.d),
        "rank_r": _number(row.rank_r),
        "usual": None if row.chance is None else row.chance.usual,
        "rare": None if row.chance is None else row.chance.rare,
        "as_good": None if row.chance is None else row.chance.as_good,
        "best": row.best,
    }
