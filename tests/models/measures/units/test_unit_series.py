"""Every signal of one unit at the resolution of a picture, against columns made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from models.measures import drain, record
from models.measures.units.unit_series import series
from models.recording.overview import Grain
from tests.support.random_models import MakeModel
from tests.support.texts import prose

TEXT = prose(300)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize(("start", "stop", "per"), [(0, 300, 1), (7, 290, 1), (8, 300, 4), (0, 300, 8), (32, 300, 32)])
def test_columns_are_made_of_the_steps(make_model: MakeModel, cell: str, start: int, stop: int, per: int) -> None:
    lm = make_model(cell, layers=2, gain=2.0)
    trace = lm.trace(TEXT)
    found = drain(series(record(lm, TEXT, grain=Grain(64, 8)), 1, 5, start, stop, per))
    for s, signal in enumerate(lm.cell.signals):
        x = trace[f"1.{signal.name}"].numpy()[start:stop, 5]
        if per == 1:
            assert found[0, s].tolist() == x.tolist()
            continue
        parts = [x[k : k + per] for k in range(0, len(x), per)]
        expected = [[f(part) for part in parts] for f in (np.min, np.mean, np.max)]
        # Bins keep a bounded signal to a level of the picture.
        np.testing.assert_allclose(found[:, s], expected, atol=2 / 254 if per >= 8 else 1e-6)


def test_no_step_has_no_columns(make_model: MakeModel) -> None:
    assert drain(series(record(make_model("gru"), TEXT), 0, 0, 5, 5, 1)).shape == (1, 4, 0)
