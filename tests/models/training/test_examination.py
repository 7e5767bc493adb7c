"""`models.training.examination`: what cannot be taken from the signals is read, with the same result."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.training import examination
from models.training.examination import LAGS, context


@pytest.mark.parametrize("cell", ["gru", "slstm", ("lstm", "leaky")])
def test_the_context_by_reading_is_that_by_the_states(
    make_model: Any, cell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lm = make_model(cell, 8 if isinstance(cell, str) else (8, 8), gain=3.0)
    ids = np.random.default_rng(0).integers(0, len(lm.vocabulary) + 1, 3000).astype(np.int32)
    by_states = context(lm, ids, positions=60)
    monkeypatch.setattr(type(lm.reader()), "visible", False)
    by_reading = context(lm, ids, positions=60)
    assert by_states.keys() == by_reading.keys() == set(LAGS)
    for k, bits in by_states.items():
        assert by_reading[k] == pytest.approx(bits, abs=1e-5)
    assert max(map(abs, by_states.values())) > 1e-4


def test_a_window_is_no_reason_to_fail_and_nothing_of_it_is_saturated(make_model: Any, own_text: str) -> None:
    lm = make_model("transformer", 8, 2)
    saturated, saturated_cell, largest, stuck = examination._extremes(lm, lm.vocabulary.encode(own_text[:2000]))
    assert (saturated, saturated_cell, largest, stuck) == (0.0, None, None, None)
