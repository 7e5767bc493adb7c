"""What a cell declares, in one place; everything else, even the page, follows from the declaration.

B batch, T steps, H units of a layer, I inputs of a layer, V vocabulary, L layers, S signals of a cell,
J states of a cell, G blocks of pre-activations (LSTM 4: i f g o; GRU 3: r z n; vanilla 1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..equations.equation import Apply, Complement, Node, Part, Sum, Value, Weight, Words, compute, nodes
from ..equations.functions import FUNCTIONS
from ..equations.scale import Scale, interval
from ..kernels.packed_matrix import affine, pack, pack_side_by_side
from ..kernels.program_loop import run
from .derivative import Derivative, Linear, products
from .layout import Each, Layout, Width, check_known
from .program import LayerWeights, Program, compile_program, waiting
from .sequence import Recurrence, read_sequence

Array = NDArray[np.floating[Any]]
LayerState = tuple[Array, ...]
"""The recurrent state of one layer: one (H,) array for each name in `Cell.states`."""


SIGNED = interval(-1, 1)
"""The scale of a signal that declares none."""


class Kind(StrEnum):
    """What a signal is for; how it is drawn and counted is its scale's."""

    GATE = "gate"
    STATE = "state"
    CANDIDATE = "candidate"


@dataclass(frozen=True, slots=True)
class Signal:
    """One named quantity that a cell computes at each step, shape (T, H), or narrower.

    Attributes:
        name: the field's standard term, the same in Python, on the wire and in files.
        symbol: the letter of the equations.
        formula: how it is computed.
        scale: which values it can take, how they are drawn, and which count as saturated.
        width: how many numbers it has at each step; if not one for each unit, its formula must be `Words`.
    """

    name: str
    symbol: str
    title: str
    kind: Kind
    formula: Node
    scale: Scale = SIGNED
    width: Width = Each.UNIT

    @property
    def width_word(self) -> str:
        """Of what it has one number at a step: "unit", "head" or "number"."""
        return self.width.value if isinstance(self.width, Each) else Each.NUMBER.value

    @property
    def range(self) -> tuple[float, float] | None:
        """The lowest and the highest value that it can take; None without a bound."""
        return self.scale.range

    @property
    def saturated(self) -> tuple[float, float] | None:
        """A value below the first or above the second counts as saturated; None: saturation does not apply."""
        return self.scale.saturated()


class Cell:
    """A recurrent cell: its states and its signals, each with its equation. Everything else follows from these.

    The compiled loop on the CPU, training in PyTorch, the derivative of a step, and the text and numbers of "Why
    this value?" are derived from the equations. A subclass may write any of them by hand where that is faster; tests
    check that both agree, with each other and with an independently written formula.

    Raises:
        ValueError: if the equations cannot be computed; the message says why.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    gates: ClassVar[int]
    """G, the number of (H,) blocks in the pre-activations."""
    states: ClassVar[tuple[str, ...]]
    """The signals passed on to the next step; the first is also passed to the next layer."""
    signals: ClassVar[tuple[Signal, ...]]
    heads: ClassVar[int] = 1
    """Into how many groups of as many units each U is cut: a unit's U multiplies units of its own group only."""
    starts: ClassVar[Mapping[str, float]] = MappingProxyType({})
    """The start values of states by name, where they are not zero."""
    visible: ClassVar[bool] = True
    """Whether its state is among its signals."""
    window: ClassVar[int | None] = None
    """How many steps it looks back on, the current one among them; None for a state that has no such limit."""
    derivable: ClassVar[bool] = True
    """Whether a step has a derivative by the state before it; see `NO_DERIVATIVE`."""
    keeps: ClassVar[Node | None] = None
    """How much of its state a unit keeps in a step, from 0 to 1; None if no expression of the cell says so."""
    start_biases: ClassVar[Mapping[int, tuple[float, float]]] = MappingProxyType({})
    """The initial `bias_ih` of a block in place of a random one, evenly spaced from the first value, at the first unit,
    to the second, at the last; `bias_hh` is then 0."""
    start_vectors: ClassVar[Mapping[str, tuple[float, float]]] = MappingProxyType({})
    """The same for parameters with one value per unit, by name."""

    def __init__(self) -> None:
        if self.heads < 1:
            raise ValueError(f"{self.title} has {self.heads} heads; it needs one at least")
        self._check_names()
        self.layout.check()
        known = {*self.layout.vectors}
        for node in [] if self.keeps is None else nodes(self.keeps):
            if isinstance(node, Part) or (isinstance(node, Weight) and node not in known):
                raise ValueError(f"what {self.title} keeps speaks of {node.text()}, which is no signal of it")

    def _check_names(self) -> None:
        """Check that whatever the declaration names is declared.

        Raises:
            ValueError: naming what is not, and what there is.
        """
        signals, symbols = self.names(), [signal.symbol for signal in self.signals]
        for what, all_of_them in (("signals called", signals), ("signals with the symbol", symbols)):
            if twice := [one for one in all_of_them if all_of_them.count(one) > 1]:
                raise ValueError(f"{self.title} has two {what} {twice[0]!r}; each needs its own")
        check_known(f"The states of {self.title}", self.states, "signals", signals)
        check_known(f"The start values of {self.title}", self.starts, "states", self.states)
        check_known(f"The start biases of {self.title}", self.start_biases, "blocks", range(self.gates))
        kept = [] if self.keeps is None else nodes(self.keeps)
        names = [node.symbol for node in kept if isinstance(node, Value)]
        check_known(f"What {self.title} keeps", names, "symbols", symbols)
        every = [node for one in self.signals for node in nodes(one.formula)]
        used = [node.function for node in (*every, *kept) if isinstance(node, Apply)]
        check_known(f"The equations of {self.title}", used, "functions", FUNCTIONS)

    @cached_property
    def layout(self) -> Layout:
        symbols = {signal.name: signal.symbol for signal in self.signals}
        return Layout(self.signals, tuple(symbols[state] for state in self.states), self.gates)

    # ── what it declares, looked up ───────────────────────────────────────────────────────────────────

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return tuple(signal.name for signal in cls.signals)

    @classmethod
    def signal(cls, name: str) -> Signal:
        """The declaration of a signal.

        Raises:
            ValueError: if there is none of that name.
        """
        check_known(cls.title, [name], "signals", cls.names())
        return cls.signals[cls.names().index(name)]

    @classmethod
    def carried(cls) -> tuple[int, ...]:
        """The positions of the states among the signals: reading can resume from any computed step."""
        return tuple(cls.names().index(state) for state in cls.states)

    @classmethod
    def start(cls) -> tuple[float, ...]:
        """The start value of each state, for all units."""
        return tuple(cls.starts.get(state, 0.0) for state in cls.states)

    @classmethod
    def keeper(cls) -> tuple[Signal, float] | None:
        """The signal that says how much is kept, and its value where everything is; None if there is no such signal."""
        node, all_kept = cls.keeps, 1.0
        if isinstance(node, Complement):
            node, all_kept = node.children[0], 0.0
        if not isinstance(node, Value) or node.lag:
            return None
        return next(signal for signal in cls.signals if signal.symbol == node.symbol), all_kept

    @classmethod
    def explained(cls) -> bool:
        """Whether its signals have equations of one unit at one step."""
        return not any(isinstance(signal.formula, Words) for signal in cls.signals)

    @classmethod
    def memory(cls) -> Signal | None:
        """The state that is kept by `keeps`: the one whose equation adds something to `keeps` times its value before.
        None for a cell without such a state."""
        for signal in cls.signals:
            before = Value(signal.symbol, 1)
            if signal.name not in cls.states or cls.keeps is None or not isinstance(signal.formula, Sum):
                continue
            if any(one in (cls.keeps * before, before * cls.keeps) for one in signal.formula.children):
                return signal
        return None

    @classmethod
    def equation(cls, signal: Signal) -> str:
        """How a signal is computed, as text."""
        keeper = cls.keeper()
        more = f", near {keeper[1]:.0f} keeps the past" if keeper is not None and keeper[0] == signal else ""
        return f"{signal.symbol}ₜ = {signal.formula.text()}{more}"

    def kept(
        self, signals: Mapping[str, Tensor], before: Mapping[str, Tensor], vectors: Mapping[Weight, Tensor]
    ) -> Tensor:
        """The value of `keeps`, from signals by their symbols, at the step and a step before, all of one shape, and the
        parameters with one value per unit."""

        def leaf(node: Node) -> Tensor:
            if isinstance(node, Value):
                return (before if node.lag else signals)[node.symbol]
            return vectors[node]  # type: ignore[index]

        assert self.keeps is not None
        return compute(self.keeps, leaf).expand_as(next(iter(signals.values())))

    def vectors(self, weights: list[Tensor]) -> dict[Weight, Tensor]:
        """The parameters with one value per unit, by their names in the equations; see `CharLM.layer_weights`."""
        return dict(zip(self.layout.vectors, weights[4:], strict=True))

    def arranged(self, learned: list[Tensor]) -> list[Tensor]:
        """The parameters of a layer as the methods here take them, from those that are learned: U as a whole matrix."""
        return [learned[0], self.dense(learned[1]), *learned[2:]]

    def dense(self, weight_hh: Tensor) -> Tensor:
        """U as a whole matrix, (G·H, H), from `weight_hh` as it is learned, (G·H, H / heads): zero between heads."""
        if self.heads == 1:
            return weight_hh
        rows, width = weight_hh.shape
        blocks = weight_hh.view(self.gates, self.heads, width, width)
        apart = torch.eye(self.heads, dtype=weight_hh.dtype, device=weight_hh.device)
        return torch.einsum("ghij,hk->ghikj", blocks, apart).reshape(rows, self.heads * width)

    # ── reading on the CPU ────────────────────────────────────────────────────────────────────────────

    def prepare(self, weights: list[Tensor], first: bool) -> Any:
        """Lay out the parameters of one layer for `advance`; see `CharLM.layer_weights`."""
        weight_ih, weight_hh, bias_ih, bias_hh, *vectors = (w.detach().cpu() for w in weights)
        units, wait = weight_hh.shape[1], waiting(self.layout)
        folded = bias_hh.clone()
        for block in wait:  # a gate multiplies it, so it cannot be added in advance
            folded[block * units : (block + 1) * units] = 0
        bias = bias_ih + folded
        drive = torch.cat([weight_ih.T + bias, bias[None]]).numpy() if first else pack(weight_ih.T.numpy())
        blocks = weight_hh.view(self.gates, units, units)
        stages = [blocks[list(stage.blocks)].flatten(0, 1).T.numpy() for stage in self.layout.stages]
        constants = [*(bias_hh[block * units : (block + 1) * units] for block in wait), *vectors]
        dtype = stages[0].dtype
        return LayerWeights(
            drive,
            bias.numpy(),
            pack_side_by_side(stages),
            np.stack([one.numpy() for one in constants]) if constants else np.empty((0, units), dtype),
            self._program(units, dtype),
        )

    @cache  # noqa: B019 - cells live as long as the process
    def _program(self, units: int, dtype: np.dtype[Any]) -> Program:
        return compile_program(self.layout, units, dtype)

    def start_state(self, units: int, dtype: np.dtype[Any]) -> Any:
        """The state of a layer before the first step, which `advance` changes in place: (J, H)."""
        return np.repeat(np.array(self.start(), dtype)[:, None], units, axis=1)

    def grown(self, units: int, step: int) -> int:
        """By how many numbers the state before `step` is larger than that before the first step."""
        return 0

    def multiply_adds(self, inputs: int, units: int, step: int | None = None) -> int:
        """Multiplications and additions of two numbers in the products of one step; `inputs` is I, 0 for a table.

        Args:
            step: which, for a layer whose steps do not all cost the same; None: one that costs most.
        """
        return self.gates * units * (units // self.heads + inputs)

    def advance(self, weights: Any, below: Array, state: Any, out: Array, offset: int, fixed: Array) -> None:
        """One layer over T steps on the CPU. What a step computes has the same bits however the steps are grouped.

        Args:
            weights: from `prepare`.
            below: (T,) ids, for a first layer that reads characters; otherwise (T, I).
            state: from `start_state`, and changed in place.
            out: (S, …, H), whose rows `offset … offset + T − 1` are written, each as far as its signal is wide.
            fixed: as in `read`.
        """
        if below.ndim == 1:
            drive, rows = weights.drive, np.asarray(below, np.int32)
        else:
            drive = np.empty((len(below), self.gates * out.shape[2]), out.dtype)
            affine(below, weights.drive, weights.bias, drive)
            rows = np.arange(len(below), dtype=np.int32)
        self.read(weights, drive, rows, state, out, offset, fixed)

    def read(
        self,
        weights: LayerWeights,
        drive: Array,
        rows: NDArray[np.int32],
        state: Array,
        out: Array,
        offset: int,
        fixed: Array,
    ) -> None:
        """Compiled: for each t, read the pre-activations `drive[rows[t]]`, update `state` (J, H) in place and write the
        signals to `out[:, offset + t]`, where `out` is (S, T, H).

        A number in `fixed` (S, H) replaces the value of that signal and unit, also for everything computed from it;
        NaN leaves it free, and without any clamp `fixed` is (0, H).
        """
        program = weights.program
        run(program.code, program.rows, drive, rows, weights.recurrent, weights.constants, state, out, offset, fixed)

    # ── in PyTorch ────────────────────────────────────────────────────────────────────────────────────

    def module(self, inputs: int, units: int, layers: int, dropout: float = 0.0, *, first: bool = True) -> nn.Module:
        """The module that holds the parameters and trains them, called like `torch.nn.RNN`.

        Args:
            first: whether its first layer is the network's.
        """
        return Recurrence(self, inputs, units, layers, dropout)

    def training_start(self, batch: int, units: int, like: Tensor) -> tuple[Tensor, ...]:
        """The states before the first step of many texts, each (B, …), of the type and on the device of `like`."""
        return tuple(like.new_full((batch, units), value) for value in self.start())

    def layer(
        self, inputs: Tensor, start: tuple[Tensor, ...], weights: list[Tensor]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """One layer over a batch of texts: h (T, B, H) and the final states, each (B, H).

        Args:
            inputs: (T, B, I).
            start: the states before, each (B, H).
        """
        signals, end = read_sequence(self.layout, inputs, start, weights)
        return signals[0], end

    def every_signal(self, inputs: Tensor, start: tuple[Tensor, ...], weights: list[Tensor]) -> list[Tensor]:
        """All signals of one layer for one text, each (T, H), from inputs (T, I) and the states before, each (H,)."""
        signals, _ = read_sequence(self.layout, inputs[:, None], tuple(one[None] for one in start), weights)
        return [one[:, 0] for one in signals]

    def advance_torch(self, inputs: Tensor, state: Any, weights: list[Tensor]) -> list[Tensor]:
        """All signals of one layer for one text, each (T, H) or as wide as it is, on the device of `inputs` (T, I);
        `state`, as `start_state` makes it, is changed in place."""
        start = tuple(torch.as_tensor(one, device=inputs.device) for one in state)
        signals = self.every_signal(inputs, start, weights)
        for row, place in enumerate(self.carried()):
            state[row] = signals[place][-1].cpu().numpy()
        return signals

    def penalised(
        self,
        inputs: Tensor,
        hidden: Tensor,
        start: tuple[Tensor, ...],
        end: tuple[Tensor, ...],
        weights: list[Tensor],
    ) -> Tensor:
        """What training may keep small in one layer, in any shape: see `models.training.penalty`. Arguments as in
        `layer`. By default the hidden state at every step, (T, B, H): activation regularisation."""
        return hidden

    # ── to first order ────────────────────────────────────────────────────────────────────────────────

    def products(self, before: Tensor, signals: Tensor, weights: list[Tensor]) -> Tensor:
        """U·m + b′ of each block, (*, G·H), from the states before (J, *, H) and the signals (S, *, H)."""
        return products(self.layout, before, signals, weights)

    def linearise(
        self, driven: Tensor, fed_back: Tensor, before: Tensor, signals: Tensor, vectors: list[Tensor]
    ) -> Linear:
        """The derivative of each step, given the values that the step was computed from; see `Derivative`."""
        return Derivative(self.layout, driven, fed_back, before, signals, vectors).linear()
