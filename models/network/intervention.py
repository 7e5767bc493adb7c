"""What may be done to a network while it reads: hold a signal, zero the state, begin anew every n characters.

Interventions stand at steps of the text, counted from 0. An edit before one shifts the text under it; it stays where it
is. `intervened` has the reader that carries them out.

A name such as `0.forget_gate.12=0@57` says one in a few letters, and `spell` and `parse` lead both ways:

    LAYER.SIGNAL[.UNIT]=VALUE@FROM[-UNTIL]    one unit, or all of the layer, held from a step on, until before another
    zero@STEP                                 the state of all layers is zero before this step is read
    reset.EVERY@FROM                          and before every so many steps from one on (reading in chunks)

Several are joined by "~".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import BadIntervention
from .stack import Stack

MOST = 16
"""Interventions at a time."""
FARTHEST = 1e6
"""How far from 0 a signal without a bound may be held."""

PATTERNS = {
    "hold": r"(\d{1,3})\.([a-z_]+)(?:\.(\d{1,6}))?=(-?\d{1,7}(?:\.\d{1,9})?)@(\d{1,9})(?:-(\d{1,9}))?",
    "zero": r"zero@(\d{1,9})",
    "reset": r"reset\.(\d{1,9})@(\d{1,9})",
}
"""Each kind in letters, as a regular expression that Python and JavaScript read alike."""
_HELD, _ZERO, _RESET = (re.compile(pattern, re.ASCII) for pattern in PATTERNS.values())


@dataclass(frozen=True, slots=True)
class Clamp:
    """A signal of a layer is `value` at steps start … stop − 1, whatever the equations say.

    Attributes:
        unit: which unit; None for all of the layer.
        stop: None for the end of the text.
    """

    layer: int
    signal: str
    unit: int | None
    value: float
    start: int
    stop: int | None = None


@dataclass(frozen=True, slots=True)
class Zero:
    """The state of all layers is zero before step `start` is read."""

    start: int


@dataclass(frozen=True, slots=True)
class Reset:
    """The state of all layers is zero before the steps start, start + every, start + 2·every, … are read."""

    every: int
    start: int


Intervention = Clamp | Zero | Reset


def silence(layer: int, unit: int, start: int, stop: int | None = None) -> Clamp:
    """A unit that says nothing: neither to the next step nor to the next layer nor to the readout."""
    return Clamp(layer, "hidden", unit, 0.0, start, stop)


def first_step(interventions: Iterable[Intervention]) -> int:
    """The first step that may be another than without them."""
    return min(one.start for one in interventions)


# ── in letters ───────────────────────────────────────────────────────────────────────────────────────


def spell(interventions: Iterable[Intervention]) -> str:
    """The interventions in letters; see the module."""
    return "~".join(_spell(one) for one in interventions)


def _spell(one: Intervention) -> str:
    match one:
        case Zero():
            return f"zero@{one.start}"
        case Reset():
            return f"reset.{one.every}@{one.start}"
        case Clamp():
            unit = "" if one.unit is None else f".{one.unit}"
            until = "" if one.stop is None else f"-{one.stop}"
            value = f"{one.value:.9f}".rstrip("0").rstrip(".")
            return f"{one.layer}.{one.signal}{unit}={value}@{one.start}{until}"


def parse(letters: str) -> tuple[Intervention, ...]:
    """What `spell` wrote.

    Raises:
        BadIntervention: if it cannot be read.
    """
    parts = letters.split("~")
    if len(parts) > MOST:
        raise BadIntervention(f"{len(parts)} interventions are more than the {MOST} there may be. Leave some out.")
    return tuple(_parse(part) for part in parts)


def _parse(letters: str) -> Intervention:
    if found := _HELD.fullmatch(letters):
        layer, signal, unit, value, start, stop = found.groups()
        return Clamp(int(layer), signal, _number(unit), float(value), int(start), _number(stop))
    if found := _ZERO.fullmatch(letters):
        return Zero(int(found[1]))
    if found := _RESET.fullmatch(letters):
        return Reset(int(found[1]), int(found[2]))
    raise BadIntervention(
        f"{letters!r} is no intervention. Write LAYER.SIGNAL.UNIT=VALUE@FROM, as in 0.hidden.12=0@57, or zero@57, "
        "or reset.50@0; several are joined by ~."
    )


def _number(digits: str | None) -> int | None:
    return None if digits is None else int(digits)


def check(interventions: Iterable[Intervention], stack: Stack) -> None:
    """That a network of these layers can be dealt with so.

    Raises:
        BadIntervention: saying what it lacks.
    """
    for one in interventions:
        if isinstance(one, Reset) and one.every < 1:
            raise BadIntervention("The state cannot begin anew every 0 characters. Take 1 or more.")
        if isinstance(one, Clamp):
            _check_clamp(one, stack)


def _check_clamp(one: Clamp, stack: Stack) -> None:
    if not 0 <= one.layer < len(stack):
        raise BadIntervention(f"There is no layer {one.layer} to intervene in; the layers are 0 to {len(stack) - 1}.")
    cell = stack[one.layer].cell
    if one.signal not in cell.names():
        raise BadIntervention(
            f"A {cell.title} has no signal {one.signal!r} to hold. It has: {', '.join(cell.names())}."
        )
    units, each = stack[one.layer].width(one.signal), cell.signal(one.signal).width_word
    if one.unit is not None and not 0 <= one.unit < units:
        raise BadIntervention(f"There is no {each} {one.unit} to hold; the {each}s are 0 to {units - 1}.")
    low, high = cell.signal(one.signal).scale.possible(FARTHEST)
    if not low <= one.value <= high:
        title = cell.signal(one.signal).title.lower()
        raise BadIntervention(
            f"The {title} cannot be held at {one.value:g}: it lies between {low:g} and {high:g}. Choose a value there."
        )
    if one.stop is not None and one.stop <= one.start:
        raise BadIntervention(
            f"Nothing is held from step {one.start} until before step {one.stop}. Let it end later than it begins."
        )
