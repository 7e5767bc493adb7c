"""First-order effects along segments of a text: tangents propagated forwards, adjoints propagated backwards.

N segments, C tangents per segment, J states per layer. Both keep their numbers near 1 by factoring out powers of two,
and count those: a product of a thousand Jacobians may be 1e-60 or 1e+200, and neither becomes 0 or infinity. Norms are
therefore given as log₂; −inf is exactly zero.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .segments import Segments, weights_of

FAR = 40
"""Numbers are rescaled to about 1 once they are this many powers of two away from it."""
NONE = -1e9
"""The exponent used for an adjoint that is still zero: less than any other."""


class _Scaled:
    """Keeps the numbers of N segments near 1, and counts the powers of two factored out of each."""

    def __init__(self, passages: int, device: torch.device) -> None:
        self.powers = torch.zeros(passages, dtype=torch.float64, device=device)

    def log2(self, squares: Tensor) -> Tensor:
        """log₂ of the norms whose scaled squares these are, (N,) float64."""
        return 0.5 * torch.log2(squares.double()) + self.powers

    def rescale(self, values: list[Tensor], squares: Tensor) -> tuple[list[Tensor], Tensor]:
        """The same values, each (J, N, …), and the sums of their squares (N,), with powers of two factored out where
        they are far from 1."""
        size = 0.5 * torch.log2(squares.double())
        shift = torch.where((size.abs() > FAR) & size.isfinite(), -size.round(), torch.zeros_like(size))
        if not bool(shift.any()):
            return values, squares
        self.powers -= shift
        factor = torch.exp2(shift).to(values[0].dtype)
        return [value * factor.view(1, -1, *[1] * (value.dim() - 2)) for value in values], squares * factor.square()


def _squares(values: list[Tensor]) -> Tensor:
    """The sum of the squares of each segment: values (J, N, …) → (N,)."""
    return torch.stack([torch.linalg.vector_norm(v, dim=(0, *range(2, v.dim()))).square() for v in values]).sum(0)


MANY_UNITS = 1024


class Forward:
    """Tangents of N segments propagated forwards from their first step.

    Start with `from_state` (a change of the state after the first step) or `from_input` (a change of the first
    character's one-hot vector); `advance` moves one step further.
    """

    def __init__(self, passages: Segments, tangents: list[Tensor]) -> None:
        self._passages = passages
        self._tangents = tangents  # for each layer (J, N, C, H)
        self._scaled = _Scaled(len(passages), passages.ids.device)
        self._squares = _squares(tangents)
        self.step = 0
        stack, dtype = passages.lm.stack, tangents[0].dtype
        weights = [[weight.to(dtype) for weight in weights_of(passages.lm, k)] for k in range(passages.lm.layers)]
        # (H, G, 1, H) the transposed blocks, with room for the states that a change reaches through them
        shapes = [(-1, layer.cell.gates, 1, layer.units) for layer in stack]
        self._feedback = [w[1].T.reshape(shape) for w, shape in zip(weights, shapes, strict=True)]
        self._drive = [w[0].T.reshape(shape) for w, shape in zip(weights, shapes, strict=True)]

    @staticmethod
    def from_state(passages: Segments, directions: int | None = None) -> Forward:
        """One tangent for each number in the state of all layers: together, the Jacobian ∂s_t/∂s_0.

        With `directions` only that many tangents, random orthogonal ones (always the same) of length √(D / directions):
        the square of their norm is on average that of the whole Jacobian, whatever that is, with a relative standard
        deviation of at most √(2 / directions).
        """
        lm = passages.lm
        dimension, dtype = lm.stack.state_size, passages.layers[0].dtype
        if directions is None or directions >= dimension:
            start = torch.eye(dimension, dtype=dtype, device=lm.device)
        else:
            drawn = torch.randn(dimension, directions, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
            start = (torch.linalg.qr(drawn).Q.T * (dimension / directions) ** 0.5).to(lm.device, dtype).contiguous()
        parts = torch.split(start, [layer.state_size for layer in lm.stack], dim=1)
        tangents = []
        for part, layer in zip(parts, lm.stack, strict=True):
            rows = part.reshape(len(part), -1, layer.units).movedim(0, 1)  # (J, C, H)
            tangents.append(rows[:, None].expand(-1, len(passages), -1, -1).clone())
        return Forward(passages, tangents)

    @staticmethod
    def from_input(passages: Segments) -> Forward:
        """One tangent for each component of the one-hot vector x_0: together, ∂s_t/∂x_0.

        In float64: in some units of an LSTM a change lasts for ever but is never visible, and what is visible may be
        smaller by more than float32 can represent.
        """
        lm = passages.lm
        size = len(passages), len(lm.vocabulary)
        shapes = [(len(layer.cell.states), *size, layer.units) for layer in lm.stack]
        nothing = [torch.zeros(shape, dtype=torch.float64, device=lm.device) for shape in shapes]
        forward = Forward(passages, nothing)
        blocks = forward._drive[0]  # (V, G, 1, H)
        drive = passages.linear[0].drive[:, :, 0].double()  # (J, G, N, H)
        forward._tangents[0] = torch.einsum("vgh,jgnh->jnvh", blocks[:, :, 0], drive)
        forward._tangents[0] = forward._operands(forward._tangents[0], 0, len(lm.stack[0].cell.states))
        for k in range(1, lm.layers):
            changed = forward._through(forward._tangents[k - 1][0], k, 0, forward._drive, "drive")
            forward._tangents[k] = forward._operands(changed, k, len(lm.stack[k].cell.states))
        return forward

    def advance(self) -> None:
        """One step further."""
        self.step += 1
        below: Tensor | None = None
        after = []
        for k, before in enumerate(self._tangents):
            stages = self._passages.linear[k].stages
            first = stages[0] if stages else None
            total = self._through(before[0], k, self.step, self._feedback, "feedback", first)
            carry = self._passages.linear[k].carry[:, :, self.step].to(before.dtype)  # (J + Q, J, N, H)
            for j, i in self._passages.carries[k]:
                total[j].addcmul_(carry[j, i, :, None], before[i])
            if below is not None:
                total += self._through(below, k, self.step, self._drive, "drive")
            total = self._operands(total, k, len(before))
            after.append(total)
            below = total[0]
        self._tangents, self._squares = self._scaled.rescale(after, _squares(after))

    def _operands(self, total: Tensor, layer: int, states: int) -> Tensor:
        """The change of the states, (J, N, C, H): adds the effect of the step's own operands to `total`, in which they
        are the rows after the states."""
        for q, own in enumerate(self._passages.linear[layer].stages[1:]):
            total = total + self._through(total[states + q], layer, self.step, self._feedback, "feedback", own)
        return total[:states]

    def _through(
        self,
        change: Tensor,
        layer: int,
        step: int,
        blocks: list[Tensor],
        way: str,
        only: tuple[int, ...] | None = None,
    ) -> Tensor:
        """The effect of a change (N, C, I) through the weights of a layer, or some blocks of them: (J + Q, N, C, H).

        The diagonal coefficients are multiplied into the weights first, one matrix per segment: one product for each
        state in place of one for each block of pre-activations. With few changes and many units that would cost more
        than the products, so the coefficients are applied after them.
        """
        coefficients = getattr(self._passages.linear[layer], way)[:, :, step].to(change.dtype)  # (J, G, N, H)
        weights = blocks[layer]
        if only is not None:
            coefficients, weights = coefficients[:, list(only)], weights[:, list(only)]
        if change.shape[2] >= MANY_UNITS and change.shape[1] * 4 <= change.shape[2]:
            blocked = change @ weights.flatten(1)  # (N, C, G·H)
            apart = blocked.view(*change.shape[:2], coefficients.shape[1], -1)  # (N, C, G, H)
            return torch.einsum("jgnh,ncgh->jnch", coefficients, apart)
        matrices = [
            (weights * coefficients[:, :, n].transpose(0, 1)).sum(1)  # (I, G, J, H) → (I, J, H)
            for n in range(coefficients.shape[2])
        ]
        product = torch.bmm(change, torch.stack(matrices).flatten(2))  # (N, C, J·H)
        return product.view(*product.shape[:2], len(coefficients), -1).movedim(2, 0)

    def norms(self) -> Tensor:
        """log₂ of the Frobenius norm of all tangents of all states, (N,) float64."""
        return self._scaled.log2(self._squares)

    def logit_norms(self, targets: Tensor) -> Tensor:
        """log₂ of the norm of ∂logit/∂(the source), (N,) float64, for one character of `targets` (N,) per segment."""
        rows = self._passages.lm.readout.weight.detach()[targets].to(self._tangents[-1].dtype)  # (N, H)
        slopes = torch.einsum("nch,nh->nc", self._tangents[-1][0], rows)
        return self._scaled.log2(slopes.double().square().sum(1))


class Backward:
    """One adjoint per segment, propagated backwards from its last step.

    `hidden_norms` and `input_norms` refer to the current step; `back` moves one step further into the past. Each layer
    counts its own powers of two: an upper layer may remember far less than a lower one.
    """

    def __init__(self, passages: Segments, slopes: Tensor) -> None:
        """`slopes` (N, H): the derivative of the quantity in question by h of the last layer at the last step."""
        self._passages = passages
        weights = [weights_of(passages.lm, k) for k in range(passages.lm.layers)]
        self._input, self._recurrent = [w[0] for w in weights], [w[1] for w in weights]
        self.step = passages.steps - 1
        self._adjoints = [torch.zeros_like(before[:, 0]) for before in passages.before]  # for each layer (J, N, H)
        self._adjoints[-1][0] = slopes
        self._scales = [_Scaled(len(passages), passages.ids.device) for _ in self._adjoints]
        for scale in self._scales[:-1]:
            scale.powers.fill_(NONE)
        self._down()

    @staticmethod
    def of_logit(passages: Segments, targets: Tensor) -> Backward:
        """For the logit of one character of `targets` (N,) per segment, after its last step."""
        return Backward(passages, passages.lm.readout.weight.detach()[targets])

    @staticmethod
    def of_loss(passages: Segments, targets: Tensor) -> Backward:
        """For −ln p(target) after the last step; the segments must have been read with predictions."""
        if passages.log_probabilities is None:
            raise ValueError("The derivative of a loss needs predictions: read the passages with predict=True.")
        error = passages.log_probabilities[-1].exp()  # (N, V): ∂loss/∂logits = p − onehot
        error[torch.arange(len(targets)), targets] -= 1.0
        return Backward(passages, error @ passages.lm.readout.weight.detach())

    def back(self) -> None:
        """One step into the past."""
        for k, adjoint in enumerate(self._adjoints):
            linear = self._passages.linear[k]
            rows = self._rows(k)
            through = torch.zeros_like(adjoint)
            through[0] = self._recurring(k, rows, linear.stages[0] if linear.stages else None)
            for j, i in self._passages.carries[k]:
                through[i].addcmul_(linear.carry[j, i, self.step], rows[j])
            self._adjoints[k] = through
        self.step -= 1
        self._down()

    def _rows(self, layer: int) -> Tensor:
        """The adjoints of a layer's states, then of the operands that its current step computes: (J + Q, N, H)."""
        adjoint, stages = self._adjoints[layer], self._passages.linear[layer].stages
        if not stages:
            return adjoint
        states = len(adjoint)
        rows = torch.cat([adjoint, adjoint.new_zeros(len(stages) - 1, *adjoint.shape[1:])])
        for q in reversed(range(1, len(stages))):  # a later operand may depend on an earlier one
            rows[states + q - 1] = self._recurring(layer, rows, stages[q])
        return rows

    def _recurring(self, layer: int, rows: Tensor, only: tuple[int, ...] | None) -> Tensor:
        """The adjoint of what the recurrent weights multiply, or some blocks of them: (N, H)."""
        feedback, weight = self._passages.linear[layer].feedback[:, :, self.step], self._recurrent[layer]
        if only is not None:
            units = weight.shape[1]
            feedback = feedback[:, list(only)]
            weight = weight.view(-1, units, units)[list(only)].flatten(0, 1)
        return _total(feedback, rows) @ weight

    def _down(self) -> None:
        """Pass the adjoints down the layers within a step; what arrives at the one-hot input is kept too, (N, V)."""
        for k in reversed(range(len(self._adjoints))):
            (self._adjoints[k],), _ = self._scales[k].rescale([self._adjoints[k]], _squares([self._adjoints[k]]))
            drive = self._passages.linear[k].drive[:, :, self.step]
            inputs = _total(drive, self._rows(k)) @ self._input[k]
            if k:
                upper, lower = self._scales[k].powers, self._scales[k - 1].powers
                common = torch.maximum(upper, lower)
                below = self._adjoints[k - 1] * torch.exp2(lower - common).to(inputs.dtype)[:, None]
                below[0] += inputs * torch.exp2(upper - common).to(inputs.dtype)[:, None]
                self._adjoints[k - 1], self._scales[k - 1].powers = below, common
        self._inputs = inputs

    def hidden_norms(self, layer: int) -> Tensor:
        """log₂ of the norm of the derivative by h of a layer at the current step, (N,) float64."""
        return self._scales[layer].log2(self._adjoints[layer][0].double().square().sum(1))

    def input_norms(self) -> Tensor:
        """log₂ of the norm of the derivative by the current step's one-hot vector, (N,) float64."""
        return self._scales[0].log2(self._inputs.double().square().sum(1))


def _total(coefficients: Tensor, adjoint: Tensor) -> Tensor:
    """The adjoints of the pre-activations, (N, G·H), from those of the states (J, N, H); coefficients (J, G, N, H)."""
    through = coefficients[0] * adjoint[0]
    for j in range(1, len(adjoint)):
        through.addcmul_(coefficients[j], adjoint[j])
    return through.movedim(0, 1).flatten(1)
