"""The derivative of a cell's step, taken from its equations.

A small change is followed through each expression: d(x·y) = y·dx + x·dy, and so on, down to what may change: the
previous states, the products with U, the products with W. The result is a coefficient for each of them, in each unit
and at each step. Derivatives of functions are taken at their arguments: where a float32 output has become 1, only the
argument still determines how flat the function is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

import torch
from torch import Tensor

from ..equations.equation import (
    Apply,
    Branch,
    Complement,
    Difference,
    Largest,
    Node,
    Part,
    Product,
    Quotient,
    Role,
    Smallest,
    Sum,
    Value,
    compute,
)
from ..equations.functions import FUNCTIONS
from .layout import Layout

NO_DERIVATIVE = (
    "This rests on the derivative of a step by the state before it, and a layer of the kind {} has none to offer: it "
    "is computed as a whole and not from equations of single units. Follow what an edit does instead."
)
"""Why nothing is derived from a layer that is not `Cell.derivable`."""


@dataclass(frozen=True, slots=True)
class Linear:
    """The first-order effect of a small change at each of some steps of one layer. For the states j at t:

        ds'_j = Σ_i carry[j, i] ∘ ds_i + Σ_g feedback[j, g] ∘ (U_g·dm_g) + Σ_g drive[j, g] ∘ (W_g·dx)

    where ds are the changes of the states at t − 1, x is the layer's input, U_g and W_g are the blocks of `weight_hh`
    and `weight_ih`, and m_g is what U_g multiplies: the first state at t − 1, or one of Q operands that the step itself
    computes from it. The operands are rows after the J states, and change by the same formula.

    `*` is any number of axes for the steps.

    Attributes:
        carry: (J + Q, J, *, H), past all weights.
        feedback: (J + Q, G, *, H), through the recurrent weights.
        drive: (J + Q, G, *, H), through the input's weights.
        stages: for the previous state, then for each operand, which blocks multiply it; () where there is only the
            previous state, which all blocks multiply.
    """

    carry: Tensor
    feedback: Tensor
    drive: Tensor
    stages: tuple[tuple[int, ...], ...] = ()


class Source(NamedTuple):
    """A source of change: a previous state, a block's product with U, or one with W; `number` says which."""

    kind: str
    number: int


Change = dict[Source, Tensor]
"""A coefficient for each source that matters."""


class Derivative:
    """The derivative of steps whose values are known.

    Args:
        driven: (G, *, H), W·x + b, `bias_ih` included.
        fed_back: (G, *, H), U·m + b′, `bias_hh` included.
        before: (J, *, H), the states at t − 1.
        signals: (S, *, H) at t.
        vectors: the layout's, each (H,).
    """

    def __init__(
        self,
        layout: Layout,
        driven: Tensor,
        fed_back: Tensor,
        before: Tensor,
        signals: Tensor,
        vectors: list[Tensor],
    ) -> None:
        self._layout = layout
        self._now = {one.symbol: signals[k] for k, one in enumerate(layout.signals)}
        self._before = dict(zip(layout.states, before, strict=True))
        self._vectors = dict(zip(layout.vectors, vectors, strict=True))
        self._parts = {Role.INPUT: driven, Role.RECURRENT: fed_back}
        self._nothing = torch.zeros_like(before[0])
        self._changes: dict[str, Change] = {}

    def linear(self) -> Linear:
        """The assembled derivative."""
        layout = self._layout
        rows: list[Change] = [self._of_signal(symbol) for symbol in layout.states]
        rows += [self._of(stage.operand) for stage in layout.stages[1:]]

        def stacked(kind: str, count: int) -> Tensor:
            every = [[row.get(Source(kind, k), self._nothing) for k in range(count)] for row in rows]
            return torch.stack([torch.stack([one.expand_as(self._nothing) for one in row]) for row in every])

        stages = tuple(stage.blocks for stage in layout.stages) if len(layout.stages) > 1 else ()
        blocks = layout.blocks
        carry = stacked("state", len(layout.states))
        return Linear(carry, stacked("product", blocks), stacked("input", blocks), stages)

    # ── the numbers ──────────────────────────────────────────────────────────────────────────────────

    def _value(self, node: Node) -> Tensor:
        return compute(node, self._leaf)

    def _leaf(self, node: Node) -> Tensor:
        if isinstance(node, Value):
            return self._before[node.symbol] if node.lag else self._now[node.symbol]
        if isinstance(node, Part):  # the biases are part of the products
            return self._parts[node.role][node.block] if node.role in self._parts else self._nothing
        return self._vectors[node]  # type: ignore[index]

    # ── the changes ──────────────────────────────────────────────────────────────────────────────────

    def _of_signal(self, symbol: str) -> Change:
        if symbol not in self._changes:
            self._changes[symbol] = self._of(self._layout.signal(symbol).formula)
        return self._changes[symbol]

    def _of(self, node: Node) -> Change:
        one = torch.ones_like(self._nothing)
        match node:
            case Value(lag=0):
                return self._of_signal(node.symbol)
            case Value():
                return {Source("state", self._layout.states.index(node.symbol)): one}
            case Part(role=Role.INPUT):
                return {Source("input", node.block): one}
            case Part(role=Role.RECURRENT):
                return {Source("product", node.block): one}
            case Branch():
                pairs = zip(node.children, self._slopes(node), strict=True)
                return _added([_scaled(self._of(child), slope) for child, slope in pairs])
        return {}  # a bias, a parameter

    def _slopes(self, node: Branch) -> list[Tensor]:
        """The derivative of a branch by each of its children."""
        one = torch.ones_like(self._nothing)
        children = node.children
        match node:
            case Sum():
                return [one] * len(children)
            case Complement():
                return [-one]
            case Difference():
                return [one, -one]
            case Apply():
                return [FUNCTIONS[node.function].slope(self._value(children[0]))]
            case Product():
                values = [self._value(child) for child in children]
                return [reduce(torch.mul, [*values[:k], *values[k + 1 :]], one) for k in range(len(values))]
            case Quotient():
                above, below = (self._value(child) for child in children)
                return [1.0 / below, -above / below.square()]
            case Largest() | Smallest():
                first, second = (self._value(child) for child in children)
                wins = (first >= second if isinstance(node, Largest) else first <= second).to(first.dtype)
                return [wins, 1.0 - wins]
        raise TypeError(f"{node.kind} has no derivative here")


def _scaled(change: Change, slope: Tensor) -> Change:
    return {source: slope * coefficient for source, coefficient in change.items()}


def _added(changes: list[Change]) -> Change:
    total: Change = {}
    for change in changes:
        for source, coefficient in change.items():
            total[source] = total[source] + coefficient if source in total else coefficient
    return total


def products(layout: Layout, before: Tensor, signals: Tensor, weights: list[Tensor]) -> Tensor:
    """See `Cell.products`."""
    _, weight_hh, _, bias_hh, *vectors = weights
    if len(layout.stages) == 1:
        return before[0] @ weight_hh.T + bias_hh
    now = {one.symbol: signals[k] for k, one in enumerate(layout.signals)}
    past = dict(zip(layout.states, before, strict=True))
    own = dict(zip(layout.vectors, vectors, strict=True))

    def leaf(node: Node) -> Tensor:
        if isinstance(node, Value):
            return (past if node.lag else now)[node.symbol]
        return own[node]  # type: ignore[index]

    rows = weight_hh.chunk(layout.blocks)
    found: dict[int, Tensor] = {}
    for stage in layout.stages:
        operand = compute(stage.operand, leaf)
        found |= {block: operand @ rows[block].T for block in stage.blocks}
    return torch.cat([found[block] for block in range(layout.blocks)], dim=-1) + bias_hh
