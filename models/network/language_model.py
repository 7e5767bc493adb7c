"""A character-level language model: a stack of recurrent layers and a linear readout."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..cells import Cell
from ..text.vocabulary import Vocabulary
from .mixed_layers import MixedLayers
from .reader import Reader
from .stack import Stack

if TYPE_CHECKING:
    from .intervention import Intervention
    from .trace import Trace


Kind = TypeVar("Kind")

LayerStates = list[tuple[Tensor, ...]]
"""The states of many texts side by side: for each layer each state of its cell, (B, H)."""


class CharLM(nn.Module):
    """Predicts the next character from those before it.

    The input is one-hot, without an embedding; parameters carry PyTorch's names: `rnn.weight_ih_l0`, …,
    `readout.weight` (V, H), `readout.bias` (V,).

    Args:
        cell: the name of one in `models.cells.CELLS`, or one for each layer.
        vocabulary: the characters it reads and predicts, V of them.
        units: H in every layer, or one number for each.
        layers: L, where they are all alike.
        dropout: share of activations dropped after each layer while training.
        name: what error messages and traces call it.
    """

    def __init__(
        self,
        cell: str | Sequence[str],
        vocabulary: Vocabulary,
        units: int | Sequence[int],
        layers: int = 1,
        *,
        dropout: float = 0.0,
        name: str = "unnamed",
    ) -> None:
        super().__init__()
        self.stack = Stack.of(cell, units, layers)
        self.vocabulary = vocabulary
        self.name = name
        self.interventions: tuple[Intervention, ...] = ()
        """What is done to the network in all that `reader` and `trace` read from the first character on."""
        self.between = dropout if self.layers > 1 else 0.0
        """The dropout between layers."""
        self.rnn: nn.Module = self._recurrent_module()
        self.dropout = nn.Dropout(dropout)
        self.readout = nn.Linear(self.stack[-1].units, len(vocabulary))
        with torch.no_grad():
            for k, layer in enumerate(self.stack):
                for block, bias in layer.cell.start_biases.items():
                    rows = slice(block * layer.units, (block + 1) * layer.units)
                    self.layer_weights(k)[2][rows] = bias
                    self.layer_weights(k)[3][rows] = 0.0

    @classmethod
    def of(cls, stack: Stack, vocabulary: Vocabulary, *, dropout: float = 0.0, name: str = "unnamed") -> CharLM:
        """A network of these layers."""
        cells, units = [layer.cell.name for layer in stack], [layer.units for layer in stack]
        return cls(cells, vocabulary, units, dropout=dropout, name=name)

    def _recurrent_module(self) -> nn.Module:
        bottom, inputs = self.stack[0], len(self.vocabulary)
        if self.stack.uniform:
            return bottom.cell.module(inputs, bottom.units, self.layers, dropout=self.between)
        return MixedLayers(self.stack, inputs, self.between)

    @property
    def layers(self) -> int:
        return len(self.stack)

    @property
    def cell(self) -> Cell:
        """The cell of all layers.

        Raises:
            ValueError: if they differ; `stack` has them.
        """
        return _one({layer.cell for layer in self.stack})

    @property
    def units(self) -> int:
        """H of all layers.

        Raises:
            ValueError: if they differ; `stack` has them.
        """
        return _one({layer.units for layer in self.stack})

    @property
    def device(self) -> torch.device:
        return self.readout.weight.device

    @property
    def parameter_count(self) -> int:
        return sum(p.numel() for p in self.parameters())

    @property
    def signal_names(self) -> list[str]:
        """`"{layer}.{signal}"` for every signal of every layer."""
        return self.stack.names

    def layer_weights(self, layer: int) -> list[Tensor]:
        """weight_ih (G·H, I), weight_hh (G·H, H), bias_ih (G·H,), bias_hh (G·H,) of one layer, then those parameters
        (H,) of which each unit has one, if the cell has any."""
        vectors = self.stack[layer].cell.layout.vectors
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", *(one.name for one in vectors))
        module, place = (self.rnn.layers[layer], 0) if isinstance(self.rnn, MixedLayers) else (self.rnn, layer)
        return [getattr(module, f"{name}_l{place}") for name in names]

    def forward(self, ids: Tensor, state: object = None) -> tuple[Tensor, object]:
        """Logits of the next character. For training; to look inside, use `trace`.

        Args:
            ids: (T, B); the id V stands for an unknown character and enters as zeros.
            state: what an earlier call returned, or None for zero.

        Returns:
            Logits (T, B, V), and the state to carry on from, in the form of `torch.nn` or of `MixedLayers`.
        """
        symbols = len(self.vocabulary)
        inputs = functional.one_hot(ids, symbols + 1)[..., :symbols].to(self.readout.weight.dtype)
        hidden, state = self.rnn(inputs, state)  # (T, B, H)
        return self.readout(self.dropout(hidden)), state

    def layer_states(self, state: object) -> LayerStates:
        """What `forward` returned, layer by layer: each of the cell's states, (B, H)."""
        if isinstance(self.rnn, MixedLayers):
            return [tuple(one[0] for one in _states(layer)) for layer in _states(state)]
        return [tuple(one[k] for one in _states(state)) for k in range(self.layers)]

    def joined_state(self, layers: LayerStates) -> object:
        """The states of all layers as `forward` takes them: the other way round."""
        if isinstance(self.rnn, MixedLayers):
            return tuple(_in_form([one[None] for one in layer]) for layer in layers)
        return _in_form([torch.stack(one) for one in zip(*layers, strict=True)])

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


def _one(found: set[Kind]) -> Kind:
    """The only one there is."""
    if len(found) > 1:
        raise ValueError("The layers differ; `stack` has them one by one.")
    return found.pop()


def _states(state: Any) -> tuple[Any, ...]:
    """The states in `torch.nn`'s form, where a single one stands without a tuple."""
    return state if isinstance(state, tuple) else (state,)


def _in_form(states: list[Tensor]) -> object:
    return states[0] if len(states) == 1 else tuple(states)
