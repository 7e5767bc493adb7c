"""sLSTM, the scalar memory of xLSTM (Beck et al. 2024, "xLSTM: Extended long short-term memory", section 2.2), its
recurrent matrices block-diagonal in four heads.

The paper has c = f·c′ + i·z, n = f·n′ + i, h = o·c/n with an exponential input gate i = exp(ĩ), and a stabiliser m that
keeps exp from overflowing. Here the same recurrence is written with the normalised memory ĉ = c/n and the logarithm of
the normaliser l = log n, for which it needs no stabiliser:

    a = log σ(f̃) + l′      κ = σ(a − ĩ)      ĉ = κ·ĉ′ + (1 − κ)·z      l = log(eᵃ + e^ĩ) = ĩ − log(1 − κ)      h = o·ĉ

κ = f·n′/n is the share of the memory that survives a step. ĉ is the mean of all past z with weights that add up to 1;
l, the log of their total before normalisation, is what makes an old memory hard to move, and a large ĩ overwrites it.
Nothing has been written before the first step: n = 0, l = −∞. `EMPTY` stands for it.
"""

from __future__ import annotations

from types import MappingProxyType

from ..equations.equation import Value, apply, preactivation
from ..equations.scale import interval, symmetric
from .base import Cell, Kind, Signal

EMPTY = -100.0
"""The log mass of an empty memory: e⁻¹⁰⁰ of anything is lost in rounding, and no infinity enters the arithmetic."""


aged = Value("φ") + Value("l").before
"""a, the log mass of what was there, after forgetting."""


class SLSTM(Cell):
    name = "slstm"
    title = "sLSTM"
    gates = 4
    heads = 4
    states = ("hidden", "memory", "log_mass")
    signals = (
        Signal("hidden", "h", "Hidden state", Kind.STATE, Value("o") * Value("ĉ")),
        Signal("memory", "ĉ", "Normalised memory", Kind.STATE,
               Value("κ") * Value("ĉ").before + (1 - Value("κ")) * Value("z")),
        Signal("log_mass", "l", "Log mass", Kind.STATE, Value("ĩ") - apply("log σ", Value("ĩ") - aged), symmetric()),
        Signal("keep", "κ", "Keep", Kind.GATE, apply("σ", aged - Value("ĩ")), interval(0, 1)),
        Signal("log_input_gate", "ĩ", "Log of the input gate", Kind.CANDIDATE, preactivation(0, "i"), symmetric()),
        Signal("log_forget_gate", "φ", "Log of the forget gate", Kind.CANDIDATE,
               apply("log σ", preactivation(1, "f")), symmetric()),
        Signal("output_gate", "o", "Output gate", Kind.GATE, apply("σ", preactivation(3, "o")), interval(0, 1)),
        Signal("candidate", "z", "Candidate", Kind.CANDIDATE, apply("tanh", preactivation(2, "z"))),
    )  # fmt: skip
    starts = MappingProxyType({"log_mass": EMPTY})
    keeps = Value("κ")
    start_biases = MappingProxyType({1: (3.0, 6.0)})
    """Of the forget gate: it keeps at first, over 20 steps in the first unit and 400 in the last."""
