"""How a declared cell is computed: the order of its signals, and when which products with U are due.

The blocks of U that multiply the same operand form one product, a *stage*. The usual cell has one, with the previous
hidden state. Where U multiplies a gated state, U·(f∘h), a second stage follows once that operand is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from ..equations.equation import Node, Part, Role, Sum, Value, Weight, nodes

if TYPE_CHECKING:
    from .base import Signal

HIDDEN = Value("h", 1)
PAIRS = ((Role.INPUT, Role.BIAS), (Role.RECURRENT, Role.RECURRENT_BIAS))


class Each(StrEnum):
    """Of what a signal has one number at each step; a width given as a number or a function is that of a `NUMBER`."""

    UNIT = "unit"
    HEAD = "head"
    NUMBER = "number"


Width = Each | int | Callable[[int, int], int]
"""How many numbers a signal has at each step: one for each unit, one for each head, so many, or as many as a function
says of (units, heads)."""


def width_of(width: Width, units: int, heads: int) -> int:
    """A width in a layer of so many units and heads."""
    if isinstance(width, Each):
        return units if width is Each.UNIT else heads
    return width if isinstance(width, int) else width(units, heads)


@dataclass(frozen=True)
class Stage:
    """One product with U.

    Attributes:
        operand: what is multiplied, an expression for each unit.
        blocks: which blocks of U, in order.
    """

    operand: Node
    blocks: tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """See the module.

    Attributes:
        signals: in the order of the declaration.
        states: the symbols of the signals that are passed on.
        blocks: G.
    """

    signals: tuple[Signal, ...]
    states: tuple[str, ...]
    blocks: int

    @cached_property
    def order(self) -> list[Signal]:
        """The signals, each after everything it depends on.

        Raises:
            ValueError: if one depends on itself.
        """
        done: list[Signal] = []
        begun: list[str] = []

        def visit(signal: Signal) -> None:
            if signal in done:
                return
            if signal.symbol in begun:
                raise ValueError(f"{signal.title} is made of itself at the same step: {' → '.join(begun)}")
            begun.append(signal.symbol)
            for node in nodes(signal.formula):
                if isinstance(node, Value) and node.lag == 0:
                    visit(self.signal(node.symbol))
            begun.pop()
            done.append(signal)

        for signal in self.signals:
            visit(signal)
        return done

    def signal(self, symbol: str) -> Signal:
        """
        Raises:
            ValueError: if no signal has this symbol.
        """
        for signal in self.signals:
            if signal.symbol == symbol:
                return signal
        raise ValueError(f"an equation speaks of {symbol}, which no signal of the cell is")

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """In the order in which their operands become known."""
        found: dict[Node, list[int]] = {}
        for signal in self.order:
            for node in nodes(signal.formula):
                if isinstance(node, Part) and node.role is Role.RECURRENT:
                    found.setdefault(node.operand, []).append(node.block)
        ordered = sorted(found.items(), key=lambda item: item[0] != HIDDEN)
        return tuple(Stage(operand, tuple(sorted(blocks))) for operand, blocks in ordered)

    @cached_property
    def folded(self) -> frozenset[int]:
        """The blocks whose four parts are addends of one sum, so that b′ can be added to b in advance."""
        return frozenset(
            block for one in self._sums() for block in range(self.blocks) if len(_own(one, block)) == len(Role)
        )

    @cached_property
    def vectors(self) -> tuple[Weight, ...]:
        """The parameters with one value per unit, each listed once."""
        found = [node for signal in self.order for node in nodes(signal.formula) if isinstance(node, Weight)]
        return tuple(dict.fromkeys(found))

    def check(self) -> None:
        """
        Raises:
            ValueError: if the equations cannot be computed; the message says why.
        """
        if not self.states or self.signals[0].symbol != self.states[0]:
            raise ValueError("the first signal must be the first state: it is what a layer hands up")
        taken = [one.name for one in self.vectors if one.name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        if taken:
            raise ValueError(f"a parameter cannot be called {taken[0]}: every cell has one of that name")
        lagging = {node for one in self.order for node in nodes(one.formula) if isinstance(node, Value) and node.lag}
        for node in lagging:
            if node.lag != 1 or node.symbol not in self.states:
                raise ValueError(f"{node.text()} is not handed on: only states are, by one step")
        for block in range(self.blocks):
            every = [node for one in self.signals for node in nodes(one.formula) if isinstance(node, Part)]
            roles = sorted(node.role for node in every if node.block == block)
            beside = [pair for pair in PAIRS for one in self._sums() if {p.role for p in _own(one, block)} >= set(pair)]
            if roles != sorted(Role) or len(beside) != len(PAIRS):
                raise ValueError(
                    f"block {block} must stand in the equations once, W·x beside b and U·… beside b′ in a sum"
                )

    def _sums(self) -> list[Sum]:
        return [node for signal in self.signals for node in nodes(signal.formula) if isinstance(node, Sum)]


def _own(one: Sum, block: int) -> list[Part]:
    """The parts of a block that are addends of a sum."""
    return [child for child in one.children if isinstance(child, Part) and child.block == block]


def remembers(node: Node) -> bool:
    """Whether anything from the previous step enters."""
    return any(
        (isinstance(one, Value) and one.lag > 0) or (isinstance(one, Part) and one.role is Role.RECURRENT)
        for one in nodes(node)
    )


def check_known(what: str, named: Iterable[object], kind: str, known: Iterable[object]) -> None:
    """Check that all that is named is known.

    Raises:
        ValueError: naming the first that is not, and those that are.
    """
    there = list(known)
    for one in named:
        if one not in there:
            names = ", ".join(map(str, there)) or "none"
            raise ValueError(f"{what}: {one!r} is none of the {kind}, which are {names}. Correct the name.")
