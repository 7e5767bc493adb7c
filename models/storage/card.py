"""A model's card, `card.json`: what the model is, how it was made and how well it predicts. Checked when it is read.

A card may come from anywhere, and its contents go into addresses, file names, headers, JSON and memory. So it is
refused, with a sentence, if its id does not fit these, its cell is unknown, a number is not finite, or its sizes do
not match.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Annotated, Any

import torch
from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    field_validator,
    model_validator,
)

from ..cells import CELLS
from ..errors import CheckpointError
from ..network.language_model import CharLM
from ..network.stack import Stack
from ..text.names import fault_of, shown
from ..text.vocabulary import Vocabulary

CARD = "card.json"

MOST_UNITS = 65_536
"""The most units of a layer: more would be 17 GB of recurrent weights for the simplest cell."""
MOST_LAYERS = 256
MOST_BYTES = 16 << 20
"""The most bytes of a card; one whose vocabulary is all of Unicode has five MiB."""

Words = Annotated[str, Field(max_length=4000)]
Share = Annotated[float, Field(ge=0, le=1)]
Units = Annotated[int, Field(ge=1, le=MOST_UNITS)]
Count = Annotated[int, Field(ge=0, le=2**53)]


ALL, EACH = "of all layers", "of each layer"


def _form(value: Any) -> str:
    """Whether what a card says of its layers holds for all of them, or there is a list with one entry for each."""
    return EACH if isinstance(value, list | tuple) else ALL


class Facts(BaseModel):
    """Exactly the fields of the file, and no number that JSON cannot represent."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


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


class Card(Facts):
    """What a model is, how it came about and how well it predicts.

    Attributes:
        cell, units: of every layer; a list of one for each where the layers differ.
    """

    id: str
    title: Words
    description: Words = ""
    cell: Annotated[
        Annotated[str, Tag(ALL)] | Annotated[list[str], Field(min_length=1, max_length=MOST_LAYERS), Tag(EACH)],
        Discriminator(_form),
    ]
    units: Annotated[
        Annotated[Units, Tag(ALL)] | Annotated[list[Units], Field(min_length=1, max_length=MOST_LAYERS), Tag(EACH)],
        Discriminator(_form),
    ]
    layers: Annotated[int, Field(ge=1, le=MOST_LAYERS)]
    parameters: Annotated[int, Field(ge=1)]
    vocabulary: Annotated[str, Field(min_length=1, max_length=0x110000)]
    corpus: CorpusCard
    training: dict[str, Any]
    measured: dict[str, Measured]
    untrained: dict[str, Measured] = {}
    recall: RecallMeasured | None = None
    used_context: UsedContext | None = None
    time_scales: TimeScales | None = None
    protocol: Protocol | None = None
    measured_with: Words

    @field_validator("id")
    @classmethod
    def _can_be_written(cls, value: str) -> str:
        if (fault := fault_of(value)) is not None:
            raise ValueError(f"a model cannot be called {value[:120]!r}: {fault}")
        return value

    @field_validator("cell")
    @classmethod
    def _known_cell(cls, value: str | list[str]) -> str | list[str]:
        for name in [value] if isinstance(value, str) else value:
            if name not in CELLS:
                raise ValueError(f"there is no cell {name[:120]!r}; the cells are {', '.join(CELLS)}")
        return value

    @field_validator("vocabulary")
    @classmethod
    def _each_once(cls, value: str) -> str:
        if len(set(value)) != len(value):
            twice = next(one for k, one in enumerate(value) if one in value[:k])
            raise ValueError(f"it names {twice!r} twice")
        return value

    @field_validator("training")
    @classmethod
    def _finite(cls, value: dict[str, Any]) -> dict[str, Any]:
        if (place := _unwritable(value, "training")) is not None:
            raise ValueError(f"{place} is not a number that JSON can hold")
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
        for name, each in (("cell", self.cell), ("units", self.units)):
            if isinstance(each, list) and len(each) != self.layers:
                raise ValueError(f"it names {len(each):,} {name} for {self.layers:,} layers")
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

    @property
    def stack(self) -> Stack:
        """The layers of the network."""
        return Stack.of(self.cell, self.units, self.layers)

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
    """The card of the model in `folder`; a leading byte order mark is skipped.

    Raises:
        CheckpointError: if there is none, or it is invalid.
    """
    path = folder / CARD
    name = shown(str(path))
    try:
        if path.exists() and not path.is_file():  # reading a pipe would never end
            raise CheckpointError(f"{name} is not a file. Put a model's card there, or train anew.")
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError):
        raise CheckpointError(
            f"{shown(str(folder))} holds no model: there is no {CARD} in it. Name the folder that a training wrote."
        ) from None
    if len(content) > MOST_BYTES:
        raise CheckpointError(f"{name} is not a model card: it is larger than {MOST_BYTES >> 20} MiB. Train anew.")
    try:
        return Card.model_validate_json(content.removeprefix(b"\xef\xbb\xbf"))
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(one) for one in fault["loc"] if one not in (ALL, EACH)) or "the file"
        words = shown(fault["msg"].removeprefix("Value error, ").rstrip("."))
        raise CheckpointError(f"{name} is not a model card: {place}: {words}. Train anew, or mend it.") from None


_NUMBERS = re.compile(r"\[\n\s*((?:null|[-+.\deE]+)(?:,\n\s*(?:null|[-+.\deE]+))*)\n\s*\]")
"""A list of numbers as pydantic indents it. No string matches: JSON strings contain no line break."""


def _in_lines(card: Card) -> str:
    """The card as JSON; a list of numbers takes one line, not one per number."""
    return _NUMBERS.sub(lambda found: f"[{' '.join(found[1].split())}]", card.model_dump_json(indent=2))


def write_card(folder: Path, card: Card) -> None:
    """Write the card atomically: afterwards it is either complete or unchanged.

    Raises:
        OSError: if it cannot be written.
    """
    partial = folder / f"{CARD}.part"
    partial.write_text(_in_lines(card) + "\n", encoding="utf-8")
    partial.replace(folder / CARD)


def _unwritable(value: object, place: str) -> str | None:
    """The place of a number in nested lists and tables that is not finite."""
    if isinstance(value, float):
        return None if math.isfinite(value) else place
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return next((found for key, one in inside if (found := _unwritable(one, f"{place}.{key}")) is not None), None)
