"""Why a cell of a picture has its value: its signal's equation with its numbers, and everything that added up to it.

Every signal at a step depends on the unit's other signals, its own state a step before, parameters, and
pre-activations (models/equations/equation.py). `why` fills in the numbers: for signals the recorded values, for a
pre-activation the products of weights and states one by one, in float64:

    W·xₜ is one weight, the character's, where x is one-hot; nothing if the model does not know the character
    U·hₜ₋₁ is a sum over units: U[i, j]·hⱼ(t−1) is what unit j contributed to unit i; likewise U·(fₜ·hₜ₋₁), with fⱼ·hⱼ

Anything added besides these products is listed among the terms whole, with its own number.

So the terms add up to the value shown, except for the rounding of float32, in which the network was read. Where
rounding is visible in the value, it is listed as a term of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch
from numpy.typing import NDArray

from ..cells.base import Cell, Signal
from ..equations.equation import (
    NO_EQUATION,
    Apply,
    Evaluated,
    Node,
    Part,
    Product,
    Role,
    Sum,
    Value,
    Weight,
    compute,
    evaluate,
    nodes,
)
from ..equations.functions import FUNCTIONS
from ..errors import NotMeasurable
from ..network.language_model import CharLM
from ..recording.recording import Recording

Vector = NDArray[np.float64]


class Source(StrEnum):
    """Where a term of a pre-activation comes from."""

    CHARACTER = "character"
    BELOW = "below"
    """A unit of the layer below, at the same step."""
    UNIT = "unit"
    """A unit of the same layer, a step before."""
    BIAS = "bias"
    OWN = "own"
    """An expression of the unit itself, as in the equation."""


@dataclass(frozen=True, slots=True)
class Term:
    """One addend of a pre-activation.

    Attributes:
        role: which part of a pre-activation it belongs to; None for anything added besides these.
        index: the unit's index, or the character's id; otherwise None.
        weight, state: the factors; a character and a bias have the state 1, a term added whole has the weight 1.
        value: the addend: weight·state, times what the equation multiplies the sum by.
        text: the text of what a unit's weight multiplies, or of a term added whole; "" for a bias, a character.
    """

    role: Role | None
    source: Source
    index: int | None
    weight: float
    state: float
    value: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Drive:
    """A pre-activation and everything that adds up to it.

    Attributes:
        value: the sum of the terms.
        terms: in the order of the equation.
        gains: what the equation multiplies a part by: GRU's reset gate multiplies U·h + b′.
        rounding: the network's own rounding, where it is visible in the signal's value; otherwise 0.
    """

    value: float
    terms: tuple[Term, ...]
    gains: Mapping[Role, Node]
    rounding: float

    def ranked(self, most: int) -> tuple[list[Term], list[Term]]:
        """The largest `most` nonzero terms from units, together with those of the character and the biases, largest
        first; and the others."""
        largest = sorted(self.terms, key=lambda term: -abs(term.value))
        units = [term for term in largest if term.source in (Source.BELOW, Source.UNIT)]
        named = [term for term in units if term.value][:most]
        others = units[len(named) :]
        left_out = set(map(id, others))
        return [term for term in largest if id(term) not in left_out], others


@dataclass(frozen=True, slots=True)
class Equation:
    """A signal's equation with its numbers.

    Attributes:
        tree: the expression; its signals have the values of the recording, its pre-activation that of `drive`.
        shown: the value of the recording, which the page shows.
        difference: the expression's value less `shown`.
        follows: whether that is within the rounding of the network's arithmetic. If not, the value does not come from
            the equation: an intervention clamped it.
    """

    signal: Signal
    tree: Evaluated
    shown: float
    difference: float
    drive: Drive | None
    follows: bool


@dataclass(frozen=True, slots=True)
class Why:
    """The explanation of one value.

    Attributes:
        character: the id of the character read; None if the model does not know it.
        first: whether nothing came before: the state is then the start state, at step 0 and where an intervention
            resets it.
        equations: that of the signal asked about, then those of the signals it depends on.
        now: all signals of the unit at the step.
        before: the states of the unit before the step.
    """

    layer: int
    step: int
    unit: int
    character: int | None
    first: bool
    equations: tuple[Equation, ...]
    now: Mapping[str, float]
    before: Mapping[str, float]


def why(recording: Recording, lm: CharLM, layer: int, signal: str, step: int, unit: int) -> Why:
    """Explain the value of a signal of a unit at a step.

    Args:
        recording: of `lm`; the step must have been read.

    Raises:
        NotMeasurable: if there is no such signal, layer or unit, or the step has not been read.
    """
    _check_place(lm, layer, signal, unit)
    if not 0 <= step < recording.steps:
        raise NotMeasurable(
            f"Step {step} has no value to explain: {recording.steps} steps have been read. Choose an earlier one."
        )
    scene = _Scene(recording, lm, layer, step, unit)
    equations = tuple(_equation(scene, one) for one in made_of(scene.cell, scene.cell.signal(signal)))
    return Why(layer, step, unit, scene.character, scene.first, equations, scene.now, scene.before)


def _check_place(lm: CharLM, layer: int, signal: str, unit: int) -> None:
    def lacks(name: str, value: int, count: int) -> NotMeasurable:
        return NotMeasurable(f"There is no {name} {value} to explain: {lm.name} has 0 to {count - 1}. Choose another.")

    if not 0 <= layer < lm.layers:
        raise lacks("layer", layer, lm.layers)
    cell, units = lm.stack[layer].cell, lm.stack[layer].units
    if not cell.explained():
        raise NotMeasurable(NO_EQUATION.format(cell.title))
    if signal not in cell.names():
        have = ", ".join(cell.names())
        raise NotMeasurable(f"The {cell.title} has no signal {signal!r} to explain. Choose one that it has: {have}.")
    if not 0 <= unit < units:
        raise lacks("unit", unit, units)


def made_of(cell: Cell, signal: Signal) -> list[Signal]:
    """A signal, then those of the same step that it depends on, each once."""

    found = [signal]
    for node in nodes(signal.formula):
        if not isinstance(node, Value) or node.lag > 0:
            continue
        below = cell.layout.signal(node.symbol)
        found += [one for one in made_of(cell, below) if one not in found]
    return found


class _Scene:
    """The values around one unit at one step."""

    def __init__(self, recording: Recording, lm: CharLM, layer: int, step: int, unit: int) -> None:
        cell, units = lm.stack[layer].cell, lm.stack[layer].units
        self.cell, self.unit, self.layer, self.units = cell, unit, layer, units
        names = cell.names()
        self.eps = float(np.finfo(recording.reader.dtype).eps)
        self.first = recording.reader.starts_fresh(step)
        span = [recording.signal(layer, name, step if self.first else step - 1, step + 1) for name in names]
        both = np.stack(span).astype(np.float64)  # (S, 1 or 2, H)
        values, earlier = both[:, -1], both[:, 0].copy()
        if self.first:
            earlier[:] = 0.0
            earlier[list(cell.carried())] = np.array(cell.start())[:, None]
        self.now = {name: float(values[k, unit]) for k, name in enumerate(names)}
        self.before = {name: float(earlier[names.index(name), unit]) for name in cell.states}
        read = int(recording.ids[step : step + 1][0])
        self.character = read if read < len(lm.vocabulary) else None
        self._weights = lm.layer_weights(layer)
        symbols = [one.symbol for one in cell.signals]
        self._now = dict(zip(symbols, torch.from_numpy(values), strict=True))  # of all units, each (H,)
        self._before = dict(zip(symbols, torch.from_numpy(earlier), strict=True))
        self._below: Vector = np.empty(0)
        if layer:
            up = lm.stack[layer - 1].cell.names()[0]
            self._below = recording.signal(layer - 1, up, step, step + 1)[0].astype(np.float64)  # (I,)

    def terms(self, part: Part, gain: float) -> list[Term]:
        """The terms of a part of a pre-activation, product by product."""
        row = part.block * self.units + self.unit
        weight_ih, weight_hh, bias_ih, bias_hh = self._weights[:4]
        if part.role in (Role.BIAS, Role.RECURRENT_BIAS):
            bias = float(bias_ih[row] if part.role is Role.BIAS else bias_hh[row])
            return [Term(part.role, Source.BIAS, None, bias, 1.0, bias * gain)]
        if part.role is Role.RECURRENT:
            said: Vector = compute(part.operand, self._of_all).numpy()  # (H,)
            width = self.units // self.cell.heads
            first = self.unit // width * width  # of the unit's own head
            own = slice(first, first + width)
            text = part.operand.text()
            return _products(part.role, Source.UNIT, weight_hh[row, own], said[own], gain, text, first)
        if self.layer:
            return _products(part.role, Source.BELOW, weight_ih[row], self._below, gain, "xₜ")
        if self.character is None:
            return []
        weight = float(weight_ih[row, self.character])
        return [Term(part.role, Source.CHARACTER, self.character, weight, 1.0, weight * gain)]

    def look_up(self, leaf: Node) -> float:
        """The value of a leaf."""
        if isinstance(leaf, Part):
            return math.fsum(term.value for term in self.terms(leaf, 1.0))
        return float(self._of_all(leaf)[self.unit])

    def _of_all(self, leaf: Node) -> torch.Tensor:
        """A leaf in all units, (H,) float64."""
        if isinstance(leaf, Weight):
            number = self.cell.layout.vectors.index(leaf)
            return torch.as_tensor(self._weights[4 + number].detach(), dtype=torch.float64)
        assert isinstance(leaf, Value)
        values: torch.Tensor = (self._before if leaf.lag else self._now)[leaf.symbol]
        return values


def _products(
    role: Role, source: Source, weights: torch.Tensor, states: Vector, gain: float, text: str, first: int = 0
) -> list[Term]:
    pairs = zip(weights.detach().double().tolist(), states.tolist(), strict=True)
    return [
        Term(role, source, first + k, weight, state, weight * state * gain, text)
        for k, (weight, state) in enumerate(pairs)
    ]


def _equation(scene: _Scene, signal: Signal) -> Equation:
    tree = evaluate(signal.formula, scene.look_up)
    shown = scene.now[signal.name]
    difference = tree.value - shown
    if not any(isinstance(leaf.node, Part) for leaf in tree.leaves()):
        follows = abs(difference) <= 4 * scene.eps * max(1.0, abs(shown))
        return Equation(signal, tree, shown, difference, None, follows)
    inside = tree.children[0] if isinstance(tree.node, Apply) else tree
    addends = list(_addends(inside))
    if not any(isinstance(one.node, Part) for one, _ in addends):  # its pre-activations are further down
        within = [abs(term.value) for leaf in tree.leaves() for term in _terms(scene, leaf, ())]
        most = scene.eps * (4 * max(1.0, abs(shown)) + len(within) / 2 * math.fsum(within))
        return Equation(signal, tree, shown, difference, None, abs(difference) <= most)
    terms = tuple(term for one, gains in addends for term in _terms(scene, one, gains))
    value = math.fsum(term.value for term in terms)
    name = tree.node.function if isinstance(tree.node, Apply) else None
    small = abs(difference) <= 2 * scene.eps * max(1.0, abs(shown) if name is None else 1.0)
    rounding = 0.0 if small else _rounding(name, shown, value, terms, scene.eps)
    multiplied = {one.node.role: gain.node for one, gains in addends for gain in gains if isinstance(one.node, Part)}
    drive = Drive(value, terms, multiplied, rounding or 0.0)
    return Equation(signal, tree, shown, difference, drive, rounding is not None)


def _terms(scene: _Scene, addend: Evaluated, gains: tuple[Evaluated, ...]) -> list[Term]:
    """The terms of a part, or the single term that is added whole."""
    gain = math.prod(one.value for one in gains)
    if isinstance(addend.node, Part):
        return scene.terms(addend.node, gain)
    return [Term(None, Source.OWN, None, 1.0, addend.value, addend.value * gain, addend.node.text())]


def _addends(found: Evaluated) -> Iterator[tuple[Evaluated, tuple[Evaluated, ...]]]:
    """The addends, each with all its factors: the parts of pre-activations, and everything else as a
    whole."""
    if isinstance(found.node, Sum):
        for child in found.children:
            yield from _addends(child)
        return
    if isinstance(found.node, Product):
        inside = [child for child in found.children if any(isinstance(leaf.node, Part) for leaf in child.leaves())]
        if len(inside) == 1 and isinstance(inside[0].node, (Part, Sum)):
            gains = tuple(child for child in found.children if child is not inside[0])
            yield from ((one, (*gains, *further)) for one, further in _addends(inside[0]))
            return
    yield found, ()


def _rounding(name: str | None, shown: float, exact: float, terms: tuple[Term, ...], eps: float) -> float | None:
    """What must be added to the exact sum to give the value shown, which is the function `name` of it, or the sum
    itself; None if it exceeds what rounding can explain.

    A sum of n terms, one after the other, is off by at most n·(eps / 2)·Σ|term| (Higham, Accuracy and Stability of
    Numerical Algorithms, 2002, (4.4)); the function itself by 2 eps.
    """
    sum_of_sizes = math.fsum(abs(term.value) for term in terms)
    if name is None:
        rounding, most = shown - exact, eps * len(terms) / 2 * sum_of_sizes
        return rounding if abs(rounding) <= most else None
    function = FUNCTIONS[name]
    lowest, highest = function.ends
    if not lowest < shown < highest:
        return None
    rounding = function.inverse(shown) - exact
    most = eps * (len(terms) / 2 * sum_of_sizes + 2 * max(1.0, abs(shown)) / abs(function.slope_by_value(shown)))
    return rounding if abs(rounding) <= most else None
