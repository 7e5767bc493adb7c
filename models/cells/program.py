"""A cell's equations as instructions for the compiled loop (`models.kernels.program_loop`).

The order of operations is part of the declaration, so that the loop gives the same bits as a handwritten one:

* In a sum, terms that do not depend on the previous step are added first, from left to right, then those that do. A
  product that is added to something is one fused multiply-add. So fₜ·cₜ₋₁ + iₜ·gₜ is fma(f, c, i·g).
* A product with U starts from what the input adds, where the two are addends of one sum, else from b′.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..equations.equation import (
    Apply,
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
    Weight,
)
from ..kernels.packed_matrix import LINE
from ..kernels.program_loop import Code
from .layout import Layout, Stage, remembers

Array = NDArray[np.floating[Any]]

if TYPE_CHECKING:
    from .base import Signal

_FUNCTIONS = {"σ": Code.SIGMOID, "tanh": Code.TANH, "exp": Code.EXP, "log σ": Code.LOG_SIGMOID}
_PAIRS = {Difference: Code.SUBTRACT, Quotient: Code.DIVIDE, Largest: Code.MAXIMUM, Smallest: Code.MINIMUM}


@dataclass(frozen=True)
class Program:
    """Attributes:
    code: (N, 6), see `program_loop.Code`.
    rows: how many rows the vectors need.
    """

    code: NDArray[np.int64]
    rows: int


def lines_of(blocks: int, units: int, itemsize: int) -> int:
    """The length of a row of `blocks · units` numbers once packed: whole cache lines."""
    lanes = LINE // itemsize
    return -(-blocks * units // lanes) * lanes


def compile_program(layout: Layout, units: int, dtype: np.dtype[Any]) -> Program:
    """The instructions of one step, for layers of `units` units.

    The loop's constants are b′ of the blocks that are not folded, then the layout's vectors.
    """
    return _Compiler(layout, units, dtype.itemsize).program()


def waiting(layout: Layout) -> list[int]:
    """The blocks whose b′ cannot be folded into the input's table."""
    return [block for block in range(layout.blocks) if block not in layout.folded]


class _Compiler:
    def __init__(self, layout: Layout, units: int, itemsize: int) -> None:
        self._layout, self._units, self._itemsize = layout, units, itemsize
        self._code: list[tuple[int, ...]] = []
        self._places: dict[Any, int] = {("before", symbol): j for j, symbol in enumerate(layout.states)}
        constants = [*(("b′", block) for block in waiting(layout)), *layout.vectors]
        self._places |= {constant: len(layout.states) + k for k, constant in enumerate(constants)}
        self._rows = len(layout.states) + len(constants)

    def program(self) -> Program:
        for signal in self._layout.order:
            self._signal(signal)
        for j, symbol in enumerate(self._layout.states):
            self._code.append((Code.COPY, j, self._places["now", symbol], 0, 0, 0))
        return Program(np.array(self._code, np.int64), self._rows)

    def _signal(self, signal: Signal) -> None:
        place = self._emit(signal.formula)
        if place in self._places.values():  # another expression uses this row too, and must not be clamped with it
            place = self._add(Code.COPY, place)
        self._code.append((Code.STORE, place, self._layout.signals.index(signal), 0, 0, 0))
        self._places["now", signal.symbol] = place

    def _add(self, code: Code, *operands: int) -> int:
        """A new row, written by an instruction."""
        self._rows += 1
        padded = (*operands, 0, 0, 0, 0)[:4]
        self._code.append((code, self._rows - 1, *padded))
        return self._rows - 1

    def _emit(self, node: Node) -> int:
        """The row that holds the value of an expression."""
        match node:
            case Value():
                return self._places["before" if node.lag else "now", node.symbol]
            case Weight():
                return self._places[node]
            case Sum():
                return self._sum(node)
            case Product():
                first, *others = (self._emit(child) for child in node.children)
                for other in others:
                    first = self._add(Code.MULTIPLY, first, other)
                return first
            case Complement():
                return self._add(Code.COMPLEMENT, self._emit(node.children[0]))
            case Apply():
                return self._add(_FUNCTIONS[node.function], self._emit(node.children[0]))
            case Difference() | Quotient() | Largest() | Smallest():
                return self._add(_PAIRS[type(node)], *(self._emit(child) for child in node.children))
        raise TypeError(f"{node.text()} stands where it cannot be computed: parameters belong into a sum")

    def _sum(self, node: Sum) -> int:
        own = [child for child in node.children if isinstance(child, Part)]
        others = [child for child in node.children if not isinstance(child, Part)]
        starts = [self._whole(block, {part.role for part in own if part.block == block}) for block in _blocks(own)]
        plain = [child for child in others if not remembers(child)]
        total: int | None = None
        for start in starts:
            total = start if total is None else self._add(Code.ADD, total, start)
        for child in [*plain, *(child for child in others if child not in plain)]:
            total = self._joined(total, child)
        assert total is not None
        return total

    def _joined(self, total: int | None, child: Node) -> int:
        if total is None:
            return self._emit(child)
        if not isinstance(child, Product):
            return self._add(Code.ADD, total, self._emit(child))
        first, *others = child.children
        rest = others[0] if len(others) == 1 else Product(tuple(others))
        return self._add(Code.FMA, self._emit(first), self._emit(rest), total)

    def _whole(self, block: int, roles: set[Role]) -> int:
        """The sum of a block's parts."""
        if Role.RECURRENT not in roles:
            if ("drive", block) not in self._places:
                self._places["drive", block] = self._add(Code.DRIVE, block)
            return self._places["drive", block]
        if ("product", block) not in self._places:
            self._product(next(stage for stage in self._layout.stages if block in stage.blocks))
        return self._places["product", block]

    def _product(self, stage: Stage) -> None:
        """All blocks of a stage, one after the other, as a single product."""
        operand = self._emit(stage.operand)
        width = lines_of(len(stage.blocks), self._units, self._itemsize)
        first = self._rows
        self._rows += -(-width // self._units)
        for k, block in enumerate(stage.blocks):
            self._places["product", block] = first + k
            start = (Code.DRIVE, block) if block in self._layout.folded else (Code.COPY, self._places["b′", block])
            self._code.append((start[0], first + k, start[1], 0, 0, 0))
        before = self._layout.stages[: self._layout.stages.index(stage)]
        at = sum(self._units * lines_of(len(one.blocks), self._units, self._itemsize) for one in before)
        self._code.append((Code.PRODUCT, first, operand, width, at, at + self._units * width))


def _blocks(own: list[Part]) -> list[int]:
    return list(dict.fromkeys(part.block for part in own))


@dataclass(frozen=True, slots=True)
class LayerWeights:
    """One layer's parameters laid out for the compiled loop.

    Attributes:
        drive: what the input adds to the pre-activations. Layer 0, whose input is one-hot: a table
            (V + 1, G·H) with a row per character, the last row for unknown ones. Upper layers: (I, G·H), packed.
        bias: (G·H,) everything added whatever the input; in layer 0 it is already part of the table.
        recurrent: the transposed `weight_hh`, packed: (H, G·H), the blocks of each stage one after the other.
        constants: (C, H), b′ of the blocks in which a gate multiplies it (GRU's b_hn), then parameters with one
            value per unit.
        program: the instructions of a step, for a cell without its own loop.
    """

    drive: Array
    bias: Array
    recurrent: Array
    constants: Array
    program: Program
