"""The memory horizon: the median of a curve over many positions, the middle half of them as a band."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from plotly import graph_objects as go

from ..measures.curves import Curve
from ..measures.memory.horizon import CurveName, Horizon, horizon
from ..measures.progress import drain
from .frame import GRID, INK, LINE, figure
from .reading import reading_of

if TYPE_CHECKING:
    from ..network.trace import Trace

UNITS: dict[CurveName, str] = {
    "edit": "‖h − h′‖",
    "kl": "KL divergence, bits",
    "connectivity": "‖∂logit/∂x‖, logits",
    "retention": "share of the units’ memory",
    "jacobian": "‖∂s/∂s‖",
}
BAND = "rgba(0, 96, 168, 0.18)"


def plot_horizon(trace: Trace, **options: Any) -> go.Figure:
    """See `Trace.plot_horizon`."""
    return drawn(drain(horizon(trace.lm, reading_of(trace), **options)), trace.model)


def drawn(found: Horizon, model: str) -> go.Figure:
    """A horizon as a figure, its axis logarithmic; the lags at which the median falls to 1/e and to 1 % are marked."""
    lags = list(range(found.band.lags + 1))
    low, median, high = (_values(one) for one in (found.band.low, found.band.median, found.band.high))
    made = figure(f"{model}: memory horizon, {len(found.band.steps)} positions")
    made.add_trace(go.Scatter(x=lags, y=low, mode="lines", line={"width": 0}, hoverinfo="skip", showlegend=False))
    made.add_trace(
        go.Scatter(
            x=lags, y=high, mode="lines", line={"width": 0}, fill="tonexty", fillcolor=BAND, name="middle half",
            hoverinfo="skip",
        )
    )  # fmt: skip
    made.add_trace(go.Scatter(x=lags, y=median, mode="lines", line={"color": LINE, "width": 2}, name="median"))
    if found.rounding is not None:
        dotted = {"color": INK, "width": 1, "dash": "dot"}
        made.add_trace(go.Scatter(x=lags, y=_values(found.rounding), mode="lines", line=dotted, name="rounding alone"))
    for lag, words in ((found.lag_e, "1/e"), (found.lag_percent, "1 %")):
        if lag is not None:
            made.add_vline(x=lag, line={"color": GRID}, annotation_text=f"{words}: {lag}")
    made.update_yaxes(type="log", exponentformat="power", title_text=UNITS[found.curve])
    made.update_xaxes(title_text="lag k, characters", range=[0, max(1, found.band.lags)])
    return made


def _values(logs: Curve) -> list[float | None]:
    """The values of logarithms; none where the value is 0, which has no place on a logarithmic axis."""
    return [float(10.0**log) if np.isfinite(log) else None for log in logs]
