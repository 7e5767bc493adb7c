"""One unit over time, and which features of the text it follows."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from models import NotMeasurable
from models.cells import Cell
from models.measures.progress import subtask
from models.measures.units.half_life import Kept as FoundKept
from models.measures.units.selective_units import Followers as FoundFollowers
from models.measures.units.selectivity import Row as FoundRow
from models.measures.units.unit import UnitView, unit_view
from models.measures.units.unit_series import series

from ..contract.answer import Answer, Part, Tensor
from ..contract.instrument import Finding, Options, Subject, Work
from ..contract.python import MEASURES, Snippet, drained, of, quoted
from ..contract.table import MODEL, fact, option, own
from ..wire.message import Index

COLUMNS = 8192
"""The most columns of a line."""


class Kept(Part):
    """The half-life by the gate that keeps the past, over starts in the first half of the steps."""

    quartiles: tuple[float, float, float]
    """In steps; null: beyond `limit`."""
    steady: float
    """ln 2 / −mean ln f, in steps; null where the gate never left 1."""
    limit: int
    """The number of steps for which every start was followed, at least."""
    starts: int


class Within(Part):
    steps: float
    """Null: beyond half of the steps."""


class Row(Part):
    """A feature of the text, and how closely the unit follows it."""

    name: str
    title: str
    note: str
    """How the feature is found."""
    counts: bool
    """Whether it is a number rather than true or false."""
    mean: float | None
    """The mean of the feature over the steps."""
    why: str | None
    """Why there is no correlation; null where there is one."""
    r: float | None
    """The correlation."""
    d: float | None
    """The difference of the unit's means in standard deviations, for a feature that is true or false."""
    rank_r: float | None
    """The rank correlation, for one that counts."""
    usual: float | None
    """95 % of the correlations at other shifts are below it."""
    rare: float | None
    """99 % are."""
    as_good: float | None
    """The share of shifts at least as good."""
    best: tuple[int, float] | None
    """The unit of the layer that follows it most, and its r."""


class Character(Part):
    """A character that the unit responds to."""

    character: str
    count: int
    mean: float
    """The mean of the unit where it is read."""
    r: float
    mark: float | None
    """The level below which the best of all characters stays by chance."""


class Followers(Part):
    """The units of the layer that follow the feature `focus`."""

    units: tuple[tuple[int, float], ...]
    """Each with its r, the strongest first."""
    mark: float | None
    """The level below which the best of them stays by chance; null where unknown."""


class UnitAnswer(Answer):
    start: int
    """The first step examined: if there are more than 16,384 steps, only the last 16,384 are."""
    stop: int
    saturated: tuple[tuple[float, float] | None, ...]
    """For each signal, the shares of steps at which it is below its lower and above its upper threshold; null where
    saturation does not apply."""
    keeps: str | None
    """The signal that keeps the past; null for a cell without one, where `kept` goes by the Jacobian's diagonal."""
    kept: Kept | None
    """The half-life by what is kept; null where unknown."""
    autocorrelation: Within | None
    """The half-life by the autocorrelation; null for a constant."""
    half: int
    """Half of the steps: half-lives beyond it are not known."""
    rows: tuple[Row, ...]
    """The features, the most closely followed first."""
    best_of_all: float | None
    """The level below which the best of all features stays by chance; null: too few steps."""
    characters: tuple[Character, ...]
    focus: str
    """The feature whose followers are listed."""
    followers: Followers | None
    """Null where the feature never changes."""
    signals: tuple[str, ...]
    ends: tuple[tuple[float, float] | None, ...]
    """For each signal, the thresholds below and above which it is saturated; null where saturation does not apply."""

    tensors = (
        Tensor("lines", "F32", "1 or 3, signals, C", "values, or the lowest, mean and highest in a column"),
        Tensor("values", "F32", "stop − start", "of the signal, one a step"),
    )
    columns = (
        MODEL,
        option("layer"),
        option("signal"),
        option("unit"),
        fact("start", "from"),
        own("to", "`stop` − 1"),
        own("about", "what the row is about: a feature, a character, a follower, a half-life, a point of a line"),
        own("name", "which of them"),
        own("value", "its number"),
        own("r", "the correlation"),
        own("cohens_d", "`d`"),
        own("rank_r", "the rank correlation"),
        own("chance_95", "`usual`, or `mark`"),
        own("chance_99", "`rare`"),
        own("shifts_as_good", "`as_good`"),
        own("best_unit", "the unit in `best`"),
        own("best_unit_r", "its r"),
        own("note", "why there is no number, or what the others refer to"),
    )


class Unit(Options):
    """One unit of a layer: its `signal` is examined over the steps start … stop − 1, and all its signals are drawn
    over the steps first … last − 1 in columns of `per` steps."""

    name: Literal["unit"]
    answer = UnitAnswer
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
    """The name of the feature whose followers are listed; empty for the one that the unit follows most."""

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
        found = yield from subtask(looked, 0.0, 0.8)
        drawn = series(recording, self.layer, self.unit, self.first, self.last, self.per)
        lines = yield from subtask(drawn, 0.8, 1.0)
        tensors = {"lines": lines, "values": found.values.astype(np.float32)}
        return Finding(_answer(found, lm.stack[self.layer].cell), tensors)

    def as_python(self) -> Snippet:
        imports = {
            MEASURES: ("drain", "record"),
            f"{MEASURES}.units.unit": ("unit_view",),
            f"{MEASURES}.units.unit_series": ("series",),
        }
        place = ("lm", "recording", "text", repr(self.layer), quoted(self.signal), repr(self.unit))
        steps = (repr(self.start), repr(self.stop))
        drawn = ("recording", *map(repr, (self.layer, self.unit, self.first, self.last, self.per)))
        lines = (
            "recording = record(lm, text)",
            drained("found", "unit_view", *place, *steps, pattern=self.pattern or None, focus=self.feature or None),
            drained("lines", "series", *drawn),
        )
        return Snippet(
            imports,
            lines,
            {
                **of("start", "stop", "keeps", "best_of_all"),
                "rows": "[(row.feature.name, row.mean, row.r, row.d, row.rank_r) for row in found.rows]",
                "characters": "[(one.character, one.count, one.mean, one.r) for one in found.characters]",
                "focus": "found.focus.name",
                "followers": "None if found.followers is None else list(found.followers.units)",
                "kept": "None if found.kept is None else found.kept.lags",
                "autocorrelation": "found.autocorrelation",
            },
            {"values": "found.values", "lines": "lines"},
        )


def _answer(found: UnitView, cell: Cell) -> UnitAnswer:
    shares = {one.signal: (one.low, one.high) for one in found.saturated}
    return UnitAnswer(
        start=found.start,
        stop=found.stop,
        saturated=tuple(shares.get(name) for name in cell.names()),
        keeps=found.keeps,
        kept=None if found.kept is None else _kept(found.kept),
        autocorrelation=None if found.autocorrelation is None else Within(steps=found.autocorrelation),
        half=(found.stop - found.start) // 2,
        rows=tuple(_row(row) for row in found.rows),
        best_of_all=found.best_of_all,
        characters=tuple(
            Character(character=one.character, count=one.count, mean=one.mean, r=one.r, mark=one.mark)
            for one in found.characters
        ),
        focus=found.focus.name,
        followers=None if found.followers is None else _followers(found.followers),
        signals=tuple(cell.names()),
        ends=tuple(signal.saturated for signal in cell.signals),
    )


def _followers(found: FoundFollowers) -> Followers:
    return Followers(units=tuple(found.units), mark=found.mark)


def _kept(kept: FoundKept) -> Kept:
    return Kept(quartiles=kept.lags, steady=kept.steady, limit=kept.limit, starts=kept.starts)


def _row(row: FoundRow) -> Row:
    return Row(
        name=row.feature.name,
        title=row.feature.title,
        note=row.feature.note,
        counts=row.feature.counts,
        mean=row.mean,
        why=row.why,
        r=row.r,
        d=row.d,
        rank_r=row.rank_r,
        usual=None if row.chance is None else row.chance.usual,
        rare=None if row.chance is None else row.chance.rare,
        as_good=None if row.chance is None else row.chance.as_good,
        best=row.best,
    )
