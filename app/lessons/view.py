"""A state of the lab: what an address of Explore says, in the same words (static/state/store.js), and a text."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from pydantic import Field, model_validator

from ..instruments import INSTRUMENTS
from ..wire.message import Index
from .data import Option, Worded, word_of

NOT_WORDS = ("text", "example", "repeated_to", "options", "address")


class View(Worded):
    """See the module. Without a text of its own it leaves the text that is there."""

    address: Annotated[str, Field(max_length=100_000)] | None = None
    """As Explore's “Share” copies it, in place of all other keys."""
    models: Annotated[list[str], Field(min_length=1, max_length=12)] | None = None
    signal: str | None = None
    layer: Index | None = None
    order: Annotated[str, Field(pattern="^(auto|index|similarity)$")] | None = None
    sorted: Annotated[str, Field(pattern=r"^\d{1,9}-\d{1,4}-\d{1,9}$")] | None = None
    echo: Annotated[str, Field(pattern=r"^(?s:(\d{1,9}|cursor)(:.)?)$")] | Index | None = None
    """The step of a character and, after a colon, the one in its place: "57:x"; "cursor": wherever the cursor is."""
    others: Annotated[int, Field(ge=1, le=99)] | None = None
    signed: bool = False
    scale: Annotated[str, Field(pattern="^largest$")] | int | None = None
    contrast: float | None = None
    show: Annotated[str, Field(pattern="^(mean|extreme|lowest|highest|saturated)$")] | None = None
    columns: Annotated[int, Field(ge=12)] | None = None
    from_: Annotated[Index | None, Field(alias="from")] = None
    step: Index | None = None
    unit: Index | None = None
    instrument: str | None = None
    options: dict[str, Option] = Field(default_factory=dict)
    """Of the instrument, as its controls on the page name them: `o.…` in an address."""

    @model_validator(mode="after")
    def _sound(self) -> View:
        self.own_text()
        given = self.model_fields_set - {"address"}
        if self.address is not None and given:
            raise ValueError(
                f"`address` says everything, so there can be no `{sorted(given)[0].rstrip('_')}` beside it"
            )
        if self.instrument is not None and self.instrument not in INSTRUMENTS:
            raise ValueError(f"there is no instrument {self.instrument!r}: there are {', '.join(INSTRUMENTS)}")
        if self.options and self.instrument is None:
            raise ValueError("`options` are those of an `instrument`, and none is named")
        named = self.named_models()
        if twice := [one for k, one in enumerate(named) if one in named[:k]]:
            raise ValueError(
                f"{twice[0]} is named twice, and the lab shows each model once: show another signal in the next step"
            )
        return self

    def words(self) -> str:
        """The part of an address after its "#", without a text that this view itself names."""
        if self.address is not None:
            return self.address.rpartition("#")[2]
        found: dict[str, str] = {}
        for name in type(self).model_fields:
            value: Any = getattr(self, name)
            if name not in NOT_WORDS and value is not None and value is not False:
                found[name.rstrip("_")] = "1" if value is True else word_of(value)
        found |= {f"o.{name}": word_of(option) for name, option in self.options.items()}
        return urlencode(found, safe=",:@~=")

    def state(self) -> dict[str, Any]:
        """What the page needs to bring the lab there. `text` is None where the one that is there stays."""
        return {"address": self.words(), "text": self.brought_text(), "own": self.has_text()}

    def brought_text(self) -> str | None:
        """The text that the view brings along; None if it has none, or one that is packed into its address."""
        own = self.own_text()
        return dict(parse_qsl(self.words(), keep_blank_values=True)).get("text") if own is None else own

    def has_text(self) -> bool:
        """Whether the view brings a text along, in whatever form."""
        return self.brought_text() is not None or "packed" in dict(parse_qsl(self.words()))

    def named_models(self) -> list[str]:
        """The models of its panels."""
        words = dict(parse_qsl(self.words()))
        return [one.partition(":")[0] for one in words.get("models", "").split(",") if one]
