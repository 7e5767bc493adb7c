"""Numbers straight from a model that has read a text: its states, its gates, its surprise, its weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..live.run import Run
from .formula import FormulaError

LONGEST = 20_000
"""Steps of which probabilities can be asked."""


class Traced:
    """Looks up what a formula names. Nothing is computed that it does not name.

    facts.length, facts.bits_per_character, facts.scored
    tensors.surprise (T,) in bits; tensors.0.forget_gate (T, H), as every signal of the model
    tensors.probability (T,): after each step, of `character` as the next one
    weights.weight_hh_l0 …, as in torch.nn; weights.readout.weight

    Args:
        character: of `tensors.probability`.
    """

    def __init__(self, run: Run, character: str | None = None) -> None:
        self._run = run
        self._character = character

    def __call__(self, root: str, rest: tuple[str, ...]) -> Any:
        name = ".".join(rest)
        if root == "facts":
            bits, scored = self._run.recording.bits_per_character()
            facts = {"length": len(self._run.recording), "bits_per_character": bits, "scored": scored}
            return _of(facts, name, "fact")
        if root == "weights":
            named = {key.removeprefix("rnn."): value for key, value in self._run.model.lm.named_parameters()}
            return _of(named, name, "weight").detach().cpu().numpy()
        return self._tensor(name)

    def _tensor(self, name: str) -> Any:
        recording = self._run.recording
        if name == "surprise":
            return recording.surprise(0, recording.steps)
        if name == "probability":
            return self._probability()
        layer, _, signal = name.partition(".")
        stack = recording.reader.stack
        signals = [f"{k}.{one}" for k, part in enumerate(stack) for one in part.cell.names()]
        if name not in signals:
            raise FormulaError(
                f"{self._run.name} has no tensor {name!r}; it has surprise, probability, {', '.join(signals)}."
            )
        return recording.signal(int(layer), signal, 0, recording.steps)

    def _probability(self) -> Any:
        recording, vocabulary = self._run.recording, self._run.model.vocabulary
        if self._character is None:
            raise FormulaError('Of which character? Name it: options = { character = "u" }.')
        if self._character not in vocabulary:
            raise FormulaError(f"{self._run.name} does not know the character {self._character!r}. Name another.")
        if recording.steps > LONGEST:
            raise FormulaError(f"Probabilities can be asked of texts up to {LONGEST:,} characters. Give a shorter one.")
        index = int(vocabulary.encode(self._character)[0])
        found = np.array([recording.column(0, step)[1][index] for step in range(recording.steps)], np.float64)
        return np.exp(found)


def _of(known: dict[str, Any], name: str, what: str) -> Any:
    if name not in known:
        raise FormulaError(f"There is no {what} {name!r}; there are {', '.join(known)}.")
    return known[name]
