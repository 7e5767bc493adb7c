"""A cell's equations as expressions, declared once; their text, their numbers and the page's formulas follow.

    Value("f") * Value("c").before + Value("i") * Value("g")          # fₜ·cₜ₋₁ + iₜ·gₜ
    (1 - Value("z")) * Value("n") + Value("z") * Value("h").before    # (1 − zₜ)·nₜ + zₜ·hₜ₋₁
    apply("σ", preactivation(0, "i"))                                 # σ(Wᵢ·xₜ + bᵢ + Uᵢ·hₜ₋₁ + b′ᵢ)

An expression describes one unit at one step. Its leaves are the unit's own signals, at this step or the one before,
the four parts of a pre-activation, and parameters with one value per unit. A recurrent weight multiplies the previous
hidden state, or any expression of such leaves, as in the minimal gated unit, Uₙ·(fₜ·hₜ₋₁). Given a number for each
leaf, `evaluate` returns one for each part of the expression; `compute` does the same for whole tensors.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from typing import Any

import torch
from torch import Tensor

from .functions import FUNCTIONS

_SUBSCRIPTS = {"i": "ᵢ", "n": "ₙ", "o": "ₒ", "r": "ᵣ"}  # the letters that Unicode has as subscripts


class Node(ABC):
    """An expression: a leaf, or a `Branch` with others below it."""

    kind = ""
    """Its name on the page."""
    binds = 3
    """How tightly its text binds: 1 a sum, 2 a product, 3 anything that never needs brackets."""

    @abstractmethod
    def text(self) -> str:
        """Its text on one line."""

    def fields(self) -> dict[str, Any]:
        """What the page must know of it besides its kind and its children."""
        return {}

    def tree(self) -> dict[str, Any]:
        """Everything the page must know of it."""
        below = self.children if isinstance(self, Branch) else ()
        return {"kind": self.kind, **self.fields(), "children": [child.tree() for child in below]}

    def within(self, binds: int) -> str:
        """Its text, in brackets where its neighbours bind more tightly."""
        return f"({self.text()})" if self.binds < binds else self.text()

    def __add__(self, other: Node) -> Node:
        return Sum((*_members(self, Sum), *_members(other, Sum)))

    def __mul__(self, other: Node) -> Node:
        return Product((*_members(self, Product), *_members(other, Product)))

    def __sub__(self, other: Node) -> Node:
        return Difference((self, other))

    def __truediv__(self, other: Node) -> Node:
        return Quotient((self, other))

    def __rsub__(self, one: int) -> Node:
        return Complement((self,)) if one == 1 else NotImplemented


@dataclass(frozen=True)
class Value(Node):
    """A signal of the unit itself, by its symbol, at this step or `lag` steps before."""

    symbol: str
    lag: int = 0
    kind = "value"

    @property
    def before(self) -> Value:
        return Value(self.symbol, 1)

    def text(self) -> str:
        return self.symbol + ("ₜ₋₁" if self.lag else "ₜ")

    def fields(self) -> dict[str, Any]:
        return {"symbol": self.symbol, "lag": self.lag}


class Role(StrEnum):
    """The parts of a pre-activation, as `torch.nn` has them: W·xₜ, b, U·hₜ₋₁, b′."""

    INPUT = "input"
    BIAS = "bias"
    RECURRENT = "recurrent"
    RECURRENT_BIAS = "recurrent_bias"


@dataclass(frozen=True)
class Part(Node):
    """The unit's row of one parameter, times what that row multiplies.

    Attributes:
        block: which of the G blocks of rows, in PyTorch's order of gates.
        mark: the letter that tells the blocks' parameters apart.
        operand: what U multiplies, in each unit; by default the previous hidden state.
    """

    role: Role
    block: int
    mark: str
    operand: Node = Value("h", 1)
    kind = "part"

    @property
    def symbol(self) -> str:
        return {Role.INPUT: "W", Role.BIAS: "b", Role.RECURRENT: "U", Role.RECURRENT_BIAS: "b′"}[self.role]

    @property
    def of(self) -> Node | None:
        """What it multiplies: the input, or what the layer passes to itself; nothing for a bias."""
        return {Role.INPUT: Value("x"), Role.RECURRENT: self.operand}.get(self.role)

    def text(self) -> str:
        mark = _SUBSCRIPTS.get(self.mark, f"_{self.mark}" if self.mark else "")
        return f"{self.symbol}{mark}" + ("" if self.of is None else f"·{self.of.within(3)}")

    def fields(self) -> dict[str, Any]:
        of = self.of if self.of is None or isinstance(self.of, Value) else _Written(self.of.within(3))
        operand = None if of is None else of.fields()
        return {"role": self.role.value, "symbol": self.symbol, "mark": self.mark, "of": operand}


@dataclass(frozen=True)
class _Written:
    """An operand that the page shows only as text."""

    words: str

    def fields(self) -> dict[str, Any]:
        return {"text": self.words}


NO_EQUATION = (
    "A {} mixes many units and steps in every value, so no equation of one unit at one step can be shown with its "
    "numbers. Ask where it comes from, or choose a recurrent network."
)
"""Why nothing is explained in a layer that is not `Cell.explained`."""


@dataclass(frozen=True)
class Words(Node):
    """An equation that stands for itself: of a layer that is no cell, where one unit at one step does not say it."""

    words: str
    kind = "words"

    def text(self) -> str:
        return self.words

    def fields(self) -> dict[str, Any]:
        return {"text": self.words}


@dataclass(frozen=True)
class Weight(Node):
    """A parameter with one value per unit: a peephole, a leak. Its symbol is the parameter's name."""

    name: str
    symbol: str
    kind = "weight"

    def text(self) -> str:
        return self.symbol

    def fields(self) -> dict[str, Any]:
        return {"symbol": self.symbol}


@dataclass(frozen=True)
class Branch(Node):
    children: tuple[Node, ...]

    @abstractmethod
    def combine(self, values: list[float]) -> float:
        """Its value, given those of its children."""

    @abstractmethod
    def join(self, values: list[Tensor]) -> Tensor:
        """The same for tensors, elementwise."""


class Sum(Branch):
    kind = "sum"
    binds = 1

    def text(self) -> str:
        return " + ".join(term.within(1) for term in self.children)

    def combine(self, values: list[float]) -> float:
        return math.fsum(values)

    def join(self, values: list[Tensor]) -> Tensor:
        return reduce(torch.add, values)


class Product(Branch):
    kind = "product"
    binds = 2

    def text(self) -> str:
        return "·".join(factor.within(2) for factor in self.children)

    def combine(self, values: list[float]) -> float:
        return math.prod(values)

    def join(self, values: list[Tensor]) -> Tensor:
        return reduce(torch.mul, values)


class Difference(Branch):
    """x − y."""

    kind = "difference"
    binds = 1

    def text(self) -> str:
        return f"{self.children[0].within(1)} − {self.children[1].within(2)}"

    def combine(self, values: list[float]) -> float:
        return values[0] - values[1]

    def join(self, values: list[Tensor]) -> Tensor:
        return values[0] - values[1]


class Quotient(Branch):
    """x / y."""

    kind = "quotient"
    binds = 2

    def text(self) -> str:
        return f"{self.children[0].within(2)} / {self.children[1].within(3)}"

    def combine(self, values: list[float]) -> float:
        return values[0] / values[1] if values[1] else math.nan

    def join(self, values: list[Tensor]) -> Tensor:
        return values[0] / values[1]


class Complement(Branch):
    """1 − x."""

    kind = "complement"
    binds = 1

    def text(self) -> str:
        return f"1 − {self.children[0].within(2)}"

    def combine(self, values: list[float]) -> float:
        return 1.0 - values[0]

    def join(self, values: list[Tensor]) -> Tensor:
        return 1.0 - values[0]


class Largest(Branch):
    """max(x, y)."""

    kind = "max"

    def text(self) -> str:
        return f"max({', '.join(child.text() for child in self.children)})"

    def combine(self, values: list[float]) -> float:
        return max(values)

    def join(self, values: list[Tensor]) -> Tensor:
        return torch.maximum(*values)


class Smallest(Branch):
    """min(x, y)."""

    kind = "min"

    def text(self) -> str:
        return f"min({', '.join(child.text() for child in self.children)})"

    def combine(self, values: list[float]) -> float:
        return min(values)

    def join(self, values: list[Tensor]) -> Tensor:
        return torch.minimum(*values)


@dataclass(frozen=True)
class Apply(Branch):
    """A function, by its name in `FUNCTIONS`, of one argument."""

    function: str
    kind = "apply"

    def text(self) -> str:
        return f"{self.function}({self.children[0].text()})"

    def combine(self, values: list[float]) -> float:
        return FUNCTIONS[self.function].number(values[0])

    def join(self, values: list[Tensor]) -> Tensor:
        return FUNCTIONS[self.function].tensor(values[0])

    def fields(self) -> dict[str, Any]:
        return {"function": self.function}


def _members(node: Node, of: type[Branch]) -> tuple[Node, ...]:
    """The children that a node contributes to a sum or a product that it joins."""
    return node.children if isinstance(node, of) else (node,)


def apply(function: str, argument: Node) -> Node:
    """A function of an expression: σ, tanh, exp or log σ."""
    return Apply((argument,), function)


def largest(one: Node, other: Node) -> Node:
    return Largest((one, other))


def smallest(one: Node, other: Node) -> Node:
    return Smallest((one, other))


def parts(block: int, mark: str = "", of: Node = Value("h", 1)) -> tuple[Part, ...]:
    """W·xₜ, b, U·hₜ₋₁ and b′ of one block of a layer's parameters; U multiplies `of`."""
    return tuple(Part(role, block, mark, of if role is Role.RECURRENT else Value("h", 1)) for role in Role)


def preactivation(block: int, mark: str = "", of: Node = Value("h", 1)) -> Node:
    """A pre-activation of the usual form: the sum of its four parts."""
    return Sum(parts(block, mark, of))


def nodes(node: Node) -> Iterator[Node]:
    """An expression and all its parts, including what U multiplies."""
    yield node
    if isinstance(node, Part) and node.role is Role.RECURRENT:
        yield from nodes(node.operand)
    for child in node.children if isinstance(node, Branch) else ():
        yield from nodes(child)


@dataclass(frozen=True)
class Evaluated:
    """An expression with its numbers, float64."""

    node: Node
    value: float
    children: tuple[Evaluated, ...] = ()

    def leaves(self) -> Iterator[Evaluated]:
        """The node itself if it is a leaf, else all leaves below it, from left to right."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


def evaluate(node: Node, look_up: Callable[[Node], float]) -> Evaluated:
    """The number of every part of an expression, given those of its leaves."""
    if not isinstance(node, Branch):
        return Evaluated(node, look_up(node))
    children = tuple(evaluate(child, look_up) for child in node.children)
    return Evaluated(node, node.combine([child.value for child in children]), children)


def compute(node: Node, look_up: Callable[[Node], Tensor]) -> Tensor:
    """An expression of tensors, given one for each leaf: elementwise, any shape."""
    if not isinstance(node, Branch):
        return look_up(node)
    return node.join([compute(child, look_up) for child in node.children])
