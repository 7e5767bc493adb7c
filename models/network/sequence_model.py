"""A network that reads a sequence and predicts its next item: a stack of recurrent layers and a readout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch import Tensor, nn

from ..cells import Cell
from .codec import Codec
from .head import Head
from .mixed_layers import MixedLayers
from .reader import CompiledReader, Reader
from .stack import Stack

if TYPE_CHECKING:
    from .intervention import Intervention

Kind = TypeVar("Kind")

LayerStates = list[tuple[Tensor, ...]]
"""The states of many sequences side by side: for each layer each state of its cell, (B, H)."""


class SequenceModel(nn.Module):
    """See the module. Parameters carry PyTorch's names: `rnn.weight_ih_l0`, …, `readout.weight` (P, H), `readout.bias`;
    where layers differ each has a module of its own, `rnn.layers.1.weight_ih_l0`.

    Args:
        codec: what it reads.
        outputs: P, how many numbers are read out.
        dropout: share of activations dropped after each layer while training.
        name: what error messages and traces call it.
    """

    def __init__(
        self, stack: Stack, codec: Codec, outputs: int, *, dropout: float = 0.0, name: str = "unnamed"
    ) -> None:
        super().__init__()
        self.stack, self.codec, self.name = stack, codec, name
        self.interventions: tuple[Intervention, ...] = ()
        """What is done to the network in all that `reader` reads from the first step on."""
        self.between = dropout if self.layers > 1 else 0.0
        """The dropout between layers."""
        self.rnn: nn.Module = self._recurrent_module(codec.inputs)
        self.dropout = nn.Dropout(dropout)
        self.readout = nn.Linear(stack[-1].units, outputs)
        self._initialise()

    @torch.no_grad()
    def _initialise(self) -> None:
        """Set those parameters whose initial values the cells declare."""
        for k, layer in enumerate(self.stack):
            if not layer.cell.start_biases and not layer.cell.start_vectors:
                continue
            _, _, bias_ih, bias_hh, *vectors = self._learned(k)
            for block, ends in layer.cell.start_biases.items():
                rows = slice(block * layer.units, (block + 1) * layer.units)
                bias_ih[rows] = torch.linspace(*ends, layer.units)
                bias_hh[rows] = 0.0
            for one, vector in zip(layer.cell.layout.vectors, vectors, strict=True):
                if one.name in layer.cell.start_vectors:
                    vector.copy_(torch.linspace(*layer.cell.start_vectors[one.name], layer.units))

    def head(self) -> Head:
        """What it predicts, made of the readout's weights as they are now."""
        raise NotImplementedError

    def _recurrent_module(self, inputs: int) -> nn.Module:
        bottom = self.stack[0]
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
        return self.stack[layer].cell.arranged(self._learned(layer))

    def _learned(self, layer: int) -> list[Tensor]:
        """The same as they are learned: `weight_hh` without the zeros between heads."""
        module, place = (self.rnn.layers[layer], 0) if isinstance(self.rnn, MixedLayers) else (self.rnn, layer)
        return [one for name, one in module.named_parameters() if name.endswith(f"_l{place}")]

    def forward(self, items: Tensor, state: object = None) -> tuple[Tensor, object]:
        """What is read out after each item. For training; to look inside, use `reader`.

        Args:
            items: (T, B) or (T, B, C), as the codec has them.
            state: what an earlier call returned, or None for the start.

        Returns:
            (T, B, P), and the state to carry on from, in the form of `torch.nn` or of `MixedLayers`.
        """
        hidden, state = self.rnn(self.codec.tensor(items, self.readout.weight), state)  # (T, B, H)
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
        if not self.interventions:
            return Reader.of(self)
        from .intervened_reader import IntervenedReader

        return IntervenedReader(CompiledReader(self), self.interventions)


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
