"""The functions that an equation may apply, each in every form that the project needs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Function:
    """A function of one argument.

    Attributes:
        number: for a float64 number, accurate to the last digit for small values.
        tensor: for a tensor, elementwise and differentiable by autograd.
        slope: its derivative, to full relative precision even where its value has reached an end.
        inverse, slope_by_value: of a value strictly within `ends`.
        ends: the lowest and the highest value that rounding can reach.
    """

    number: Callable[[float], float]
    tensor: Callable[[Tensor], Tensor]
    slope: Callable[[Tensor], Tensor]
    inverse: Callable[[float], float]
    slope_by_value: Callable[[float], float]
    ends: tuple[float, float]


def sigmoid(x: float) -> float:
    """1 / (1 + e⁻ˣ), accurate to the last digit for small values."""
    small = math.exp(-abs(x))
    return (1.0 if x >= 0 else small) / (1.0 + small)


def log_sigmoid(x: float) -> float:
    """log σ(x) = min(x, 0) − log(1 + e^−|x|)."""
    return min(x, 0.0) - math.log1p(math.exp(-abs(x)))


def sigmoid_slope(x: Tensor) -> Tensor:
    """σ′(x) = σ(x)·σ(−x), to full relative precision where σ has become 0 or 1."""
    return torch.sigmoid(x) * torch.sigmoid(-x)


def tanh_slope(x: Tensor) -> Tensor:
    """tanh′(x) = 1 − tanh² x = 4·σ(2x)·σ(−2x), to full relative precision where tanh has become ±1."""
    return 4.0 * sigmoid_slope(2.0 * x)


FUNCTIONS: dict[str, Function] = {
    "σ": Function(
        sigmoid, torch.sigmoid, sigmoid_slope, lambda y: math.log(y / (1 - y)), lambda y: y * (1 - y), (0.0, 1.0)
    ),
    "tanh": Function(math.tanh, torch.tanh, tanh_slope, math.atanh, lambda y: 1 - y * y, (-1.0, 1.0)),
    "exp": Function(math.exp, torch.exp, torch.exp, math.log, lambda y: y, (0.0, math.inf)),
    "log σ": Function(
        log_sigmoid,
        functional.logsigmoid,
        lambda x: torch.sigmoid(-x),
        lambda y: y - math.log(-math.expm1(y)),
        lambda y: -math.expm1(y),
        (-math.inf, 0.0),
    ),
}
