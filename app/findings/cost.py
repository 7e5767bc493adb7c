"""Findings of docs/measures/cost.md."""

from __future__ import annotations

from functools import partial

from models import catalogue
from models.measures import drain
from models.measures.memory.cost import LONGEST

from .finding import Figure, Finding
from .material import Material

PLACE = "docs/measures/cost.md"
CHARACTERS = 20_000
CORPUS = "shakespeare"


def _cost(name: str, material: Material) -> list[Figure]:
    """Size of the state and products of a step, far into a text; what the probe reads, and that for each KiB."""
    from models.measures.memory.recoverability import read_off  # scikit-learn takes a second to load

    lm, recording = material.model(name), material.recording(name, "test", CHARACTERS)
    size = recording.reader.state_bytes(LONGEST)
    readable = float(drain(read_off(lm, recording)).bits.sum())
    return [size, recording.reader.multiply_adds(LONGEST), readable, 1024 * readable / size]


FINDINGS = [
    Finding(
        f"what remembering costs, {name}",
        PLACE,
        f"| `{name}` | {{}} | {{}} | {{}} | {{}} |",
        partial(_cost, name),
        (name,),
    )
    for name, entry in catalogue(()).items()
    if entry.card.corpus.name == CORPUS
]
