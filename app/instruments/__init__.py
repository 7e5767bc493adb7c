"""The instruments: what the page can ask to be measured, each in a file of its own."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .recoverability import Recoverability
from .saturation import Saturation

Instrument = Annotated[Recoverability | Saturation, Field(discriminator="name")]
