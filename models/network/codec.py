"""What a network reads, one item a step, and how it becomes the input of the first layer.

T  steps    I  inputs of the first layer    C  channels
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from ..text.vocabulary import Ids, Vocabulary

Items = NDArray[Any]
"""What was read: ids (T,), or rows of readings (T, C)."""


class Codec(ABC):
    """See the module.

    Attributes:
        dtype, shape: of one item.
    """

    dtype: type[np.generic]
    shape: tuple[int, ...]

    @property
    @abstractmethod
    def inputs(self) -> int:
        """I."""

    @abstractmethod
    def tensor(self, items: Tensor, like: Tensor) -> Tensor:
        """What the first layer multiplies, (…, I), of the kind of `like`, from items that may be missing."""


@dataclass(frozen=True)
class Letters(Codec):
    """Characters by their ids; one that is not known is no input at all."""

    vocabulary: Vocabulary
    dtype = np.int32
    shape = ()

    @property
    def inputs(self) -> int:
        return len(self.vocabulary)

    def encode(self, text: str) -> Ids:
        return self.vocabulary.encode(text)

    def tensor(self, items: Tensor, like: Tensor) -> Tensor:
        return functional.one_hot(items.long(), self.inputs + 1)[..., :-1].to(like)


@dataclass(frozen=True, eq=False)
class Readings(Codec):
    """Rows of C real numbers, each taken in standard deviations from its mean; a missing one is NaN, and no input.

    Attributes:
        names: of the channels.
        mean, deviation: (C,) what is subtracted, and divided by.
        resolution: (C,) the smallest step of each sensor.
    """

    names: tuple[str, ...]
    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]
    resolution: NDArray[np.float64]
    dtype = np.float32

    def __post_init__(self) -> None:
        if not self.names:
            raise ValueError("Readings need a channel at least.")
        for name in ("mean", "deviation", "resolution"):
            values = np.asarray(getattr(self, name), np.float64)
            object.__setattr__(self, name, values)
            if values.shape != (len(self.names),) or not np.isfinite(values).all():
                raise ValueError(f"{name} must have one finite number for each of the {len(self.names)} channels.")
            if name != "mean" and not (values > 0).all():
                raise ValueError(f"{name} must be above 0 in every channel.")

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return (len(self.names),)

    @property
    def inputs(self) -> int:
        return len(self.names)

    @property
    def fineness(self) -> NDArray[np.float64]:
        """(C,) the resolution as the network reads it."""
        return self.resolution / self.deviation

    def encode(self, rows: NDArray[np.floating]) -> NDArray[np.float32]:
        """Readings (T, C) as they are read.

        Raises:
            ValueError: if a row has another number of channels, or a number is infinite.
        """
        if rows.ndim != 2 or rows.shape[1] != len(self.names):
            raise ValueError(f"Each row must have {len(self.names)} numbers: {', '.join(self.names)}.")
        with np.errstate(over="ignore"):
            found = ((rows - self.mean) / self.deviation).astype(np.float32)
        if np.isinf(found).any():
            raise ValueError("A reading cannot be infinite, or farther off than numbers go. A missing one is NaN.")
        return found

    def decode(self, rows: NDArray[np.floating]) -> NDArray[np.float64]:
        """The other way round."""
        return np.asarray(rows * self.deviation + self.mean)

    def tensor(self, items: Tensor, like: Tensor) -> Tensor:
        return torch.nan_to_num(items, nan=0.0).to(like)
