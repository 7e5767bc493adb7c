"""What a training needs to know of what is read: items and targets in streams, a loss, and the figure to compare by.

B  streams    T  steps    P  numbers of a prediction
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from torch import Tensor

from ..network.sequence_model import SequenceModel
from .settings import Settings

Model = TypeVar("Model", bound=SequenceModel)


class Material(ABC, Generic[Model]):
    """See the module.

    Attributes:
        name, sha256: of the text or the series.
        inputs, targets: (time, B) or (time, B, C): what is read, and what is to be predicted after it.
        item: what the figures are per: "character".
        guess_words: what costs `guess`, in a sentence.
    """

    name: str
    sha256: str
    inputs: Tensor
    targets: Tensor
    item: str
    guess_words: str

    @property
    @abstractmethod
    def guess(self) -> float:
        """Bits that predicting without reading costs per item."""

    @property
    @abstractmethod
    def digest(self) -> str | None:
        """SHA-256 of the network that the training continues from; None for a fresh one."""

    @abstractmethod
    def fresh(self, settings: Settings, name: str) -> Model:
        """A network of these settings; drawn with torch's random numbers."""

    @abstractmethod
    def begin(self, model: Model) -> None:
        """Give a fresh network the weights that the training continues from, if it does."""

    @abstractmethod
    def loss(self, read_out: Tensor, targets: Tensor) -> Tensor:
        """Mean nats per item, from what is read out, (T, B, P), and the targets of these steps."""

    @abstractmethod
    def bits(self, model: Model) -> float:
        """Bits per item on the validation split, with the state carried through."""


def streams(items: Tensor, targets: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Both cut into `count` streams of the same length, side by side: (time, B, …)."""
    length = len(items) // count

    def cut(values: Tensor) -> Tensor:
        return values[: length * count].view(count, length, *values.shape[1:]).transpose(0, 1).contiguous()

    return cut(items), cut(targets)
