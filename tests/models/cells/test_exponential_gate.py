"""A cell that only this file names, with signals of every scale: an exponential input gate (a factor, drawn by its
logarithm), what it has admitted in all (a half-line), a sum without a bound, and gates and states between two ends.

c is a weighted sum of candidates and n the sum of the weights, as in sLSTM (Beck et al. 2024, "xLSTM"); h is their mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from models.cells import Cell, Kind, Signal, half_line, interval, logarithmic, symmetric
from models.cells.equation import Value, apply, largest, preactivation
from tests.support.cells.formulas import Hold, blocks, sigmoid
from tests.support.cells.proof import ProofOfACell

c, f, i, n, o, z = (Value(symbol) for symbol in "cfinoz")


class ExponentialGate(Cell):
    name = "expgate"
    title = "Exponential gate"
    gates = 4
    states = ("hidden", "sum", "mass")
    signals = (
        Signal("hidden", "h", "Hidden state", Kind.STATE, c / largest(n, o)),
        Signal("sum", "c", "Weighted sum", Kind.STATE, f * c.before + i * z, symmetric()),
        Signal("mass", "n", "Mass", Kind.STATE, f * n.before + i, half_line()),
        Signal("input_gate", "i", "Input gate", Kind.GATE, apply("exp", preactivation(0, "i")), logarithmic()),
        Signal("forget_gate", "f", "Forget gate", Kind.GATE, apply("σ", preactivation(1, "f")), interval(0, 1)),
        Signal("output_gate", "o", "Output gate", Kind.GATE, apply("σ", preactivation(2, "o")), interval(0, 1)),
        Signal("candidate", "z", "Candidate", Kind.CANDIDATE, apply("tanh", preactivation(3, "z"))),
    )
    keeps = f


def step(xp: ModuleType, x: Any, before: Mapping[str, Any], weights: Sequence[Any], hold: Hold) -> dict[str, Any]:
    """i = exp(…); f, o = σ(…); z = tanh(…); c = f·c' + i·z; n = f·n' + i; h = c / max(n, o)"""
    w, u, b, b_ = (blocks(one, 4) for one in weights)
    driven = [w[k] @ x + b[k] + u[k] @ before["hidden"] + b_[k] for k in range(4)]
    admit = hold("input_gate", xp.exp(driven[0]))
    forget = hold("forget_gate", sigmoid(xp, driven[1]))
    output = hold("output_gate", sigmoid(xp, driven[2]))
    candidate = hold("candidate", xp.tanh(driven[3]))
    total = hold("sum", forget * before["sum"] + admit * candidate)
    mass = hold("mass", forget * before["mass"] + admit)
    hidden = hold("hidden", total / xp.maximum(mass, output))
    return {
        "hidden": hidden, "sum": total, "mass": mass,
        "input_gate": admit, "forget_gate": forget, "output_gate": output, "candidate": candidate,
    }  # fmt: skip


class TestTheExponentialGate(ProofOfACell):
    cell = ExponentialGate()
    formula = staticmethod(step)
