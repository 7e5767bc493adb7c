"""How to train: the settings of one training, as they are on a card and in its files."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, cast

from ..network.stack import Stack


@dataclass(frozen=True)
class Settings:
    """How to train. Every default is what the zoo's 128-unit models use.

    Attributes:
        cell, units: of all layers; one for each where they differ.
        layers: as many as `cell` or `units` name, or one, unless it is given.
        epochs: passes over the training split.
        streams: B, places in the text that are read in parallel.
        segment: T, characters between two updates; gradients go back no further.
        learning_rate: the highest, reached after `warmup` updates; then a cosine falls to a fiftieth of it.
        clip: the gradient's largest norm.
        min_count: characters rarer than this in the training split stay outside the vocabulary.
        validations: how often the validation split is measured during the training.
        penalty: the weight of the mean square that the cell names (see `Cell.penalised`), relative to the loss in nats.
        reset: the probability that a stream begins a segment at the zero state instead of where the last one ended;
            0 carries the state through the whole pass, 1 never carries it.
        weight_decay: AdamW's, on weights and biases alike.
    """

    cell: str | tuple[str, ...] = "lstm"
    units: int | tuple[int, ...] = 128
    layers: int = cast(int, None)
    dropout: float = 0.0
    seed: int = 1
    epochs: float = 30.0
    streams: int = 32
    segment: int = 128
    learning_rate: float = 1e-2
    warmup: int = 100
    clip: float = 1.0
    min_count: int = 1
    validations: int = 60
    penalty: float = 0.0
    reset: float = 0.0
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        for name in ("cell", "units"):
            if isinstance(value := getattr(self, name), list):  # from a file
                object.__setattr__(self, name, tuple(value))
        if vars(self)["layers"] is None:
            named = [len(one) for one in (self.cell, self.units) if isinstance(one, tuple)]
            object.__setattr__(self, "layers", named[0] if named else 1)

    def as_json(self) -> dict[str, Any]:
        """As it is in a file, where a tuple is a list."""
        found: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return found

    @property
    def stack(self) -> Stack:
        """The layers of the network.

        Raises:
            ValueError: if these do not make layers.
        """
        return Stack.of(self.cell, self.units, self.layers)
