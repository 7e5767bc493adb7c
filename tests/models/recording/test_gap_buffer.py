"""`models.recording.gap_buffer`: an array that is edited, against a Python list."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.recording import gap_buffer
from models.recording.gap_buffer import GapBuffer

place = st.floats(0, 1)
items = st.lists(st.integers(-99, 99), max_size=40)
script = st.lists(
    st.one_of(
        st.tuples(st.just("replace"), place, st.integers(0, 12) | st.integers(0, 80), items),
        st.tuples(st.just("look"), place, place),
        st.tuples(st.just("overwrite"), place, items),
    ),
    max_size=30,
)


@pytest.mark.parametrize("spare", [1, 7, 1024])
def test_whatever_is_done_it_holds_what_a_list_holds(spare: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gap_buffer, "LEAST", spare)  # little spare room: it has to grow often

    @settings(max_examples=150)
    @given(script)
    def check(actions: list[Any]) -> None:
        array: GapBuffer[np.int32] = GapBuffer(np.int32)
        plain: list[int] = []
        for action, *details in actions:
            at = round(details[0] * len(plain))
            if action == "replace":
                remove, insert = min(details[1], len(plain) - at), details[2]
                array.replace(at, remove, np.array(insert, np.int32))
                plain[at : at + remove] = insert
            elif action == "overwrite":
                values = details[1][: len(plain) - at]
                array[at : at + len(values)] = np.array(values, np.int32)
                plain[at : at + len(values)] = values
            else:
                stop = round(details[1] * len(plain))
                assert array[at:stop].tolist() == plain[at:stop]
                assert array[at:].tolist() == plain[at:]
                assert array[: stop + 50].tolist() == plain[: stop + 50]
            assert len(array) == len(plain)
            assert array[:].tolist() == plain
            assert array.nbytes >= 4 * len(plain)

    check()


@pytest.mark.parametrize(("at", "remove"), [(-1, 0), (4, 0), (2, 2), (0, 4), (1, -1)])
def test_what_does_not_lie_in_it_cannot_be_replaced(at: int, remove: int) -> None:
    array: GapBuffer[np.int32] = GapBuffer(np.int32)
    array.replace(0, 0, np.arange(3))
    with pytest.raises(IndexError, match="do not lie in an array of 3"):
        array.replace(at, remove, np.arange(1))
    assert array[:].tolist() == [0, 1, 2]


def test_typing_in_one_place_moves_nothing_else() -> None:
    array: GapBuffer[np.int32] = GapBuffer(np.int32)
    array.replace(0, 0, np.arange(100_000))
    array.replace(50_000, 0, np.arange(1))
    room = array._array
    before = room.copy()
    for k in range(300):
        array.replace(50_001 + k, 0, np.array([7]))
    assert array._array is room
    assert (room != before).sum() <= 300


def test_what_one_looks_at_is_not_copied_where_it_need_not_be() -> None:
    array: GapBuffer[np.float32] = GapBuffer(np.float32)
    array.replace(0, 0, np.ones(1000, np.float32))
    array.replace(500, 0, np.ones(1, np.float32))
    assert np.shares_memory(array[:400], array._array)
    assert np.shares_memory(array[600:], array._array)
    assert not np.shares_memory(array[400:600], array._array)
