"""States that only the reader can look into: recordings keep them, fork them and come back to them all the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.echo.echo import Echo
from models.echo.rounding import Rounding
from models.measures import drain
from models.measures.rounding import shaken
from models.network.nudge import nudged
from models.network.reader import Activations, CompiledReader
from models.network.state import State, fork, same, same_bits, size
from models.recording.continuation import standing
from models.recording.overview import Grain
from tests.support.cells import FUSED
from tests.support.recordings import read_all, typed
from tests.support.texts import prose

SHORT = Grain(8, 4)


class Sealed:
    """A layer's state in an envelope that grows with the text: each step adds a byte to it."""

    def __init__(self, values: np.ndarray, steps: int = 0) -> None:
        self._values, self._steps = values, steps

    @property
    def nbytes(self) -> int:
        return self._values.nbytes + self._steps

    def copy(self) -> Sealed:
        return Sealed(self._values.copy(), self._steps)

    def same_bits(self, other: Sealed) -> bool:
        return self._steps == other._steps and same_bits(self._values, other._values)

    def tobytes(self) -> bytes:
        return self._values.tobytes()

    def opened(self) -> np.ndarray:
        return self._values

    def nudged(self, turn: int) -> Sealed:
        return Sealed(nudged([self._values], turn)[0], self._steps)

    def grow(self, steps: int) -> None:
        self._steps += steps


class SealingReader(CompiledReader):
    """The compiled loop, whose states come in envelopes."""

    visible = False

    def start(self) -> State:
        return [Sealed(values) for values in super().start()]

    def read(self, ids: Any, state: State, into: Activations, offset: int = 0, **how: Any) -> None:  # type: ignore[override]
        super().read(ids, [one.opened() for one in state], into, offset, **how)
        for one in state:
            one.grow(len(ids))


STEPS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 12), st.text("abc z", max_size=12), st.booleans()), min_size=1, max_size=6
)


@pytest.mark.parametrize("cell", FUSED)
def test_a_text_that_is_edited_anywhere_has_the_bits_of_one_that_is_read_at_once(make_model: Any, cell: str) -> None:
    lm = make_model(cell, 5, 2, gain=1.5)

    @settings(max_examples=40, deadline=None)
    @given(st.integers(0, 90), STEPS, st.integers(1, 3))
    def check(length: int, edits: list[tuple[float, int, str, bool]], kept: int) -> None:
        text = prose(length)
        rec = typed(lm, text, kept=kept, reader=SealingReader(lm), grain=SHORT)
        for where, remove, insert, whole in edits:
            at = round(where * len(text))
            remove = min(remove, len(text) - at)
            rec.edit(at, remove, lm.vocabulary.encode(insert))
            text = text[:at] + insert + text[at + remove :]
            if whole:
                read_all(rec)
            elif text:
                rec.read()
                rec.column(1, 0)  # predictions of a block whose activations may be gone
        read_all(rec)
        fresh = typed(lm, text, grain=SHORT)
        for layer in range(2):
            for name in lm.cell.names():
                ours, theirs = (one.signal(layer, name, 0, len(text)) for one in (rec, fresh))
                assert ours.tobytes() == theirs.tobytes()
        np.testing.assert_array_equal(rec.surprise(0, len(text)), fresh.surprise(0, len(text)))
        for step in range(0, len(text), 7):
            ours, theirs = rec.state_at(step), fresh.state_at(step)
            assert [one.tobytes() for one in ours] == [one.tobytes() for one in theirs]
        if text:
            (_, ours), (_, theirs) = standing(rec, len(text) - 1), standing(fresh, len(text) - 1)
            assert ours.tobytes() == theirs.tobytes()

    check()


def test_an_edit_is_told_without_a_look_into_the_states(make_model: Any) -> None:
    lm = make_model("gru", 6, gain=0.5)
    text = prose(400)
    rec, plain = (typed(lm, text, reader=one, grain=SHORT) for one in (SealingReader(lm), None))
    for one in (rec, plain):
        one.edit(100, 1, lm.vocabulary.encode("z"))
        read_all(one)
    sealed, seen = rec.reach, plain.reach
    assert sealed is not None
    assert seen is not None
    assert (sealed.exact, seen.exact) == (False, True)
    assert sealed.to - seen.to in range(SHORT.block + 1), "found at the border of a block"


def test_echoes_go_on_from_states_that_nobody_sees(make_model: Any) -> None:
    lm = make_model("lstm", 5, 2)
    other = lm.vocabulary.encode("z")
    found = []
    for reader in (SealingReader(lm), None):
        echo = Echo(typed(lm, prose(900), reader=reader), 37, other)
        while echo.advance(900):
            pass
        echo.cut(700)
        while echo.advance(900):
            pass
        found.append(echo.signal(1, "cell", 0, 900))
    assert found[0].tobytes() == found[1].tobytes()


def test_rounding_is_told_without_a_look_into_the_states(make_model: Any) -> None:
    lm = make_model("gru", 5, 2)
    found = []
    for reader in (SealingReader(lm), None):
        rec = typed(lm, prose(700), reader=reader)
        echo = Echo(rec, 37, lm.vocabulary.encode("z"))
        while echo.advance(700):
            pass
        rounding = Rounding(echo)
        while rounding.advance(700):
            pass
        found.append((rounding.above(1, "hidden"), drain(shaken(rec))))
    assert abs(found[0][0] - found[1][0]) <= 5  # other last bits are drawn
    assert not any(one.chaotic for _, one in found)


def test_a_growing_state_is_taken_back_with_the_text(make_model: Any) -> None:
    lm = make_model("rnn", 5)
    rec = typed(lm, prose(90), reader=SealingReader(lm), grain=SHORT)
    rec.edit(60, 30, lm.vocabulary.encode("abc"))
    read_all(rec)
    assert [size(rec.state_at(step)) for step in range(64)] == [20 + step for step in range(64)]


def test_what_a_state_is_held_for_is_counted(make_model: Any) -> None:
    lm = make_model("rnn", 5)
    reader = SealingReader(lm)
    state = reader.start()
    reader.read(lm.vocabulary.encode("abc"), state, reader.allocate(3))
    assert size(state) == 5 * 4 + 3
    assert same(state, fork(state))
    assert not same(state, reader.start())
    rec, plain = (typed(lm, prose(4000), reader=one) for one in (SealingReader(lm), None))
    assert rec.nbytes > plain.nbytes
