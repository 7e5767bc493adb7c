"""Findings of docs/measures/forgetting.md."""

from __future__ import annotations

from functools import partial

from models.measures import drain
from models.measures.memory.gradients import gradients
from models.measures.memory.horizon import CURVES, CurveName, Horizon, agreement, horizon

from .finding import Figure, Finding
from .material import Material

PLACE = "docs/measures/forgetting.md"
SHAKESPEARE = ("shakespeare-rnn", "shakespeare-gru", "shakespeare-lstm")
MODELS = (
    *SHAKESPEARE,
    "shakespeare-rnn-wide",
    "shakespeare-rnn-skip",
    "python-rnn",
    "python-gru",
    "python-lstm",
    *(f"{name}@0" for name in SHAKESPEARE),
)
CHARACTERS = 10_000


def curve(material: Material, name: str, which: CurveName) -> Horizon:
    """The horizon of one curve on the first characters of the test split."""
    recording = material.recording(name, "test", CHARACTERS)
    return material.once(horizon, (name, which), lambda: drain(horizon(material.model(name), recording, curve=which)))


def slope(material: Material, name: str) -> float | None:
    """The factor per character of the gradient in the last layer."""
    recording = material.recording(name, "test", CHARACTERS)
    return material.once(gradients, name, lambda: drain(gradients(material.model(name), recording))).per_step


def _row(name: str, material: Material) -> list[Figure]:
    falls: list[Figure] = []
    for which in CURVES:
        found = curve(material, name, which)
        falls += [found.lag_e, found.lag_percent]
    return [*falls, slope(material, name)]


def _ends(which: CurveName, names: tuple[str, ...], material: Material) -> list[Figure]:
    """log₁₀ of the curve after 200 characters."""
    return [float(curve(material, name, which).band.median[-1]) for name in names]


def _to_rounding(name: str, material: Material) -> int | None:
    """The first lag at which the edit's median has fallen to twice the rounding floor."""
    found = curve(material, name, "edit")
    assert found.rounding is not None
    below = (k for k in range(len(found.rounding)) if found.band.median[k] <= found.rounding[k] + 0.30103)
    return next(below, None)


def _agreements(pairs: tuple[tuple[str, CurveName], ...], material: Material) -> list[Figure]:
    return [agreement(curve(material, name, "edit"), curve(material, name, other)) for name, other in pairs]


ROWS = [
    Finding(f"horizon, {name}", PLACE, f"| `{name}` | " + "{}, {} | " * 5 + "{} |", partial(_row, name), (name,))
    for name in MODELS
]
_GATED = ("shakespeare-lstm", "shakespeare-gru", "python-lstm", "python-gru")
_ALIKE = ("shakespeare-rnn", "shakespeare-rnn-wide", "shakespeare-gru", "shakespeare-lstm", "python-gru", "python-lstm")
FINDINGS = [
    *ROWS,
    Finding(
        "what is left after 200 characters",
        PLACE,
        "After 200 characters states differ by {} in `shakespeare-lstm`, {} in `shakespeare-gru`, {} in `python-lstm` "
        "and {} in `python-gru`",
        partial(_ends, "edit", _GATED),
        _GATED,
    ),
    Finding(
        "down to rounding",
        PLACE,
        "the vanilla cell of 128 units has come down to rounding after {}",
        lambda material: [_to_rounding("shakespeare-rnn", material)],
        ("shakespeare-rnn",),
    ),
    Finding(
        "connectivity after 200 characters",
        PLACE,
        "over 200 characters the wide vanilla cell's connectivity falls to {}, that of GRU and LSTM to {} and {}",
        partial(_ends, "connectivity", ("shakespeare-rnn-wide", "shakespeare-gru", "shakespeare-lstm")),
        ("shakespeare-rnn-wide", "shakespeare-gru", "shakespeare-lstm"),
    ),
    Finding(
        "edit and Jacobian in rank",
        PLACE,
        "between the edit's effect on the state and the Jacobian is {} and {} in the vanilla cells of Shakespeare, "
        "{} in `shakespeare-gru`, {} in `shakespeare-lstm`, {} in `python-gru` and {} in `python-lstm`",
        partial(_agreements, tuple((name, "jacobian") for name in _ALIKE)),
        _ALIKE,
    ),
]
