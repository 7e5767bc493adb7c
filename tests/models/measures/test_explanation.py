"""Why a cell has its value: the numbers of the equation against the trace, and the terms of every pre-activation
against plain numpy on the weights."""

from __future__ import annotations

import functools
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import CharLM, NotMeasurable, catalogue, load
from models.cells import CELLS
from models.equations.equation import Role, Value
from models.measures import record
from models.measures.explanation import Drive, Equation, Source, made_of, why
from models.network.intervened_reader import IntervenedReader
from models.network.intervention import parse
from models.recording.recording import Recording
from tests.support.cells import FUSED

BLOCKS = {
    "rnn": ["hidden"],
    "leaky": ["candidate"],
    "gru": ["reset_gate", "update_gate", "candidate"],
    "lstm": ["input_gate", "forget_gate", "candidate", "output_gate"],
}
FUNCTIONS = {
    name: (np.tanh if name in ("hidden", "candidate") else lambda a: 1 / (1 + np.exp(-a)))
    for blocks in BLOCKS.values()
    for name in blocks
}
MODELS = [name for name, entry in catalogue().items() if entry.card.stack[0].cell.explained()]
PROSE = (
    'KEEPER:\nWhat have I kept, and for whom?\n  return [c for c in text if c != "é"]  # ½\nThe sea; the sea, a door.\n'
    * 9
)


class Plain:
    """A model's weights as numpy arrays, and the pre-activations of one step by plain products of them."""

    def __init__(self, lm: CharLM, text: str) -> None:
        self.lm, self.text, self.trace = lm, text, lm.trace(text)
        self.recording = record(lm, text)
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        state = {key: value.double().numpy() for key, value in lm.state_dict().items()}
        self.weights = [[state[f"rnn.{name}_l{k}"] for name in names] for k in range(lm.layers)]

    def shown(self, layer: int, name: str, step: int, unit: int) -> float:
        return float(self.trace[f"{layer}.{name}"][step, unit])

    def state(self, layer: int, step: int) -> np.ndarray:
        """h at a step, (H,); zero before the first."""
        return self.trace[f"{layer}.hidden"][step].double().numpy() if step >= 0 else np.zeros(self.lm.units)

    def inputs(self, layer: int, step: int) -> np.ndarray:
        if layer:
            return self.state(layer - 1, step)
        one_hot = np.zeros(len(self.lm.vocabulary))
        if self.text[step] in self.lm.vocabulary:
            one_hot[self.lm.vocabulary.characters.index(self.text[step])] = 1
        return one_hot

    def preactivation(self, layer: int, name: str, step: int, unit: int) -> float:
        """Of a signal that has one."""
        cell = self.lm.cell.name
        row = BLOCKS[cell].index(name) * self.lm.units + unit
        w, u, b, b_ = (parameter[row] for parameter in self.weights[layer])
        from_input = w @ self.inputs(layer, step) + b
        from_before = u @ self.state(layer, step - 1) + b_
        reset = self.shown(layer, "reset_gate", step, unit) if (cell, name) == ("gru", "candidate") else 1.0
        return float(from_input + reset * from_before)


def check(plain: Plain, layer: int, signal: str, step: int, unit: int) -> None:
    """That every equation holds with its numbers, and every pre-activation is the sum of its terms."""
    lm = plain.lm
    found = why(plain.recording, lm, layer, signal, step, unit)
    assert found.equations[0].signal.name == signal
    assert found.first == (step == 0)
    known = plain.text[step] in lm.vocabulary
    assert found.character == (lm.vocabulary.characters.index(plain.text[step]) if known else None)
    for name, value in found.now.items():
        assert value == plain.shown(layer, name, step, unit)
    assert set(found.before) == set(lm.cell.states)
    for name, value in found.before.items():
        assert value == (plain.shown(layer, name, step - 1, unit) if step else 0.0)
    for equation in found.equations:
        check_equation(plain, equation, layer, step, unit)


def check_equation(plain: Plain, equation: Equation, layer: int, step: int, unit: int) -> None:
    name = equation.signal.name
    shown = plain.shown(layer, name, step, unit)
    assert equation.shown == shown
    assert equation.follows
    assert equation.difference == equation.tree.value - shown
    if equation.drive is None:
        assert name not in BLOCKS[plain.lm.cell.name]
        assert equation.tree.value == pytest.approx(shown, abs=1e-6 * max(1.0, abs(shown)))
        return
    drive = equation.drive
    total = sum(term.value for term in drive.terms)
    largest = max(abs(term.value) for term in drive.terms)
    assert drive.value == pytest.approx(total, abs=1e-13 * len(drive.terms) * largest)
    assert drive.value == pytest.approx(plain.preactivation(layer, name, step, unit), rel=1e-11, abs=1e-11)
    assert FUNCTIONS[name](total + drive.rounding) == pytest.approx(shown, abs=1e-6)
    assert abs(drive.rounding) < 1e-3


def check_terms(plain: Plain, drive: Drive, name: str, layer: int, step: int, unit: int) -> None:
    """Each term on its own."""
    lm = plain.lm
    row = BLOCKS[lm.cell.name].index(name) * lm.units + unit
    w, u, b, b_ = (parameter[row] for parameter in plain.weights[layer])
    inside = plain.shown(layer, "reset_gate", step, unit) if (lm.cell.name, name) == ("gru", "candidate") else 1.0
    inputs, before = plain.inputs(layer, step), plain.state(layer, step - 1)
    expected: dict[tuple[Role, int | None], tuple[float, float, float]] = {
        (Role.BIAS, None): (b, 1.0, b),
        (Role.RECURRENT_BIAS, None): (b_, 1.0, b_ * inside),
    }
    expected |= {(Role.RECURRENT, j): (u[j], before[j], u[j] * before[j] * inside) for j in range(lm.units)}
    places = range(len(inputs)) if layer else np.flatnonzero(inputs)
    expected |= {(Role.INPUT, int(j)): (w[j], inputs[j], w[j] * inputs[j]) for j in places}
    found = {(term.role, term.index): (term.weight, term.state, term.value) for term in drive.terms}
    assert len(found) == len(drive.terms)
    assert found.keys() == expected.keys()
    for key, numbers in expected.items():
        assert found[key] == pytest.approx(numbers, rel=1e-14), key
    sources = {term.source for term in drive.terms if term.role is Role.INPUT}
    assert sources <= {Source.BELOW if layer else Source.CHARACTER}


@functools.cache
def random_model(make_model: Any, cell: str, layers: int, gain: float) -> Plain:
    return Plain(make_model(cell, 9, layers, gain=gain), PROSE[:400] + "€")


@given(data=st.data())
@settings(max_examples=150)
def test_the_numbers_give_the_value_that_is_shown(make_model: Any, data: st.DataObject) -> None:
    cell = data.draw(st.sampled_from(FUSED))
    layers = data.draw(st.sampled_from([1, 2]))
    plain = random_model(make_model, cell, layers, data.draw(st.sampled_from([0.3, 1.0, 12.0])))
    layer = data.draw(st.integers(0, layers - 1))
    signal = data.draw(st.sampled_from(CELLS[cell].names()))
    step = data.draw(st.integers(0, 400) | st.sampled_from([0, 1, 400]))
    unit = data.draw(st.integers(0, 8))
    check(plain, layer, signal, step, unit)
    for equation in why(plain.recording, plain.lm, layer, signal, step, unit).equations:
        if equation.drive is not None:
            check_terms(plain, equation.drive, equation.signal.name, layer, step, unit)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("untrained", [False, True])
def test_so_it_is_for_every_model_that_ships(model: str, untrained: bool) -> None:
    plain = Plain(load(f"{model}@0" if untrained else model), PROSE)
    lm, draw = plain.lm, random.Random(model)
    for _ in range(25):
        step = draw.choice([0, 1, draw.randrange(len(PROSE))])
        check(plain, draw.randrange(lm.layers), draw.choice(lm.cell.names()), step, draw.randrange(lm.units))


@pytest.mark.parametrize("model", MODELS)
def test_where_rounding_is_largest_it_is_told_and_nothing_is_missing(model: str) -> None:
    """Among all cells, those whose value is farthest from the exact sum of the terms."""
    plain = Plain(load(model), PROSE)
    lm = plain.lm
    told = 0
    for layer in range(lm.layers):
        for name in BLOCKS[lm.cell.name]:
            exact = exact_values(plain, layer, name)
            off = np.abs(exact - plain.trace[f"{layer}.{name}"].double().numpy())
            for place in np.argsort(off, axis=None)[-3:]:
                step, unit = (int(k) for k in np.unravel_index(place, off.shape))
                equation = why(plain.recording, lm, layer, name, step, unit).equations[0]
                check_equation(plain, equation, layer, step, unit)
                assert equation.drive is not None
                assert abs(equation.difference) == pytest.approx(off[step, unit], abs=1e-12)
                told += equation.drive.rounding != 0
                check_rounding(plain, equation, layer, step, unit)
    assert told > 0, "float32 shows nowhere; the test is idle"


def exact_values(plain: Plain, layer: int, name: str) -> np.ndarray:
    """A signal with a pre-activation at all steps, in float64 from the recorded states, (T, H)."""
    lm, steps = plain.lm, len(plain.text)
    block = BLOCKS[lm.cell.name].index(name)
    w, u, b, b_ = (np.split(parameter, lm.cell.gates)[block] for parameter in plain.weights[layer])
    inputs = np.array([plain.inputs(layer, step) for step in range(steps)])
    before = np.array([plain.state(layer, step - 1) for step in range(steps)])
    inside = (
        plain.trace[f"{layer}.reset_gate"].double().numpy() if (lm.cell.name, name) == ("gru", "candidate") else 1.0
    )
    return np.asarray(FUNCTIONS[name](inputs @ w.T + b + inside * (before @ u.T + b_)))


def check_rounding(plain: Plain, equation: Equation, layer: int, step: int, unit: int) -> None:
    """What is told as rounding is what float32 does when it adds the same products one after the other, as the network
    did: first the input and the biases, then the units in their order, each product exact until it is added."""
    name, drive = equation.signal.name, equation.drive
    assert drive is not None
    lm = plain.lm
    row = BLOCKS[lm.cell.name].index(name) * lm.units + unit
    w, u, b, b_ = (parameter[row].astype(np.float32) for parameter in plain.weights[layer])
    inside = (lm.cell.name, name) == ("gru", "candidate")
    before = plain.state(layer, step - 1).astype(np.float32)
    inputs = plain.inputs(layer, step).astype(np.float32)

    def add(total: np.float32, weights: np.ndarray, states: np.ndarray) -> np.float32:
        for weight, state in zip(weights, states, strict=True):
            total = np.float32(float(weight) * float(state) + float(total))  # one rounding
        return total

    bias = b if inside else np.float32(b + b_)
    driven = add(bias, w, inputs) if layer else np.float32(float(w @ inputs) + float(bias))
    if inside:
        reset = np.float32(plain.shown(layer, "reset_gate", step, unit))
        total = np.float32(float(reset) * float(add(b_, u, before)) + float(driven))
    else:
        total = add(driven, u, before)
    # The function itself is off by 1.5e-7 at most.
    assert FUNCTIONS[name](float(total)) == pytest.approx(equation.shown, abs=1.5e-7)
    slope = 1 - equation.shown**2 if FUNCTIONS[name] is np.tanh else equation.shown * (1 - equation.shown)
    if drive.rounding:
        assert float(total) - drive.value == pytest.approx(drive.rounding, abs=2e-7 / slope)


def test_before_the_first_step_everything_is_zero(make_model: Any) -> None:
    plain = random_model(make_model, "lstm", 2, 1.0)
    found = why(plain.recording, plain.lm, 1, "cell", 0, 3)
    assert found.first
    assert dict(found.before) == {"hidden": 0.0, "cell": 0.0}
    for equation in found.equations:
        if equation.drive is not None:
            assert all(term.value == 0 for term in equation.drive.terms if term.source is Source.UNIT)
            named, rest = equation.drive.ranked(100)
            assert all(term.source is not Source.UNIT for term in named), "nothing is nothing to name"
            assert len(rest) == 9


def test_a_character_that_the_model_does_not_know_adds_nothing(make_model: Any) -> None:
    plain = random_model(make_model, "gru", 1, 1.0)
    found = why(plain.recording, plain.lm, 0, "update_gate", 400, 2)
    assert found.character is None
    (equation,) = found.equations
    assert equation.drive is not None
    assert {term.source for term in equation.drive.terms} == {Source.UNIT, Source.BIAS}
    input_part = next(leaf for leaf in equation.tree.leaves() if getattr(leaf.node, "role", None) is Role.INPUT)
    assert input_part.value == 0


@pytest.mark.parametrize(
    ("cell", "signal", "wanted"),
    [
        ("rnn", "hidden", ["hidden"]),
        ("gru", "hidden", ["hidden", "update_gate", "candidate", "reset_gate"]),
        ("gru", "candidate", ["candidate", "reset_gate"]),
        ("lstm", "hidden", ["hidden", "output_gate", "cell", "forget_gate", "input_gate", "candidate"]),
        ("lstm", "cell", ["cell", "forget_gate", "input_gate", "candidate"]),
        ("lstm", "forget_gate", ["forget_gate"]),
    ],
)
def test_the_gates_that_made_it_come_with_it(cell: str, signal: str, wanted: list[str]) -> None:
    declared = CELLS[cell]
    assert [one.name for one in made_of(declared, declared.signal(signal))] == wanted


def test_the_reset_gate_stands_before_what_comes_from_the_past(make_model: Any) -> None:
    plain = random_model(make_model, "gru", 1, 1.0)
    drive = why(plain.recording, plain.lm, 0, "candidate", 7, 1).equations[0].drive
    assert drive is not None
    assert drive.gains == {Role.RECURRENT: Value("r"), Role.RECURRENT_BIAS: Value("r")}
    others = why(plain.recording, plain.lm, 0, "update_gate", 7, 1).equations[0].drive
    assert others is not None
    assert others.gains == {}


@pytest.mark.parametrize("most", [0, 1, 4, 8, 9, 100])
@pytest.mark.parametrize("layer", [0, 1])
def test_the_largest_come_first_and_nothing_is_lost(make_model: Any, most: int, layer: int) -> None:
    plain = random_model(make_model, "lstm", 2, 1.0)
    drive = why(plain.recording, plain.lm, layer, "input_gate", 30, 4).equations[0].drive
    assert drive is not None
    first, rest = drive.ranked(most)
    assert sorted(map(id, [*first, *rest])) == sorted(map(id, drive.terms))
    units = [term for term in first if term.source in (Source.UNIT, Source.BELOW)]
    assert len(units) == min(most, 9 * (1 + layer))
    assert len(first) - len(units) == 3 - layer  # two biases, and in the first layer the character
    sizes = [abs(term.value) for term in first]
    assert sizes == sorted(sizes, reverse=True)
    if units and rest:
        assert max(abs(term.value) for term in rest) <= min(abs(term.value) for term in units)


def test_in_float64_nothing_is_left_over(make_model: Any) -> None:
    import torch

    plain = Plain(make_model("gru", 7, 2, dtype=torch.float64, gain=4.0), PROSE[:60])
    for step in range(60):
        for equation in why(plain.recording, plain.lm, 1, "hidden", step, step % 7).equations:
            assert equation.follows
            assert abs(equation.difference) < 2e-15


@pytest.mark.parametrize(
    ("layer", "signal", "step", "unit", "words"),
    [
        (0, "cell", 0, 0, "The GRU has no signal 'cell' to explain. Choose one that it has: hidden, reset_gate"),
        (1, "hidden", 0, 0, "There is no layer 1 to explain: random-gru has 0 to 0."),
        (0, "hidden", 0, 9, "There is no unit 9 to explain: random-gru has 0 to 8."),
        (0, "hidden", 401, 0, "Step 401 has no value to explain: 401 steps have been read."),
        (0, "hidden", -1, 0, "Step -1 has no value to explain"),
    ],
)
def test_what_is_not_there_is_not_explained(
    make_model: Any, layer: int, signal: str, step: int, unit: int, words: str
) -> None:
    plain = random_model(make_model, "gru", 1, 1.0)
    with pytest.raises(NotMeasurable) as fault:
        why(plain.recording, plain.lm, layer, signal, step, unit)
    assert words in str(fault.value)


def test_what_an_intervention_holds_does_not_follow_from_its_equation(make_model: Any) -> None:
    """All else does, the values that come of it included."""
    lm = make_model("lstm", 5, 2)
    held = Recording(IntervenedReader(lm.reader(), parse("0.forget_gate.3=0.5@10-20~0.hidden.1=0.25@12")))
    held.edit(0, 0, lm.vocabulary.encode(PROSE[:40]))
    while held.read():
        pass
    for step in range(40):
        for unit in range(5):
            for layer in (0, 1):
                for equation in why(held, lm, layer, "hidden", step, unit).equations:
                    gate = (layer, unit, equation.signal.name) == (0, 3, "forget_gate") and 10 <= step < 20
                    state = (layer, unit, equation.signal.name) == (0, 1, "hidden") and step >= 12
                    assert equation.follows == (not gate and not state), (step, layer, unit, equation.signal.name)
                    if gate:
                        assert equation.shown == 0.5
                        assert equation.difference == equation.tree.value - 0.5


def test_where_an_intervention_empties_the_state_nothing_came_before(make_model: Any) -> None:
    lm = make_model("gru", 5, 1)
    emptied = Recording(IntervenedReader(lm.reader(), parse("zero@7~reset.10@20")))
    emptied.edit(0, 0, lm.vocabulary.encode(PROSE[:45]))
    while emptied.read():
        pass
    found = [why(emptied, lm, 0, "hidden", step, 2) for step in range(45)]
    assert [one.step for one in found if one.first] == [0, 7, 20, 30, 40]
    assert all(equation.follows for one in found for equation in one.equations)
    assert all(one.before == {"hidden": 0.0} for one in found if one.first)
