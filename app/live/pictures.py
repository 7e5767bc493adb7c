"""The binary frames of one model, made from its recording."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.echo.echo import Echo
from models.echo.levels import picture_levels
from models.measures.units.unit_order import by_similarity
from models.recording.difference import difference
from models.recording.overview import surprise_columns
from models.recording.recording import Recording

from ..wire import frames
from .protocol import Column, Columns, Difference, EchoColumns, EchoFacts, Order, Overview, Panel
from .run import Run
from .sent_columns import Look, Sorting
from .view import View


def columns(
    run: Run, view: View, panel: Panel, look: Look, span: tuple[int, int], other: Recording | None = None
) -> bytes:
    """A panel's columns of the steps `span`; `other` is what the panel's `against` has read."""
    recording, (start, stop) = run.recording, span
    message = _columns(run, view, panel, look, span, run.steps if other is None else min(run.steps, other.steps))
    place = panel.layer, panel.signal, start, stop, look.per, look.show
    if other is None or panel.against is None:
        values = recording.columns(*place)
    else:
        values, message = difference(recording, other, *place), Difference(**dict(message), against=panel.against)
    return frames.encode(
        message,
        {"cells": frames.quantise(values, *look.bounds, look.spacing), **_surprise(run, look, span)},
    )


def echo_columns(
    run: Run, view: View, panel: Panel, look: Look, span: tuple[int, int], echo: Echo | None, facts: EchoFacts
) -> bytes:
    """A panel's columns of the steps `span` of an echo; None: its character has not been read, and everything before is
    unchanged."""
    start, stop = span
    message = EchoColumns(**dict(_columns(run, view, panel, look, span, run.steps)), echo=facts)
    size = -(-(min(stop, run.steps) - start) // look.per)
    if echo is None:
        nothing = picture_levels(
            np.zeros((size, run.recording.reader.stack[panel.layer].units), np.int16), signed=facts.signed
        )
        cells, strength = nothing, np.zeros(size, np.float32)
    else:
        place = panel.layer, panel.signal, start, stop, look.per
        cells, strength = echo.levels(*place, signed=facts.signed), echo.strength(*place)
    return frames.encode(message, {"cells": cells, "strength": strength, **_surprise(run, look, span)})


def _columns(run: Run, view: View, panel: Panel, look: Look, span: tuple[int, int], steps: int) -> Columns:
    bits, scored = run.recording.bits_per_character()
    return Columns(
        revision=view.revision,
        model=panel.model,
        layer=panel.layer,
        signal=panel.signal,
        start=span[0],
        stop=span[1],
        per=look.per,
        show=look.show,
        steps=steps,
        length=view.length,
        low=look.bounds[0],
        high=look.bounds[1],
        scale=look.spacing,
        bits_per_character=bits if scored else None,
        scored=scored,
    )


def _surprise(run: Run, look: Look, span: tuple[int, int]) -> dict[str, NDArray[np.float32]]:
    mean, peak = surprise_columns(run.recording.surprise(*span), look.per)
    return {"surprise": mean, "peak": peak}


def overview(run: Run, view: View, look: Look, span: tuple[int, int]) -> bytes:
    """The overview's columns of the steps `span`."""
    start, stop = span
    message = Overview(
        revision=view.revision,
        model=run.name,
        start=start,
        stop=stop,
        per=look.per,
        steps=run.steps,
        length=view.length,
    )
    mean, _ = surprise_columns(run.recording.surprise(start, stop), look.per)
    return frames.encode(message, {"surprise": mean})


def column(run: Run, view: View, layer: int, step: int, echo: Echo | None = None) -> bytes:
    """The exact values of all signals of a layer at one step, the prediction there, and the echo in view, if it has
    been compared there."""
    signals, following = run.recording.column(layer, step)
    message = Column(revision=view.revision, model=run.name, layer=layer, step=step)
    tensors = {"signals": signals.astype(np.float32), "log_probabilities": following.astype(np.float32)}
    if echo is not None:
        tensors["echo"] = echo.at_step(layer, step).astype(np.float32)
    return frames.encode(message, tensors)


def order(run: Run, view: View, panel: Panel, how: Sorting) -> bytes:
    """Units by how alike they behave within a window, in columns as wide as shown, but no finer than available."""
    window, look = how.window, view.look(panel)
    per = 1 if how.per == 1 else max(how.per, view.grain.bin)
    values = run.recording.columns(panel.layer, panel.signal, window.start, window.stop, per, look.show)
    message = Order(revision=view.revision, model=panel.model, layer=panel.layer, signal=panel.signal)
    return frames.encode(message, {"order": by_similarity(values)})
