"""A character-level language model: a stack of one kind of cell and a linear readout."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..cells import CELLS
from ..text.vocabulary import Vocabulary
from .reader import Reader

if TYPE_CHECKING:
    from .intervention import Intervention
    from .trace import Trace


class CharLM(nn.Module):
    """Predicts the next character from those before it.

    The input is one-hot, without an embedding; parameters carry PyTorch's names: `rnn.weight_ih_l0`, …,
    `readout.weight` (V, H), `readout.bias` (V,).

    Args:
        cell: the name of one in `models.cells.CELLS`.
        vocabulary: the characters it reads and predicts, V of them.
        units: H, in every layer.
        layers: L.
        dropout: share of activations dropped after each layer while training.
        name: what error messages and traces call it.
    """

    def __init__(
        self,
        cell: str,
        vocabulary: Vocabulary,
        units: int,
        layers: int = 1,
        *,
        dropout: float = 0.0,
        name: str = "unnamed",
    ) -> None:
        super().__init__()
        if cell not in CELLS:
            raise ValueError(f"There is no cell called {cell!r}; the cells are {', '.join(CELLS)}.")
        if units < 1 or layers < 1:
            raise ValueError(f"A model needs at least one unit and one layer, not {units} and {layers}.")
        self.cell = CELLS[cell]
        self.vocabulary = vocabulary
        self.units = units
        self.layers = layers
        self.name = name
        self.interventions: tuple[Intervention, ...] = ()
        """What is done to the network in all that `reader` and `trace` read from the first character on."""
        self.between = dropout if layers > 1 else 0.0
        """The dropout between layers."""
        self.rnn: nn.Module = self.cell.module(len(vocabulary), units, layers, dropout=self.between)
        self.dropout = nn.Dropout(dropout)
        self.readout = nn.Linear(units, len(vocabulary))
        with torch.no_grad():
            for k, (block, bias) in product(range(layers), self.cell.start_biases.items()):
                rows = slice(block * units, (block + 1) * units)
                self.layer_weights(k)[2][rows] = bias
                self.layer_weights(k)[3][rows] = 0.0

    @property
    def device(self) -> torch.device:
        return self.readout.weight.device

    @property
    def parameter_count(self) -> int:
        return sum(p.numel() for p in self.parameters())

    @property
    def signal_names(self) -> list[str]:
        """`"{layer}.{signal}"` for every signal of every layer."""
        return [f"{k}.{name}" for k in range(self.layers) for name in self.cell.names()]

    def layer_weights(self, layer: int) -> list[Tensor]:
        """weight_ih (G·H, I), weight_hh (G·H, H), bias_ih (G·H,), bias_hh (G·H,) of one layer, then those parameters
        (H,) of which each unit has one, if the cell has any."""
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", *(one.name for one in self.cell.layout.vectors))
        return [getattr(self.rnn, f"{name}_l{layer}") for name in names]

    def forward(self, ids: Tensor, state: object = None) -> tuple[Tensor, object]:
        """Logits of the next character. For training; to look inside, use `trace`.

        Args:
            ids: (T, B); the id V stands for an unknown character and enters as zeros.
            state: what an earlier call returned, or None for zero.

        Returns:
            Logits (T, B, V), and the state to carry on from, in `torch.nn`'s form.
        """
        symbols = len(self.vocabulary)
        inputs = functional.one_hot(ids, symbols + 1)[..., :symbols].to(self.readout.weight.dtype)
        hidden, state = self.rnn(inputs, state)  # (T, B, H)
        return self.readout(self.dropout(hidden)), state

    def reader(self) -> Reader:
        """This model's weights prepared for reading; they are copied, so later training does not show."""
        reader = Reader.of(self)
        if not self.interventions:
            return reader
        from .intervened_reader import IntervenedReader, compiled

        return IntervenedReader(compiled(self, reader), self.interventions)

    def trace(
        self,
        text: str,
        *,
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Trace:
        """Every signal of every layer at every step of `text`, and the log-probabilities.

        Line ends are read as everywhere: CR LF and CR count as one "\\n", so the trace may have fewer steps than `text`
        has characters; `Trace.text` is what was read.

        Args:
            progress: called with (steps read, steps in all) between blocks.
            cancelled: asked between blocks; if it says True, `Cancelled` is raised.
        """
        from .trace import run

        return run(self, text, progress=progress, cancelled=cancelled)

    def generate(self, characters: int = 200, *, start: str, temperature: float = 0.7, seed: int = 0) -> str:
        """What the model writes after `start`: what the page's Generate writes behind a text's end.

        Args:
            characters: how many.
            start: what it reads before; at least one character.
            temperature: 1 draws as the model expects; below, the likely becomes likelier; 0 takes the likeliest.
            seed: 0 … 2³² − 1; the same one writes the same.

        Raises:
            NotMeasurable: without a start, or with a number that cannot be used.
        """
        from ..recording.continuation import write

        return write(self, start, characters, temperature, seed)
