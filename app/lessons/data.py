"""What the bodies of all blocks have in common."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from models.text.lines import unix_lines

from ..content.example_texts import SAMPLES

LONGEST_REPEATED = 1_000_000

Words = Annotated[str, Field(min_length=1, max_length=4000)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,59}$")]
Option = bool | int | float | str


class Data(BaseModel):
    """Strict: a key that is not known, or a value of the wrong type, is a mistake and not a guess."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


class Worded(Data):
    """Something that may come with a text of its own."""

    text: Annotated[str, Field(max_length=100_000)] | None = None
    """The text itself."""
    example: str | None = None
    """One of the page's own texts by its name, in place of `text`."""
    repeated_to: Annotated[int, Field(ge=1, le=LONGEST_REPEATED)] | None = None
    """The text over and over, up to this many characters."""

    def own_text(self) -> str | None:
        """The text; None if none is given.

        Raises:
            ValueError: if it is given twice, or cannot be found.
        """
        if self.text is not None and self.example is not None:
            raise ValueError("there is a `text` and an `example`: keep one of them")
        text = self.text
        if self.example is not None:
            found = next((one.text for one in SAMPLES if one.id == self.example), None)
            if found is None:
                names = ", ".join(one.id for one in SAMPLES)
                raise ValueError(f"there is no example {self.example!r}: there are {names}")
            text = found
        if self.repeated_to is None:
            return None if text is None else unix_lines(text)
        if not text:
            raise ValueError("`repeated_to` repeats a `text` or an `example`, and there is none")
        text = unix_lines(text)
        return (text * (self.repeated_to // len(text) + 1))[: self.repeated_to]


def word_of(value: Any) -> str:
    """A value as an address spells it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
