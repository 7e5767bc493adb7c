"""`models.measures.units.unit_order`: an order of units in which those that behave alike stand together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models.measures.units.unit_order import by_similarity

values = hnp.arrays(
    np.float32,
    st.tuples(st.integers(0, 12), st.integers(1, 9)),
    elements=st.one_of(st.floats(-4, 4, width=32), st.just(0.5), st.just(np.float32(np.nan))),
)


@given(values)
def test_an_order_is_a_permutation_of_all_units(matrix: np.ndarray) -> None:
    order = by_similarity(matrix)
    assert order.dtype == np.int32
    assert sorted(order.tolist()) == list(range(matrix.shape[1]))


@given(values)
def test_the_same_values_give_the_same_order(matrix: np.ndarray) -> None:
    assert by_similarity(matrix).tolist() == by_similarity(matrix.copy()).tolist()


@pytest.mark.parametrize("constant", [0.0, 1.0, 0.1, -0.9, 97.3])
def test_units_that_never_change_come_last_in_the_order_of_their_index(constant: float) -> None:
    draw = np.random.default_rng(0)
    matrix = draw.normal(size=(2000, 8)).astype(np.float32)
    matrix[:, [1, 4, 6]] = np.float32(constant)
    order = by_similarity(matrix).tolist()
    assert order[-3:] == [1, 4, 6]
    assert sorted(order[:-3]) == [0, 2, 3, 5, 7]


@pytest.mark.parametrize("seed", range(8))
def test_planted_clusters_come_out_adjacent(seed: int) -> None:
    draw = np.random.default_rng(seed)
    cluster = draw.permutation(np.repeat(np.arange(4), 6))
    drivers = draw.normal(size=(300, 4))
    signs = draw.choice([-1.0, 1.0], size=24)  # a unit that does the opposite belongs to its cluster, too
    matrix = drivers[:, cluster] * signs + 0.2 * draw.normal(size=(300, 24))
    arranged = cluster[by_similarity(matrix.astype(np.float32))]
    borders = int((np.diff(arranged) != 0).sum())
    assert borders == 3, f"{arranged}"


def test_a_chain_of_units_each_like_its_neighbours_comes_out_in_a_row() -> None:
    draw = np.random.default_rng(3)
    walk = np.cumsum(draw.normal(size=(400, 20)), axis=1)  # unit k is unit k − 1 and something new
    walk -= walk.mean(axis=0)
    shuffled = draw.permutation(20)
    order = shuffled[by_similarity(walk[:, shuffled])]
    along = np.corrcoef(order, np.arange(20))[0, 1]
    assert abs(along) > 0.95


def test_the_order_does_not_hang_on_scale_or_offset() -> None:
    draw = np.random.default_rng(5)
    matrix = draw.normal(size=(100, 10)) @ draw.normal(size=(10, 10))
    stretched = matrix * draw.uniform(0.5, 20, size=10) + draw.normal(size=10)
    assert by_similarity(matrix).tolist() == by_similarity(stretched).tolist()


@pytest.mark.parametrize("steps", [0, 1])
def test_with_fewer_than_two_steps_every_unit_stays_where_it_is(steps: int) -> None:
    assert by_similarity(np.ones((steps, 7), np.float32) * np.arange(7, dtype=np.float32)).tolist() == list(range(7))
