"""Findings of docs/architecture.md that determined how things are drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .finding import Figure, Finding
from .material import Material, sample_text

PLACE = "docs/architecture.md"
MODELS = ("shakespeare-rnn", "shakespeare-gru", "shakespeare-lstm")
CHARACTERS = 20_000
COLUMN = 16
NEAR, MOST = 0.1, 0.9
"""A unit looks constant if nine of ten columns are within 0.1 of their median."""

Values = NDArray[np.float32]


def _change(values: Values) -> float:
    """Mean size of the change from one step, or column, to the next."""
    return float(np.abs(np.diff(values, axis=0)).mean())


def _constant(columns: Values) -> float:
    return float(((np.abs(columns - np.median(columns, axis=0)) < NEAR).mean(axis=0) >= MOST).mean())


def _columns(values: Values) -> tuple[Values, Values]:
    """The extremes and the means of columns of `COLUMN` steps."""
    cut = values[: len(values) // COLUMN * COLUMN].reshape(-1, COLUMN, values.shape[1])
    low, high = cut.min(axis=1), cut.max(axis=1)
    return np.where(np.abs(high) >= np.abs(low), high, low), cut.mean(axis=1)


def _extremes(material: Material) -> list[Figure]:
    hidden = [material.model(name).trace(material.text(name, "all", CHARACTERS))["0.hidden"].numpy() for name in MODELS]
    both = [_columns(values) for values in hidden]
    return [
        *(_change(values) for values in hidden),
        *(_change(extremes) for extremes, _ in both),
        100 * _constant(both[0][0]),
        *(_change(means) for _, means in both),
    ]


def _sizes(material: Material) -> list[Figure]:
    """Half of the cell's values lie within the first, all within the second: on a sample, and on the task's text."""
    texts = {"shakespeare-lstm": sample_text("promise"), "recall-lstm": material.text("recall-lstm", "test", 2_000)}
    sizes = [np.abs(material.model(name).trace(text)["0.cell"].numpy()) for name, text in texts.items()]
    return [float(value) for size in sizes for value in (np.median(size), size.max())]


FINDINGS = [
    Finding(
        "extremes reverse the order",
        PLACE,
        "{} for the vanilla cell, {} for the GRU, {} for the LSTM. Zoomed out to 16 characters a column, the change "
        "from column to column is {}, {} and {} with extremes, and {} % of the vanilla cell's units look constant "
        "(nine of ten columns within 0.1 of the median), more than of any other cell's; with means it is {}, {} and {}",
        _extremes,
        MODELS,
    ),
    Finding(
        "sizes of cell states",
        PLACE,
        "half of the values of `shakespeare-lstm`, trained with a penalty on them, are within ±{} and the largest is "
        "{}; in `recall-lstm`, trained without, over 2,000 characters of its task, half are within ±{} and the largest "
        "is {}",
        _sizes,
        ("shakespeare-lstm", "recall-lstm"),
    ),
]
