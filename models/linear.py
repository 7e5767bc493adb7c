"""First-order effects along what a model has read: tangents carried forwards, adjoints carried back.

Each cell declares the derivative of one step (`Cell.linearise`); here that is done for a whole stack and many
*passages* of a text at once, and chained over steps. N passages, K steps each, C tangents a passage, J states a layer.

Both ways keep their numbers near 1 by powers of two, and count those: a product of a thousand Jacobians may be 1e-60 or
1e+200, and neither becomes 0 or infinity. Norms are therefore given as log₂; −inf is exactly zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from .cells.base import Linear
from .reader import Reader, State
from .vocabulary import Ids

if TYPE_CHECKING:
    from .charlm import CharLM

FAR = 40
"""Numbers are brought back to about 1 when they have come this many powers of two away from it."""


@dataclass(frozen=True)
class Passages:
    """What a model computed over N passages of K steps each.

    Attributes:
        ids: (K, N) what was read.
        layers: for each layer, (S, K, N, H), all its signals.
        before: for each layer, (J, K, N, H), its states one step earlier.
        log_probabilities: (K, N, V) in nats; None unless asked for.
    """

    lm: CharLM
    ids: Tensor
    layers: list[Tensor]
    before: list[Tensor]
    log_probabilities: Tensor | None

    @staticmethod
    def read(lm: CharLM, reader: Reader, states: Sequence[State], ids: Ids, *, predict: bool = False) -> Passages:
        """Read `ids` (N, K), each row from its state; the states are left at the end of the passages."""
        passages, steps = ids.shape
        carried = list(reader.cell.carried())
        size, units = len(reader.cell.signals), reader.units
        layers = [np.empty((size, steps, passages, units), reader.dtype) for _ in range(reader.layers)]
        before = [np.empty((len(carried), steps, passages, units), reader.dtype) for _ in range(reader.layers)]
        predictions = np.empty((steps, passages, reader.symbols), reader.dtype) if predict else None
        room = reader.room(steps)
        for n, state in enumerate(states):
            for k, values in enumerate(state):
                before[k][:, 0, n] = values
            reader.read(ids[n], state, room, predict=predict)
            for k, read in enumerate(room.layers):
                layers[k][:, :, n] = read
                before[k][:, 1:, n] = read[carried, :-1]
            if predictions is not None:
                predictions[:, n] = room.log_probabilities

        def put(array: np.ndarray) -> Tensor:
            return torch.from_numpy(array).to(lm.device)

        return Passages(
            lm,
            put(np.ascontiguousarray(ids.T, np.int64)),
            [put(layer) for layer in layers],
            [put(states) for states in before],
            None if predictions is None else put(predictions),
        )

    def __len__(self) -> int:
        return self.ids.shape[1]

    @property
    def steps(self) -> int:
        return self.ids.shape[0]

    @cached_property
    def linear(self) -> list[Linear]:
        """The derivative of every step of each layer; axes (K, N) stand for the steps."""
        found = []
        for k in range(self.lm.layers):
            weight_ih, weight_hh, bias_ih, bias_hh = weights_of(self.lm, k)
            if k == 0:
                table = torch.cat([weight_ih.T + bias_ih, bias_ih[None]])  # (V + 1, G·H); an unknown character is zero
                driven = table[self.ids]
            else:
                driven = self.layers[k - 1][0] @ weight_ih.T + bias_ih
            fed_back = self.before[k][0] @ weight_hh.T + bias_hh
            found.append(
                self.lm.cell.linearise(self._blocks(driven), self._blocks(fed_back), self.before[k], self.layers[k])
            )
        return found

    def _blocks(self, totals: Tensor) -> Tensor:
        """(K, N, G·H) → (G, K, N, H)."""
        return totals.unflatten(-1, (self.lm.cell.gates, self.lm.units)).movedim(2, 0)

    def diagonal(self, layer: int) -> Tensor:
        """∂h_t[u]/∂h_{t−1}[u] of a layer, (K, N, H): the diagonal of its step's Jacobian."""
        linear = self.linear[layer]
        blocks = weights_of(self.lm, layer)[1].unflatten(0, (self.lm.cell.gates, self.lm.units))  # (G, H, H)
        own = blocks.diagonal(dim1=1, dim2=2)  # (G, H)
        return linear.carry[0, 0] + torch.einsum("gknh,gh->knh", linear.feedback[0], own)


def weights_of(lm: CharLM, layer: int) -> list[Tensor]:
    """A layer's parameters as plain numbers, though they may still be in training."""
    return [weight.detach() for weight in lm.layer_weights(layer)]


class _Scaled:
    """Keeps the numbers of N passages near 1, and counts the powers of two that were taken out of each."""

    def __init__(self, passages: int, device: torch.device) -> None:
        self.powers = torch.zeros(passages, dtype=torch.float64, device=device)

    def log2(self, squares: Tensor) -> Tensor:
        """log₂ of the norms whose scaled squares these are, (N,) float64."""
        return 0.5 * torch.log2(squares.double()) + self.powers

    def rescale(self, values: list[Tensor], squares: Tensor) -> list[Tensor]:
        """The same values, each (J, N, …), with new powers of two taken out where squares (N,) have come far."""
        size = 0.5 * torch.log2(squares.double())
        shift = torch.where((size.abs() > FAR) & size.isfinite(), -size.round(), torch.zeros_like(size))
        if not bool(shift.any()):
            return values
        self.powers -= shift
        factor = torch.exp2(shift).to(values[0].dtype)
        return [value * factor.view(1, -1, *[1] * (value.dim() - 2)) for value in values]


class Forward:
    """Tangents of N passages carried forwards from their first step.

    Start it by `from_state` (the change is one of the state after the first step) or `from_input` (of the first
    character's one-hot vector); `advance` goes one step further.
    """

    def __init__(self, passages: Passages, tangents: list[Tensor]) -> None:
        self._passages = passages
        self._tangents = tangents  # for each layer (J, N, C, H)
        self._scaled = _Scaled(len(passages), passages.ids.device)
        self._squares: Tensor | None = None
        self.step = 0
        cell, units = passages.lm.cell, passages.lm.units
        weights = [weights_of(passages.lm, k) for k in range(passages.lm.layers)]
        # (H, G, 1, H) the transposed blocks, with room for the states that a change reaches through them
        self._feedback = [w[1].T.unflatten(1, (cell.gates, units)).unsqueeze(2).contiguous() for w in weights]
        self._drive = [w[0].T.unflatten(1, (cell.gates, units)).unsqueeze(2).contiguous() for w in weights]

    @staticmethod
    def from_state(passages: Passages) -> Forward:
        """One tangent for each number in the state of all layers: together, the Jacobian ∂s_t/∂s_0."""
        lm = passages.lm
        states, size = len(lm.cell.states), len(lm.cell.states) * lm.units
        eye = torch.eye(lm.layers * size, dtype=passages.layers[0].dtype, device=lm.device)
        rows = eye.view(-1, lm.layers, states, lm.units).permute(1, 2, 0, 3)  # (L, J, C, H)
        return Forward(passages, [rows[k, :, None].expand(-1, len(passages), -1, -1).clone() for k in range(lm.layers)])

    @staticmethod
    def from_input(passages: Passages) -> Forward:
        """One tangent for each place of the one-hot vector x_0: together, ∂s_t/∂x_0."""
        lm = passages.lm
        shape = (len(lm.cell.states), len(passages), len(lm.vocabulary), lm.units)
        nothing = [torch.zeros(shape, dtype=passages.layers[0].dtype, device=lm.device) for _ in range(lm.layers)]
        forward = Forward(passages, nothing)
        blocks = forward._drive[0]  # (V, G, 1, H)
        drive = passages.linear[0].drive[:, :, 0]  # (J, G, N, H)
        forward._tangents[0] = torch.einsum("vgh,jgnh->jnvh", blocks[:, :, 0], drive)
        for k in range(1, lm.layers):
            forward._tangents[k] = forward._through(forward._tangents[k - 1][0], k, 0, forward._drive, "drive")
        return forward

    def advance(self) -> None:
        """One step further."""
        self.step += 1
        self._squares = None
        below: Tensor | None = None
        after = []
        for k, before in enumerate(self._tangents):
            total = self._through(before[0], k, self.step, self._feedback, "feedback")
            carry = self._passages.linear[k].carry[:, :, self.step]  # (J, J, N, H)
            for j in range(len(before)):
                for i in range(len(before)):
                    total[j].addcmul_(carry[j, i, :, None], before[i])
            if below is not None:
                total += self._through(below, k, self.step, self._drive, "drive")
            after.append(total)
            below = total[0]
        self._tangents = after
        self._tangents = self._scaled.rescale(after, self._sum_of_squares())
        self._squares = None

    def _through(self, change: Tensor, layer: int, step: int, blocks: list[Tensor], way: str) -> Tensor:
        """What a change (N, C, I) does through the weights of a layer: (J, N, C, H).

        The diagonal coefficients go into the weights first, a matrix a passage: one product for each state in
        place of one for each block of pre-activations.
        """
        coefficients = getattr(self._passages.linear[layer], way)[:, :, step]  # (J, G, N, H)
        matrices = [
            (blocks[layer] * coefficients[:, :, n].transpose(0, 1)).sum(1)  # (I, G, J, H) → (I, J, H)
            for n in range(coefficients.shape[2])
        ]
        product = torch.bmm(change, torch.stack(matrices).flatten(2))  # (N, C, J·H)
        return product.unflatten(2, coefficients.shape[::3]).movedim(2, 0)

    def _sum_of_squares(self) -> Tensor:
        if self._squares is None:
            self._squares = sum((layer.square().sum((0, 2, 3)) for layer in self._tangents), torch.zeros(()))
        return self._squares

    def norms(self) -> Tensor:
        """log₂ of the Frobenius norm of all tangents of all states, (N,) float64."""
        return self._scaled.log2(self._sum_of_squares())

    def logit_norms(self, targets: Tensor) -> Tensor:
        """log₂ of the norm of ∂logit/∂(what is changed), (N,) float64, for a character `targets` (N,) each passage."""
        rows = self._passages.lm.readout.weight.detach()[targets]  # (N, H)
        slopes = torch.einsum("nch,nh->nc", self._tangents[-1][0], rows)
        return self._scaled.log2(slopes.square().sum(1))


class Backward:
    """One adjoint a passage, carried back from its last step.

    `hidden_norms` speaks of the present step; `back` goes one step further into the past, and gives what the character
    of the step that it leaves behind did.
    """

    def __init__(self, passages: Passages, slopes: Tensor) -> None:
        """`slopes` (N, H): the derivative of what is asked about by h of the last layer at the last step."""
        self._passages = passages
        self._scaled = _Scaled(len(passages), passages.ids.device)
        self.step = passages.steps - 1
        self._adjoints = [torch.zeros_like(before[:, 0]) for before in passages.before]  # for each layer (J, N, H)
        self._adjoints[-1][0] = slopes
        self._inputs = self._down()

    @staticmethod
    def of_logit(passages: Passages, targets: Tensor) -> Backward:
        """About the logit of one character `targets` (N,) each passage, after its last step."""
        return Backward(passages, passages.lm.readout.weight.detach()[targets])

    @staticmethod
    def of_loss(passages: Passages, targets: Tensor) -> Backward:
        """About −ln p(target) after the last step; the passages must have been read with predictions."""
        if passages.log_probabilities is None:
            raise ValueError("The derivative of a loss needs predictions: read the passages with predict=True.")
        error = passages.log_probabilities[-1].exp()  # (N, V): ∂loss/∂logits = p − onehot
        error[torch.arange(len(targets)), targets] -= 1.0
        return Backward(passages, error @ passages.lm.readout.weight.detach())

    def back(self) -> None:
        """One step into the past."""
        lm = self._passages.lm
        before = []
        for k, adjoint in enumerate(self._adjoints):
            linear = self._passages.linear[k]
            totals = torch.einsum("jgnh,jnh->ngh", linear.feedback[:, :, self.step], adjoint)
            through = torch.einsum("jinh,jnh->inh", linear.carry[:, :, self.step], adjoint)
            through[0] += totals.flatten(1) @ weights_of(lm, k)[1]
            before.append(through)
        self._adjoints = before
        self.step -= 1
        self._inputs = self._down()
        squares = sum((a.square().sum((0, 2)) for a in before), torch.zeros(())) + self._inputs.square().sum(1)
        *self._adjoints, inputs = self._scaled.rescale([*self._adjoints, self._inputs[None]], squares)
        self._inputs = inputs[0]

    def _down(self) -> Tensor:
        """Hand the adjoints down the layers within a step; what arrives at the one-hot input, (N, V)."""
        lm = self._passages.lm
        for k in reversed(range(lm.layers)):
            drive = self._passages.linear[k].drive[:, :, self.step]
            totals = torch.einsum("jgnh,jnh->ngh", drive, self._adjoints[k])
            inputs = totals.flatten(1) @ weights_of(lm, k)[0]
            if k:
                self._adjoints[k - 1][0] += inputs
        return inputs

    def hidden_norms(self, layer: int) -> Tensor:
        """log₂ of the norm of the derivative by h of a layer at the present step, (N,) float64."""
        return self._scaled.log2(self._adjoints[layer][0].square().sum(1))

    def input_norms(self) -> Tensor:
        """log₂ of the norm of the derivative by the present step's one-hot vector, (N,) float64."""
        return self._scaled.log2(self._inputs.square().sum(1))
