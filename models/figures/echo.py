"""The echo of a character: how far the state is from what it would be had another character stood there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from plotly import graph_objects as go

from ..echo.echo import Echo
from ..echo.levels import DECADES, HIGHEST, LOWEST
from ..echo.replacement import default_replacement
from ..errors import NotMeasurable, UnknownSignal
from .colours import ECHO
from .frame import cells, figure, visible, window
from .reading import reading_of

if TYPE_CHECKING:
    from ..network.trace import Trace


def plot_echo(
    trace: Trace,
    step: int,
    signal: str | None = None,
    *,
    instead: str | None = None,
    start: int | None = None,
    stop: int | None = None,
) -> go.Figure:
    """See `Trace.echo`."""
    lm, text = trace.lm, trace.text
    if not 0 <= step < len(text):
        raise NotMeasurable(f"There is no step {step:,}: the text has {len(text):,}. Choose another.")
    other = default_replacement(text[step], [lm.vocabulary.characters]) if instead is None else instead
    if len(other) != 1 or other == text[step]:
        raise NotMeasurable(f"{other!r} cannot stand in place of {text[step]!r}. Choose one other character.")
    name = signal or f"0.{lm.stack[0].cell.names()[0]}"
    if name not in lm.stack.names:
        raise UnknownSignal(f"{lm.name} has no signal called {name!r}. It has: {', '.join(lm.stack.names)}.")
    steps = window(len(text), max(0, step - 5) if start is None else start, stop)
    echo = Echo(reading_of(trace), step, lm.vocabulary.encode(other))
    while echo.advance(steps.stop):
        pass
    layer, _, short = name.partition(".")
    differences = np.abs(echo.signal(int(layer), short, steps.start, steps.stop))
    made = figure(
        f"{trace.model}, layer {layer}: echo of step {step}, {visible(other)} in place of {visible(text[step])}"
    )
    cells(
        made, differences, steps=steps, text=text, stops=ECHO, bounds=(LOWEST, HIGHEST), spacing="positive_log",
        name="|difference|",
    )  # fmt: skip
    exponents = range(-DECADES, 1)
    bar = {
        "tickvals": [(k + DECADES) / DECADES for k in exponents],
        "ticktext": [f"10<sup>{k}</sup>" for k in exponents],
    }
    made.update_traces(colorbar=bar)
    return made
