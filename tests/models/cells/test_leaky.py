"""The vanilla cell with a skip through time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from models.cells import CELLS
from tests.support.cells.formulas import leaky
from tests.support.cells.proof import ProofOfACell


class TestTheLeakyCell(ProofOfACell):
    cell = CELLS["leaky"]
    formula = staticmethod(leaky)

    def test_what_a_unit_keeps_is_spread_over_units_and_is_learned(self, make_model: Any) -> None:
        lm = make_model("leaky", 5)
        leak = lm.rnn.leak_l0
        assert torch.allclose(leak.detach(), torch.tensor([-2.0, -0.5, 1.0, 2.5, 4.0]))
        leak.requires_grad_()
        lm(torch.tensor([[1], [2], [0]]))[0].sum().backward()
        assert (leak.grad != 0).all()

    def test_a_unit_that_leaks_nothing_keeps_its_value_and_one_that_leaks_all_is_vanilla(self, make_model: Any) -> None:
        lm, plain = make_model("leaky", 6, gain=1.5), make_model("rnn", 6)
        with torch.no_grad():
            lm.rnn.leak_l0.fill_(-1e4)
        shared = {key: value for key, value in lm.state_dict().items() if "leak" not in key}
        plain.load_state_dict(shared)
        text = "the lamp is quiet"
        np.testing.assert_allclose(lm.trace(text)["0.hidden"], plain.trace(text)["0.hidden"], atol=1e-6)
        with torch.no_grad():
            lm.rnn.leak_l0.fill_(1e4)
        assert np.abs(lm.trace(text)["0.hidden"].numpy()).max() == 0.0

    def test_what_it_keeps_does_not_depend_on_the_text(self, make_model: Any) -> None:
        lm = make_model("leaky", 4, dtype=torch.float64)
        values = {one: torch.randn(9, 4, dtype=torch.float64) for one in ("h", "n")}
        vectors = {one: lm.rnn.leak_l0.detach() for one in lm.cell.layout.vectors}
        kept = lm.cell.kept(values, values, vectors)
        assert kept.shape == (9, 4)
        np.testing.assert_allclose(kept, torch.sigmoid(lm.rnn.leak_l0.detach()).expand(9, 4), rtol=1e-12)
        assert lm.cell.keeper() is None
        with pytest.raises(AttributeError):
            _ = make_model("rnn", 4).rnn.leak_l0
