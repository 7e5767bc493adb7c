"""Findings of docs/measures/why.md: how many terms cancel in a pre-activation."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from models import catalogue

from .finding import Figure, Finding
from .material import Material, sample_text

PLACE = "docs/measures/why.md"
SAMPLES = ("promise", "names")
BLOCKS = {
    "rnn": ("hidden",),
    "gru": ("reset_gate", "update_gate", "candidate"),
    "lstm": ("input_gate", "forget_gate", "candidate", "output_gate"),
}
"""The signals of a cell's pre-activations, in the order of `torch.nn`'s weights."""
NETWORKS = tuple(name for name, entry in catalogue(()).items() if entry.card.cell in BLOCKS and "recall" not in name)

Numbers = NDArray[np.float64]


def terms(material: Material, name: str, block: int) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """For one block of pre-activations of layer 0, over all units and steps of the samples: the sum of the sizes of all
    terms, the size of their sum, the size of the largest, and whether that is the character's, (N,) each."""
    lm = material.model(name)
    weights, recurrent, bias, inner = (one.detach().numpy().astype(np.float64) for one in lm.layer_weights(0))
    rows = slice(block * lm.units, (block + 1) * lm.units)
    parts = []
    for sample in SAMPLES:
        text = sample_text(sample)
        trace = lm.trace(text)
        hidden = trace["0.hidden"].numpy().astype(np.float64)
        before = np.concatenate([np.zeros((1, lm.units)), hidden[:-1]])  # (T, H)
        gain = np.ones_like(before)
        if lm.cell.name == "gru" and block == 2:
            gain = trace["0.reset_gate"].numpy().astype(np.float64)
        ids = lm.vocabulary.encode(text)
        for t, character in enumerate(ids):
            if character >= len(lm.vocabulary):
                continue
            one = weights[rows, character]  # (H,)
            past = gain[t, :, None] * recurrent[rows] * before[t]  # (H, H)
            inside = gain[t] * inner[rows]
            sizes = np.abs(past).sum(1) + np.abs(one) + np.abs(bias[rows]) + np.abs(inside)
            total = past.sum(1) + one + bias[rows] + inside
            others = np.maximum(np.abs(past).max(1), np.maximum(np.abs(bias[rows]), np.abs(inside)))
            parts.append((sizes, np.abs(total), np.maximum(others, np.abs(one)), np.abs(one) >= others))
    return tuple(np.concatenate(one) for one in zip(*parts, strict=True))  # type: ignore[return-value]


def _row(name: str, cell: str, material: Material) -> list[Figure]:
    found = [terms(material, name, block) for block in range(len(BLOCKS[cell]))]
    sizes = [float(np.median(one[0])) for one in found]
    sums = [float(np.median(one[1])) for one in found]
    largest = [100 * float(np.median(one[2] / one[0])) for one in found]
    character = [100 * float(one[3].mean()) for one in found]
    return [*sizes, *sums, *largest, *character]


def _update(material: Material) -> list[Figure]:
    gates = [material.model("shakespeare-gru").trace(sample_text(one))["0.update_gate"].numpy() for one in SAMPLES]
    values = np.concatenate(gates)
    return [100 * float((values < 0.01).mean()), 100 * float((values < 1e-5).mean())]


def _off(name: str, material: Material) -> tuple[float, float, float]:
    """The largest differences of recorded values from their equations in float64: gates; tanh of a sum; products."""
    lm = material.model(name)
    trace = lm.trace(material.text(name, "test", 6_000))
    ids = lm.vocabulary.encode(material.text(name, "test", 6_000))
    symbols = len(lm.vocabulary)
    below: Numbers = np.eye(symbols + 1)[np.minimum(ids, symbols), :symbols]  # (T, V)
    gates = sums = products = 0.0
    for k in range(lm.layers):
        now = {name: trace[f"{k}.{name}"].numpy().astype(np.float64) for name in lm.cell.names()}
        old = {name: np.concatenate([np.zeros((1, lm.units)), values[:-1]]) for name, values in now.items()}
        w, u, b, c = (one.detach().numpy().astype(np.float64) for one in lm.layer_weights(k))
        given, past = np.split(below @ w.T + b, len(BLOCKS[lm.cell.name]), 1), old["hidden"] @ u.T + c
        for name, one, two in zip(BLOCKS[lm.cell.name], given, np.split(past, len(given), 1), strict=True):
            total = one + two * (now["reset_gate"] if lm.cell.name == "gru" and name == "candidate" else 1.0)
            if name.endswith("gate"):
                gates = max(gates, float(np.abs(1 / (1 + np.exp(-total)) - now[name]).max()))
            else:
                sums = max(sums, float(np.abs(np.tanh(total) - now[name]).max()))
        if lm.cell.name == "gru":
            z = now["update_gate"]
            products = max(
                products, float(np.abs((1 - z) * now["candidate"] + z * old["hidden"] - now["hidden"]).max())
            )
        elif lm.cell.name == "lstm":
            made = now["output_gate"] * np.tanh(now["cell"])
            products = max(products, float(np.abs(made - now["hidden"]).max()))
        below = now["hidden"]
    return gates, sums, products


def _rounding(twin: str, material: Material) -> list[Figure]:
    return [max(one) for one in zip(*(_off(name + twin, material) for name in NETWORKS), strict=True)]


def _sentence(name: str, letters: str, count: int) -> str:
    one = " / ".join(["{}"] * count)
    return f"| `{name}`, {letters} | {one} | {one} | {one} % | {one} % |"


FINDINGS = [
    Finding(f"terms, {name}", PLACE, _sentence(name, letters, count), partial(_row, name, cell), (name,))
    for name, cell, letters, count in (
        ("shakespeare-rnn", "rnn", "h", 1),
        ("shakespeare-gru", "gru", "r / z / n", 3),
        ("shakespeare-lstm", "lstm", "i / f / g / o", 4),
    )
]
FINDINGS += [
    Finding(f"rounding, {words}", PLACE, f"| {words} | {{}} | {{}} | {{}}", partial(_rounding, twin), NETWORKS)
    for words, twin in (("trained", ""), ("untrained", "@0"))
]
FINDINGS.append(
    Finding(
        "update gates near 0",
        PLACE,
        "In the trained GRU {} % of update gates are below 0.01 and {} % below 10⁻⁵",
        _update,
        ("shakespeare-gru",),
    )
)
