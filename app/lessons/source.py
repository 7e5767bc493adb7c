"""Where a number comes from: an instrument's answer about a model reading a text, or a model's card."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError, field_validator, model_validator

from ..contract.instrument import Options
from ..instruments import INSTRUMENTS, Instrument
from .data import Worded
from .formula import Formula, FormulaError, read_formula

TRACE = "trace"
"""Not one of the page's instruments: the model's own numbers, see `trace`."""
PLACES = ("cursor", "middle", "last")
"""Words that an option may have for a step: the lab's cursor, the middle and the last character of the text."""
_INSTRUMENT: TypeAdapter[Options] = TypeAdapter(Instrument)


class Source(Worded):
    """See the module."""

    instrument: str | None = None
    card: Annotated[str, Field(max_length=300)] | None = None
    """A formula whose names are fields of the model's card, in place of an instrument's answer."""
    model: Annotated[str, Field(min_length=1)] | None = None
    models: Annotated[list[str], Field(min_length=2, max_length=8)] | None = None
    """Several in place of one: the answer is which of them has the largest number, counted from 0."""
    best: Literal["largest", "smallest"] = "largest"
    options: dict[str, Any] = Field(default_factory=dict)
    value: Annotated[str, Field(max_length=300)] | None = None
    """A formula: which number of the answer is meant."""

    @field_validator("value", "card")
    @classmethod
    def _readable(cls, words: str | None) -> str | None:
        if words is not None:
            try:
                read_formula(words)
            except FormulaError as error:
                raise ValueError(str(error).removesuffix(".")) from None
        return words

    @model_validator(mode="before")
    @classmethod
    def _of_a_card(cls, data: Any) -> Any:
        """`card = "parameters"` is short for `card = "card.parameters"`."""
        if isinstance(data, dict) and isinstance(words := data.get("card"), str) and words.replace("_", "").isalnum():
            return {**data, "card": f"card.{words}"}
        return data

    @model_validator(mode="after")
    def _whole(self) -> Source:
        self.own_text()
        if (self.instrument is None) == (self.card is None):
            raise ValueError("either `instrument` or `card` says where the number comes from, and just one of them")
        if (self.model is None) == (self.models is None):
            raise ValueError("`model` names the network that is measured, or `models` several that are compared")
        if self.card is not None:
            if extra := self.model_fields_set & {"value", "options", "text", "example", "repeated_to"}:
                raise ValueError(f"a card's figure needs no `{sorted(extra)[0]}`")
            return self
        if self.value is None:
            raise ValueError("`value` is missing: which number of the instrument's answer is meant, as in facts.felt")
        self._check_instrument()
        return self

    def _check_instrument(self) -> None:
        if self.instrument == TRACE:
            if unknown := self.options.keys() - {"character"}:
                raise ValueError(f"trace has no option `{sorted(unknown)[0]}`: it has `character`")
            character = self.options.get("character", "x")
            if not isinstance(character, str) or len(character) != 1:
                raise ValueError("`character` is one character")
            return
        if self.instrument not in INSTRUMENTS:
            names = ", ".join((TRACE, *INSTRUMENTS))
            raise ValueError(f"there is no instrument {self.instrument!r}: there are {names}")
        self.question(2, 0)

    def question(self, length: int, cursor: int | None) -> Options:
        """What the instrument is asked about a text of `length` characters.

        Args:
            cursor: the lab's; the last character where it is unknown.

        Raises:
            ValueError: if the options are not the instrument's.
        """
        last = max(length - 1, 0)
        places = {"cursor": last if cursor is None else min(cursor, last), "middle": length // 2, "last": last}
        options = {
            name: places[value] if isinstance(value, str) and name == "step" and value in PLACES else value
            for name, value in self.options.items()
        }
        try:
            return _INSTRUMENT.validate_python({"name": self.instrument, **options})
        except ValidationError as error:
            fault = sorted(error.errors(), key=lambda one: one["type"] != "extra_forbidden")[0]
            named = ".".join(map(str, fault["loc"][1:])) or "options"
            wrong = "there is no such option" if fault["type"] == "extra_forbidden" else fault["msg"].lower()
            known = ", ".join(one for one in INSTRUMENTS[self.instrument or ""].model_fields if one != "name")
            raise ValueError(f"option `{named}` of {self.instrument}, {wrong}: its options are {known}") from None

    @property
    def formula(self) -> Formula:
        return read_formula(self.card or self.value or "")

    @property
    def named_models(self) -> list[str]:
        return self.models or [self.model or ""]
