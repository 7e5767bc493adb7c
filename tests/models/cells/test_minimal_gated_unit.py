"""A cell that only this file names: the minimal gated unit as published (Zhou et al. 2016, "Minimal gated unit for
recurrent neural networks"). U multiplies f∘h, and f near 1 overwrites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from models.cells import Cell, Kind, Signal, interval
from models.equations.equation import Value, apply, preactivation
from tests.support.cells.formulas import Hold, blocks, sigmoid
from tests.support.cells.proof import ProofOfACell

f, h, n = Value("f"), Value("h"), Value("n")


class MinimalGatedUnit(Cell):
    name = "mgu"
    title = "Minimal gated unit"
    gates = 2
    states = ("hidden",)
    signals = (
        Signal("hidden", "h", "Hidden state", Kind.STATE, (1 - f) * h.before + f * n),
        Signal("forget_gate", "f", "Forget gate", Kind.GATE, apply("σ", preactivation(0, "f")), interval(0, 1)),
        Signal("candidate", "n", "Candidate", Kind.CANDIDATE, apply("tanh", preactivation(1, "n", of=f * h.before))),
    )
    keeps = 1 - f


def step(xp: ModuleType, x: Any, before: Mapping[str, Any], weights: Sequence[Any], hold: Hold) -> dict[str, Any]:
    """f = σ(W·x + b + U·h' + b'); n = tanh(Wₙ·x + bₙ + Uₙ·(f∘h') + b'ₙ); h = (1 − f)∘h' + f∘n"""
    w, u, b, b_ = (blocks(one, 2) for one in weights)
    past = before["hidden"]
    gate = hold("forget_gate", sigmoid(xp, w[0] @ x + b[0] + u[0] @ past + b_[0]))
    new = hold("candidate", xp.tanh(w[1] @ x + b[1] + u[1] @ (gate * past) + b_[1]))
    return {"hidden": hold("hidden", (1 - gate) * past + gate * new), "forget_gate": gate, "candidate": new}


class TestTheMinimalGatedUnit(ProofOfACell):
    cell = MinimalGatedUnit()
    formula = staticmethod(step)
