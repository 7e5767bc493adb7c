"""The card of a character model, `card.json`; see `model_card`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any

import torch
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ..errors import CheckpointError
from ..network.language_model import CharLM
from ..network.stack import Stack
from ..text.names import shown
from ..text.vocabulary import Vocabulary
from .model_card import (
    CARD,
    MOST_BYTES,
    MOST_LAYERS,
    MOST_UNITS,
    Count,
    Facts,
    ModelCard,
    Share,
    Words,
    card_of,
    states,
    write_card,
)

__all__ = [
    "CARD",
    "MOST_BYTES",
    "MOST_LAYERS",
    "MOST_UNITS",
    "Card",
    "CorpusCard",
    "Facts",
    "Measured",
    "Protocol",
    "RecallMeasured",
    "SeedRun",
    "TimeScales",
    "TuningRun",
    "UsedContext",
    "parameter_count",
    "parameter_shapes",
    "read_card",
    "write_card",
]


class Measured(Facts):
    """Bits per character on one split, with the state carried through."""

    bits_per_character: Annotated[float, Field(ge=0)]
    nats_per_character: Annotated[float, Field(ge=0)]
    characters: Count


class RecallMeasured(Facts):
    """Accuracy on the delayed-recall task, see `models.tasks.delayed_recall`, at the delays 1 … `longest`.

    Attributes:
        accuracy: the mean over the delays.
        reach: the longest delay up to which the accuracy stays at `criterion` or above; `longest` means "at least".
        episodes: how many were measured at each delay.
    """

    longest: Count
    accuracy: Share
    reach: Count
    criterion: Share
    chance: Share
    episodes: Count
    measured_with: Words


class UsedContext(Facts):
    """How many characters back the predictions look, see `models.measures.memory.used_context`.

    Attributes:
        k: the largest number of true characters at which another past costs more than `threshold` bits on average;
            None if there is none, `lags` means "at least".
        standard_error: of k; None where unknown.
        bits_lost, bits_lost_errors: for some k, the mean loss and its standard error.
        split: the part of the corpus that was read, from its beginning.
    """

    k: int | None
    standard_error: float | None
    lags: int
    threshold: float
    positions: int
    split: str
    bits_lost: dict[str, float]
    bits_lost_errors: dict[str, float]
    measured_with: str

    def words(self) -> str:
        """`24 ± 1`, as in tables."""
        if self.k is None:
            return "none"
        if self.k == self.lags:
            return f"{self.lags} or more"
        return str(self.k) if self.standard_error is None else f"{self.k} ± {max(round(self.standard_error), 1)}"


class TimeScales(Facts):
    """How slowly each unit changes, in characters, as `models.measures.units.time_scale` defines it.

    Attributes:
        characters: how much of the validation split was read, its start.
        sha256: of the whole corpus; for source code that of the Python at hand, which may differ from the card's.
        trained: `"{layer}.{signal}"` → one number per unit, None for a constant one; `cap` means "at least".
        untrained: the same for the untrained twin.
    """

    characters: int
    sha256: str
    cap: float
    trained: dict[str, list[float | None]]
    untrained: dict[str, list[float | None]]
    measured_with: str


class TuningRun(BaseModel):
    """A training run to choose settings: bits on the validation split, share of hidden values beyond ±0.9.

    Attributes:
        diverged: why the training ended early, if it did. The figures are those of the best weights until then.
    """

    model_config = ConfigDict(extra="forbid")

    learning_rate: float
    penalty: float
    validation_bits: float
    saturated: float
    chosen: bool
    diverged: Words | None = None


class SeedRun(BaseModel):
    """A training that counts. Bits per character, what `models.training.examination` found, and why it diverged, if
    it did."""

    model_config = ConfigDict(extra="forbid")

    seed: int
    training_bits: float
    validation_bits: float
    test_bits: float
    units: int
    dead: int
    stuck: int | None
    saturated: float
    saturated_cell: float | None
    largest_cell: float | None
    context: dict[str, float]
    shipped: bool
    diverged: Words | None = None


class Protocol(BaseModel):
    """How a model's settings were chosen, and the result of each seed; see `models.training.zoo_training`.

    A model that was trained once, with the settings of its recipe, has one seed and nothing tuned.
    """

    model_config = ConfigDict(extra="forbid")

    tuning_seed: int
    tuned: list[TuningRun]
    seeds: list[SeedRun]

    @property
    def spread(self) -> tuple[float, float] | None:
        """The lowest and the highest validation bits over the seeds; None for a single one."""
        bits = [run.validation_bits for run in self.seeds]
        return (min(bits), max(bits)) if len(bits) > 1 else None


class CorpusCard(Facts):
    """What a model was trained on, and how the text was divided."""

    name: Words
    description: Words
    licence: Words
    characters: Count
    sha256: Words
    split: Words


class Card(ModelCard):
    """What a model is, how it came about and how well it predicts."""

    vocabulary: Annotated[str, Field(min_length=1, max_length=0x110000)]
    corpus: CorpusCard
    training: dict[str, Any]
    measured: dict[str, Measured]
    untrained: dict[str, Measured] = Field(default_factory=dict)
    recall: RecallMeasured | None = None
    used_context: UsedContext | None = None
    time_scales: TimeScales | None = None
    protocol: Protocol | None = None
    measured_with: Words

    @field_validator("vocabulary")
    @classmethod
    def _each_once(cls, value: str) -> str:
        if len(set(value)) != len(value):
            twice = next(one for k, one in enumerate(value) if one in value[:k])
            raise ValueError(f"it names {twice!r} twice")
        return value

    @field_validator("measured", "untrained", mode="before")
    @classmethod
    def _only_what_was_measured(cls, value: Any) -> Any:
        """Older cards have null for a split without a single known character; it means the same as a missing one."""
        if not isinstance(value, dict):
            return value
        return {
            split: one
            for split, one in value.items()
            if not (isinstance(one, dict) and one.get("bits_per_character", 0) is None)
        }

    @model_validator(mode="after")
    def _sizes_go_together(self) -> Card:
        self.check_layers()
        expected = parameter_count(self.stack, len(self.vocabulary))
        if self.parameters != expected:
            raise ValueError(
                f"{self.stack.words} units of {self.stack.title} with {len(self.vocabulary):,} characters have "
                f"{expected:,} parameters, not the {self.parameters:,} that it states"
            )
        scales = {} if self.time_scales is None else {**self.time_scales.trained, **self.time_scales.untrained}
        for name, one in scales.items():
            layer = name.partition(".")[0]
            known = layer.isdecimal() and layer.isascii() and len(layer) < 4 and int(layer) < self.layers
            here, signal = (self.stack[int(layer)] if known else None), name.partition(".")[2]
            units = here.width(signal) if here is not None and signal in here.cell.names() else 0
            if len(one) != units:
                raise ValueError(f"time_scales names {len(one):,} units of {name[:120]}; there are {units:,}")
        return self

    def bits_per_character(self, step: int | None = None) -> float | None:
        """Bits on the validation split; for step 0 those of the untrained twin, None where not measured."""
        measured = self.measured if step is None else self.untrained if step == 0 else {}
        return measured["validation"].bits_per_character if "validation" in measured else None


def parameter_count(stack: Stack, symbols: int) -> int:
    """How many numbers a network of these layers learns. No memory is taken for them, however many they are."""
    return sum(math.prod(shape) for shape in parameter_shapes(stack, symbols).values())


def parameter_shapes(stack: Stack, symbols: int) -> dict[str, tuple[int, ...]]:
    """The parameters of a network by their names, as its cells declare them; no memory is taken for them."""
    vocabulary = Vocabulary("".join(map(chr, range(symbols))))
    with torch.device("meta"):
        lm = CharLM.of(stack, vocabulary)
    return {name: tuple(one.shape) for name, one in lm.state_dict().items()}


def read_card(folder: Path) -> Card:
    """The card of the character model in `folder`; a leading byte order mark is skipped.

    Raises:
        CheckpointError: if there is none, it is invalid, or it is that of a model that reads numbers.
    """
    if states(folder, "channels"):
        raise CheckpointError(
            f"{shown(folder.name)} reads numbers; the page shows texts so far. Use it from Python or with "
            "`hidden-state trace`."
        )
    return card_of(folder, Card)
