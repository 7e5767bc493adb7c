"""The instruments: what the page can ask to be measured, each in its own file; those about memory in `memory/`."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import Field

from ..contract.candidate import Candidate
from ..contract.instrument import Options
from .generate import Generate
from .intervene import Intervene
from .memory.context import Context
from .memory.cost import Cost
from .memory.forgetting import Forgetting
from .memory.gradients import Gradients
from .memory.horizon import Horizon
from .memory.overlength import Overlength
from .memory.provenance import Provenance
from .memory.recall import Recall
from .memory.recoverability import Recoverability
from .saturation import Saturation
from .texts import Texts
from .unit import Unit
from .why import Why

Instrument = Annotated[
    Context
    | Cost
    | Forgetting
    | Generate
    | Gradients
    | Horizon
    | Intervene
    | Overlength
    | Provenance
    | Recall
    | Recoverability
    | Saturation
    | Texts
    | Unit
    | Why,
    Field(discriminator="name"),
]

INSTRUMENTS: dict[str, type[Options]] = {
    get_args(one.model_fields["name"].annotation)[0]: one for one in get_args(get_args(Instrument)[0])
}
"""Every instrument by name."""


def inapplicable(model: Candidate) -> dict[str, str]:
    """The instruments that do not apply to a model, each with the sentence that says why."""
    found = {name: one.inapplicable(model) for name, one in INSTRUMENTS.items()}
    return {name: why for name, why in found.items() if why is not None}
