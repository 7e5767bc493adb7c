"""A cell whose recurrent matrices are block-diagonal: the units of a head hear each other and nobody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
import pytest
import torch

from models import CharLM, Vocabulary
from models.cells import Cell, Kind, Signal, interval
from models.equations.equation import Value, apply, preactivation
from models.measures import record
from models.measures.explanation import Source, why
from models.storage.card import parameter_shapes
from tests.support.cells.formulas import Hold, blocks
from tests.support.cells.proof import ProofOfACell


class HeadedCell(Cell):
    name, title, gates, heads = "headed", "Gated cell of two heads", 2, 2
    states = ("hidden",)
    signals = (
        Signal("hidden", "h", "Hidden state", Kind.STATE,
               Value("k") * Value("h").before + (1 - Value("k")) * apply("tanh", preactivation(1, "n"))),
        Signal("keep", "k", "Keep gate", Kind.GATE, apply("σ", preactivation(0, "k")), interval(0, 1)),
    )  # fmt: skip
    keeps = Value("k")


def headed(xp: ModuleType, x: Any, before: Mapping[str, Any], weights: Sequence[Any], hold: Hold) -> dict[str, Any]:
    """k = σ(W·x + b + U·h' + b'); h = k·h' + (1 − k)·tanh(W·x + b + U·h' + b'), U between units of one head only."""
    w, u, b, b_ = (blocks(one, 2) for one in weights)
    h, half = before["hidden"], len(before["hidden"]) // 2
    heard = [xp.concatenate([one[:half, :half] @ h[:half], one[half:, half:] @ h[half:]]) for one in u]
    k = hold("keep", 1 / (1 + xp.exp(-(w[0] @ x + b[0] + heard[0] + b_[0]))))
    return {"hidden": hold("hidden", k * h + (1 - k) * xp.tanh(w[1] @ x + b[1] + heard[1] + b_[1])), "keep": k}


class TestHeadedCell(ProofOfACell):
    cell: ClassVar[Cell] = HeadedCell()
    formula = staticmethod(headed)
    many = 8

    def test_what_is_learned_is_what_lies_within_heads(self, make_model: Any) -> None:
        lm = make_model("headed", 6, 2)
        assert parameter_shapes(lm.stack, 3)["rnn.weight_hh_l1"] == (12, 3)
        learned, whole = lm.rnn.weight_hh_l1, lm.layer_weights(1)[1]
        for gate in range(2):
            for head in range(2):
                rows = slice(6 * gate + 3 * head, 6 * gate + 3 * head + 3)
                assert torch.equal(whole[rows, 3 * head : 3 * head + 3], learned[rows])
                assert (whole[rows, 3 * (1 - head) : 3 * (1 - head) + 3] == 0).all()

    def test_why_names_units_of_the_same_head_only(self, make_model: Any) -> None:
        lm = make_model("headed", 6)
        found = why(record(lm, "the lamp"), lm, 0, "keep", 5, 4)
        (drive,) = [one.drive for one in found.equations if one.drive is not None]
        assert [term.index for term in drive.terms if term.source is Source.UNIT] == [3, 4, 5]

    def test_units_must_come_in_heads(self) -> None:
        with pytest.raises(ValueError, match="come in 2 heads, not 5"):
            CharLM("headed", Vocabulary("ab"), 5)

    def test_heads_do_not_hear_each_other(self, make_model: Any) -> None:
        lm = make_model("headed", 6, gain=2.0)
        plain = lm.trace("the lamp is")["0.hidden"].numpy()
        with torch.no_grad():
            lm.rnn.weight_ih_l0[[3, 4, 5, 9, 10, 11]] += 1.0  # the second head's input
        other = lm.trace("the lamp is")["0.hidden"].numpy()
        assert np.array_equal(plain[:, :3], other[:, :3])
        assert not np.array_equal(plain[:, 3:], other[:, 3:])
