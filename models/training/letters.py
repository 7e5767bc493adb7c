"""What a character model is trained on: a text in streams, the cross-entropy of what comes next, bits per character."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ..errors import CorpusError
from ..network.evaluation import bits_per_character
from ..network.language_model import CharLM
from ..text.vocabulary import Vocabulary
from ..text.words import counted
from .continuing import Start
from .corpora import Corpus
from .material import Material, streams
from .settings import Settings
from .settings_check import check_size


class Letters(Material[CharLM]):
    """A corpus. Characters rarer than `min_count` stay outside the vocabulary, and out of the loss.

    Raises:
        CorpusError: if the text is too short for the settings.
        BadSettings: if the network is too large for this machine.
    """

    item = "character"
    guess_words = "guessing evenly"

    def __init__(self, corpus: Corpus, settings: Settings, start: Start | None) -> None:
        self.name, self.sha256, self.start = corpus.name, corpus.sha256, start
        training = corpus.split("train")
        try:
            count = settings.min_count
            self.vocabulary = start.vocabulary(training, count) if start else Vocabulary.of(training, count)
        except ValueError:
            raise CorpusError(
                f"{corpus.name} has no character that occurs {settings.min_count:,} times where it is trained on. "
                "Use a longer text or a smaller minimum."
            ) from None
        check_size(settings, len(self.vocabulary))
        ids = torch.from_numpy(self.vocabulary.encode(training).astype(np.int64))
        self.validation = self.vocabulary.encode(corpus.split("validation"))
        if (len(ids) - 1) // settings.streams < 2 or len(self.validation) < 2:
            raise CorpusError(
                f"{corpus.name} has {counted(len(corpus.text), 'character')}, "
                f"too few for {counted(settings.streams, 'stream')} of training. Use a longer text or fewer streams."
            )
        if not (self.validation[1:] < self.vocabulary.unknown).any():
            raise CorpusError(
                f"{corpus.name} has no known character where it is validated: its last tenth is written in others "
                "than the rest. Use a text that is mixed throughout."
            )
        self.inputs, self.targets = streams(ids[:-1], ids[1:], settings.streams)

    @property
    def guess(self) -> float:
        return math.log2(len(self.vocabulary) + 1)

    @property
    def digest(self) -> str | None:
        return self.start.digest if self.start else None

    def fresh(self, settings: Settings, name: str) -> CharLM:
        return CharLM.of(settings.stack, self.vocabulary, dropout=settings.dropout, name=name)

    def begin(self, model: CharLM) -> None:
        if self.start is not None:
            self.start.put_into(model)

    def loss(self, read_out: Tensor, targets: Tensor) -> Tensor:
        return functional.cross_entropy(read_out.flatten(0, 1), targets.flatten(), ignore_index=self.vocabulary.unknown)

    def bits(self, model: CharLM) -> float:
        return bits_per_character(model, self.validation)[0]
