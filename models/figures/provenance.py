"""Where a memory comes from: what is held at each step, downwards, by the step at which it was written, across."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from plotly import graph_objects as go

from ..measures.memory.provenance import Numbers, Of, Provenance, provenance
from ..measures.progress import drain
from .colours import GATE, SIGNED
from .frame import figure
from .reading import reading_of

if TYPE_CHECKING:
    from ..network.trace import Trace

DECADES = 4
"""That the colours reach down from the largest value."""


def plot_provenance(
    trace: Trace, unit: int, step: int | None = None, layer: int | None = None, **options: Any
) -> go.Figure:
    """See `Trace.plot_provenance`."""
    at = len(trace) - 1 if step is None else step
    place = len(trace.stack) - 1 if layer is None else layer
    found = drain(provenance(trace.lm, reading_of(trace), place, unit, at, **options))
    return drawn(found, trace.model, options.get("of", "unit"), options.get("head", 0))


def drawn(found: Provenance, model: str, of: Of = "unit", head: int = 0) -> go.Figure:
    """The triangle of a provenance measured with the same `of` and `head`: addends of the unit with their signs, shares
    of the layer, or weights of a head."""
    values, signed = found.triangle, of == "unit"
    most = float(np.nanmax(np.abs(values), initial=0.0))
    written = [found.step - (len(values) - 1 - k) * found.per for k in range(len(values))]
    what = {"unit": f"unit {found.unit}", "layer": "the layer", "head": f"head {head}"}[of]
    made = figure(f"{model}, layer {found.layer}: where {found.memory.symbol} of {what} comes from", height=560)
    powers = [most * 10.0**-k for k in range(DECADES)]
    marks = [*(-mark for mark in powers), 0.0, *reversed(powers)] if signed else [most * 10.0**-DECADES, *powers]
    made.add_trace(
        go.Heatmap(
            z=strength(values, most),
            x=written,
            y=written,
            zmin=-1.0 if signed else 0.0,
            zmax=1.0,
            colorscale=SIGNED if signed else GATE,
            customdata=values,
            colorbar={
                "thickness": 14,
                "title": {"text": "addend" if signed else "share", "side": "right"},
                "tickvals": [float(place) for place in strength(np.array(marks), most)],
                "ticktext": [f"{mark:.2g}".replace("-", "−") for mark in marks],
            },
            hovertemplate="held at step %{y}<br>written at step %{x}<br>%{customdata:.6g}<extra></extra>",
            hoverongaps=False,
        )
    )
    made.update_xaxes(title_text="written at step")
    made.update_yaxes(title_text="held at step", autorange="reversed")
    return made


def strength(values: Numbers, most: float) -> Numbers:
    """Where values lie on the scale of colours, −1 … 1: by their size, over `DECADES` below `most`, and their sign."""
    if most == 0.0:
        return np.where(np.isnan(values), np.nan, 0.0)
    with np.errstate(divide="ignore"):
        return np.sign(values) * np.maximum(0.0, 1.0 + np.log10(np.abs(values) / most) / DECADES)
