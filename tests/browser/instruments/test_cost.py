"""What remembering costs, on the page: level lines for a fixed state, the text's own size, the probe on request."""

from __future__ import annotations

import numpy as np
import pytest

from models import load
from models.measures.memory.cost import lengths_up_to
from models.network.reader import Reader
from tests.support.browser.explore_page import address
from tests.support.browser.open_instrument import Instrument
from tests.support.texts import prose

MODELS = ("shakespeare-rnn", "shakespeare-lstm")
STATE, PRODUCTS, STEP, TOTAL = range(4)
"""The charts, from top to bottom."""


@pytest.fixture
def opened(open_page):
    explore = open_page(
        address(models=",".join(MODELS), text=prose(150), instrument="cost", **{"o.longest": 1000}),
    )
    explore.settle()
    return explore, Instrument(explore).settle()


def test_table_charts_and_csv_state_the_same(opened):
    _, shown = opened
    lengths = lengths_up_to(1000)
    charts = [shown.lines(k) for k in (STATE, PRODUCTS, STEP, TOTAL)]
    np.testing.assert_allclose(charts[STATE].pop("the text itself")["y"], np.array(lengths) / 1024, rtol=1e-6)
    csv = shown.csv()
    for model, title in zip(MODELS, ("Vanilla RNN · 128", "LSTM · 128"), strict=True):
        reader = Reader.of(load(model))
        rows = [row for row in csv if row["model"] == title]
        assert [int(row["characters_read"]) for row in rows] == lengths
        assert {float(row["state"]) for row in rows} == {reader.state_bytes(1000)}
        assert {float(row["multiply_adds"]) for row in rows} == {reader.multiply_adds(1000)}
        assert shown.fact(model, "state") == f"{reader.state_bytes(1000):,} B"
        assert shown.fact(model, "products") == f"{reader.multiply_adds(1000):,}"
        np.testing.assert_allclose(charts[STATE][title]["y"], reader.state_bytes(1000) / 1024)
        np.testing.assert_allclose(charts[PRODUCTS][title]["y"], reader.multiply_adds(1000) / 1000)
        for chart, name, factor in ((STEP, "step_median", 1e6), (TOTAL, "total", 1)):
            np.testing.assert_allclose(
                charts[chart][title]["y"], [factor * float(row[name]) for row in rows], rtol=1e-5
            )


def test_the_probe_is_fitted_on_request_and_says_what_it_lacks(opened):
    explore, shown = opened
    assert shown.frame.get_by_role("columnheader", name="readable").count() == 0
    shown.frame.get_by_role("checkbox").check()
    shown.settle()
    assert shown.fact(MODELS[0], "bits") == "–"
    assert "too few to fit a probe" in shown.frame.inner_text()
    assert "read again from its start" in shown.frame.inner_text()
    assert "o.probe" in explore.page.url or explore.page.wait_for_url("**o.probe=**") is None
