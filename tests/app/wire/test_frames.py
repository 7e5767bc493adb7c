"""`app.wire.frames`: bytes of pictures, and the golden frames that every reader of the wire must read alike.

The golden frames lie in tests/support/golden: each `NAME.bin` is a frame as the server sends it, and `NAME.json`
says what is in it. After a change of the format on purpose, `HIDDEN_STATE_REGENERATE=1 pytest
tests/app/wire/test_frames.py` writes them anew.
"""

from __future__ import annotations

import json
import math
import os
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.live.protocol import Column, Columns, Order, Overview
from app.wire import frames
from models.figures import spacing
from tests.support.paths import GOLDEN
from tests.support.socket_client import read_frame

DTYPES = {"uint8": "U8", "float32": "F32", "int32": "I32"}


def _frames() -> dict[str, tuple[Any, dict[str, np.ndarray]]]:
    """The messages and arrays that the golden frames are made of."""
    where = {"model": "shakespeare-lstm", "layer": 0}
    nan = np.nan
    values = np.array([[-1.0, -0.5, 0.0], [0.5, 1.0, nan]], np.float32)  # (steps, units)
    columns = Columns(
        revision=7, **where, signal="hidden", start=3, stop=5, per=1, show="extreme", steps=5, length=6, low=-1.0,
        high=1.0, bits_per_character=2.25, scored=4,
    )  # fmt: skip
    nothing = {"start": 5, "stop": 5, "bits_per_character": None, "scored": 0, "signal": "é→“x”"}
    empty = columns.model_copy(update=nothing)
    wide = columns.model_copy(
        update={"start": 128, "stop": 200, "per": 64, "show": "mean", "steps": 200, "length": 200}
    )
    overview = Overview(revision=7, model="shakespeare-lstm", start=0, stop=200, per=128, steps=200, length=200)
    cells = frames.quantise(values, -1.0, 1.0)
    return {
        "columns": (columns, {"cells": cells, **_surprise([nan, 2.5], [nan, 2.5])}),
        "columns-empty": (empty, {"cells": np.empty((0, 3), np.uint8), **_surprise([], [])}),
        "columns-wide": (wide, {"cells": cells, **_surprise([2.25, nan], [17.5, nan])}),
        "overview": (overview, {"surprise": np.array([2.25, nan], np.float32)}),
        "column": (
            Column(revision=7, **where, step=4),
            {
                "signals": np.array([[0.25, -0.75, 1e-7], [0.0, -0.0, 0.1]], np.float32),
                "log_probabilities": np.array([-0.125, -3.5, -11.0, -100.0, -0.1], np.float32),
            },
        ),
        "order": (Order(revision=7, **where, signal="hidden"), {"order": np.array([2, 0, 1], np.int32)}),
    }


def _surprise(mean: list[float], peak: list[float]) -> dict[str, np.ndarray]:
    return {"surprise": np.array(mean, np.float32), "peak": np.array(peak, np.float32)}


def _describe(message: Any, tensors: dict[str, np.ndarray]) -> dict[str, Any]:
    """What the JSON file says: row by row flattened values, null for NaN."""
    return {
        "message": json.loads(message.model_dump_json()),
        "tensors": {
            name: {
                "dtype": DTYPES[tensor.dtype.name],
                "shape": list(tensor.shape),
                "values": [None if math.isnan(value) else value for value in tensor.ravel().tolist()],
            }
            for name, tensor in tensors.items()
        },
    }


@pytest.fixture(scope="module", autouse=True)
def regenerated() -> None:
    if os.environ.get("HIDDEN_STATE_REGENERATE"):
        GOLDEN.mkdir(exist_ok=True)
        for name, (message, tensors) in _frames().items():
            (GOLDEN / f"{name}.bin").write_bytes(frames.encode(message, tensors))
            text = json.dumps(_describe(message, tensors), indent=1, ensure_ascii=False)
            (GOLDEN / f"{name}.json").write_text(text + "\n", encoding="utf-8")


@pytest.mark.parametrize("name", _frames())
def test_a_frame_has_the_golden_bytes(name: str) -> None:
    message, tensors = _frames()[name]
    assert frames.encode(message, tensors) == (GOLDEN / f"{name}.bin").read_bytes()


@pytest.mark.parametrize("name", _frames())
def test_a_golden_frame_reads_as_its_description_says(name: str) -> None:
    message, tensors = read_frame((GOLDEN / f"{name}.bin").read_bytes())
    expected = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    assert message == expected["message"]
    assert set(tensors) == set(expected["tensors"])
    for key, described in expected["tensors"].items():
        values = np.array([np.nan if v is None else v for v in described["values"]], tensors[key].dtype)
        assert DTYPES[tensors[key].dtype.name] == described["dtype"]
        np.testing.assert_array_equal(tensors[key], values.reshape(described["shape"]))


def test_there_is_a_description_for_every_golden_frame_and_no_other_file() -> None:
    expected = {f"{name}.{kind}" for name in _frames() for kind in ("bin", "json")}
    assert {path.name for path in GOLDEN.iterdir()} == expected


def test_an_array_that_is_not_contiguous_is_sent_in_the_order_of_its_rows() -> None:
    matrix = np.arange(6, dtype=np.float32).reshape(2, 3)
    message = _frames()["order"][0]
    _, tensors = read_frame(frames.encode(message, {"signals": matrix.T, "every_other": matrix[:, ::2]}))
    np.testing.assert_array_equal(tensors["signals"], matrix.T)
    np.testing.assert_array_equal(tensors["every_other"], matrix[:, ::2])


# ── cells ────────────────────────────────────────────────────────────────────────────────────────────

ranges = st.one_of(
    st.sampled_from([(-1.0, 1.0), (0.0, 1.0)]), st.integers(0, 4).map(lambda k: spacing.symmetric_range(1.7 * 10.0**k))
)


@given(values=st.lists(st.floats(-1.25, 1.25, width=32), min_size=1), bounds=ranges)
def test_a_cell_is_the_nearest_of_255_levels(values: list[float], bounds: tuple[float, float]) -> None:
    low, high = bounds
    stretched = np.array(values, np.float32) * np.float32(max(abs(low), abs(high)))
    levels = [low + (high - low) * k / 254 for k in range(255)]
    for value, cell in zip(stretched.tolist(), frames.quantise(stretched, low, high).tolist(), strict=True):
        nearest = min(abs(value - level) for level in levels)
        assert abs(value - levels[cell]) <= nearest + 1e-6 * (high - low)


@pytest.mark.parametrize("bounds", [(-1.0, 1.0), (0.0, 1.0), (-50.0, 50.0)])
def test_each_level_keeps_its_own_number(bounds: tuple[float, float]) -> None:
    low, high = bounds
    levels = np.array([low + (high - low) * k / 254 for k in range(255)], np.float32)
    assert frames.quantise(levels, low, high).tolist() == list(range(255))


@pytest.mark.parametrize("largest", [0.0, 1.0, 1.5, 3.0, 70.0, 1234.5])
def test_zero_is_the_middle_of_a_symmetric_range_exactly(largest: float) -> None:
    bounds = spacing.symmetric_range(largest)
    assert frames.quantise(np.array([0.0, -0.0], np.float32), *bounds).tolist() == [127, 127]


def test_what_lies_outside_the_range_is_drawn_at_its_end_and_no_number_as_255() -> None:
    values = np.array([[-1.5, 1.5], [np.nan, 0.0], [-np.inf, np.inf], [-3e30, 3e30]], np.float32)
    cells = frames.quantise(values, -1.0, 1.0)
    assert cells.dtype == np.uint8
    assert cells.tolist() == [[0, 254], [255, 127], [0, 254], [0, 254]]


def test_quantising_leaves_the_values_alone_and_takes_both_precisions() -> None:
    for dtype in (np.float32, np.float64):
        values = np.array([0.5, np.nan, -2.0], dtype)
        before = values.copy()
        assert frames.quantise(values, 0.0, 1.0).tolist() == [127, 255, 0]
        np.testing.assert_array_equal(values, before)


def test_no_values_make_no_cells() -> None:
    assert frames.quantise(np.empty((0, 7), np.float32), -1.0, 1.0).shape == (0, 7)


@given(st.floats(0, 1e12))
def test_a_symmetric_range_holds_the_value_and_is_the_smallest_of_1_2_5_that_does(largest: float) -> None:
    low, high = spacing.symmetric_range(largest)
    assert low == -high
    assert largest <= high
    steps = [step * 10.0**k for k in range(32) for step in (1.0, 2.0, 5.0)]
    assert high == pytest.approx(next(step for step in steps if largest <= step * (1 + 1e-12)), rel=1e-9)


def test_a_range_for_what_is_not_a_number_is_one() -> None:
    assert spacing.symmetric_range(float("nan")) == (-1.0, 1.0)
    assert spacing.symmetric_range(float("inf")) == (-1.0, 1.0)


@pytest.mark.parametrize("high", [1.0, 10.0, 1000.0])
def test_a_logarithmic_scale_is_symmetric_keeps_order_and_ends_at_its_ends(high: float) -> None:
    values = np.linspace(-high, high, 2001, dtype=np.float32)
    cells = frames.quantise(values, -high, high, "log").astype(int)
    assert (np.diff(cells) >= 0).all()
    assert (cells[0], cells[1000], cells[-1]) == (0, 127, 254)
    assert (np.abs(cells + cells[::-1] - 254) <= 1).all()
    beyond = np.array([-1e9, 1e9, np.nan, np.inf], np.float32)
    assert frames.quantise(beyond, -high, high, "log").tolist() == [0, 254, 255, 254]
    for value in (0.05, 0.3, 0.9):
        share = math.log1p(value / 0.1) / math.log1p(high / 0.1)
        cell = frames.quantise(np.array([value], np.float32), -high, high, "log")[0]
        assert abs(cell - (127 + 127 * share)) <= 0.5 + 1e-3


@pytest.mark.parametrize(("largest", "high"), [(0.0, 1.0), (1.0, 1.0), (1.5, 10.0), (331.0, 1000.0), (math.inf, 1.0)])
def test_a_logarithmic_range_ends_at_the_next_power_of_ten(largest: float, high: float) -> None:
    assert spacing.decade_range(largest) == (-high, high)


@given(exponent=st.floats(-3, 3))
def test_a_factor_is_drawn_by_its_logarithm_with_one_in_the_middle(exponent: float) -> None:
    cell = frames.quantise(np.array([10**exponent], np.float32), 1e-3, 1e3, "positive_log")[0]
    assert abs(int(cell) - (exponent + 3) / 6 * 254) <= 0.5001
    special = np.array([0.0, 1e-9, 1.0, 1e9, np.inf, np.nan], np.float32)
    assert frames.quantise(special, 1e-3, 1e3, "positive_log").tolist() == [0, 0, 127, 254, 254, 255]
