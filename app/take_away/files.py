"""The numbers of a window as a file: a table, or arrays."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from models.array_files import npz_pieces, safetensors_pieces
from models.text.vocabulary import code_points, well_formed

Format = Literal["csv", "npz", "safetensors"]
ROWS = 64
"""Rows of a table that are written together."""
DIGITS = 12
"""Bytes of a number in a table, about."""

Numbers = Mapping[str, NDArray[np.float32]]


def pieces(kind: Format, numbers: Numbers, text: str, start: int) -> Iterator[bytes]:
    """The bytes of the file.

    Args:
        numbers: arrays (T, …), by name.
        text: the T characters that they are about, from step `start` on.
    """
    if kind == "csv":
        return _table(numbers, text, start)
    if kind == "npz":
        about: dict[str, NDArray[Any]] = {"start": np.array(start), "code_points": code_points(text)}
        return npz_pieces({**about, **numbers})
    return safetensors_pieces(numbers, {"start": str(start), "text": well_formed(text)})


def _table(numbers: Numbers, text: str, start: int) -> Iterator[bytes]:
    """A row for each step: its number, its character, and a column for each number; where there is none, nothing."""
    heading = ["step", "character"]
    for name, values in numbers.items():
        heading += [name] if values.ndim == 1 else [f"{name} {unit}" for unit in range(values.shape[1])]
    columns = [values.reshape(len(text), -1) for values in numbers.values()]
    yield _lines([heading])
    for first in range(0, len(text), ROWS):
        last = min(first + ROWS, len(text))
        rows = np.concatenate([one[first:last] for one in columns], axis=1)
        yield _lines(
            [start + first + k, well_formed(text[first + k]), *("" if np.isnan(one) else str(one) for one in row)]
            for k, row in enumerate(rows)
        )


def _lines(rows: Any) -> bytes:
    into = io.StringIO(newline="")
    csv.writer(into, lineterminator="\r\n").writerows(rows)
    return into.getvalue().encode()
