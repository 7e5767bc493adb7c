"""A model's card, `card.json`: what the model is, how it was made and how well it predicts. Checked when it is read.

A card may come from anywhere, and its contents go into addresses, file names, headers, JSON and memory. So it is
refused, with a sentence, if its id does not fit these, its cell is unknown, a number is not finite, or its sizes do
not match.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError, field_validator

from ..cells import CELLS
from ..errors import CheckpointError
from ..network.stack import Stack
from ..text.names import fault_of, shown

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


class ModelCard(Facts):
    """What the cards of all models state.

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

    @field_validator("training", check_fields=False)
    @classmethod
    def _finite(cls, value: dict[str, Any]) -> dict[str, Any]:
        if (place := _unwritable(value, "training")) is not None:
            raise ValueError(f"{place} is not a number that JSON can hold")
        return value

    def check_layers(self) -> None:
        """Check that what is stated for each layer is stated for all of them.

        Raises:
            ValueError: saying what is not.
        """
        for name, each in (("cell", self.cell), ("units", self.units)):
            if isinstance(each, list) and len(each) != self.layers:
                raise ValueError(f"it names {len(each):,} {name} for {self.layers:,} layers")

    @property
    def stack(self) -> Stack:
        """The layers of the network."""
        return Stack.of(self.cell, self.units, self.layers)


AnyCard = TypeVar("AnyCard", bound=ModelCard)


def _content(folder: Path) -> bytes:
    """The bytes of a card; a leading byte order mark is skipped.

    Raises:
        CheckpointError: if there is none, or it is too large.
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
    return content.removeprefix(b"\xef\xbb\xbf")


def card_of(folder: Path, kind: type[AnyCard]) -> AnyCard:
    """The card of the model in `folder`, of a given kind.

    Raises:
        CheckpointError: if there is none, or it is invalid.
    """
    name = shown(str(folder / CARD))
    try:
        return kind.model_validate_json(_content(folder))
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(one) for one in fault["loc"] if one not in (ALL, EACH)) or "the file"
        words = shown(fault["msg"].removeprefix("Value error, ").rstrip("."))
        raise CheckpointError(f"{name} is not a model card: {place}: {words}. Train anew, or mend it.") from None


def states(folder: Path, key: str) -> bool:
    """Whether the card in `folder` has a field of this name, whatever is in it; False where there is no card."""
    try:
        content = _content(folder)
        return f'"{key}"'.encode() in content and key in json.loads(content)
    except (CheckpointError, ValueError, TypeError, RecursionError):
        return False


_NUMBERS = re.compile(r"\[\n\s*((?:null|[-+.\deE]+)(?:,\n\s*(?:null|[-+.\deE]+))*)\n\s*\]")
"""A list of numbers as pydantic indents it. No string matches: JSON strings contain no line break."""


def _in_lines(card: ModelCard) -> str:
    """The card as JSON; a list of numbers takes one line, not one per number."""
    return _NUMBERS.sub(lambda found: f"[{' '.join(found[1].split())}]", card.model_dump_json(indent=2))


def write_card(folder: Path, card: ModelCard) -> None:
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
