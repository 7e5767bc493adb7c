"""What one run over one text computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save
from torch import Tensor

from ..array_files import PIECE, npz_pieces, safetensors_pieces, write_pieces
from ..errors import Cancelled, UnknownSignal
from ..text.lines import unix_lines
from ..text.vocabulary import code_points, well_formed
from ..text.words import counted
from .head import surprise_of

if TYPE_CHECKING:
    from ..figures.of_trace import Figure
    from .language_model import CharLM
    from .reader import Reader
    from .stack import Stack


@dataclass(frozen=True)
class Trace:
    """All signals of one run.

    `trace["0.forget_gate"]` is a (T, H) tensor on the CPU; `trace.keys()` names all there are. A signal that has one
    number for each head, say, is narrower.

    Attributes:
        model: the name of the model that read.
        text: what it read, T characters; line ends are "\\n", see `models.text.lines`.
        signals: `"{layer}.{signal}"` → (T, H).
        log_probabilities: (T, V) in nats; row t is the prediction after reading character t.
        surprise: (T,) in bits, −log₂ p(x_t | x_0 … x_{t−1}); NaN for the first character and for characters
            that the model does not know.
        lm, reader: what read it, for the figures that read on.
    """

    model: str
    text: str
    stack: Stack
    signals: dict[str, Tensor]
    log_probabilities: Tensor
    surprise: Tensor
    lm: CharLM = field(repr=False)
    reader: Reader = field(repr=False)

    def __getitem__(self, name: str) -> Tensor:
        try:
            return self.signals[name]
        except KeyError:
            raise UnknownSignal(
                f"{self.model} has no signal called {name!r}. It has: {', '.join(self.signals)}."
            ) from None

    def __repr__(self) -> str:
        """What it is, in one line: in a notebook the dataclass's own would print every tensor."""
        begun = self.text if len(self.text) <= 24 else f"{self.text[:23]}…"
        return f"Trace(model={self.model!r}, text={begun!r}, steps={len(self):,}, signals={self.keys()})"

    def __len__(self) -> int:
        return len(self.log_probabilities)

    def __iter__(self) -> Iterator[str]:
        return iter(self.signals)

    def keys(self) -> list[str]:
        return list(self.signals)

    @property
    def bits_per_character(self) -> float:
        """Mean surprise; NaN where no character has one."""
        return mean_surprise(self.surprise.numpy())

    # ── figures, in the page's colours and ranges: see models/figures ────────────────────────────────

    def heatmap(self, name: str, start: int = 0, stop: int | None = None) -> Figure:
        """A signal as a picture, steps start … stop − 1 across and units downwards: `trace.heatmap("0.forget_gate")`.

        The colours end where the page's do, by the largest value of the whole text if the signal has no bound.

        Raises:
            UnknownSignal: if there is no such signal.
            NotMeasurable: if there are no such steps, or more cells than a browser can draw.
        """
        from ..figures import of_trace as figures

        return figures.heatmap(self, name, start, stop)

    def plot_surprise(self, start: int = 0, stop: int | None = None) -> Figure:
        """`surprise` as a figure: a stair, in bits, with a gap where a character has none."""
        from ..figures import of_trace as figures

        return figures.plot_surprise(self, start, stop)

    def echo(
        self,
        step: int,
        signal: str | None = None,
        *,
        instead: str | None = None,
        start: int | None = None,
        stop: int | None = None,
    ) -> Figure:
        """How far a signal is from what it would be had another character stood at `step`, as a figure.

        Args:
            signal: the first of layer 0 unless told otherwise.
            instead: the other character; by default the one that the page takes for one model.
            start, stop: the steps shown; by default from five before `step` to the end.

        Raises:
            UnknownSignal: if there is no such signal.
            NotMeasurable: if there are no such steps, or `instead` is not one other character.
        """
        from ..figures import of_trace as figures

        return figures.plot_echo(self, step, signal, instead=instead, start=start, stop=stop)

    def plot_horizon(self, **options: Any) -> Figure:
        """The memory horizon over this text as a figure.

        Args:
            options: those of `models.measures.memory.horizon.horizon`: curve, positions, lags, layer, by.

        Raises:
            NotMeasurable: if the text is too short, or there is no such layer.
        """
        from ..figures import of_trace as figures

        return figures.plot_horizon(self, **options)

    def plot_provenance(self, unit: int, step: int | None = None, layer: int | None = None, **options: Any) -> Figure:
        """Where what a unit of a gated cell holds at `step` comes from, as a triangle.

        Args:
            step: the last by default.
            layer: the last by default.
            options: those of `models.measures.memory.provenance.provenance`: window, age, of.

        Raises:
            NotMeasurable: if the cell keeps nothing as it is, or there is no such unit, layer or step.
        """
        from ..figures import of_trace as figures

        return figures.plot_provenance(self, unit, step, layer, **options)

    # ── files ────────────────────────────────────────────────────────────────────────────────────────

    def tensors(self) -> dict[str, Tensor]:
        """Everything as named tensors, as it is saved."""
        return {
            **self.signals,
            "log_probabilities": self.log_probabilities,
            "surprise": self.surprise,
        }

    def _metadata(self) -> dict[str, str]:
        return {"model": self.model, "cell": self.stack.kind, "text": well_formed(self.text)}

    def save(self, path: str | Path) -> None:
        """Write a safetensors file, the text in its metadata; or, if the path ends in .npz, what `numpy.load` reads.

        Raises:
            OutputError: if it cannot be written there.
        """
        write_pieces(path, self.npz_pieces() if Path(path).suffix.lower() == ".npz" else self.pieces())

    def pieces(self, size: int = PIECE) -> Iterator[bytes]:
        """The bytes of the same file, the first piece its header; see `models.array_files`."""
        return safetensors_pieces(self._arrays(), self._metadata(), size)

    def npz_pieces(self) -> Iterator[bytes]:
        """The bytes of an NPZ file.

        It has every tensor under its name, the name of the `model`, and the text as `code_points`, (T,) uint32.
        """
        about = {"model": np.array(self.model), "code_points": code_points(self.text)}
        return npz_pieces({**about, **self._arrays()})

    def _arrays(self) -> dict[str, NDArray[Any]]:
        return {name: tensor.numpy() for name, tensor in sorted(self.tensors().items())}

    def to_bytes(self) -> bytes:
        """The same file as bytes."""
        return save(self.tensors(), self._metadata())


def mean_surprise(surprise: NDArray[np.floating]) -> float:
    """Bits per character: the mean of what is not NaN, summed in float64; NaN if nothing is left."""
    known = ~np.isnan(surprise)
    return float(surprise[known].mean(dtype=np.float64)) if known.any() else float("nan")


def run(
    lm: CharLM,
    text: str,
    *,
    reader: Reader | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Trace:
    """See `CharLM.trace`; `reader` may be one of this model that reads it otherwise than as it is."""
    reader, text = reader or lm.reader(), unix_lines(text)
    ids = lm.vocabulary.encode(text)
    activations, state = reader.allocate(len(ids)), reader.start()
    for offset in range(0, len(ids), reader.block):
        if cancelled is not None and cancelled():
            raise Cancelled(f"The trace was stopped after {offset:,} of {counted(len(ids), 'character')}.")
        reader.read(ids[offset : offset + reader.block], state, activations, offset, at=offset)
        if progress is not None:
            progress(min(offset + reader.block, len(ids)), len(ids))
    surprise = np.full(len(ids), np.nan, np.float32)
    surprise[1:] = surprise_of(activations.predictions[:-1], ids[1:])
    signals = {
        f"{k}.{name}": torch.from_numpy(np.ascontiguousarray(activations.signal(k, name)))
        for k, layer in enumerate(lm.stack)
        for name in layer.cell.names()
    }
    return Trace(
        model=lm.name,
        text=text,
        stack=lm.stack,
        signals=signals,
        log_probabilities=torch.from_numpy(activations.predictions),
        surprise=torch.from_numpy(surprise),
        lm=lm,
        reader=reader,
    )
