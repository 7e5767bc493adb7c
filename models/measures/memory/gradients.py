"""The vanishing gradient, or the exploding one: how much of the error at one character arrives k characters earlier.

‖∂loss_t/∂h_{t−k}‖₂ against k, with loss_t = −ln p(x_{t+1} | x_0 … x_t) in nats and h the hidden state of one layer:
what backpropagation through time would pass back (Bengio, Simard and Frasconi 1994; Pascanu, Mikolov and Bengio 2013).
Powers of two are factored out along the way and counted, so that 1e-60 is a number and not 0.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch

from ...network.language_model import CharLM
from ...recording.recording import Recording
from ..curves import gradient_back
from ..positions import check_derivable, layer_of, passages, places
from ..progress import subtask
from .horizon import Band, following

TOGETHER = 32
"""Positions whose gradients are propagated back together."""


@dataclass(frozen=True, slots=True)
class Gradients:
    """The band over N positions t of ‖∂loss_t/∂h_{t−k}‖₂; `band.steps` are the steps t − K.

    Attributes:
        layer: whose hidden state.
        warm_up: characters left out at the beginning.
    """

    layer: int
    band: Band
    warm_up: int

    @property
    def per_step(self) -> float | None:
        """The average factor by which the median changes per step; None where it ends at zero."""
        first, last = self.band.median[0], self.band.median[-1]
        if self.band.lags == 0 or not (np.isfinite(first) and np.isfinite(last)):
            return None
        return float(10 ** ((last - first) / self.band.lags))


def gradients(
    lm: CharLM, recording: Recording, *, positions: int = 128, lags: int = 200, layer: int | None = None
) -> Generator[float, None, Gradients]:
    """Propagate the gradients of many positions back over `lags` characters, at most half of the text.

    Yields:
        the share of the work that is done.

    Raises:
        NotMeasurable: if the text is too short, there is no such layer, or the model reads under interventions.
    """
    layer = layer_of(recording, layer)
    check_derivable(recording)
    where = places(recording, positions, lags)
    found = []
    for first in range(0, len(where.starts), TOGETHER):
        some = where.starts[first : first + TOGETHER]
        share, last = first / len(where.starts), (first + len(some)) / len(where.starts)
        middle = (share + last) / 2
        read = yield from subtask(passages(lm, recording, some, where.lags + 1, predict=True), share, middle)
        targets = torch.as_tensor(following(recording, some, where.lags), device=lm.device)
        found.append((yield from subtask(gradient_back(read, targets, layer), middle, last)))
    return Gradients(layer, Band.of(np.concatenate(found, axis=1), where.starts), where.warm_up)
