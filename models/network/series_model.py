"""A model of sequences of real numbers: each step it predicts a mean and a deviation for every channel.

T  steps    C  channels    H  units
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save
from torch import Tensor

from ..errors import Cancelled, NotMeasurable, OutputError, UnknownSignal
from ..series.series import Series
from ..text.names import shown
from ..text.words import counted
from .codec import Readings
from .head import Gaussian
from .sequence_model import SequenceModel
from .stack import Stack
from .trace import mean_surprise


class SeriesModel(SequenceModel):
    """Predicts the next readings from those before them.

    Items are rows of readings (T, B, C) as `Readings.encode` makes them. What is read out are C means, then C times
    ln σ, (T, B, 2·C).

    Args:
        readings: the channels that it reads and predicts.
        dropout: share of activations dropped after each layer while training.
    """

    codec: Readings

    def __init__(self, stack: Stack, readings: Readings, *, dropout: float = 0.0, name: str = "unnamed") -> None:
        super().__init__(stack, readings, 2 * readings.inputs, dropout=dropout, name=name)

    def head(self) -> Gaussian:
        return Gaussian(self.readout, self.codec.fineness)

    def trace(
        self,
        rows: NDArray[np.floating] | Series,
        *,
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> SeriesTrace:
        """Every signal of every layer at every step of `rows`, and what is predicted.

        Args:
            rows: (T, C) in the sensors' units, or (T,) for a single channel; NaN is a missing reading. Of a series, the
                channels are taken by their names.
            progress: called with (steps read, steps in all) between blocks.
            cancelled: asked between blocks; if it says True, `Cancelled` is raised.

        Raises:
            CorpusError: if the series lacks a channel.
            NotMeasurable: if the rows are none that this model reads.
        """
        found = rows.picked(self.codec.names).rows if isinstance(rows, Series) else np.asarray(rows, np.float64)
        if found.ndim == 1 and self.codec.inputs == 1:
            found = found[:, None]
        if len(found) == 0:
            raise NotMeasurable(f"There is no row for {self.name} to read. Give it one at least.")
        try:
            items = self.codec.encode(found)
        except ValueError as fault:
            raise NotMeasurable(f"{self.name} cannot read this. {fault}") from None
        reader = self.reader()
        activations, state = reader.allocate(len(items)), reader.start()
        for offset in range(0, len(items), reader.block):
            if cancelled is not None and cancelled():
                raise Cancelled(f"The trace was stopped after {offset:,} of {counted(len(items), 'step')}.")
            reader.read(items[offset : offset + reader.block], state, activations, offset, at=offset)
            if progress is not None:
                progress(min(offset + reader.block, len(items)), len(items))
        surprise = np.full(len(items), np.nan, np.float32)
        surprise[1:] = reader.head.bits(activations.predictions[:-1], items[1:])
        mean, spread = np.split(activations.predictions.astype(np.float64), 2, axis=1)
        signals = {
            f"{k}.{name}": torch.from_numpy(np.ascontiguousarray(activations.signal(k, name)))
            for k, layer in enumerate(self.stack)
            for name in layer.cell.names()
        }
        return SeriesTrace(
            self.name,
            self.stack,
            self.codec.names,
            torch.from_numpy(np.array(found)),
            signals,
            torch.from_numpy(self.codec.decode(mean)),
            torch.from_numpy(np.exp(spread) * self.codec.deviation),
            torch.from_numpy(surprise),
        )


@dataclass(frozen=True, eq=False)
class SeriesTrace:
    """All signals of one run over readings.

    `trace["0.forget_gate"]` is a (T, H) tensor on the CPU; `trace.keys()` names all there are.

    Attributes:
        model: the name of the model that read.
        channels: their names.
        rows: (T, C) float64, what it read, in the sensors' units.
        signals: `"{layer}.{signal}"` → (T, H).
        mean, deviation: (T, C) float64 in the sensors' units; row t is the prediction after reading row t.
        surprise: (T,) in bits, of all channels of a row together; NaN for the first row, and where all are missing.
    """

    model: str
    stack: Stack
    channels: tuple[str, ...]
    rows: Tensor
    signals: dict[str, Tensor]
    mean: Tensor
    deviation: Tensor
    surprise: Tensor

    def __getitem__(self, name: str) -> Tensor:
        try:
            return self.tensors()[name]
        except KeyError:
            raise UnknownSignal(
                f"{self.model} has no signal called {name!r}. It has: {', '.join(self.signals)}."
            ) from None

    def __repr__(self) -> str:
        read = ", ".join(self.channels)
        return f"SeriesTrace(model={self.model!r}, channels={read!r}, steps={len(self):,}, signals={self.keys()})"

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self.signals)

    def keys(self) -> list[str]:
        return list(self.signals)

    @property
    def bits_per_reading(self) -> float:
        """The surprise of all rows over the number of readings that were predicted; NaN where there are none."""
        readings = int((~np.isnan(self.rows[1:].numpy())).sum())
        scored = ~np.isnan(self.surprise.numpy())
        return mean_surprise(self.surprise.numpy()) * int(scored.sum()) / readings if readings else float("nan")

    def tensors(self) -> dict[str, Tensor]:
        """Everything as named tensors, as it is saved."""
        return {
            **self.signals,
            "rows": self.rows,
            "mean": self.mean,
            "deviation": self.deviation,
            "surprise": self.surprise,
        }

    def save(self, path: str | Path) -> None:
        """Write a safetensors file; NPZ if the path ends in .npz; a table without the signals if it ends in .csv: the
        readings, what was predicted for each from those before it, and the surprise in bits.

        Raises:
            OutputError: if it cannot be written there.
        """
        kind = Path(path).suffix.lower()
        try:
            if kind == ".csv":
                self._write_table(Path(path))
            elif kind == ".npz":
                arrays: dict[str, Any] = {name: one.numpy() for name, one in self.tensors().items()}
                with Path(path).open("wb") as file:
                    np.savez(file, model=np.array(self.model), channels=np.array(self.channels), **arrays)
            else:
                facts = {"model": self.model, "cell": self.stack.kind, "channels": json.dumps(self.channels)}
                Path(path).write_bytes(save({k: v.contiguous() for k, v in self.tensors().items()}, facts))
        except (OSError, ValueError) as error:  # ValueError: the path contains a NUL
            reason = getattr(error, "strerror", None) or error
            raise OutputError(
                f"{shown(str(path))} cannot be written: {reason}. Name a file in a folder that has space for it."
            ) from None

    def _write_table(self, path: Path) -> None:
        """One line a row. What is unknown, such as a prediction for the first row, is an empty cell."""
        none = torch.full((1, len(self.channels)), torch.nan, dtype=torch.float64)
        before = [torch.cat([none, one[:-1]]) for one in (self.mean, self.deviation)]
        columns = torch.cat([self.rows, *before, self.surprise[:, None].double()], dim=1)  # (T, 3·C + 1)
        kinds = ("", " predicted", " deviation")
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["step", *(f"{name}{kind}" for kind in kinds for name in self.channels), "surprise [bits]"])
            for step, values in enumerate(columns.tolist()):
                writer.writerow([step, *("" if value != value else f"{value:.9g}" for value in values)])
