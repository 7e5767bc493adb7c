"""A model's answers in a text of delayed recall: the probability of each key at each mark.

The task is defined in `models/tasks/delayed_recall.py`. A mark asks for the last key letter before it in its line; a
mark with no key before it in its line has no right answer and is left out.

M  marks    K  keys, 8
"""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import NotMeasurable
from ...network.language_model import CharLM
from ...recording.recording import Recording
from ...tasks.delayed_recall import END, KEYS, MARK, VOCABULARY

SIGNS = re.compile(f"[{KEYS}{re.escape(MARK + END)}]")


@dataclass(frozen=True)
class Answers:
    """One row per mark, in the order of the text.

    Attributes:
        marks: the steps that read the marks, (M,).
        keys_at: the steps that read the keys, (M,); the delay is the difference.
        keys: the right key of each, as its index in `KEYS`, (M,).
        probabilities: of each key as the next character, (M, K); the rest of 1 belongs to other characters.
    """

    marks: NDArray[np.int32]
    keys_at: NDArray[np.int32]
    keys: NDArray[np.int32]
    probabilities: NDArray[np.float32]


def questions(text: str) -> list[tuple[int, int]]:
    """The step of the key and the step of the mark, for each mark that has a right answer."""
    found: list[tuple[int, int]] = []
    key: int | None = None
    for sign in SIGNS.finditer(text):
        if sign[0] == END:
            key = None
        elif sign[0] != MARK:
            key = sign.start()
        elif key is not None:
            found.append((key, sign.start()))
    return found


def answers(lm: CharLM, recording: Recording, text: str, most: int = 100) -> Generator[float, None, Answers]:
    """The predictions of `lm` at the last `most` marks of `text`, which `recording` has read.

    Raises:
        NotMeasurable: if the model does not know the task's characters, or nothing is asked.
    """
    ids = lm.vocabulary.encode(VOCABULARY.characters)
    if (ids == lm.vocabulary.unknown).any():
        raise NotMeasurable(
            f"{lm.name} does not know all characters of the recall task. "
            "Open one of the models that were trained on it."
        )
    asked = questions(text)[-most:]
    if not asked:
        raise NotMeasurable(
            f"The text asks for no key: it has no “{MARK}” with one of the letters {KEYS[0]} to {KEYS[-1]} before it "
            "in the same line. Put an episode into the editor."
        )
    places = lm.vocabulary.encode(KEYS)  # (K,)
    probabilities = np.empty((len(asked), len(KEYS)), np.float32)
    for m, (_, mark) in enumerate(asked):
        _, log_probabilities = recording.column(lm.layers - 1, mark)  # (V,) nats
        probabilities[m] = np.exp(log_probabilities[places])
        yield (m + 1) / len(asked)
    keys_at, marks = np.array(asked, np.int32).T  # (M,), (M,)
    keys = np.array([KEYS.index(text[step]) for step in keys_at], np.int32)
    return Answers(marks, keys_at, keys, probabilities)
