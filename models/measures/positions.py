"""Where in a text a measure looks: at many positions or at one; and what was read there."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cells.derivative import NO_DERIVATIVE
from ..derivatives.segments import Segments
from ..errors import NotMeasurable
from ..network.language_model import CharLM
from ..network.reader import Reader
from ..network.stack import Stack
from ..recording.recording import Recording
from .progress import subtask

WARM_UP = 100
"""Characters left out at the beginning if the text is long enough: the state has hardly developed there."""
UNDERIVABLE = (
    "This rests on the derivatives of the model's own equations, and under an intervention others hold. "
    "Follow what an edit does instead, or look at the model without intervention."
)
"""Why nothing is derived from a model that reads under interventions."""
LEAST = 16
"""The shortest text from which positions are sampled."""


@dataclass(frozen=True)
class Positions:
    """Positions spread evenly over a text.

    Attributes:
        starts: (N,) the steps at which the segments begin; each has `lags` further steps, and a known character after.
        lags: the number of lags: as many as requested, at most half of the text.
        warm_up: how many characters were left out at the beginning.
    """

    starts: NDArray[np.int64]
    lags: int
    warm_up: int


def places(recording: Recording, count: int, lags: int) -> Positions:
    """`count` positions spread evenly over the text read so far, or as many as there are.

    The model knows the character at each position, and the one after its segment.

    Raises:
        NotMeasurable: if the text is too short, or has no such positions.
    """
    length = recording.steps
    if length < LEAST:
        plural = "" if length == 1 else "s"
        raise NotMeasurable(
            f"The text has {length} character{plural}, too few to look at many positions of it: {LEAST} are the least. "
            "Type or paste more."
        )
    lags = min(lags, length // 2)
    last = length - 2 - lags  # its segment ends one character before the text does
    warm_up = min(WARM_UP, (last + 1) // 2)
    known = recording.ids[:length] < recording.reader.symbols
    fit = warm_up + np.flatnonzero(known[warm_up : last + 1] & known[warm_up + lags + 1 : last + lags + 2])
    if not len(fit):
        raise NotMeasurable(
            "The model knows none of the characters at the positions that could be looked at. "
            "Choose a text in its own alphabet."
        )
    chosen = fit[np.unique(np.linspace(0, len(fit) - 1, min(count, len(fit))).round().astype(int))]
    return Positions(chosen, lags, warm_up)


def passages(
    lm: CharLM,
    recording: Recording,
    starts: Sequence[int] | NDArray[np.int64],
    steps: int,
    *,
    predict: bool = False,
    derive: bool = True,
) -> Generator[float, None, Segments]:
    """What was computed over `steps` steps from each of `starts` on; see `Segments.read`.

    Raises:
        NotMeasurable: if something there is not a finite number.
    """
    at = [int(start) for start in starts]
    states = []
    for start in at:
        states.append(recording.state_at(start))
        yield 0.3 * len(states) / len(at)
    ids = np.stack([recording.ids[start : start + steps] for start in at])
    work = Segments.read(lm, recording.reader, states, ids, predict=predict, derive=derive, starts=at)
    read = yield from subtask(work, 0.3, 1.0)
    if not all(bool(layer.isfinite().all()) for layer in read.layers):
        raise NotMeasurable(
            "The model's own activations are not finite numbers at some of these steps, so nothing can be derived from "
            "them. Choose earlier steps, or a model whose weights are sound."
        )
    return read


def check_derivable(recording: Recording) -> None:
    """
    Raises:
        NotMeasurable: where nothing can be derived; see `underivable`.
    """
    if (why := underivable(recording.reader)) is not None:
        raise NotMeasurable(why)


def underivable(reader: Reader) -> str | None:
    """Why nothing can be derived from what is read: a clamped gate has no meaningful derivative, and a layer without a
    state that is handed on has none either. None where it can."""
    if reader.position_dependent:
        return UNDERIVABLE
    return no_derivative(reader.stack)


def no_derivative(stack: Stack) -> str | None:
    """The same of a network as such."""
    kinds = [layer.cell for layer in stack if not layer.cell.derivable]
    return NO_DERIVATIVE.format(kinds[0].title) if kinds else None


def layer_of(recording: Recording, layer: int | None) -> int:
    """The requested layer; the last by default.

    Raises:
        NotMeasurable: if the model has no such layer.
    """
    layers = recording.reader.layers
    if layer is not None and not 0 <= layer < layers:
        raise NotMeasurable(f"This model has no layer {layer}: its layers are 0 to {layers - 1}. Choose one of them.")
    return layers - 1 if layer is None else layer
