"""After how many characters the memory of many positions of the text has faded."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from models.measures.memory.edit_sensitivity import Choice, drowned
from models.measures.memory.horizon import Band, CurveName, horizon

from ..wire.message import Index
from .base import Finding, Options, Subject, Work
from .forgetting import Lags

Positions = Annotated[int, Field(ge=1, le=1000)]


class Horizon(Options):
    """One curve over `lags` characters, from `positions` positions on that are spread evenly over the text."""

    name: Literal["horizon"]
    curve: CurveName = "edit"
    positions: Positions | None = None
    """As many as are usual for the curve, unless it is given."""
    lags: Lags = 200
    layer: Index | None = None
    by: Choice = "even"
    """Which other characters are tried, for the two edits."""

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
        by_gate = "diagonal" if found.keeps is None else "gate"
        facts = {
            **band_facts(found.band),
            "curve": found.curve,
            "layer": found.layer,
            "asked": self.positions,
            "warm_up": found.warm_up,
            "direction": "backward" if found.curve == "connectivity" else "forward",
            "lag_e": found.lag_e,
            "lag_percent": found.lag_percent,
            "range_e": found.range_e,
            "range_percent": found.range_percent,
            "by": found.by,
            "replacements": found.replacements,
            "retention_is": by_gate if found.curve == "retention" else None,
            "moving": None if found.moving is None else asdict(found.moving),
            "rounding_from": None
            if found.rounding is None
            else drowned(found.band.median, found.rounding, 4.0 if found.curve == "kl" else 2.0),
        }
        rounding = {} if found.rounding is None else {"rounding": found.rounding.astype(np.float32)}
        return Finding(facts, {**band_tensors(found.band), **rounding})


def band_facts(band: Band) -> dict[str, int | float | None]:
    """What is said of every curve over many positions: how many they are, over how many lags, and where it starts."""
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
