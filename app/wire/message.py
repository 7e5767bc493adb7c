"""What all messages of the live socket have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Index = Annotated[int, Field(ge=0, le=2**53)]


class Message(BaseModel):
    """Strict: an extra field or one of the wrong type is an error, not a guess."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
