"""A cell that only this file names: the gated recurrent unit of Cho et al. 2014 ("Learning phrase representations using
RNN encoder–decoder"), whose reset gate stands before the product: U·(r∘h)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from models.cells import Cell, Kind, Signal, interval
from models.equations.equation import Value, apply, preactivation
from tests.support.cells.formulas import Hold, blocks, sigmoid
from tests.support.cells.proof import ProofOfACell

r, z, h, n = Value("r"), Value("z"), Value("h"), Value("n")


class GRUOfCho(Cell):
    name = "gru-of-cho"
    title = "GRU of 2014"
    gates = 3
    states = ("hidden",)
    signals = (
        Signal("hidden", "h", "Hidden state", Kind.STATE, z * h.before + (1 - z) * n),
        Signal("reset_gate", "r", "Reset gate", Kind.GATE, apply("σ", preactivation(0, "r")), interval(0, 1)),
        Signal("update_gate", "z", "Update gate", Kind.GATE, apply("σ", preactivation(1, "z")), interval(0, 1)),
        Signal("candidate", "n", "Candidate", Kind.CANDIDATE, apply("tanh", preactivation(2, "n", of=r * h.before))),
    )
    keeps = z


def step(xp: ModuleType, x: Any, before: Mapping[str, Any], weights: Sequence[Any], hold: Hold) -> dict[str, Any]:
    """r, z = σ(W·x + b + U·h' + b'); n = tanh(Wₙ·x + bₙ + Uₙ·(r∘h') + b'ₙ); h = z∘h' + (1 − z)∘n"""
    w, u, b, b_ = (blocks(one, 3) for one in weights)
    past = before["hidden"]
    reset = hold("reset_gate", sigmoid(xp, w[0] @ x + b[0] + u[0] @ past + b_[0]))
    keep = hold("update_gate", sigmoid(xp, w[1] @ x + b[1] + u[1] @ past + b_[1]))
    new = hold("candidate", xp.tanh(w[2] @ x + b[2] + u[2] @ (reset * past) + b_[2]))
    hidden = hold("hidden", keep * past + (1 - keep) * new)
    return {"hidden": hidden, "reset_gate": reset, "update_gate": keep, "candidate": new}


class TestTheGRUOfCho(ProofOfACell):
    cell = GRUOfCho()
    formula = staticmethod(step)
