"""A model writes on behind a text that it has read: from any character of a recording, or from the end of a text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from ..cells.base import Array
from ..errors import NotMeasurable
from ..network.generation import generate, unwritable
from ..network.language_model import CharLM
from ..network.state import State
from ..text.vocabulary import Ids
from ..text.words import counted
from .record import record
from .recording import Recording


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
    _, expected = recording.column(recording.reader.layers - 1, step)
    return recording.state_at(step + 1), expected
