"""A model prepared for reading: weights laid out once, then any number of sequences, without a Python loop.

A reader holds no text and no state of its own, so one serves every session at once. What it computes goes
into `Activations` that the caller owns; where it stands in the text is a `State` that the caller owns.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch

from ..cells.base import Array
from ..errors import NotMeasurable
from .codec import Items, Letters
from .stack import Layer, Stack
from .state import State, size

if TYPE_CHECKING:
    from .sequence_model import SequenceModel

STEP_COST = 2048
"""What a step costs beside its products, in their measure: a tenth of a microsecond for each layer, however small."""


@dataclass(frozen=True)
class Activations:
    """Room for everything that T steps compute.

    Attributes:
        layers: for each layer, (S, T, H) in the order of its cell's signals; beyond the width of one that is narrower
            lie zeros.
        predictions: (T, P), as the head has them: of a character model log-probabilities in nats, (T, V); row t is the
            prediction made after reading item t.
    """

    stack: Stack
    layers: tuple[Array, ...]
    predictions: Array

    def state(self, step: int) -> State:
        """A copy of the state after `step`, where it is among the signals: a place to read on from."""
        carried = [list(layer.cell.carried()) for layer in self.stack]
        return [layer[rows, step].copy() for rows, layer in zip(carried, self.layers, strict=True)]

    def signal(self, layer: int, name: str) -> Array:
        """(T, H), or as wide as the signal is; a view."""
        here = self.stack[layer]
        values: Array = self.layers[layer][here.cell.names().index(name), :, : here.width(name)]
        return values


class Reader(ABC):
    """Reads items into activations. Use `Reader.of(lm)`."""

    block: int
    """How many steps are best read at once, when something else may want to be served in between."""
    position_dependent = False
    """Whether what a step computes depends on its number, and not only on the state and the character."""
    visible = True
    """Whether the state is among the signals: any step that was computed is then also a place to go on from."""

    def __init__(self, lm: SequenceModel) -> None:
        self.stack, self.codec, self.head = lm.stack, lm.codec, lm.head()
        if not all(layer.cell.visible for layer in self.stack):
            self.visible = False

    @staticmethod
    def of(lm: SequenceModel) -> Reader:
        """The compiled loop for a model on the CPU, PyTorch's kernels for one on another device."""
        return CompiledReader(lm) if lm.device.type == "cpu" else TorchReader(lm)

    @property
    def layers(self) -> int:
        return len(self.stack)

    @property
    def symbols(self) -> int:
        """V, of a model that reads characters.

        Raises:
            NotMeasurable: if it reads something else.
        """
        if not isinstance(self.codec, Letters):
            raise NotMeasurable("This is about characters, and the network reads numbers.")
        return self.codec.inputs

    @property
    @abstractmethod
    def dtype(self) -> np.dtype[np.floating]: ...

    @abstractmethod
    def read(
        self,
        items: Items,
        state: State,
        into: Activations,
        offset: int = 0,
        *,
        predict: bool = True,
        at: int | None = None,
    ) -> None:
        """Read `items` (T, …) from `state`, write rows `offset … offset + T − 1` of `into`, leave `state` at the end.

        Args:
            predict: without it the predictions are not computed, and their rows stay as they are.
            at: the step of the sequence at which `items` stand; only a reader that is `bound` to steps needs it.
        """

    def starts_fresh(self, step: int) -> bool:
        """Whether the state is the start's before a step of the text is read, whatever was read before."""
        return step == 0

    def start(self) -> State:
        """The state before the first character: zero, unless the cell says otherwise."""
        return [layer.cell.start_state(layer.units, self.dtype) for layer in self.stack]

    def state_bytes(self, step: int) -> int:
        """How large the state before a step is. A reader whose states grow otherwise than its cells' says how."""
        more = sum(layer.cell.grown(layer.units, step) for layer in self.stack)
        return self._start_bytes + more * self.dtype.itemsize

    def cost(self, start: int, stop: int) -> float:
        """What reading steps start … stop − 1 costs, in multiplications and additions of two numbers. A reader whose
        steps cost more the later they come says how."""
        return (stop - start) * self._step_cost

    def multiply_adds(self, step: int) -> int:
        """Multiplications and additions of two numbers in the products of one step, the prediction's included."""
        readout = self.head.width * self.stack[-1].units
        return readout + sum(
            layer.cell.multiply_adds(below, layer.units, step) for layer, below in self._layers_on_inputs()
        )

    def _layers_on_inputs(self) -> list[tuple[Layer, int]]:
        """Each layer with the numbers that it takes in a step, 0 where it looks a character up."""
        inputs = [0 if isinstance(self.codec, Letters) else self.codec.inputs, *(layer.units for layer in self.stack)]
        return list(zip(self.stack, inputs, strict=False))

    @cached_property
    def _start_bytes(self) -> int:
        return size(self.start())

    @cached_property
    def _step_cost(self) -> int:
        own = (layer.cell.multiply_adds(below, layer.units) for layer, below in self._layers_on_inputs())
        return sum(own) + STEP_COST * self.layers

    def allocate(self, steps: int) -> Activations:
        """Activations for `steps` steps, not yet filled."""
        layers = tuple(
            (np.empty if min(layer.widths) == layer.units else np.zeros)(
                (len(layer.widths), steps, layer.units), self.dtype
            )
            for layer in self.stack
        )
        return Activations(self.stack, layers, np.empty((steps, self.head.width), self.dtype))


class CompiledReader(Reader):
    """The way for the CPU: each layer's loop over steps compiled, input of layer 0 by table look-up.

    The result for a step does not depend, to the last bit, on how many steps are read in one call.
    """

    block = 512

    def __init__(self, lm: SequenceModel) -> None:
        super().__init__(lm)
        letters = isinstance(lm.codec, Letters)
        cells = [layer.cell for layer in lm.stack]
        self._weights = [cell.prepare(lm.layer_weights(k), first=letters and k == 0) for k, cell in enumerate(cells)]
        self._free = [np.empty((0, layer.units), self.dtype) for layer in lm.stack]  # nothing is held

    @property
    def dtype(self) -> np.dtype[np.floating]:
        return self.head.dtype

    def read(
        self,
        items: Items,
        state: State,
        into: Activations,
        offset: int = 0,
        *,
        predict: bool = True,
        at: int | None = None,
        fixed: Sequence[Array] | None = None,
    ) -> None:
        """See `Reader.read`; `fixed` holds signals at values, for each layer as `Cell.read` says."""
        span = slice(offset, offset + len(items))
        below = items if isinstance(self.codec, Letters) else self._numbers(items)
        for k, (layer, weights) in enumerate(zip(self.stack, self._weights, strict=True)):
            held = self._free[k] if fixed is None else fixed[k]
            layer.cell.advance(weights, below, state[k], into.layers[k], offset, held)
            below = into.layers[k][0, span]
        if predict:
            self.head.predict(below, into.predictions[span])

    def _numbers(self, items: Items) -> Array:
        """Items as the first layer takes them, (T, I)."""
        like = torch.empty(0, dtype=torch.from_numpy(np.empty(0, self.dtype)).dtype)
        return np.ascontiguousarray(self.codec.tensor(torch.from_numpy(np.ascontiguousarray(items)), like).numpy())


class TorchReader(Reader):
    """The way for CUDA, and the compiled loop's reference: fused kernels for h, one product for the rest."""

    block = 8192

    def __init__(self, lm: SequenceModel) -> None:
        super().__init__(lm)
        self._device = lm.device
        self._weights = [[w.detach().clone() for w in lm.layer_weights(k)] for k in range(lm.layers)]
        self._readout = copy.deepcopy(lm.readout).requires_grad_(False)

    @property
    def dtype(self) -> np.dtype[np.floating]:
        return np.dtype(str(self._readout.weight.dtype).removeprefix("torch."))

    @torch.no_grad()
    def read(
        self,
        items: Items,
        state: State,
        into: Activations,
        offset: int = 0,
        *,
        predict: bool = True,
        at: int | None = None,
    ) -> None:
        steps = len(items)
        if not steps:
            return
        inputs = self.codec.tensor(
            torch.as_tensor(np.ascontiguousarray(items), device=self._device), self._readout.weight
        )
        for k, (layer, weights) in enumerate(zip(self.stack, self._weights, strict=True)):
            signals = layer.cell.advance_torch(inputs, state[k], weights)
            for row, (one, width) in enumerate(zip(signals, layer.widths, strict=True)):
                into.layers[k][row, offset : offset + steps, :width] = one.cpu().numpy()
            inputs = signals[0]
        if not predict:
            return
        into.predictions[offset : offset + steps] = self.head.finished(self._readout(inputs)).cpu().numpy()
