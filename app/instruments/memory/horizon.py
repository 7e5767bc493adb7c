"""After how many characters the memory of many positions of the text has faded."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, TypedDict

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from models.measures.curves import keep_signal
from models.measures.memory.edit_sensitivity import Choice, drowned
from models.measures.memory.horizon import Band, CurveName, horizon
from models.measures.memory.horizon import Moving as MovingUnits
from models.measures.positions import UNDERIVABLE, no_derivative

from ...contract.answer import Answer, Part, Tensor
from ...contract.candidate import Candidate
from ...contract.instrument import Finding, Options, Subject, Work
from ...contract.python import Snippet, measured, of
from ...contract.table import MODEL, fact, own, row, tensor
from ...wire.message import Index
from .forgetting import Lags

Positions = Annotated[int, Field(ge=1, le=1000)]


class BandAnswer(Answer):
    """Facts about every curve over many positions: the number of positions and lags, and where it starts."""

    lags: int
    """K: as many as requested, at most half of the text."""
    positions: int
    """N."""
    first: int
    """The first position."""
    last: int
    """The last position."""
    start: float | None
    """The median at lag 0; null where it is zero."""

    tensors: ClassVar[tuple[Tensor, ...]] = (
        Tensor("low", "F32", "K + 1", "lower quartile over the positions"),
        Tensor("median", "F32", "K + 1", "median"),
        Tensor("high", "F32", "K + 1", "upper quartile"),
        Tensor("steps", "I32", "N", "the positions"),
    )


class Moving(Part):
    """The horizon over the units whose states change in the stretches examined."""

    units: int
    """How many move."""
    of: int
    """H."""
    lag_e: int | None
    lag_percent: int | None


class HorizonAnswer(BandAnswer):
    curve: CurveName
    layer: int
    asked: int | None
    """Positions requested."""
    warm_up: int
    """Characters left out at the beginning."""
    direction: Literal["backward", "forward"]
    """Whether lags count from a prediction back, or from a character on."""
    lag_e: int | None
    """The first lag at which the median is at most 1/e of what it is at lag 0; null: not within K."""
    lag_percent: int | None
    """The same for 1 %."""
    range_e: tuple[int | None, int | None] | None
    """The 16 % and 84 % quantiles of `lag_e` over resamples of the positions; null: beyond K, or a single position."""
    range_percent: tuple[int | None, int | None] | None
    """The same for `lag_percent`."""
    by: Choice | None
    """Which other characters were tried, for the two edits."""
    replacements: int | None
    """How many at each position, for the two edits."""
    retention_is: Literal["gate", "diagonal"] | None
    """For retention, what it is the product of: the gate that keeps the past, or the diagonal of the Jacobian."""
    moving: Moving | None
    """For retention, the horizon over the units that move."""
    rounding_from: int | None
    """For the two edits, the lag from which on the median is no more than rounding; null: nowhere."""

    tensors = (
        *BandAnswer.tensors,
        Tensor("rounding", "F32", "K + 1", "the median for rounding alone", when="for the two edits"),
    )
    columns = (
        MODEL,
        fact("curve"),
        row("lag", "steps"),
        tensor("median", log=True),
        tensor("low", "quartile_1", log=True),
        tensor("high", "quartile_3", log=True),
        own("median_share_of_lag_0", "the median, as a share of the first"),
        fact("lag_e", "lag_at_1_e", "steps"),
        fact("lag_percent", "lag_at_1_percent", "steps"),
        fact("positions"),
        fact("range_e", "lag_at_1_e_16", "steps", item=0),
        fact("range_e", "lag_at_1_e_84", "steps", item=1),
        fact("range_percent", "lag_at_1_percent_16", "steps", item=0),
        fact("range_percent", "lag_at_1_percent_84", "steps", item=1),
    )


class Horizon(Options):
    """One curve over `lags` characters, from `positions` positions spread evenly over the text."""

    name: Literal["horizon"]
    answer = HorizonAnswer
    curve: CurveName = "edit"
    positions: Positions | None = None
    """By default as many as suit the curve."""
    lags: Lags = 200
    layer: Index | None = None
    by: Choice = "even"
    """Which other characters are tried, for the two edits."""

    def refused(self, model: Candidate) -> str | None:
        """Curves that need derivatives have none under interventions, and none of attention; the effect of an edit can
        still be followed."""
        derived = self.curve in ("connectivity", "jacobian")
        layer = model.stack[-1 if self.layer is None or self.layer >= len(model.stack) else self.layer]
        derived = derived or (self.curve == "retention" and keep_signal(layer.cell) is None)
        if not derived:
            return self.inapplicable(model)
        return UNDERIVABLE if model.intervened else no_derivative(model.stack)

    def work(self, subject: Subject) -> Work:
        run = subject.run
        found = yield from horizon(
            run.model.lm,
            run.recording,
            curve=self.curve,
            positions=self.positions,
            lags=self.lags,
            layer=self.layer,
            by=self.by,
        )
        by_gate: Literal["gate", "diagonal"] = "diagonal" if found.keeps is None else "gate"
        facts = HorizonAnswer(
            **band_facts(found.band),
            curve=found.curve,
            layer=found.layer,
            asked=self.positions,
            warm_up=found.warm_up,
            direction="backward" if found.curve == "connectivity" else "forward",
            lag_e=found.lag_e,
            lag_percent=found.lag_percent,
            range_e=found.range_e,
            range_percent=found.range_percent,
            by=found.by,
            replacements=found.replacements,
            retention_is=by_gate if found.curve == "retention" else None,
            moving=None if found.moving is None else _moving(found.moving),
            rounding_from=None
            if found.rounding is None
            else drowned(found.band.median, found.rounding, 4.0 if found.curve == "kl" else 2.0),
        )
        rounding = {} if found.rounding is None else {"rounding": found.rounding.astype(np.float32)}
        return Finding(facts, {**band_tensors(found.band), **rounding})

    def as_python(self) -> Snippet:
        rounding = of("rounding") if self.curve in ("edit", "kl") else {}
        return measured(
            "horizon",
            "lm",
            "record(lm, text)",
            module="memory.horizon",
            note="Curves are the decimal logarithms of their values, by the lag.",
            facts={
                **of("curve", "layer", "lag_e", "lag_percent", "range_e", "range_percent", "replacements"),
                "positions": "len(found.band.steps)",
            },
            tensors={**of(median="band.median", low="band.low", high="band.high", steps="band.steps"), **rounding},
            curve=self.curve,
            positions=self.positions,
            lags=self.lags,
            layer=self.layer,
            by=self.by,
        )


class BandFacts(TypedDict):
    """The fields of `BandAnswer`."""

    lags: int
    positions: int
    first: int
    last: int
    start: float | None


def _moving(found: MovingUnits) -> Moving:
    return Moving(units=found.units, of=found.of, lag_e=found.lag_e, lag_percent=found.lag_percent)


def band_facts(band: Band) -> BandFacts:
    """The facts of `BandAnswer`."""
    start = 10 ** band.median[0]
    return {
        "lags": band.lags,
        "positions": len(band.steps),
        "first": int(band.steps[0]),
        "last": int(band.steps[-1]),
        "start": float(start) if np.isfinite(start) else None,
    }


def band_tensors(band: Band) -> dict[str, NDArray[np.generic]]:
    """A band as it is sent."""
    curves = {name: getattr(band, name).astype(np.float32) for name in ("low", "median", "high")}
    return {**curves, "steps": band.steps.astype(np.int32)}
