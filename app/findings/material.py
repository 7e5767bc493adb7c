"""The material of findings: the models that ship and the texts that they were trained on, each loaded once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

import numpy as np

from models import CorpusError, catalogue
from models.measures import record
from models.recording.recording import Recording
from models.storage.card import Card
from models.training import corpora
from models.training.corpora import Corpus
from models.zoo import load_text_model

from ..content.example_texts import SAMPLES

Made = TypeVar("Made")


class Material:
    """See the module.

    Args:
        files: paths of corpora that should not be fetched, by their names.
    """

    def __init__(self, files: Mapping[str, str] | None = None) -> None:
        self._files = dict(files or {})
        self._made: dict[object, Any] = {}
        self.model = cache(load_text_model)
        self.recording = cache(self._recording)

    def card(self, name: str) -> Card:
        return catalogue(())[name.partition("@")[0]].card

    def corpus(self, name: str) -> Corpus:
        """The text that the model `name` was trained on.

        Raises:
            CorpusError: if it is not available, or is another text.
        """
        card = self.card(name)
        source = card.corpus.name
        found = self.once(corpora.load, source, lambda: corpora.load(self._files.get(source, source)))
        if found.sha256 != card.corpus.sha256:
            raise CorpusError(f"{found.description} is not the text that {name} was trained on.")
        return found

    def text(self, name: str, split: str = "test", characters: int | None = None) -> str:
        return self.corpus(name).split(split)[:characters]

    def _recording(self, name: str, split: str = "test", characters: int | None = None) -> Recording:
        """The recording of the model `name` on a split of its corpus."""
        return record(self.model(name), self.text(name, split, characters))

    def sample(self, name: str, sample: str) -> Recording:
        """The recording of the model `name` on one of the page's samples."""
        return record(self.model(name), sample_text(sample))

    def once(self, what: object, of: object, make: Callable[[], Made]) -> Made:
        """The result of `make`, computed at the first call with this `what` and `of`."""
        if (what, of) not in self._made:
            self._made[what, of] = make()
        made: Made = self._made[what, of]
        return made

    def encoded(self, name: str, split: str, characters: int | None = None) -> np.ndarray:
        return self.model(name).vocabulary.encode(self.text(name, split, characters))


def sample_text(sample: str) -> str:
    return next(one.text for one in SAMPLES if one.id == sample)
