"""Findings of docs/measures/recoverability.md, as `hidden-state probe-zoo` measures them."""

from __future__ import annotations

from functools import partial

from models import catalogue
from models.measures import drain
from models.measures.memory.recoverability import Recoverability
from models.studies.recoverability import probing_model

from .finding import Figure, Finding
from .material import Material

PLACE = "docs/measures/recoverability.md"
SHOWN = (1, 2, 3, 5, 10, 20, 50)
MODELS = tuple(name for name in catalogue(()) if not name.startswith("recall-short"))


def probed(material: Material, name: str) -> Recoverability:
    work = lambda: drain(probing_model(material.model(name), material.corpus(name)))  # noqa: E731
    return material.once(probing_model, name, work)


def _row(name: str, material: Material) -> list[Figure]:
    found = probed(material, name)
    at = [float(found.accuracy[k - 1]) for k in SHOWN]
    return [*at, found.chance, found.half(), found.fades()]


def _form(name: str) -> str:
    plain, _, twin = name.partition("@")
    return f"| `{plain}` | {'untrained' if twin else 'trained'} |" + " {} |" * (len(SHOWN) + 3)


def _tuned(name: str, material: Material) -> list[Figure]:
    found = drain(probing_model(material.model(name), material.corpus(name), TUNED_AT, tuned=True))
    return [float(one) for one in found.accuracy]


TUNED_AT = (1, 2, 3, 5, 10)
TUNED = ("shakespeare-rnn", "shakespeare-gru", "shakespeare-lstm", "shakespeare-rnn-wide")
FINDINGS = [
    *(
        Finding(
            f"tuned probe, {name}", PLACE, f"| `{name}` |" + " {} |" * len(TUNED_AT), partial(_tuned, name), (name,)
        )
        for name in TUNED
    ),
    *(
        Finding(f"recoverability, {one}", PLACE, _form(one), partial(_row, one), (one,))
        for name in MODELS
        for one in (name, f"{name}@0")
    ),
]
