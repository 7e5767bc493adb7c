"""A cell's equations as expressions: declared once; their text, their numbers and what the page shows follow.

    Value("f") * Value("c").before + Value("i") * Value("g")          # fₜ·cₜ₋₁ + iₜ·gₜ
    (1 - Value("z")) * Value("n") + Value("z") * Value("h").before    # (1 − zₜ)·nₜ + zₜ·hₜ₋₁
    apply("σ", preactivation(0, "i"))                                 # σ(Wᵢ·xₜ + bᵢ + Uᵢ·hₜ₋₁ + b′ᵢ)

An expression speaks of one unit at one step. Its leaves are the unit's own signals, at this step or the one before, and
the four parts of a pre-activation. Given a number for each leaf, `evaluate` gives one for each part of the expression.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_SUBSCRIPTS = {"i": "ᵢ", "n": "ₙ", "o": "ₒ", "r": "ᵣ"}  # the letters that Unicode has below the line


def sigmoid(x: float) -> float:
    """1 / (1 + e⁻ˣ), small values to their last digit."""
    small = math.exp(-abs(x))
    return (1.0 if x >= 0 else small) / (1.0 + small)


FUNCTIONS: dict[str, Callable[[float], float]] = {"σ": sigmoid, "tanh": math.tanh}


class Node(ABC):
    """An expression: a leaf, or a `Branch` with others below it."""

    kind = ""
    """What the page calls it."""
    binds = 3
    """How tightly its text holds together: 1 a sum, 2 a product, 3 what needs no brackets anywhere."""

    @abstractmethod
    def text(self) -> str:
        """As it is written in a line."""

    def fields(self) -> dict[str, Any]:
        """What the page must know of it beside its kind and what lies below it."""
        return {}

    def within(self, binds: int) -> str:
        """Its text, in brackets where its neighbours bind more tightly."""
        return f"({self.text()})" if self.binds < binds else self.text()

    def __add__(self, other: Node) -> Node:
        return Sum((*_members(self, Sum), *_members(other, Sum)))

    def __mul__(self, other: Node) -> Node:
        return Product((*_members(self, Product), *_members(other, Product)))

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
    """The unit's row of one parameter, times what that multiplies.

    Attributes:
        block: which of the G blocks of rows, in PyTorch's order of gates.
        mark: the letter that tells the blocks' parameters apart.
    """

    role: Role
    block: int
    mark: str
    kind = "part"

    @property
    def symbol(self) -> str:
        return {Role.INPUT: "W", Role.BIAS: "b", Role.RECURRENT: "U", Role.RECURRENT_BIAS: "b′"}[self.role]

    @property
    def of(self) -> Value | None:
        """What it multiplies: the input, or the state that the layer handed to itself; nothing for a bias."""
        return {Role.INPUT: Value("x"), Role.RECURRENT: Value("h", 1)}.get(self.role)

    def text(self) -> str:
        mark = _SUBSCRIPTS.get(self.mark, f"_{self.mark}" if self.mark else "")
        return f"{self.symbol}{mark}" + ("" if self.of is None else f"·{self.of.text()}")

    def fields(self) -> dict[str, Any]:
        of = None if self.of is None else self.of.fields()
        return {"role": self.role.value, "symbol": self.symbol, "mark": self.mark, "of": of}


@dataclass(frozen=True)
class Branch(Node):
    children: tuple[Node, ...]

    @abstractmethod
    def combine(self, values: list[float]) -> float:
        """Its value, given those of its children."""


class Sum(Branch):
    kind = "sum"
    binds = 1

    def text(self) -> str:
        return " + ".join(term.within(1) for term in self.children)

    def combine(self, values: list[float]) -> float:
        return math.fsum(values)


class Product(Branch):
    kind = "product"
    binds = 2

    def text(self) -> str:
        return "·".join(factor.within(2) for factor in self.children)

    def combine(self, values: list[float]) -> float:
        return math.prod(values)


class Complement(Branch):
    """1 − x."""

    kind = "complement"
    binds = 1

    def text(self) -> str:
        return f"1 − {self.children[0].within(2)}"

    def combine(self, values: list[float]) -> float:
        return 1.0 - values[0]


@dataclass(frozen=True)
class Apply(Branch):
    """A function, by its name in `FUNCTIONS`, of one argument."""

    function: str
    kind = "apply"

    def text(self) -> str:
        return f"{self.function}({self.children[0].text()})"

    def combine(self, values: list[float]) -> float:
        return FUNCTIONS[self.function](values[0])

    def fields(self) -> dict[str, Any]:
        return {"function": self.function}


def _members(node: Node, of: type[Branch]) -> tuple[Node, ...]:
    """What a node adds to a sum or a product that it becomes part of."""
    return node.children if isinstance(node, of) else (node,)


def apply(function: str, argument: Node) -> Node:
    """σ or tanh of an expression."""
    return Apply((argument,), function)


def parts(block: int, mark: str = "") -> tuple[Part, ...]:
    """W·xₜ, b, U·hₜ₋₁ and b′ of one block of a layer's parameters."""
    return tuple(Part(role, block, mark) for role in Role)


def preactivation(block: int, mark: str = "") -> Node:
    """A pre-activation of the usual form: the sum of its four parts."""
    return Sum(parts(block, mark))


@dataclass(frozen=True)
class Evaluated:
    """An expression with its numbers, float64."""

    node: Node
    value: float
    children: tuple[Evaluated, ...] = ()

    def leaves(self) -> Iterator[Evaluated]:
        """Itself, or all leaves below it, from left to right."""
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
