"""The instruments: what the page can ask to be measured, each in a file of its own."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .context import Context
from .forgetting import Forgetting
from .generate import Generate
from .gradients import Gradients
from .horizon import Horizon
from .intervene import Intervene
from .overlength import Overlength
from .recall import Recall
from .recoverability import Recoverability
from .saturation import Saturation
from .texts import Texts
from .unit import Unit
from .why import Why

Instrument = Annotated[
    Context
    | Forgetting
    | Generate
    | Gradients
    | Horizon
    | Intervene
    | Overlength
    | Recall
    | Recoverability
    | Saturation
    | Texts
    | Unit
    | Why,
    Field(discriminator="name"),
]
