"""A model prepared for reading: weights laid out once, then any number of texts, without a Python loop.

A reader holds no text and no state of its own, so one serves every session at once. What it computes goes
into `Activations` that the caller owns; where it stands in the text is a `State` that the caller owns.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from ..cells.base import Array
from ..kernels.arithmetic import log_softmax
from ..kernels.packed_matrix import affine, pack
from ..text.vocabulary import Ids
from .stack import Stack
from .state import State

if TYPE_CHECKING:
    from .language_model import CharLM


@dataclass(frozen=True)
class Activations:
    """Room for everything that T steps compute.

    Attributes:
        layers: for each layer, (S, T, H) in the order of its cell's signals.
        log_probabilities: (T, V) in nats; row t is the prediction made after reading character t.
    """

    stack: Stack
    layers: tuple[Array, ...]
    log_probabilities: Array

    def state(self, step: int) -> State:
        """A copy of the state after `step`, where it is among the signals: a place to read on from."""
        carried = [list(layer.cell.carried()) for layer in self.stack]
        return [layer[rows, step].copy() for rows, layer in zip(carried, self.layers, strict=True)]

    def signal(self, layer: int, name: str) -> Array:
        """(T, H), a view."""
        values: Array = self.layers[layer][self.stack[layer].cell.names().index(name)]
        return values


class Reader(ABC):
    """Reads ids into activations. Use `Reader.of(lm)`."""

    block: int
    """How many steps are best read at once, when something else may want to be served in between."""
    bound = False
    """Whether what a step computes depends on its number, and not only on the state and the character."""
    visible = True
    """Whether the state is among the signals: any step that was computed is then also a place to go on from."""

    def __init__(self, lm: CharLM) -> None:
        self.stack = lm.stack
        self.symbols = len(lm.vocabulary)

    @staticmethod
    def of(lm: CharLM) -> Reader:
        """The compiled loop for a model on the CPU, PyTorch's kernels for one on another device."""
        return CompiledReader(lm) if lm.device.type == "cpu" else TorchReader(lm)

    @property
    def layers(self) -> int:
        return len(self.stack)

    @property
    @abstractmethod
    def dtype(self) -> np.dtype[np.floating]: ...

    @abstractmethod
    def read(
        self,
        ids: Ids,
        state: State,
        into: Activations,
        offset: int = 0,
        *,
        predict: bool = True,
        at: int | None = None,
    ) -> None:
        """Read `ids` (T,) from `state`, write rows `offset … offset + T − 1` of `into`, leave `state` at the end.

        Args:
            predict: without it the log-probabilities are not computed, and their rows stay as they are.
            at: the step of the text at which `ids` stand; only a reader that is `bound` to steps needs to know it.
        """

    def anew(self, step: int) -> bool:
        """Whether the state is the start's before a step of the text is read, whatever was read before."""
        return step == 0

    def start(self) -> State:
        """The state before the first character: zero, unless the cell says otherwise."""
        starts = [(np.array(layer.cell.start(), self.dtype)[:, None], layer.units) for layer in self.stack]
        return [np.repeat(values, units, axis=1) for values, units in starts]

    def room(self, steps: int) -> Activations:
        """Activations for `steps` steps, not yet filled."""
        shapes = [(len(layer.cell.signals), steps, layer.units) for layer in self.stack]
        layers = tuple(np.empty(shape, self.dtype) for shape in shapes)
        return Activations(self.stack, layers, np.empty((steps, self.symbols), self.dtype))


class CompiledReader(Reader):
    """The way for the CPU: each layer's loop over steps compiled, input of layer 0 by table look-up.

    The result for a step does not depend, to the last bit, on how many steps are read in one call.
    """

    block = 512

    def __init__(self, lm: CharLM) -> None:
        super().__init__(lm)
        cells = [layer.cell for layer in lm.stack]
        self._weights = [cell.prepare(lm.layer_weights(k), first=k == 0) for k, cell in enumerate(cells)]
        self._readout = pack(lm.readout.weight.detach().numpy().T)  # (H, V)
        self._readout_bias = lm.readout.bias.detach().numpy().copy()
        self._free = [np.empty((0, layer.units), self.dtype) for layer in lm.stack]  # nothing is held

    @property
    def dtype(self) -> np.dtype[np.floating]:
        return self._readout.dtype

    def read(
        self,
        ids: Ids,
        state: State,
        into: Activations,
        offset: int = 0,
        *,
        predict: bool = True,
        at: int | None = None,
        fixed: Sequence[Array] | None = None,
    ) -> None:
        """See `Reader.read`; `fixed` holds signals at values, for each layer as `Cell.read` says."""
        steps = len(ids)
        rows = np.asarray(ids, np.int32)
        for k, (layer, weights) in enumerate(zip(self.stack, self._weights, strict=True)):
            drive = weights.drive
            if k > 0:
                below = into.layers[k - 1][0, offset : offset + steps]  # (T, H): what the layer below hands up
                drive = np.empty((steps, layer.cell.gates * layer.units), self.dtype)
                affine(below, weights.drive, weights.bias, drive)
                rows = np.arange(steps, dtype=np.int32)
            held = self._free[k] if fixed is None else fixed[k]
            layer.cell.read(weights, drive, rows, state[k], into.layers[k], offset, held)
        if not predict:
            return
        scores = into.log_probabilities[offset : offset + steps]
        affine(into.layers[-1][0, offset : offset + steps], self._readout, self._readout_bias, scores)
        log_softmax(scores)


class TorchReader(Reader):
    """The way for CUDA, and the compiled loop's reference: fused kernels for h, one product for the rest."""

    block = 8192

    def __init__(self, lm: CharLM) -> None:
        super().__init__(lm)
        self._device = lm.device
        self._weights = [[w.detach().clone() for w in lm.layer_weights(k)] for k in range(lm.layers)]
        self._readout = lm.readout.weight.detach().clone()
        self._readout_bias = lm.readout.bias.detach().clone()

    @property
    def dtype(self) -> np.dtype[np.floating]:
        return np.dtype(str(self._readout.dtype).removeprefix("torch."))

    @torch.no_grad()
    def read(
        self,
        ids: Ids,
        state: State,
        into: Activations,
        offset: int = 0,
        *,
        predict: bool = True,
        at: int | None = None,
    ) -> None:
        steps = len(ids)
        if not steps:
            return
        index = torch.as_tensor(np.asarray(ids, np.int64), device=self._device)
        inputs = functional.one_hot(index, self.symbols + 1)[:, :-1].to(self._readout.dtype)  # unknown: zeros
        for k, (layer, weights) in enumerate(zip(self.stack, self._weights, strict=True)):
            start = tuple(torch.as_tensor(s, device=self._device) for s in state[k])
            signals = torch.stack(layer.cell.every_signal(inputs, start, weights))  # (S, T, H)
            into.layers[k][:, offset : offset + steps] = signals.cpu().numpy()
            for row, place in enumerate(layer.cell.carried()):
                state[k][row] = into.layers[k][place, offset + steps - 1]
            inputs = signals[0]
        if not predict:
            return
        scores = torch.log_softmax(torch.addmm(self._readout_bias, inputs, self._readout.T), dim=1)
        into.log_probabilities[offset : offset + steps] = scores.cpu().numpy()
