"""Continuing with a trained network on another text: which characters it then knows, and its initial weights.

Either the vocabulary is kept, and characters of the new text that are not in it stay unknown; or these are appended to
it, so that every id stays the same. A new character's weights, its column of the first layer's input and its row of
the readout, are those of a fresh network; all others are the trained ones.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import torch

from ..errors import BadSettings, CorpusError
from ..network.language_model import CharLM
from ..network.stack import Stack
from ..text.vocabulary import Vocabulary


@dataclass(frozen=True, eq=False)
class Start:
    """The network that a training continues from.

    Attributes:
        extend: whether its vocabulary is extended by the characters of the text, or kept.
    """

    lm: CharLM
    extend: bool = False

    def check(self, asked: Stack) -> None:
        """A network keeps its shape.

        Raises:
            BadSettings: if another shape is requested, or if the network is under interventions.
        """
        own = self.lm.stack
        if asked != own:
            raise BadSettings(
                f"{self.lm.name} is {own.title}, {own.words} units, and going on with it keeps that; "
                f"{asked.title}, {asked.words} was asked for. Leave the shape out, or train anew."
            )
        if self.lm.interventions:
            raise BadSettings(f"{self.lm.name} is under interventions, which are not trained. Name the model without.")

    def vocabulary(self, text: str, min_count: int) -> Vocabulary:
        """The characters that the training on `text` knows.

        Raises:
            CorpusError: if none of the text's characters is among them.
        """
        known = self.lm.vocabulary
        if self.extend:
            try:
                found = Vocabulary.of(text, min_count).characters
            except ValueError:
                found = ""
            return Vocabulary(known.characters + "".join(one for one in found if one not in known))
        if not (known.encode(text) < known.unknown).any():
            raise CorpusError(
                f"{self.lm.name} knows no character of this text, and its vocabulary is kept. "
                "Extend it, or choose a text that is written in its characters."
            )
        return known

    @torch.no_grad()
    def put_into(self, lm: CharLM) -> None:
        """Give a fresh network of the same shape, whose vocabulary begins with this one's, the trained weights."""
        fresh = lm.state_dict()
        for name, trained in self.lm.state_dict().items():
            fresh[name][tuple(slice(0, size) for size in trained.shape)].copy_(trained)

    @property
    def digest(self) -> str:
        """SHA-256 of the weights and of the resulting vocabulary: a training resumes only from the same."""
        sha = hashlib.sha256(f"{self.lm.vocabulary.characters}\n{self.extend}".encode("utf-8", "surrogatepass"))
        for tensor in self.lm.state_dict().values():
            sha.update(tensor.detach().cpu().contiguous().numpy().tobytes())
        return sha.hexdigest()

    def on_card(self, vocabulary: Vocabulary) -> dict[str, Any]:
        """What a card says about it."""
        more = len(vocabulary) - len(self.lm.vocabulary)
        return {"from": self.lm.name, "vocabulary": f"extended by {more}" if self.extend else "kept"}
