"""Findings of docs/measures/context.md, and the used context that the README's table states."""

from __future__ import annotations

from functools import partial

from models import catalogue
from models.measures import drain
from models.measures.memory.over_length import over_length
from models.measures.memory.used_context import Context, context
from models.studies.used_context import LAGS, POSITIONS, STATED

from .finding import Figure, Finding
from .forgetting import curve
from .material import Material

PLACE = "docs/measures/context.md"
SHAKESPEARE = ("shakespeare-rnn", "shakespeare-gru", "shakespeare-lstm")


def used(material: Material, name: str) -> Context:
    """As `hidden-state context-zoo` measures it."""
    return material.once(
        context,
        name,
        lambda: drain(context(material.model(name), material.recording(name, "test"), positions=POSITIONS, lags=LAGS)),
    )


def uses(found: Context) -> list[Figure]:
    """The number as stated in tables, and its standard error where they state one."""
    if found.uses is None:
        return ["none"]
    if found.uses == found.lags:
        return [f"{found.lags} or more"]
    return [found.uses] if found.uses_error is None else [found.uses, max(round(found.uses_error), 1)]


def form(name: str) -> str:
    """A table's cell for `uses`."""
    stated = catalogue(())[name].card.used_context
    return "{} ± {}" if stated is not None and "±" in stated.words() else "{}"


def _row(name: str, material: Material) -> list[Figure]:
    found = used(material, name)
    return [*uses(found), *(float(one[k]) for k in STATED for one in (found.mean, found.error))]


def _degrades(material: Material) -> list[Figure]:
    found = [drain(over_length(material.recording(name, "test", 50_000), length=10_000)) for name in SHAKESPEARE]
    assert all(one.degrades is None for one in found), "a model degrades"
    return [max(max(one.detectable for one in found), 0.01)]


def _used(names: tuple[str, ...], material: Material) -> list[Figure]:
    return [used(material, name).uses for name in names]


def _horizons(material: Material) -> list[Figure]:
    names = ("shakespeare-rnn", "shakespeare-rnn-wide", "shakespeare-gru", "shakespeare-lstm")
    return [curve(material, name, "edit").lag_percent for name in names]


FINDINGS = [
    *(
        Finding(
            f"used context, {name}",
            PLACE,
            f"| `{name}` | {form(name)} |" + " {} ± {} |" * len(STATED),
            partial(_row, name),
            (name,),
        )
        for name, entry in catalogue(()).items()
        if not name.startswith("recall-short")
    ),
    Finding(
        "gated cells use more",
        PLACE,
        "Gated cells use the past from further back: {} and {} characters against {}",
        partial(_used, ("shakespeare-gru", "shakespeare-lstm", "shakespeare-rnn")),
        SHAKESPEARE,
    ),
    Finding(
        "horizons beside used context",
        PLACE,
        "the horizon of the hidden state's edit ({}, {}, {} and {} characters to 1 % for vanilla, wide vanilla, GRU "
        "and LSTM)",
        _horizons,
        (*SHAKESPEARE, "shakespeare-rnn-wide"),
    ),
    Finding(
        "no degradation",
        PLACE,
        "no degradation within 10,000 characters in `shakespeare-rnn`, `-gru` and `-lstm`; a difference of {} "
        "bit would have been detected",
        _degrades,
        SHAKESPEARE,
    ),
]
