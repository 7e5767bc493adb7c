"""What a network predicts of its next input, from what its last layer hands up, and how well it did.

T  steps    H  units of the last layer    P  numbers of a prediction

`bits` is one measure for all that can be read: −log₂ of the probability of what came, and for readings, which have a
density, of the density times the resolution of the sensor, which is the probability of what it shows.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..cells.base import Array
from ..kernels.arithmetic import log_softmax
from ..kernels.packed_matrix import affine, pack

NATS_PER_BIT = math.log(2.0)

WIDEST = 20.0
"""Of ln σ, ±: far beyond any sensor, and its square is a number."""

Bits = NDArray[np.float32]


class Head(ABC):
    """See the module.

    Args:
        readout: from (…, H) to (…, P); its weights are copied.
    """

    def __init__(self, readout: nn.Linear) -> None:
        self._weight = readout.weight.detach().cpu().numpy().copy()
        self._packed = pack(self._weight.T)  # (H, P)
        self._bias = readout.bias.detach().cpu().numpy().copy()

    @property
    def width(self) -> int:
        """P."""
        return len(self._bias)

    @property
    def dtype(self) -> np.dtype[np.floating]:
        return self._packed.dtype

    def predict(self, hidden: Array, out: Array) -> None:
        """Predictions (T, P) from (T, H). A row does not depend, to the last bit, on how many there are."""
        affine(hidden, self._packed, self._bias, out)
        self._finish(out)

    @abstractmethod
    def _finish(self, predictions: Array) -> None:
        """From what is read out to predictions, in place."""

    @abstractmethod
    def finished(self, read_out: Tensor) -> Tensor:
        """The same of a tensor (…, P), wherever it lies."""

    @abstractmethod
    def bits(self, predictions: Array, inputs: NDArray[Any]) -> Bits:
        """The surprise of each input under the prediction made before it, (T,); NaN where it has none."""

    @abstractmethod
    def divergence(self, ours: Array, theirs: Array) -> NDArray[np.float64]:
        """KL(ours ‖ theirs) in bits of each row, (T, P) twice → (T,)."""

    @abstractmethod
    def sample(self, prediction: Array, draw: np.random.Generator) -> Any:
        """An input, drawn from what one prediction (P,) expects."""

    def slopes(self, predictions: Array, inputs: NDArray[Any]) -> Array:
        """∂(surprise in nats)/∂(what the last layer hands up) of each row, (T, H)."""
        return np.asarray(self._errors(predictions, inputs) @ self._weight)

    @abstractmethod
    def _errors(self, predictions: Array, inputs: NDArray[Any]) -> Array:
        """∂(surprise in nats)/∂(what is read out), (T, P)."""


class Categorical(Head):
    """One of V characters: a prediction is their log-probabilities in nats. An unknown input, V, has no surprise."""

    def _finish(self, predictions: Array) -> None:
        log_softmax(predictions)

    def finished(self, read_out: Tensor) -> Tensor:
        return torch.log_softmax(read_out, dim=-1)

    def bits(self, predictions: Array, inputs: NDArray[Any]) -> Bits:
        return surprise_of(predictions, inputs)

    def divergence(self, ours: Array, theirs: Array) -> NDArray[np.float64]:
        return divergence(ours, theirs)

    def sample(self, prediction: Array, draw: np.random.Generator) -> int:
        cumulative = np.cumsum(np.exp(prediction.astype(np.float64)))
        index = int(np.searchsorted(cumulative, draw.random() * cumulative[-1], side="right"))
        return min(index, len(cumulative) - 1)

    def _errors(self, predictions: Array, inputs: NDArray[Any]) -> Array:
        errors = np.exp(predictions)
        known = inputs < self.width
        errors[np.flatnonzero(known), inputs[known]] -= 1.0
        errors[~known] = 0.0
        return np.asarray(errors)


class Gaussian(Head):
    """C numbers, each with a mean and a standard deviation: a prediction is C means, then C times ln σ. A missing
    reading, NaN, is not scored; a step without any has no surprise. σ lies between e^−`WIDEST` and e^`WIDEST`.

    Args:
        resolution: (C,) the smallest step of each number, as the network reads it.
    """

    def __init__(self, readout: nn.Linear, resolution: NDArray[np.floating]) -> None:
        super().__init__(readout)
        self._resolution = resolution.astype(np.float64)

    def _finish(self, predictions: Array) -> None:
        spread = predictions[:, predictions.shape[1] // 2 :]
        np.clip(spread, -WIDEST, WIDEST, out=spread)

    def finished(self, read_out: Tensor) -> Tensor:
        mean, spread = read_out.chunk(2, dim=-1)
        return torch.cat([mean, spread.clamp(-WIDEST, WIDEST)], dim=-1)

    def bits(self, predictions: Array, inputs: NDArray[Any]) -> Bits:
        mean, spread = np.split(predictions.astype(np.float64), 2, axis=1)  # (T, C), ln σ
        nats = 0.5 * ((inputs - mean) * np.exp(-spread)) ** 2 + spread + 0.5 * math.log(2 * math.pi)
        nats -= np.log(self._resolution)
        known = ~np.isnan(inputs)  # a prediction that is no number is no missing reading
        total = np.where(known, nats, 0.0).sum(axis=1) / NATS_PER_BIT
        return np.where(known.any(axis=1), total, np.nan).astype(np.float32)

    def divergence(self, ours: Array, theirs: Array) -> NDArray[np.float64]:
        (mean, spread), (other, wide) = (np.split(one.astype(np.float64), 2, axis=1) for one in (ours, theirs))
        ratio = 2 * (spread - wide)
        nats = 0.5 * (np.expm1(ratio) - ratio + ((mean - other) * np.exp(-wide)) ** 2)
        return np.asarray(nats.sum(axis=1) / NATS_PER_BIT)

    def sample(self, prediction: Array, draw: np.random.Generator) -> NDArray[np.float32]:
        mean, spread = np.split(prediction.astype(np.float64), 2)
        return (mean + np.exp(spread) * draw.standard_normal(len(mean))).astype(np.float32)

    def _errors(self, predictions: Array, inputs: NDArray[Any]) -> Array:
        mean, spread = np.split(predictions.astype(np.float64), 2, axis=1)
        off = (inputs - mean) * np.exp(-spread)
        errors = np.concatenate([-off * np.exp(-spread), 1 - off**2], axis=1)
        return np.asarray(np.where(np.tile(np.isnan(inputs), 2), 0.0, errors))


def surprise_of(log_probabilities: Array, ids: NDArray[Any]) -> Bits:
    """−log₂ p of each of `ids` (T,) under the rows (T, V) that were predicted *before* it; NaN if unknown."""
    symbols = log_probabilities.shape[1]
    known = ids < symbols
    chosen = log_probabilities[np.arange(len(ids)), np.where(known, ids, 0)]
    return np.where(known, -chosen / NATS_PER_BIT, np.nan).astype(np.float32)


def divergence(one: Array, other: Array) -> NDArray[np.float64]:
    """KL(p ‖ q) in bits of each row of log-probabilities, (T, V) twice → (T,).

    Summed as p·(δ + e^−δ − 1) with δ = ln p − ln q, which is the same since both p and q sum to 1: no term is negative,
    and a rounding of δ counts only in its square.
    """
    p = np.exp(one.astype(np.float64))
    delta = one.astype(np.float64) - other
    small = np.clip(delta, -1.0, 1.0)
    terms = np.where(
        delta == small, p * (small + np.expm1(-small)), p * (delta - 1.0) + np.exp(other, dtype=np.float64)
    )
    return np.asarray(np.maximum(terms, 0.0).sum(axis=1) / NATS_PER_BIT)
