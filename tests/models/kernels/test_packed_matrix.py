"""The products under the cells against their plain definition, to the last bit: tiles change nothing."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit
from numpy.typing import NDArray

from models.kernels.arithmetic import fma
from models.kernels.packed_matrix import LINE, add_product, affine, pack, zero_totals

Array = NDArray[np.floating[Any]]
DTYPES = (np.float32, np.float64)
SIZES = st.one_of(st.integers(1, 40), st.sampled_from([63, 64, 65, 128, 197, 284]))


@njit
def _plain(total, vector, matrix):  # type: ignore[no-untyped-def]
    for j in range(total.size):
        for i in range(vector.size):
            total[j] = fma(vector[i], matrix[i, j], total[j])


def operands(steps: int, rows: int, columns: int, dtype: type[np.floating[Any]], seed: int = 0) -> list[Array]:
    draw = np.random.default_rng(seed)
    shapes = [(steps, rows), (rows, columns), (columns,)]
    return [draw.standard_normal(shape).astype(dtype) for shape in shapes]


def by_definition(inputs: Array, matrix: Array, bias: Array) -> Array:
    out = np.tile(bias, (len(inputs), 1))
    for row, vector in zip(out, inputs, strict=True):
        _plain(row, vector, matrix)
    return out


@given(SIZES, SIZES, st.sampled_from(DTYPES))
def test_packing_keeps_every_weight_and_begins_with_a_line(
    rows: int, columns: int, dtype: type[np.floating[Any]]
) -> None:
    matrix = np.arange(1, rows * columns + 1, dtype=dtype).reshape(rows, columns)
    packed = pack(matrix)
    assert packed.dtype == dtype
    assert packed.ctypes.data % LINE == 0
    assert packed.nbytes % LINE == 0
    np.testing.assert_array_equal(np.sort(packed[packed != 0]), matrix.ravel())


@given(st.integers(1, 4), SIZES, SIZES, st.sampled_from(DTYPES), st.booleans(), st.integers(0, 9), st.data())
def test_a_product_with_a_packed_matrix_has_the_bits_of_the_plain_one(
    steps: int,
    rows: int,
    columns: int,
    dtype: type[np.floating[Any]],
    backwards: bool,
    seed: int,
    data: st.DataObject,
) -> None:
    inputs, matrix, bias = operands(steps, rows, columns, dtype, seed)
    at = data.draw(st.integers(0, steps - 1))
    packed = pack(matrix)
    around = np.full((3, zero_totals(1, packed, rows).shape[1]), np.nan, dtype)
    around[1] = 0
    around[1, :columns] = bias
    add_product(around[1:2], inputs, at, packed, backwards)
    assert around[1, :columns].tobytes() == by_definition(inputs[at : at + 1], matrix, bias).tobytes()
    assert not around[1, columns:].any()
    assert np.isnan(around[[0, 2]]).all()


@given(st.integers(0, 9), SIZES, SIZES, st.sampled_from(DTYPES), st.integers(0, 9))
def test_affine_has_the_bits_of_the_plain_product_plus_bias(
    steps: int, rows: int, columns: int, dtype: type[np.floating[Any]], seed: int
) -> None:
    inputs, matrix, bias = operands(steps, rows, columns, dtype, seed)
    around = np.full((steps + 2, columns), np.nan, dtype)
    affine(inputs, pack(matrix), bias, around[1 : steps + 1])
    assert around[1 : steps + 1].tobytes() == by_definition(inputs, matrix, bias).tobytes()
    assert np.isnan(around[[0, -1]]).all()


@given(st.integers(1, 20), st.integers(1, 12), st.integers(0, 9))
def test_products_are_added_in_ascending_order_with_one_rounding_each(rows: int, columns: int, seed: int) -> None:
    inputs, matrix, bias = operands(1, rows, columns, np.float64, seed)
    expected = bias.tolist()
    for j in range(columns):
        for i in range(rows):
            expected[j] = float(Fraction(inputs[0, i]) * Fraction(matrix[i, j]) + Fraction(expected[j]))
    out = np.empty((1, columns))
    affine(inputs, pack(matrix), bias, out)
    assert out[0].tolist() == expected


@given(st.integers(1, 40), SIZES, SIZES, st.sampled_from(DTYPES), st.data())
def test_any_split_of_the_steps_gives_the_same_bits(
    steps: int, rows: int, columns: int, dtype: type[np.floating[Any]], data: st.DataObject
) -> None:
    inputs, matrix, bias = operands(steps, rows, columns, dtype)
    packed = pack(matrix)
    whole = np.empty((steps, columns), dtype)
    affine(inputs, packed, bias, whole)
    parts = np.full_like(whole, np.nan)
    cuts = data.draw(st.sets(st.integers(0, steps)))
    for start, end in pairwise(sorted(cuts | {0, steps})):
        affine(inputs[start:end], packed, bias, parts[start:end])
    assert parts.tobytes() == whole.tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_what_is_not_finite_goes_through_as_it_is(dtype: type[np.floating[Any]], value: float) -> None:
    inputs, matrix, bias = operands(5, 9, 70, dtype)
    inputs[2, 3] = value
    matrix[4, 66] = value
    out = np.empty((5, 70), dtype)
    affine(inputs, pack(matrix), bias, out)
    np.testing.assert_array_equal(out, by_definition(inputs, matrix, bias))
