"""Binary frames: each is a safetensors file whose metadata carries one message. Nothing here knows the socket."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel
from safetensors.numpy import save

from models.recording.overview import LEVELS, NO_NUMBER

FOLD = 0.1
"""Below this a symmetric logarithmic scale is nearly linear."""


Spacing = Literal["linear", "log", "positive_log"]
"""How values are spread over the levels: evenly; on a symmetric logarithmic scale from −high to high; by the logarithm
of a positive value from low to high."""


def encode(message: BaseModel, tensors: dict[str, NDArray[Any]]) -> bytes:
    """One frame."""
    contiguous = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    return save(contiguous, {"message": message.model_dump_json()})


def quantise(
    values: NDArray[np.floating[Any]], low: float, high: float, spacing: Spacing = "linear"
) -> NDArray[np.uint8]:
    """One byte per cell, the shape of `values`: round((v − low) / (high − low) · 254), 255 for NaN.

    With another `spacing` their place on that scale instead, see `folded` and `by_logarithm`.
    """
    if spacing == "log":
        values, low, high = folded(values, high), -1.0, 1.0
    elif spacing == "positive_log":
        values, low, high = by_logarithm(values, low, high), 0.0, 1.0
    scaled = (np.asarray(values, np.float32) - np.float32(low)) * np.float32(LEVELS / (high - low))
    scaled += np.float32(0.5)
    np.clip(scaled, 0.0, LEVELS + 0.5, out=scaled)
    missing = np.isnan(scaled)
    if missing.any():
        scaled[missing] = NO_NUMBER
    return scaled.astype(np.uint8)


def folded(values: NDArray[np.floating[Any]], high: float) -> NDArray[np.float32]:
    """The position of values on a symmetric logarithmic scale: ±1 at ±`high`, 0 at 0, nearly linear within ±`FOLD`."""
    values = np.asarray(values, np.float32)
    magnitude = np.log1p(np.abs(values) / np.float32(FOLD)) / np.float32(np.log1p(high / FOLD))
    return np.asarray(np.copysign(magnitude, values), np.float32)


def by_logarithm(values: NDArray[np.floating[Any]], low: float, high: float) -> NDArray[np.float32]:
    """The position of values by their logarithm: 0 at `low` and at anything below it, 0 too; 1 at `high`."""
    values = np.maximum(np.asarray(values, np.float32), np.float32(low))
    return np.asarray(np.log(values / np.float32(low)) / np.float32(np.log(high / low)), np.float32)


def decade_range(largest: float) -> tuple[float, float]:
    """(−r, r) with r the next of 1, 10, 100, …, for a logarithmic scale."""
    high = 1.0
    while np.isfinite(largest) and high < largest:
        high *= 10.0
    return -high, high


def symmetric_range(largest: float) -> tuple[float, float]:
    """(−r, r) with r the next of 1, 2, 5, 10, 20, 50, … so that the colours seldom change meaning."""
    if not np.isfinite(largest):
        largest = 1.0
    scale = 1.0
    while True:
        for step in (1.0, 2.0, 5.0):
            if largest <= step * scale:
                return -step * scale, step * scale
        scale *= 10.0
