"""A model writes: each character is drawn from what it expects, read, and the next one is drawn.

At temperature τ character k has the probability softmax(logits / τ)ₖ = softmax(log p / τ)ₖ, since logits and
log-probabilities differ by a constant of the step. At 1 that is what the model expects; below, the likely becomes
likelier; at 0 the likeliest is taken, of equals the first of the vocabulary. One number of NumPy's PCG64 decides each
character, so that a seed gives the same text wherever the log-probabilities are the same.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..cells.base import Array
from ..text.vocabulary import Ids, Vocabulary
from .reader import Reader
from .state import State, fork

COLDEST = 1e-9
"""Below this a quotient by the temperature may be no number, and all weight is on the likeliest anyway."""


def probabilities(log_probabilities: Array, temperature: float) -> NDArray[np.float64]:
    """softmax(log p / temperature) of one step, (V,), in float64; at 0, and next to it, all on the likeliest."""
    if temperature < COLDEST:
        certain = np.zeros(len(log_probabilities))
        certain[np.argmax(log_probabilities)] = 1.0
        return certain
    scaled = log_probabilities.astype(np.float64) / temperature
    weights = np.exp(scaled - scaled.max())
    return np.asarray(weights / weights.sum(), np.float64)


def generate(
    reader: Reader,
    state: State,
    log_probabilities: Array,
    temperature: float,
    seed: int,
    at: int = 0,
    never: Ids | None = None,
) -> Iterator[int]:
    """Ids that the model writes, without end, from a state and what is expected to follow it.

    Args:
        state: not changed.
        log_probabilities: (V,) in nats.
        temperature: 0 or more.
        at: the step at which the first of them will stand.
        never: ids that are not drawn, the others take their place; see `unwritable`.
    """
    draw = np.random.Generator(np.random.PCG64(seed))
    state, activations = fork(state), reader.allocate(1)
    barred = np.empty(0, np.int32) if never is None else never
    while True:
        if len(barred):
            log_probabilities = log_probabilities.copy()
            log_probabilities[barred] = -np.inf
        cumulative = np.cumsum(probabilities(log_probabilities, temperature))
        index = int(np.searchsorted(cumulative, draw.random() * cumulative[-1], side="right"))
        chosen = min(index, len(cumulative) - 1)
        yield chosen
        reader.read(np.array([chosen], np.int32), state, activations, at=at)
        log_probabilities, at = activations.predictions[0].copy(), at + 1


def unwritable(vocabulary: Vocabulary) -> Ids:
    """The ids of characters that no text can hold: the carriage return, which `models.text.lines` makes part of "\\n".

    Only a model whose card knows it can draw it. What is written is read again, so it must be a text as it would be
    read: else the network that wrote and the one that reads would see two texts. Where nothing else could be drawn,
    nothing is barred.
    """
    known = vocabulary.characters.find("\r")
    return np.array([known] if known >= 0 and len(vocabulary) > 1 else [], np.int32)
