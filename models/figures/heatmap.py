"""A signal as a picture: steps across, units downwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from plotly import graph_objects as go

from ..equations.scale import Form, Scale, largest_factor
from .colours import GATE, SIGNED, Stops
from .frame import cells, figure, window
from .spacing import spread

if TYPE_CHECKING:
    from ..network.trace import Trace


def stops_of(scale: Scale) -> Stops:
    """The colours of a signal: those of gates for values from 0 on, else those with a middle."""
    return GATE if scale.form is Form.HALF_LINE or (scale.range is not None and scale.range[0] == 0.0) else SIGNED


def heatmap(trace: Trace, name: str, start: int = 0, stop: int | None = None) -> go.Figure:
    """See `Trace.heatmap`."""
    whole, steps = trace[name].numpy(), window(len(trace), start, stop)
    layer, _, short = name.partition(".")
    signal = next(one for one in trace.stack[int(layer)].cell.signals if one.name == short)
    factors = signal.scale.form is Form.LOGARITHMIC
    size = np.nanmax(np.abs(whole), initial=0.0)
    bounds, spacing = spread(signal.scale, largest_factor(whole) if factors else float(size))
    made = figure(f"{trace.model}, layer {layer}: {signal.title}")
    cells(
        made,
        whole[steps.start : steps.stop],
        steps=steps,
        text=trace.text,
        stops=stops_of(signal.scale),
        bounds=bounds,
        spacing=spacing,
        name=signal.symbol,
    )
    return made
