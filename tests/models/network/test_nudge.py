"""A nudged state is off by the last bits, and differently each turn."""

from __future__ import annotations

import numpy as np
import pytest

from models.network.nudge import nudged


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_number_moves_by_its_last_bit_or_that_of_one(dtype: type) -> None:
    state = [np.array([[0.0, 1e-20, 0.3, -0.7], [1.5, -800.0, 0.25, 1.0]], dtype)]
    before = state[0].copy()
    half = np.finfo(dtype).eps / 2
    turns = [nudged(state, turn)[0] for turn in range(5)]
    np.testing.assert_array_equal(state[0], before)
    for values in turns:
        moved = np.abs(values.astype(np.float64) - before)
        assert values.dtype == dtype
        assert (moved > 0).all()
        assert (moved <= 1.000001 * np.maximum(np.spacing(np.abs(before)), half)).all()
    assert (turns[0] > before).all()
    assert (turns[1] < before).all()
    assert ((turns[2] > before) != (turns[3] > before)).any()
    np.testing.assert_array_equal(turns[2], nudged(state, 2)[0])
