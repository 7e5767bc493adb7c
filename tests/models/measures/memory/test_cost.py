"""`models.measures.memory.cost`: sizes and products against a count by hand, times against what must hold of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models import NotMeasurable, load
from models.cells.transformer import WIDER, WINDOW
from models.measures import drain, record
from models.measures.memory.cost import cost, lengths_up_to
from models.network.reader import Reader
from tests.support.texts import prose


@pytest.mark.parametrize(
    ("longest", "lengths"),
    [(10, [1, 2, 5, 10]), (64, [1, 2, 5, 10, 20, 50, 64]), (200, [1, 2, 5, 10, 20, 50, 100, 200])],
)
def test_the_lengths_are_round_and_end_with_the_longest(longest: int, lengths: list[int]) -> None:
    assert lengths_up_to(longest) == lengths


GATES = {"rnn": 1, "gru": 3, "lstm": 4}


@pytest.mark.parametrize("cell", GATES)
def test_a_recurrent_network_costs_the_same_however_much_it_has_read(cell: str, make_model: Any) -> None:
    lm = make_model(cell, layers=2, units=12)
    recording = record(lm, prose(300))
    found = drain(cost(recording.reader, recording.ids[: recording.steps], 200))
    h, v, states = 12, len(lm.vocabulary), 2 if cell == "lstm" else 1
    by_hand = GATES[cell] * h * h + GATES[cell] * h * (h + h) + h * v  # layer 0 looks its input up
    assert set(found.multiply_adds) == {by_hand}
    assert set(found.state_bytes) == {2 * states * h * 4}
    assert not found.repeated
    assert (found.step_seconds > 0).all()
    assert (np.diff(found.step_seconds, axis=1) >= 0).all()
    assert (np.diff(found.total_seconds) > 0).all()


def test_attention_costs_more_with_every_character_up_to_its_window(make_model: Any) -> None:
    lm = make_model("transformer", layers=2, units=16)
    recording = record(lm, prose(700))
    found = drain(cost(recording.reader, recording.ids[: recording.steps], 600))
    h, v = 16, len(lm.vocabulary)
    seen = np.minimum(found.lengths + 1, WINDOW)  # the step itself among them
    assert (found.multiply_adds == 2 * ((4 + 2 * WIDER) * h * h + 2 * seen * h) + h * v).all()
    assert (np.diff(found.state_bytes)[found.lengths[1:] < WINDOW] > 0).all()
    assert len(set(found.state_bytes[found.lengths >= WINDOW])) == 1


@pytest.mark.parametrize("cell", ["lstm", "transformer"])
def test_the_size_is_that_of_a_state_really_read(cell: str, make_model: Any) -> None:
    reader = Reader.of(make_model(cell, layers=2, units=16))
    found = drain(cost(reader, np.arange(9, dtype=np.int32) % 3, 500))
    assert found.repeated
    for length, size in zip(found.lengths, found.state_bytes, strict=True):
        state, room = reader.start(), reader.allocate(int(length))
        reader.read(np.arange(length, dtype=np.int32) % 3, state, room)
        assert size == sum(one.nbytes for one in state)


def test_reading_alone_leaves_the_reading_where_it_was(make_model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every character is read on from the state before it: the calls in one go, put together, are the text."""
    reader = Reader.of(make_model("gru", layers=1, units=8))
    ids = np.random.default_rng(0).integers(0, 5, 120).astype(np.int32)
    gone, read = [], reader.read

    def spying(items: Any, state: Any, into: Any, *args: Any, at: int | None = None, **more: Any) -> None:
        before = [one.copy() for one in state]
        read(items, state, into, *args, at=at, **more)
        gone.append((at, items, before, [one.copy() for one in state]))

    monkeypatch.setattr(reader, "read", spying)
    drain(cost(reader, ids, 100))
    forward = [one for one in gone[2:] if len(one[1]) > 1 or one[0] == 0]  # the first two warm the loop
    state, room = reader.start(), reader.allocate(100)
    read(ids[:100], state, room)
    np.testing.assert_array_equal(forward[-1][3][0], state[0])


def test_nothing_to_read_is_said(make_model: Any) -> None:
    with pytest.raises(NotMeasurable, match="no text"):
        drain(cost(Reader.of(make_model("rnn")), np.empty(0, np.int32), 10))


def test_a_model_that_ships() -> None:
    """The LSTM of 128 units: two states of 128 float32, 4·128·128 recurrent weights and the readout."""
    lm = load("shakespeare-lstm")
    recording = record(lm, prose(50))
    found = drain(cost(recording.reader, recording.ids[: recording.steps], 1000))
    assert set(found.state_bytes) == {1024}
    assert set(found.multiply_adds) == {4 * 128 * 128 + 128 * len(lm.vocabulary)}
