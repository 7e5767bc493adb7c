"""Findings of docs/models.md: the models of Shakespeare side by side."""

from __future__ import annotations

from functools import partial

from models import NotMeasurable, catalogue
from models.measures.memory.cost import LONGEST
from models.measures.memory.horizon import CurveName

from .cards import bits_of, examined
from .context import form, used, uses
from .finding import Figure, Finding
from .forgetting import curve
from .material import Material

PLACE = "docs/models.md"
MODELS = tuple(name for name in catalogue(()) if name.startswith("shakespeare"))


def _lag(material: Material, name: str, which: CurveName) -> float | None:
    """Characters to 1 %; None where it is not reached, or the curve does not apply."""
    try:
        return curve(material, name, which).lag_percent
    except NotMeasurable:
        return None


def _row(name: str, material: Material) -> list[Figure]:
    card, reader = material.card(name), material.model(name).reader()
    spread = card.protocol.spread if card.protocol is not None else None
    ends = any(signal.saturated for signal in card.stack[-1].cell.signals if signal.name == "hidden")
    return [
        bits_of(material, name, "validation"),
        *(spread or []),
        *uses(used(material, name)),
        _lag(material, name, "edit"),
        _lag(material, name, "connectivity"),
        100 * examined(material, name).saturated if ends else None,
        reader.state_bytes(LONGEST),
        reader.multiply_adds(LONGEST),
    ]


def _table(name: str) -> Finding:
    card = catalogue(())[name].card
    bits = "{} ({} – {})" if card.protocol and card.protocol.spread else "{}"
    ends = any(signal.saturated for signal in card.stack[-1].cell.signals if signal.name == "hidden")
    sentence = (
        f"| `{name}` | {card.parameters:,} | {bits} | {form(name)} | {{}} | {{}} | {'{} %' if ends else '{}'} | {{}} "
        "| {} |"
    )
    seeds = len(card.protocol.seeds) if card.protocol else 1
    return Finding(f"side by side, {name}", PLACE, sentence, partial(_row, name), (name,), seeds)


def _pair(one: str, other: str, material: Material) -> list[Figure]:
    """Bits of both, then the characters that both use."""
    bits = [bits_of(material, name, "validation") for name in (one, other)]
    return [*bits, *(uses(used(material, name))[0] for name in (one, other))]


FINDINGS = [
    *(_table(name) for name in MODELS),
    Finding(
        "gate before you grow",
        PLACE,
        "with as many recurrent parameters the wide vanilla cell has {} bits and the LSTM {}, and they use {} and {} "
        "characters",
        partial(_pair, "shakespeare-rnn-wide", "shakespeare-lstm"),
        ("shakespeare-rnn-wide", "shakespeare-lstm"),
    ),
    Finding(
        "what the skip brings",
        PLACE,
        "It has {} bits, without it {}, and they use {} and {} characters",
        partial(_pair, "shakespeare-rnn-skip", "shakespeare-rnn"),
        ("shakespeare-rnn-skip", "shakespeare-rnn"),
    ),
]
