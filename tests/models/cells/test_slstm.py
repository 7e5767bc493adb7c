"""sLSTM: what any cell must hold, and the recurrence as the paper writes it, with its stabiliser."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from models import CharLM
from models.cells import CELLS
from models.cells.slstm import EMPTY
from tests.support.cells.formulas import slstm
from tests.support.cells.proof import ProofOfACell


def by_the_paper(lm: CharLM, text: str) -> dict[str, np.ndarray[Any, Any]]:
    """One layer by Beck et al. 2024, equations 8 to 17: c, n, m and the gates relative to m, in float64 or wider.

    m = max(log f + m′, ĩ), i = exp(ĩ − m), f = exp(log f + m′ − m), c = f·c′ + i·z, n = f·n′ + i, h = o·c/n; before the
    first step c = n = 0 and m = −∞.
    """
    w, u, b, b_ = (one.detach().numpy().astype(np.longdouble) for one in lm.layer_weights(0))
    units = u.shape[1]
    c, n, h = (np.zeros(units, np.longdouble) for _ in range(3))
    m = np.full(units, -np.inf, np.longdouble)
    rows: dict[str, list[Any]] = {"hidden": [], "memory": [], "log_mass": [], "keep": []}
    for character in text:
        i, f, z, o = np.split(w[:, lm.vocabulary.characters.index(character)] + b + u @ h + b_, 4)
        log_f = -np.log1p(np.exp(-f))
        before, m = m, np.maximum(log_f + m, i)
        write, stay = np.exp(i - m), np.exp(log_f + before - m)
        old = stay * n
        c, n = stay * c + write * np.tanh(z), old + write
        h = c / n / (1 + np.exp(-o))
        for name, value in (("hidden", h), ("memory", c / n), ("log_mass", m + np.log(n)), ("keep", old / n)):
            rows[name].append(value)
    return {name: np.array(values, dtype=np.float64) for name, values in rows.items()}


class TestSLSTM(ProofOfACell):
    cell = CELLS["slstm"]
    formula = staticmethod(slstm)
    trained = 8
    many = 8

    @pytest.mark.parametrize("gain", [1.0, 4.0, 20.0])
    def test_it_is_the_recurrence_of_the_paper(self, make_model: Any, own_text: str, gain: float) -> None:
        lm = make_model("slstm", 16, dtype=torch.float64, gain=gain)
        text = "".join(one for one in own_text[:500] if one in lm.vocabulary)
        found = lm.trace(text)
        for name, expected in by_the_paper(lm, text).items():
            np.testing.assert_allclose(found[f"0.{name}"], expected, rtol=1e-10, atol=1e-10, err_msg=name)

    def test_the_memory_is_a_mean_of_all_candidates(self, make_model: Any, own_text: str) -> None:
        """Each was written with a share 1 − κ and kept with κ since; the shares add up to 1."""
        lm = make_model("slstm", 8, dtype=torch.float64, gain=2.0)
        found = lm.trace(own_text[:120])
        keep, candidate = found["0.keep"].numpy(), found["0.candidate"].numpy()
        shares = np.array([(1 - keep[s]) * keep[s + 1 :].prod(axis=0) for s in range(len(keep))])
        np.testing.assert_allclose(shares.sum(axis=0), 1.0, rtol=1e-12)
        np.testing.assert_allclose((shares * candidate).sum(axis=0), found["0.memory"].numpy()[-1], rtol=1e-10)

    def test_nothing_of_the_empty_memory_enters_the_first_step(self, make_model: Any) -> None:
        lm = make_model("slstm", 8, gain=2.0)
        first = lm.trace("t")
        assert lm.cell.start() == (0.0, 0.0, EMPTY)
        assert torch.equal(first["0.memory"], first["0.candidate"])
        assert (first["0.keep"] < 1e-37).all()

    def test_its_forget_gate_keeps_at_first_over_many_lengths(self, make_model: Any) -> None:
        lm = make_model("slstm", 8)
        assert torch.allclose(lm.rnn.bias_ih_l0[8:16], torch.linspace(3, 6, 8))
        assert (lm.rnn.bias_hh_l0[8:16] == 0).all()

    @pytest.mark.parametrize("cell", ["slstm"])
    def test_the_units_come_in_four_heads(self, make_model: Any, cell: str) -> None:
        with pytest.raises(ValueError, match="come in 4 heads, not 6"):
            make_model(cell, 6)
