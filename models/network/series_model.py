"""A model of sequences of real numbers: each step it predicts a mean and a deviation for every channel."""

from __future__ import annotations

from .codec import Readings
from .head import Gaussian
from .sequence_model import SequenceModel
from .stack import Stack


class SeriesModel(SequenceModel):
    """Predicts the next readings from those before them.

    Items are rows of readings (T, B, C) as `Readings.encode` makes them. What is read out are C means, then C times
    ln σ, (T, B, 2·C).

    Args:
        readings: the channels that it reads and predicts.
        dropout: share of activations dropped after each layer while training.
    """

    codec: Readings

    def __init__(self, stack: Stack, readings: Readings, *, dropout: float = 0.0, name: str = "unnamed") -> None:
        super().__init__(stack, readings, 2 * readings.inputs, dropout=dropout, name=name)

    def head(self) -> Gaussian:
        return Gaussian(self.readout, self.codec.fineness)
