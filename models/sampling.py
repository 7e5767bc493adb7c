"""A model writes: each character is drawn from what it expects, read, and the next one is drawn.

At temperature τ character k has the probability softmax(logits / τ)ₖ = softmax(log p / τ)ₖ, since logits and
log-probabilities differ by a constant of the step. At 1 that is what the model expects; below, the likely becomes
likelier; at 0 the likeliest is taken, of equals the first of the vocabulary. One number of NumPy's PCG64 decides each
character, so that a seed gives the same text wherever the log-probabilities are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .cells.base import Array
from .errors import NotMeasurable
from .measures import record
from .reader import Reader, State
from .recording import Recording
from .vocabulary import Ids, Vocabulary
from .words import counted

if TYPE_CHECKING:
    from .charlm import CharLM


def probabilities(log_probabilities: Array, temperature: float) -> NDArray[np.float64]:
    """softmax(log p / temperature) of one step, (V,), in float64; at 0 all on the likeliest."""
    if temperature == 0:
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
    state, room = [layer.copy() for layer in state], reader.room(1)
    barred = np.empty(0, np.int32) if never is None else never
    while True:
        if len(barred):
            log_probabilities = log_probabilities.copy()
            log_probabilities[barred] = -np.inf
        cumulative = np.cumsum(probabilities(log_probabilities, temperature))
        index = int(np.searchsorted(cumulative, draw.random() * cumulative[-1], side="right"))
        chosen = min(index, len(cumulative) - 1)
        yield chosen
        reader.read(np.array([chosen], np.int32), state, room, at=at)
        log_probabilities, at = room.log_probabilities[0].copy(), at + 1


def unwritable(vocabulary: Vocabulary) -> Ids:
    """The ids of characters that no text can hold: the carriage return, which `models.lines` makes part of "\\n".

    Only a model whose card knows it can draw it. What is written is read again, so it must be a text as it would be
    read: else the network that wrote and the one that reads would see two texts. Where nothing else could be drawn,
    nothing is barred.
    """
    known = vocabulary.characters.find("\r")
    return np.array([known] if known >= 0 and len(vocabulary) > 1 else [], np.int32)


def continuation(
    recording: Recording, step: int, temperature: float, seed: int, never: Ids | None = None
) -> Iterator[int]:
    """What the model writes behind the character `step` of what it has read: exactly as if it read on.

    Raises:
        NotMeasurable: before the first character, where it expects nothing yet.
    """
    if step < 0:
        raise NotMeasurable(
            "Before the first character the model expects nothing, so there is nothing to draw from. "
            "Write one character first."
        )
    state, expected = standing(recording, step)
    return generate(recording.reader, state, expected, temperature, seed, step + 1, never)


def write(lm: CharLM, start: str, characters: int, temperature: float, seed: int) -> str:
    """See `CharLM.generate`."""
    if characters < 1:
        raise NotMeasurable(f"A model cannot write {counted(characters, 'character')}. Ask for one or more.")
    if not 0 <= temperature <= 10:  # NaN is neither
        raise NotMeasurable(f"The temperature is {temperature}; it must be from 0 to 10.")
    if not 0 <= seed < 2**32:
        raise NotMeasurable(f"The seed is {seed}; it must be from 0 to {2**32 - 1:,}.")
    recording = record(lm, start)
    written = continuation(recording, recording.steps - 1, temperature, seed, unwritable(lm.vocabulary))
    return lm.vocabulary.decode(np.fromiter(islice(written, characters), np.int32, characters))


def standing(recording: Recording, step: int) -> tuple[State, Array]:
    """The state after a step that has been read, and the log-probabilities (V,) of what follows it."""
    columns = [recording.column(layer, step) for layer in range(recording.reader.layers)]
    carried = list(recording.reader.cell.carried())
    return [signals[carried] for signals, _ in columns], columns[-1][1]
