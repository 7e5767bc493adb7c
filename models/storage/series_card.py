"""The card of a series model: its channels, and how well it predicts beside what is simpler; see `model_card`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from pydantic import Field, field_validator, model_validator

from ..network.codec import Readings
from ..network.series_model import SeriesModel
from ..network.stack import Stack
from .model_card import Count, Facts, ModelCard, Words, card_of

MOST_CHANNELS = 4096

Name = Annotated[str, Field(min_length=1, max_length=400)]
Above = Annotated[float, Field(gt=0)]


class ChannelCard(Facts):
    """One sensor.

    Attributes:
        unit: as its file states it; empty if it does not.
        mean, deviation: of the training split, in its unit: what is subtracted, and divided by, before it is read.
        resolution: the smallest step that it shows.
    """

    name: Name
    unit: Annotated[str, Field(max_length=400)] = ""
    mean: float
    deviation: Above
    resolution: Above


class BaselineCard(Facts):
    """What the model must beat, see `models.series.baselines`.

    Attributes:
        lag: how many steps back its value lies; 0 for the mean of the training split.
        mean, deviation: of its error in each channel, on the training split.
    """

    lag: Count
    mean: list[float]
    deviation: list[Above]


class SeriesMeasured(Facts):
    """Bits per reading on one split, with the state carried through; below 0 where readings come closer to what was
    expected than the sensor can show.

    Attributes:
        readings: how many were predicted: all but those of the first row, and those that are missing.
        baselines: the same of each baseline, on the same readings, in the order of `SeriesCard.baselines`.
    """

    bits_per_reading: float
    readings: Count
    baselines: list[float]


class SeriesData(Facts):
    """What a model was trained on, and how it was divided.

    Attributes:
        seconds_per_step: between two rows; None where nobody stated it.
        seasons: periods in steps.
    """

    name: Words
    description: Words
    licence: Words
    rows: Count
    seconds_per_step: Above | None
    seasons: list[Annotated[int, Field(ge=1, le=2**53)]]
    sha256: Words
    split: Words


class SeriesCard(ModelCard):
    """What a series model is, how it came about and how well it predicts."""

    channels: Annotated[list[ChannelCard], Field(min_length=1, max_length=MOST_CHANNELS)]
    baselines: Annotated[list[BaselineCard], Field(min_length=1, max_length=64)]
    series: SeriesData
    training: dict[str, Any]
    measured: dict[str, SeriesMeasured]
    untrained: dict[str, SeriesMeasured] = Field(default_factory=dict)
    measured_with: Words

    @field_validator("channels")
    @classmethod
    def _each_once(cls, value: list[ChannelCard]) -> list[ChannelCard]:
        names = [one.name for one in value]
        if twice := [one for k, one in enumerate(names) if one in names[:k]]:
            raise ValueError(f"it names {twice[0][:120]!r} twice")
        return value

    @model_validator(mode="after")
    def _sizes_go_together(self) -> SeriesCard:
        self.check_layers()
        channels = len(self.channels)
        for one in self.baselines:
            if len(one.mean) != channels or len(one.deviation) != channels:
                raise ValueError(f"the baseline of lag {one.lag:,} does not have one error for each channel")
        for split, measured in [*self.measured.items(), *self.untrained.items()]:
            if len(measured.baselines) != len(self.baselines):
                raise ValueError(
                    f"{split[:120]} states {len(measured.baselines):,} baselines; there are {len(self.baselines):,}"
                )
        expected = series_parameter_count(self.stack, channels)
        if self.parameters != expected:
            raise ValueError(
                f"{self.stack.words} units of {self.stack.title} with {channels:,} channels have {expected:,} "
                f"parameters, not the {self.parameters:,} that it states"
            )
        return self

    @property
    def readings(self) -> Readings:
        """What the network reads."""
        numbers = [(one.mean, one.deviation, one.resolution) for one in self.channels]
        return Readings(tuple(one.name for one in self.channels), *np.array(numbers).T)


def series_parameter_count(stack: Stack, channels: int) -> int:
    """How many numbers a network of these layers learns. No memory is taken for them, however many they are."""
    return sum(math.prod(shape) for shape in series_parameter_shapes(stack, channels).values())


def series_parameter_shapes(stack: Stack, channels: int) -> dict[str, tuple[int, ...]]:
    """The parameters of a network by their names; no memory is taken for them."""
    ones = np.ones(channels)
    with torch.device("meta"):
        model = SeriesModel(stack, Readings(tuple(map(str, range(channels))), ones, ones, ones))
    return {name: tuple(one.shape) for name, one in model.state_dict().items()}


def read_series_card(folder: Path) -> SeriesCard:
    """The card of the series model in `folder`.

    Raises:
        CheckpointError: if there is none, or it is invalid.
    """
    return card_of(folder, SeriesCard)
