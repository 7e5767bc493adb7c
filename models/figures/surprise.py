"""How surprised a model was by each character, as a stair in bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from plotly import graph_objects as go

from .frame import LINE, figure, step_axis, visible, window

if TYPE_CHECKING:
    from ..network.trace import Trace

MOST = 12.0
"""Where the axis ends, in bits, as on the page; it reaches further if a character was more surprising."""


def plot_surprise(trace: Trace, start: int = 0, stop: int | None = None) -> go.Figure:
    """See `Trace.plot_surprise`."""
    steps = window(len(trace), start, stop)
    bits = trace.surprise.numpy()[steps.start : steps.stop]
    made = figure(f"{trace.model}: surprise", height=300)
    made.add_trace(
        go.Scatter(
            x=list(steps),
            y=bits,
            mode="lines+markers",
            marker={"size": 4},
            line={"shape": "hvh", "color": LINE, "width": 2},
            customdata=[visible(trace.text[t]) for t in steps],
            hovertemplate="step %{x}, %{customdata}<br>%{y:.3f} bits<extra></extra>",
        )
    )
    known = bits[~np.isnan(bits)]
    made.update_yaxes(title_text="surprise, bits", range=[0.0, max(MOST, 1.05 * float(known.max(initial=0.0)))])
    step_axis(made, trace.text, steps)
    return made
