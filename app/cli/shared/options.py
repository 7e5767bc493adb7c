"""How the commands read options that are more than a number or a word."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import typer

from models.cells import CELLS
from models.training.series.recipes import SERIES_DEFAULTS
from models.training.settings import Settings

from ...settings import known_device


class Vocabularies(Enum):
    """What happens to a model's vocabulary when its training continues with another text."""

    KEEP = "keep"
    EXTEND = "extend"


class Tasks(Enum):
    """What a network is trained to predict: the next character of a text, or the next row of a series."""

    TEXT = "text"
    SERIES = "series"


@dataclass(frozen=True)
class Running:
    """How a training runs, whatever it reads."""

    device: str
    resume: bool
    overwrite: bool
    threads: int


def either(name: str) -> str:
    """The defaults of a training's setting, for texts and for series."""
    return f"default: {getattr(Settings(), name):g}; for a series {getattr(SERIES_DEFAULTS, name):g}"


def device_of(value: str) -> str:
    try:
        return known_device(value)
    except ValueError as error:
        raise typer.BadParameter(f"{error}.") from None


def cells_of(words: str) -> str | tuple[str, ...]:
    """A cell's name, or several between commas, from the input up."""
    names = tuple(word.strip() for word in words.split(","))
    for name in names:
        if name not in CELLS:
            raise typer.BadParameter(f"there is no cell {name!r}; use {', '.join(CELLS)}.")
    return names if len(names) > 1 else names[0]


def units_of(words: str) -> int | tuple[int, ...]:
    """A number of units, or several between commas, from the input up."""
    words = words.replace(" ", "")
    if not re.fullmatch(r"[1-9][0-9]{0,11}(,[1-9][0-9]{0,11})*", words, re.ASCII):
        raise typer.BadParameter(f"{words!r} is no number of units. Write 128, or 128,64 for two layers that differ.")
    sizes = tuple(map(int, words.split(",")))
    return sizes if len(sizes) > 1 else sizes[0]


def folder_of(words: str) -> Path:
    if not words:  # an unset shell variable, for instance; as a path it would be the current folder
        raise typer.BadParameter("it is empty. Name the folder to write the model to.")
    return Path(words)


def resolutions_of(words: str) -> tuple[float, ...]:
    """A resolution, or one for each channel between commas."""
    try:
        found = tuple(float(word) for word in words.split(","))
    except ValueError:
        found = ()
    if not found or not all(math.isfinite(one) and one > 0 for one in found):
        raise typer.BadParameter(f"{words!r} is no resolution. Write 0.1, or 0.1,5 for two channels.")
    return found


def seasons_of(words: str) -> tuple[int, ...]:
    """Periods in steps, between commas."""
    if not re.fullmatch(r"[1-9][0-9]{0,8}( *, *[1-9][0-9]{0,8})*", words.strip(), re.ASCII):
        raise typer.BadParameter(f"{words!r} are no periods in steps. Write 24, or 24,168 for day and week.")
    return tuple(map(int, words.split(",")))
