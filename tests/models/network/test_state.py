"""`models.network.state`: states are compared by their bits, in place."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models.kernels.last_bits import same_bits
from models.network.state import fork, same

some_array = st.sampled_from([np.float32, np.float64, np.float16, np.uint8]).flatmap(
    lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5))
)


@given(some_array, st.data())
def test_arrays_are_the_same_where_their_bytes_are(array: Any, data: st.DataObject) -> None:
    assert same_bits(array, array.copy())
    assert same_bits(array.T, array.T.copy())
    if array.size:
        other = array.copy()
        place = data.draw(st.integers(0, array.nbytes - 1))
        other.reshape(-1).view(np.uint8)[place] ^= 1 << data.draw(st.integers(0, 7))
        assert same_bits(array, other) == (array.tobytes() == other.tobytes())
        assert not same_bits(array, other)


def test_nan_is_itself_and_minus_zero_is_not_zero() -> None:
    nan = np.array([[1.0, np.nan]], np.float32)
    assert same([nan], [nan.copy()])
    assert not same([np.array([0.0])], [np.array([-0.0])])
    other = nan.copy()
    other.view(np.uint32)[0, 1] ^= 1  # another NaN
    assert not same([nan], [other])


@pytest.mark.parametrize("other", [np.zeros(4, np.float64), np.zeros(5, np.float32), np.zeros((2, 2), np.float32)])
def test_arrays_of_another_shape_or_type_are_others(other: Any) -> None:
    assert not same_bits(np.zeros(4, np.float32), other)


def test_comparing_makes_no_copies() -> None:
    one = [np.arange(1 << 20, dtype=np.float32)]
    other = fork(one)
    tracemalloc.start()
    try:
        assert same(one, other)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1 << 14
