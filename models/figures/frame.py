"""What all figures have in common: letters and lines, the axis of steps, the bar that explains the colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from plotly import graph_objects as go

from ..errors import NotMeasurable
from .colours import NO_DATA, Stops
from .spacing import Spacing, by_logarithm, folded

INK, PAPER, GRID, LINE = "#15191d", "#ffffff", "#dcddd8", "#0060a8"
"""Of the page's light theme."""
LETTERED = 60
"""Up to so many steps each has its character below it."""
MOST_CELLS = 1_000_000
"""A figure with more cells would take a browser minutes to draw."""
VISIBLE = {" ": "·", "\n": "↵", "\t": "⇥", "\r": "␍", "\u00a0": "⍽"}
"""What stands for characters that cannot be seen; the same as on the page."""


def figure(title: str, *, height: int = 420, **axes: Any) -> go.Figure:
    """An empty figure; `axes` are further entries of its layout."""
    plain = {"showgrid": False, "zeroline": False, "mirror": True, "linecolor": GRID, "ticks": "outside"}
    made = go.Figure()
    made.update_layout(
        title={"text": escaped(title), "font": {"size": 15}},
        font={"color": INK, "size": 13},
        paper_bgcolor=PAPER,
        plot_bgcolor=PAPER,
        height=height,
        margin={"l": 64, "r": 16, "t": 52, "b": 56},
        xaxis=plain,
        yaxis=plain,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 1, "xanchor": "right"},
    )
    made.update_layout(**axes)
    return made


def escaped(words: str) -> str:
    """Words of a model or a text, none of which Plotly takes for a tag."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def visible(character: str) -> str:
    """A character as it is shown: a sign for one that cannot be seen, the number of one that cannot be printed."""
    if character in VISIBLE:
        return VISIBLE[character]
    return escaped(character) if character.isprintable() else f"U+{ord(character):04X}"


def window(steps: int, start: int, stop: int | None) -> range:
    """The steps start … stop − 1 of a text of `steps`; without a stop to its end.

    Raises:
        NotMeasurable: if there is no such stretch.
    """
    end = steps if stop is None else min(stop, steps)
    if not 0 <= start < end:
        raise NotMeasurable(f"There are no steps from {start:,} to {end:,}: the text has {steps:,}. Choose others.")
    return range(start, end)


def step_axis(made: go.Figure, text: str, steps: range) -> None:
    """Label the horizontal axis: characters if there are few, else numbers of steps."""
    made.update_xaxes(title_text="step t", range=[steps.start - 0.5, steps.stop - 0.5])
    if len(steps) <= LETTERED:
        letters = [visible(text[t]) for t in steps]
        made.update_xaxes(tickvals=list(steps), ticktext=letters, tickangle=0, ticks="", title_text="character read")


def cells(
    made: go.Figure,
    values: NDArray[np.floating[Any]],
    *,
    steps: range,
    text: str,
    stops: Stops,
    bounds: tuple[float, float],
    spacing: Spacing = "linear",
    name: str,
) -> None:
    """Draw (T, H) values as colours, steps across and units downwards; each says its exact value under the pointer.

    Raises:
        NotMeasurable: if there are more than `MOST_CELLS`.
    """
    if values.size > MOST_CELLS:
        raise NotMeasurable(
            f"A picture of {values.shape[0]:,} steps of {values.shape[1]:,} units has more than {MOST_CELLS:,} cells. "
            "Choose a shorter stretch with start and stop."
        )
    low, high = (-1.0, 1.0) if spacing == "log" else (0.0, 1.0) if spacing == "positive_log" else bounds
    letters = np.repeat([[visible(text[t]) for t in steps]], values.shape[1], axis=0)
    made.add_trace(
        go.Heatmap(
            z=placed(values, bounds, spacing).T,
            x=list(steps),
            y=list(range(values.shape[1])),
            zmin=low,
            zmax=high,
            colorscale=stops,
            colorbar={"title": {"text": name, "side": "right"}, "thickness": 14, **ticks(bounds, spacing)},
            customdata=np.stack([values.T, letters.astype(object)], axis=-1),
            hovertemplate="step %{x}, %{customdata[1]}<br>unit %{y}<br>" + name + " = %{customdata[0]:.6g}"
            "<extra></extra>",
        )
    )
    if np.isnan(values).any():
        made.update_layout(plot_bgcolor=NO_DATA)
    made.update_yaxes(title_text="unit", range=[values.shape[1] - 0.5, -0.5])
    step_axis(made, text, steps)


def placed(
    values: NDArray[np.floating[Any]], bounds: tuple[float, float], spacing: Spacing
) -> NDArray[np.floating[Any]]:
    """Where values lie on the scale of colours: themselves, or their place on a logarithmic scale."""
    if spacing == "log":
        return folded(values, bounds[1])
    return by_logarithm(values, *bounds) if spacing == "positive_log" else values


def ticks(bounds: tuple[float, float], spacing: Spacing) -> dict[str, Sequence[Any]]:
    """The ticks of the bar of colours: both ends, the middle, and the powers of ten of a logarithmic scale."""
    low, high = bounds
    if spacing == "linear":
        marks = [low, (low + high) / 2, high]
    else:
        powers = [10.0**k for k in range(round(np.log10(high)) + 1)]
        marks = [*(-p for p in reversed(powers)), 0.0, *powers]
        if spacing == "positive_log":
            marks = [*(1 / p for p in reversed(powers[1:])), *powers]
    places = placed(np.array(marks), bounds, spacing)
    return {
        "tickvals": [float(place) for place in places],
        "ticktext": [f"{mark:g}".replace("-", "−") for mark in marks],
    }
