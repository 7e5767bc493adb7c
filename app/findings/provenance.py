"""Findings of docs/measures/provenance.md."""

from __future__ import annotations

from functools import partial

from models import catalogue
from models.measures import drain
from models.measures.memory.provenance import LONGEST, has_provenance, provenance

from .finding import Figure, Finding
from .material import Material

PLACE = "docs/measures/provenance.md"
CHARACTERS = 4_000
AGES = (5, 20, 100)


def _old(name: str, material: Material) -> list[Figure]:
    """In the last layer, as a mean over steps of the last `LONGEST` of `CHARACTERS` of the test split."""
    lm, recording = material.model(name), material.recording(name, "test", CHARACTERS)
    step = recording.steps - 1
    found = [drain(provenance(lm, recording, lm.layers - 1, 0, step, window=LONGEST, age=age)) for age in AGES]
    return [None if one.usually_old is None else 100 * one.usually_old for one in found]


FINDINGS = [
    Finding(
        f"how old a memory is, {name}",
        PLACE,
        f"| `{name}` |" + " {} % |" * len(AGES),
        partial(_old, name),
        (name,),
    )
    for name, entry in catalogue(()).items()
    if has_provenance(entry.card.stack[-1].cell)
]
