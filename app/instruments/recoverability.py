"""How much of the past can be read off the state, measured on the user's own text."""

from __future__ import annotations

from typing import Literal

import numpy as np

from .base import Finding, Options, Subject, Work


class Recoverability(Options):
    """A linear probe for the character k steps back, trained and scored on the text."""

    name: Literal["recoverability"]

    def work(self, subject: Subject) -> Work:
        from models.measures.recoverability import LAGS, probing  # scikit-learn takes a second to load

        recording = subject.run.recording
        lm = subject.run.model.lm
        hidden = recording.signal(lm.layers - 1, "hidden", 0, recording.steps)  # (T, H)
        found = yield from probing(hidden, recording.ids[:], len(lm.vocabulary), LAGS)
        return Finding(
            {"chance": found.chance, "trained_on": found.trained_on, "held_out": found.held_out},
            {"lags": np.asarray(found.lags, np.int32), "accuracy": np.asarray(found.accuracy, np.float32)},
        )
