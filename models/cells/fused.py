"""The cells for which PyTorch has a kernel: it trains them, and reads them on CUDA.

The kernel gives every h; the other signals follow from h by one matrix product. Tests check that the handwritten code
here and in the cells' own files equals what their equations generate.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar

import torch
from torch import Tensor, nn

from .base import Cell


class FusedCell(Cell):
    kernel: ClassVar[Callable[..., tuple[Tensor, ...]]]
    """PyTorch's fused kernel, which trains one layer."""
    torch_module: ClassVar[Callable[..., nn.RNNBase]]
    """PyTorch's own module of this cell."""

    def __init__(self) -> None:
        super().__init__()
        if self.heads > 1:
            raise ValueError(f"PyTorch's kernel of {self.title} knows no heads")

    def module(self, inputs: int, units: int, layers: int, dropout: float = 0.0, *, first: bool = True) -> nn.Module:
        return type(self).torch_module(inputs, units, layers, dropout=dropout)

    def layer(
        self, inputs: Tensor, start: tuple[Tensor, ...], weights: list[Tensor]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        hidden, *end = self._run(inputs, start, weights, True)
        return hidden, tuple(s[0] for s in end)

    def every_signal(self, inputs: Tensor, start: tuple[Tensor, ...], weights: list[Tensor]) -> list[Tensor]:
        hidden, *_ = self._run(inputs[:, None], tuple(one[None] for one in start), weights, False)
        return self.recover(inputs, hidden[:, 0], start, weights)

    def _run(
        self, inputs: Tensor, start: tuple[Tensor, ...], weights: list[Tensor], training: bool
    ) -> tuple[Tensor, ...]:
        """h (T, B, H) and each state at the end, (1, B, H), from inputs (T, B, I)."""
        first: object = tuple(s[None].contiguous() for s in start) if len(start) > 1 else start[0][None].contiguous()
        return type(self).kernel(inputs, first, weights, True, 1, 0.0, training, False, False)

    @abstractmethod
    def recover(self, inputs: Tensor, hidden: Tensor, state: tuple[Tensor, ...], weights: list[Tensor]) -> list[Tensor]:
        """All signals of one layer, each (T, H), in the order of `signals`, once every h is known."""


def previous(hidden: Tensor, start: Tensor) -> Tensor:
    """h_{t−1} for each t: (T, H) shifted by one step, with the start state (H,) in front."""
    return torch.cat([start[None], hidden[:-1]])


def scan_linear(keep: Tensor, add: Tensor, start: Tensor) -> Tensor:
    """c_t = keep_t·c_{t−1} + add_t for all t at once: (T, H), (T, H), (H,) → (T, H).

    Hillis and Steele's doubling scan: log₂ T elementwise passes in place of T steps. Stable, since keep ≤ 1.
    """
    total = add.clone()
    total[0] += keep[0] * start
    decay = keep.clone()
    width = 1
    while width < len(total):
        carried = decay[width:] * total[:-width]
        further = decay[width:] * decay[:-width]
        total[width:] += carried
        decay[width:] = further
        width *= 2
    return total
