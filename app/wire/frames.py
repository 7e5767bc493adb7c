"""Binary frames: each is a safetensors file whose metadata carries one message. Nothing here knows the socket."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel
from safetensors.numpy import save

from models.figures.spacing import Spacing, by_logarithm, folded
from models.recording.overview import LEVELS, NO_NUMBER


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
