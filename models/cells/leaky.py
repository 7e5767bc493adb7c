"""The vanilla cell with a skip connection through time: a leaky unit, whose leak is learned per unit.

h_t = σ(a)·h_{t−1} + (1 − σ(a))·n_t with n_t = tanh(W·x_t + b + U·h_{t−1} + b′): the leaky integrator of Jaeger et al.
2007 ("Optimization and applications of echo state networks with leaky-integrator neurons"), the skip that Bengio et
al. 2013 ("Advances in optimizing recurrent networks", section 3.2) give units of several time scales, here with a
learned one. A state passes from step to step without going through U or tanh, but unlike a gate's, σ(a) cannot
depend on the text.
"""

from __future__ import annotations

from types import MappingProxyType

from ..equations.equation import Value, Weight, apply, preactivation
from .base import Cell, Kind, Signal

keep = apply("σ", Weight("leak", "a"))


class LeakyRNN(Cell):
    name = "leaky"
    title = "Vanilla RNN with a skip"
    gates = 1
    states = ("hidden",)
    signals = (
        Signal("hidden", "h", "Hidden state", Kind.STATE, keep * Value("h").before + (1 - keep) * Value("n")),
        Signal("candidate", "n", "Candidate", Kind.CANDIDATE, apply("tanh", preactivation(0, "n"))),
    )
    keeps = keep
    start_vectors = MappingProxyType({"leak": (-2.0, 4.0)})
    """Of what a unit holds, from 12 to 98 % is kept in a step: half-lives from a third of a step to 38 steps."""
