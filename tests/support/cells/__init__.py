"""Cells for tests.

Measures, recordings and readers are tested with the cells for which PyTorch has a kernel, an independent reference.
What holds for them holds for any declared cell: `proof.ProofOfACell` asks each of the others, one by one.
"""

from __future__ import annotations

FUSED = ("rnn", "gru", "lstm")
