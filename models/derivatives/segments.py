"""What a model computed over several stretches of a text at once, and the derivative of each of their steps.

Each cell has the derivative of one step (`Cell.linearise`); this module computes it for a whole stack of layers.
N segments of K steps each, J states per layer; everything is stored step by step, (K, N, …), so that all segments
advance together.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from ..cells.derivative import Linear
from ..network.reader import Reader
from ..network.state import State
from ..text.vocabulary import Ids

if TYPE_CHECKING:
    from ..network.language_model import CharLM

TOGETHER = 1024
"""Steps, of all segments together, whose derivatives are taken at once: a few milliseconds."""
FIELDS = ("carry", "feedback", "drive")


@dataclass(frozen=True)
class Segments:
    """What a model computed over N segments of K steps each.

    Attributes:
        ids: (K, N) the characters read.
        layers: for each layer, (S, K, N, H), all its signals.
        before: for each layer, (J, K, N, H), its states one step earlier.
        log_probabilities: (K, N, V) in nats; None unless requested.
        linear: for each layer the derivative of every step, over axes (K, N). Empty unless requested.
    """

    lm: CharLM
    ids: Tensor
    layers: list[Tensor]
    before: list[Tensor]
    log_probabilities: Tensor | None
    linear: list[Linear] = field(default_factory=list)

    @staticmethod
    def read(
        lm: CharLM,
        reader: Reader,
        states: Sequence[State],
        ids: Ids,
        *,
        predict: bool = False,
        derive: bool = True,
        starts: Sequence[int] | None = None,
    ) -> Generator[float, None, Segments]:
        """Read `ids` (N, K), each row from its state; the states are left at the rows' ends.

        Args:
            predict: compute the log-probabilities too.
            derive: take the derivatives too.
            starts: the steps of the text at which the rows begin; see `Reader.read`.

        Yields:
            the share of the work that is done.
        """
        passages, steps = ids.shape
        carried = [list(layer.cell.carried()) for layer in reader.stack]
        shapes = [(len(layer.cell.signals), steps, passages, layer.units) for layer in reader.stack]
        layers = [np.empty(shape, reader.dtype) for shape in shapes]
        before = [np.empty((len(rows), *shape[1:]), reader.dtype) for rows, shape in zip(carried, shapes, strict=True)]
        predictions = np.empty((steps, passages, reader.symbols), reader.dtype) if predict else None
        activations = reader.allocate(steps)
        for n, state in enumerate(states):
            for k, values in enumerate(state):
                if carried[k]:  # other states are no signals
                    before[k][:, 0, n] = values
            reader.read(ids[n], state, activations, predict=predict, at=None if starts is None else starts[n])
            for k, read in enumerate(activations.layers):
                layers[k][:, :, n] = read
                before[k][:, 1:, n] = read[carried[k], :-1]
            if predictions is not None:
                predictions[:, n] = activations.predictions
            yield (n + 1) / passages * (0.5 if derive else 1.0)

        def put(array: np.ndarray) -> Tensor:
            return torch.from_numpy(array).to(lm.device)

        found = Segments(
            lm,
            put(np.ascontiguousarray(ids.T, np.int64)),
            [put(layer) for layer in layers],
            [put(states) for states in before],
            None if predictions is None else put(predictions),
        )
        together = max(1, TOGETHER // passages)
        for k in range(lm.layers if derive else 0):
            parts = []
            for first in range(0, steps, together):
                parts.append(found._linearise(k, slice(first, first + together)))
                yield 0.5 + 0.5 * (k + min(first + together, steps) / steps) / lm.layers
            whole = {name: torch.cat([getattr(part, name) for part in parts], dim=2) for name in FIELDS}
            found.linear.append(Linear(**whole, stages=parts[0].stages))
        return found

    def __len__(self) -> int:
        return self.ids.shape[1]

    @property
    def steps(self) -> int:
        return self.ids.shape[0]

    @cached_property
    def carries(self) -> list[list[tuple[int, int]]]:
        """For each layer, the pairs (j, i) in which some of state i reaches row j of `Linear` past all weights."""
        return [
            [(j, i) for j in range(len(some.carry)) for i in range(some.carry.shape[1]) if bool(some.carry[j, i].any())]
            for some in self.linear
        ]

    def _linearise(self, layer: int, steps: slice) -> Linear:
        """The derivatives of some steps of a layer."""
        weights = weights_of(self.lm, layer)
        weight_ih, _, bias_ih, _, *vectors = weights
        if layer == 0:
            table = torch.cat([weight_ih.T + bias_ih, bias_ih[None]])  # (V + 1, G·H); an unknown character is zero
            driven = table[self.ids[steps]]
        else:
            driven = self.layers[layer - 1][0, steps] @ weight_ih.T + bias_ih
        before, signals = self.before[layer][:, steps], self.layers[layer][:, steps]
        cell = self.lm.stack[layer].cell
        fed_back = cell.products(before, signals, weights)
        blocks = *driven.shape[:2], cell.gates, -1
        driven, fed_back = (one.view(blocks).movedim(2, 0) for one in (driven, fed_back))
        return cell.linearise(driven, fed_back, before, signals, vectors)  # of (G, K, N, H)

    def diagonal(self, layer: int) -> Tensor:
        """∂h_t[u]/∂h_{t−1}[u] of a layer, (K, N, H): the diagonal of its step's Jacobian."""
        linear = self.linear[layer]
        here = self.lm.stack[layer]
        blocks = weights_of(self.lm, layer)[1].view(here.cell.gates, here.units, -1)  # (G, H, H)
        if not linear.stages:
            own = blocks.diagonal(dim1=1, dim2=2)  # (G, H)
            return linear.carry[0, 0] + torch.einsum("gknh,gh->knh", linear.feedback[0], own)
        return torch.stack([self._own(linear, blocks, k) for k in range(self.steps)])

    @staticmethod
    def _own(linear: Linear, blocks: Tensor, step: int) -> Tensor:
        """The diagonal of ∂h_t/∂h_{t−1} at one step, (N, H), where U multiplies operands too: by the whole Jacobian."""
        units = blocks.shape[2]
        operand = torch.eye(units, dtype=blocks.dtype, device=blocks.device).expand(linear.carry.shape[3], -1, -1)
        total = torch.diag_embed(linear.carry[:, 0, step])  # (J + Q, N, H, H)
        first = len(linear.carry) - len(linear.stages) + 1
        for q, own in enumerate(linear.stages):
            operand = total[first + q - 1] if q else operand
            for g in own:
                total = total + linear.feedback[:, g, step, :, :, None] * (blocks[g] @ operand)
        return total[0].diagonal(dim1=1, dim2=2)


def weights_of(lm: CharLM, layer: int) -> list[Tensor]:
    """A layer's parameters as plain numbers, though they may still be in training."""
    return [weight.detach() for weight in lm.layer_weights(layer)]
