"""Whether training is possible with given settings: answered with a sentence, before anything is made or written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ..cells import CELLS
from ..errors import BadSettings
from ..storage.card import MOST_LAYERS, MOST_UNITS, parameter_count

if TYPE_CHECKING:
    from .settings import Settings

BOUNDS: dict[str, tuple[float, float]] = {
    "units": (1, MOST_UNITS),
    "layers": (1, MOST_LAYERS),
    "dropout": (0, 0.95),
    "seed": (-(2**63), 2**63 - 1),
    "epochs": (0.001, 1e6),
    "streams": (1, 1e6),
    "segment": (1, 1e6),
    "learning_rate": (1e-9, 1e6),
    "warmup": (0, 1e9),
    "clip": (1e-9, 1e9),
    "min_count": (1, 1e9),
    "validations": (1, 1e6),
    "penalty": (0, 1e6),
    "reset": (0, 1),
    "weight_decay": (0, 1e3),
}
"""The least and the most of each setting."""

WHY = {
    "learning_rate": "At 0 nothing is learned, and beyond a million no number of a network survives one update",
    "clip": "At 0 nothing is learned; a large number is as good as none",
    "epochs": "It counts passes over the training text",
    "units": "A layer's recurrent weights grow with the square of its units",
}

TIMES = 6
"""Training keeps weights, gradients, two moments, the best so far, and a copy while it saves."""


def check_settings(settings: Settings) -> None:
    """Check that each setting has a sensible value.

    Raises:
        BadSettings: naming the setting, its value and its allowed range.
    """
    for cell in _each(settings.cell):
        if cell not in CELLS:
            raise BadSettings(f"There is no cell {cell!r}; the cells are {', '.join(CELLS)}.")
    for name, (least, most) in BOUNDS.items():
        for value in _each(getattr(settings, name)):
            _check_number(name, value, least, most)
    for cell in map(CELLS.__getitem__, _each(settings.cell)):
        if (window := cell.window) is not None and settings.segment < window:
            raise BadSettings(
                f"A {cell.title} looks back on {window} steps, and in segments of "
                f"{settings.segment:,} it cannot learn to. Choose --segment {window} or more, and fewer --streams."
            )
    if all(isinstance(size, int) for size in _each(settings.units)):
        try:
            settings.stack  # noqa: B018 - whether there is one
        except ValueError as fault:
            raise BadSettings(str(fault)) from None


def warm_up_doubt(warmup: int, updates: int) -> str | None:
    """A sentence where the warm-up is longer than a training of so many `updates`; None where it is not."""
    if warmup < updates:
        return None
    return (
        f"The warm-up of {warmup:,} updates takes the whole training, which has {updates:,}: the learning rate rises "
        f"to {100 * updates / warmup:.0f} % of its highest and never falls. "
        "Train longer: more epochs, fewer streams, or shorter segments."
    )


def _each(value: Any) -> tuple[Any, ...]:
    """The settings of all layers, where each has its own."""
    return value if isinstance(value, tuple) else (value,)


def _check_number(name: str, value: int | float, least: float, most: float) -> None:
    if not least <= value <= most:  # NaN lies between no two numbers
        said = f"{value:g}" if isinstance(value, float) else f"{value:,}" if abs(value) < 10**20 else "so large"
        why = f" {WHY[name]}." if name in WHY else ""
        raise BadSettings(
            f"The setting {name.replace('_', ' ')} cannot be {said}: choose a number from {least:,g} to {most:,g}.{why}"
        )


def check_size(settings: Settings, symbols: int) -> int:
    """Check that the network fits into the machine's memory; returns its number of parameters.

    Raises:
        BadSettings: saying how much it would need.
    """
    return check_parameters(settings, parameter_count(settings.stack, symbols))


def check_parameters(settings: Settings, parameters: int) -> int:
    """The same of a network with so many parameters.

    Raises:
        BadSettings: saying how much it would need.
    """
    needed, have = 4 * TIMES * parameters, _memory()
    if have is not None and needed > have:
        raise BadSettings(
            f"{settings.stack.words} units of {settings.stack.title} have {parameters:,} parameters; to "
            f"train them takes {needed >> 30:,} GiB, and this machine has {have >> 30:,}. Choose fewer units or layers."
        )
    return parameters


def _memory() -> int | None:
    """The machine's memory in bytes; None if the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
