"""Every sentence of the docs that states a finding, and the function that measures it: `hidden-state findings`."""

from __future__ import annotations

from . import (
    architecture,
    cards,
    context,
    cost,
    forgetting,
    intervene,
    provenance,
    recall,
    recoverability,
    saturation,
    unit,
    why,
)
from .finding import Figure, Finding, agrees, written
from .material import Material

FINDINGS: tuple[Finding, ...] = tuple(
    finding
    for topic in (
        cards,
        context,
        cost,
        forgetting,
        provenance,
        saturation,
        recoverability,
        recall,
        intervene,
        unit,
        why,
        architecture,
    )
    for finding in topic.FINDINGS
)

__all__ = ["FINDINGS", "Figure", "Finding", "Material", "agrees", "written"]
