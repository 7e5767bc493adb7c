"""Every cell's step as its paper has it, written by hand: one formula a cell, for all tests, in NumPy and in PyTorch.

It shares nothing with `models.cells`. `xp` is `numpy` or `torch`; with torch, autograd goes through it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models import CharLM
from models.network.intervention import Clamp, Intervention, Reset, Zero

Vector = NDArray[np.float64]
Hold = Callable[[str, Any], Any]
Formula = Callable[[ModuleType, Any, Mapping[str, Any], Sequence[Any], Hold], dict[str, Any]]
"""step(xp, x, states before, weights, hold) gives every signal; hold(name, values) is what holds a signal."""


def free(name: str, values: Any) -> Any:
    """Nothing is held."""
    return values


def sigmoid(xp: ModuleType, x: Any) -> Any:
    return 1 / (1 + xp.exp(-x))


def blocks(weight: Any, count: int) -> list[Any]:
    size = len(weight) // count
    return [weight[k * size : (k + 1) * size] for k in range(count)]


def rnn(xp: ModuleType, x: Any, before: Mapping[str, Any], weights: Sequence[Any], hold: Hold) -> dict[str, Any]:
    """h = tanh(W·x + b + U·h' + b')"""
    w, u, b, b_ = weights
    return {"hidden": hold("hidden", xp.tanh(w @ x + b + u @ before["hidden"] + b_))}


def gru(xp: ModuleType, x: Any, before: Mapping[str, Any], weights: Sequence[Any], hold: Hold) -> dict[str, Any]:
    """r, z = σ(W·x + b + U·h' + b'); n = tanh(Wₙ·x + bₙ + r·(Uₙ·h' + b'ₙ)); h = (1 − z)·n + z·h'"""
    w, u, b, b_ = (blocks(one, 3) for one in weights)
    h = before["hidden"]
    r = hold("reset_gate", sigmoid(xp, w[0] @ x + b[0] + u[0] @ h + b_[0]))
    z = hold("update_gate", sigmoid(xp, w[1] @ x + b[1] + u[1] @ h + b_[1]))
    n = hold("candidate", xp.tanh(w[2] @ x + b[2] + r * (u[2] @ h + b_[2])))
    return {"hidden": hold("hidden", (1 - z) * n + z * h), "reset_gate": r, "update_gate": z, "candidate": n}


def lstm(xp: ModuleType, x: Any, before: Mapping[str, Any], weights: Sequence[Any], hold: Hold) -> dict[str, Any]:
    """i, f, o = σ(W·x + b + U·h' + b'); g = tanh(…); c = f·c' + i·g; h = o·tanh(c)"""
    w, u, b, b_ = (blocks(one, 4) for one in weights)
    h = before["hidden"]
    i, f, g, o = (w[k] @ x + b[k] + u[k] @ h + b_[k] for k in range(4))
    i, f = hold("input_gate", sigmoid(xp, i)), hold("forget_gate", sigmoid(xp, f))
    o, g = hold("output_gate", sigmoid(xp, o)), hold("candidate", xp.tanh(g))
    c = hold("cell", f * before["cell"] + i * g)
    out = {"hidden": hold("hidden", o * xp.tanh(c)), "cell": c, "input_gate": i, "forget_gate": f}
    return {**out, "output_gate": o, "candidate": g}


def leaky(xp: ModuleType, x: Any, before: Mapping[str, Any], weights: Sequence[Any], hold: Hold) -> dict[str, Any]:
    """n = tanh(W·x + b + U·h' + b'); h = s·h' + (1 − s)·n, s = σ(leak)"""
    w, u, b, b_, leak = weights
    skip = sigmoid(xp, leak)
    n = hold("candidate", xp.tanh(w @ x + b + u @ before["hidden"] + b_))
    return {"hidden": hold("hidden", skip * before["hidden"] + (1 - skip) * n), "candidate": n}


def slstm(xp: ModuleType, x: Any, before: Mapping[str, Any], weights: Sequence[Any], hold: Hold) -> dict[str, Any]:
    """κ = σ(log f + l' − ĩ); ĉ = κ·ĉ' + (1 − κ)·z; l = log(f·exp(l') + exp(ĩ)); h = o·ĉ"""
    w, u, b, b_ = (blocks(one, 4) for one in weights)
    h = before["hidden"]
    i, f, z, o = (w[k] @ x + b[k] + u[k] @ h + b_[k] for k in range(4))
    i, f = hold("log_input_gate", i), hold("log_forget_gate", -xp.logaddexp(0 * f, -f))
    z, o = hold("candidate", xp.tanh(z)), hold("output_gate", sigmoid(xp, o))
    aged = f + before["log_mass"]
    keep = hold("keep", sigmoid(xp, aged - i))
    memory, mass = hold("memory", keep * before["memory"] + (1 - keep) * z), hold("log_mass", xp.logaddexp(aged, i))
    out = {"hidden": hold("hidden", o * memory), "memory": memory, "log_mass": mass, "keep": keep}
    return {**out, "log_input_gate": i, "log_forget_gate": f, "output_gate": o, "candidate": z}


FORMULAS: dict[str, Formula] = {"rnn": rnn, "leaky": leaky, "gru": gru, "lstm": lstm, "slstm": slstm}
"""A cell's formula by its name; a test that declares a cell of its own puts it here for as long."""
STATES = {
    "rnn": ("hidden",),
    "leaky": ("hidden",),
    "gru": ("hidden",),
    "lstm": ("hidden", "cell"),
    "slstm": ("hidden", "memory", "log_mass"),
}
STARTS = {"log_mass": -100.0}
"""The states that do not start at zero, of any cell."""


def at_start(cell: str, units: int) -> dict[str, Vector]:
    """The states of a layer before the first step."""
    return {name: np.full(units, STARTS.get(name, 0.0)) for name in STATES[cell]}


def holding(interventions: Sequence[Intervention], layer: int, step: int) -> Hold:
    """What holds the signals of a layer at a step."""

    def hold(signal: str, values: Vector) -> Vector:
        out = values.copy()
        for one in interventions:
            if not isinstance(one, Clamp) or (one.layer, one.signal) != (layer, signal):
                continue
            if one.start <= step and (one.stop is None or step < one.stop):
                out[slice(None) if one.unit is None else one.unit] = one.value
        return out

    return hold


def by_the_formulas(
    lm: CharLM, text: str, interventions: Sequence[Intervention] = ()
) -> tuple[dict[str, Vector], Vector]:
    """All signals of all layers, each (T, H), and log-probabilities (T, V), one step at a time in float64."""
    names = [layer.cell.name for layer in lm.stack]
    layers = [[one.detach().double().numpy() for one in lm.layer_weights(k)] for k in range(lm.layers)]
    readout, bias = (one.detach().double().numpy() for one in (lm.readout.weight, lm.readout.bias))
    nothing = [at_start(layer.cell.name, layer.units) for layer in lm.stack]
    state, rows, scores = [dict(one) for one in nothing], {}, []
    for t, character in enumerate(text):
        for one in interventions:
            periodic = isinstance(one, Reset) and t >= one.start and (t - one.start) % one.every == 0
            if periodic or one == Zero(t):
                state = [dict(layer) for layer in nothing]
        x = np.zeros(len(lm.vocabulary))
        if character in lm.vocabulary:
            x[lm.vocabulary.characters.index(character)] = 1.0
        for k, weights in enumerate(layers):
            signals = FORMULAS[names[k]](np, x, state[k], weights, holding(interventions, k, t))
            for name, value in signals.items():
                rows.setdefault(f"{k}.{name}", []).append(value)
            state[k] = {name: signals[name] for name in STATES[names[k]]}
            x = signals["hidden"]
        logits = readout @ x + bias
        scores.append(logits - np.log(np.exp(logits).sum()))
    return {name: np.array(values) for name, values in rows.items()}, np.array(scores)


def start_state(lm: CharLM) -> Tensor:
    """The states of all layers before the first step, one after the other, float64."""
    layers = [at_start(layer.cell.name, layer.units) for layer in lm.stack]
    return torch.cat([torch.from_numpy(state) for layer in layers for state in layer.values()])


def step_of(lm: CharLM, layer: int, x: Tensor, before: Sequence[Tensor]) -> list[Tensor]:
    """The states of a layer after a step, from its input and the states before; autograd goes through."""
    cell = lm.stack[layer].cell.name
    names = STATES[cell]
    signals = FORMULAS[cell](torch, x, dict(zip(names, before, strict=True)), lm.layer_weights(layer), free)
    return [signals[name] for name in names]


def by_layer(lm: CharLM, state: Tensor) -> list[Tensor]:
    """The states of all layers one after the other as one (J, H) for each layer."""
    sizes = [len(STATES[layer.cell.name]) * layer.units for layer in lm.stack]
    return [part.view(-1, layer.units) for part, layer in zip(torch.split(state, sizes), lm.stack, strict=True)]


def states_after(lm: CharLM, inputs: Tensor, state: Tensor) -> list[Tensor]:
    """The states of all layers, one after the other, after each input (T, V), from `state`; autograd goes through."""
    found = []
    for x in inputs:
        after = []
        for k, before in enumerate(by_layer(lm, state)):
            states = step_of(lm, k, x, list(before))
            after.append(torch.stack(states).flatten())
            x = states[0]
        state = torch.cat(after)
        found.append(state)
    return found


def one_hot(lm: CharLM, text: str) -> Tensor:
    """(T, V) float64; a character that is not known is a row of zeros."""
    ids = torch.as_tensor(lm.vocabulary.encode(text), dtype=torch.int64)
    return torch.nn.functional.one_hot(ids, len(lm.vocabulary) + 1)[:, :-1].double()
