"""Where an edit is no longer felt, `models.recording.recording` stops reading, and says how far it was felt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import CharLM
from models.recording.edit_effect import VISIBLE, EditEffect
from models.recording.overview import Grain
from models.recording.recording import Recording
from tests.support.cells import FUSED
from tests.support.recordings import Counting, read_all, typed
from tests.support.texts import LETTERS, prose

FORGETS, REMEMBERS = 0.3, 3.0
"""Gains: of networks whose states meet again to the last bit within a dozen of steps, and of such whose never do."""


def states(lm: CharLM, text: str) -> np.ndarray:
    """All that is handed on after each step, as bits: (steps, bytes)."""
    trace = lm.trace(text)
    parts = [trace[f"{k}.{name}"].numpy() for k in range(lm.layers) for name in lm.cell.states]
    return np.concatenate(parts, axis=1).view(np.uint8).reshape(len(text), -1)


def hidden(lm: CharLM, text: str) -> np.ndarray:
    """(steps, layers · units)"""
    trace = lm.trace(text)
    return np.concatenate([trace[f"{k}.hidden"].numpy() for k in range(lm.layers)], axis=1)


@dataclass
class Past:
    """A run before some edits: its text, how much of it had been read, where each character of the new text was."""

    text: str
    read: int
    origin: list[int]  # −1 for a character that is new
    at: int

    def edit(self, at: int, remove: int, inserted: int) -> None:
        self.origin[at : at + remove] = [-1] * inserted
        self.at = min(self.at, at)

    def felt(self, lm: CharLM, text: str) -> tuple[int, int]:
        """From which step on every state is what it was, and no hidden state is off visibly, as far as is known."""
        now, then = states(lm, text), states(lm, self.text)
        seen_now, seen_then = hidden(lm, text), hidden(lm, self.text)
        to = seen = 0
        for step, was in enumerate(self.origin):
            if was < 0 or (was < self.read and (now[step] != then[was]).any()):
                to = step + 1
            if was < 0 or (was < self.read and np.abs(seen_now[step] - seen_then[was]).max() > VISIBLE):
                seen = step + 1
        to, seen = (max(value, *self._seams()) for value in (to, seen))
        return to, seen

    @property
    def until(self) -> int:
        """Behind the last change."""
        return max([*self._seams(), *(step + 1 for step, was in enumerate(self.origin) if was < 0)])

    def _seams(self) -> tuple[int, ...]:
        """Behind each place where characters were taken out: an edit is felt from its place on at the earliest."""
        pairs = zip([-1, *self.origin], [*self.origin, len(self.text)], strict=True)
        return (
            self.at,
            *(step for step, (one, other) in enumerate(pairs) if other != one + 1 and step < len(self.origin)),
        )


def edited(lm: CharLM, rec: Recording, text: str, at: int, remove: int, insert: str) -> tuple[str, Past]:
    past = Past(text, rec.steps, list(range(len(text))), at)
    past.edit(at, remove, len(insert))
    rec.edit(at, remove, lm.vocabulary.encode(insert))
    return text[:at] + insert + text[at + remove :], past


def check_reach(lm: CharLM, reach: EditEffect, past: Past, text: str) -> None:
    to, seen = past.felt(lm, text)
    assert reach.at == past.at
    assert reach.seen <= reach.to <= len(text)
    if reach.exact:
        assert reach.to == to
        assert reach.converged == (to < len(text))
        assert reach.seen <= max(seen, past.at)
    else:
        assert reach.to >= to
        # Runs were compared only where blocks begin, and not everywhere with the same one: behind the changes at least.
        assert reach.seen == reach.to or reach.seen >= past.until
    if not reach.converged:
        assert reach.to == len(text)


some_edit = st.tuples(
    st.floats(0, 1), st.integers(0, 6) | st.integers(0, 60), st.text(st.sampled_from(LETTERS), max_size=9)
)


@pytest.mark.parametrize("gain", [FORGETS, REMEMBERS])
@pytest.mark.parametrize(("cell", "layers"), [("rnn", 1), ("lstm", 2), ("gru", 1)])
def test_how_far_an_edit_was_felt_is_what_comparing_the_two_runs_step_by_step_gives(
    make_model: Any, cell: str, layers: int, gain: float
) -> None:
    lm = make_model(cell, 4, layers, gain=gain)

    @settings(max_examples=50)
    @given(length=st.integers(1, 130), changes=st.lists(some_edit, min_size=1, max_size=4), kept=st.integers(1, 8))
    def check(length: int, changes: list[tuple[float, int, str]], kept: int) -> None:
        """One edit after the other, each read to its end."""
        text = prose(length)
        rec = typed(lm, text, kept=kept, grain=Grain(8, 4))
        for where, remove, insert in changes:
            at = round(where * len(text))
            remove = min(remove, len(text) - at)
            if not remove and not insert:
                continue
            inside, block = (
                at + remove < len(text),
                rec._blocks[rec._place(min(at, len(text) - 1))] if text else None,
            )
            stop = block.start + block.steps if block else 0
            text, past = edited(lm, rec, text, at, remove, insert)
            assert rec.reach is None
            read_all(rec)
            assert rec.settled == inside
            if rec.reach is not None:
                check_reach(lm, rec.reach, past, text)
                assert rec.reach.exact or at + remove > stop, "an edit within a block is measured exactly"

    check()


script = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), some_edit),
        st.tuples(st.just("undo")),
        st.tuples(st.just("read"), st.integers(1, 6)),
        st.tuples(st.just("read"), st.just(1000)),
    ),
    min_size=2,
    max_size=12,
)


@pytest.mark.parametrize("gain", [FORGETS, REMEMBERS])
@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_of_several_edits_in_one_another_never_too_little_is_told(make_model: Any, cell: str, gain: float) -> None:
    """Edits come before the reading after others is over: what is told is of them all, and an upper bound."""
    lm = make_model(cell, 4, gain=gain)

    @settings(max_examples=120)
    @given(length=st.integers(20, 130), actions=script, kept=st.integers(1, 8))
    def check(length: int, actions: list[Any], kept: int) -> None:
        text, past, undone = prose(length), None, []
        rec = typed(lm, text, kept=kept, grain=Grain(8, 4))
        for action, *details in [*actions, ("read", 1000)]:
            if action == "read":
                for _ in range(details[0]):
                    rec.read()
                    if rec.settled and past is not None:
                        check_reach(lm, rec.reach, past, text)
                        past = None
                continue
            if action == "undo":
                if not undone:
                    continue
                at, remove, insert = undone.pop()
            else:
                where, remove, insert = details[0]
                at = round(where * len(text))
                remove = min(remove, len(text) - at)
                undone.append((at, len(insert), text[at : at + remove]))
            remove = min(remove, max(len(text) - at, 0))
            at = min(at, len(text))
            if not remove and not insert:
                continue
            if at + remove >= len(text) and (past is None or at <= past.at):
                past = None  # from the first place on all is new, or gone
            elif past is not None:
                past.edit(at, remove, len(insert))
            elif at + remove < rec.steps:
                past = Past(text, rec.steps, list(range(len(text))), at)
                past.edit(at, remove, len(insert))
            rec.edit(at, remove, lm.vocabulary.encode(insert))
            text = text[:at] + insert + text[at + remove :]
            if rec.complete:
                past = None  # nothing is left behind the edits to be felt
        assert rec.complete
        assert past is None, "when all is read, it is told"
        assert states_of(rec) == states(lm, text).tobytes()

    check()


def states_of(rec: Recording) -> bytes:
    names = [(k, name) for k, layer in enumerate(rec.reader.stack) for name in layer.cell.states]
    return np.concatenate([rec.signal(k, name, 0, rec.steps) for k, name in names], axis=1).tobytes()


BLOCK = 64
TEXT = prose(40 * BLOCK)


@pytest.mark.parametrize(("at", "remove", "insert"), [
    (20 * BLOCK + 13, 0, "x"), (20 * BLOCK + 13, 1, ""), (20 * BLOCK + 13, 5, "instead"),
    (20 * BLOCK, 0, "x"), (20 * BLOCK, 1, ""), (20 * BLOCK - 1, 1, "x"), (20 * BLOCK - 1, 2, "abc"),
    (0, 0, "x"), (0, 1, ""), (0, 1, "x"), (20 * BLOCK, BLOCK, ""), (10 * BLOCK + 5, 7 * BLOCK + 11, "so"),
    (38 * BLOCK + 50, 0, "x"), (39 * BLOCK - 3, 1, ""),
])  # fmt: skip
@pytest.mark.parametrize("cell", FUSED)
def test_a_network_that_forgets_is_not_read_further_than_it_remembers(
    make_model: Any, cell: str, at: int, remove: int, insert: str
) -> None:
    lm = make_model(cell, 6, gain=FORGETS)
    counting = Counting(lm.reader())
    rec = typed(lm, TEXT, reader=counting, grain=Grain(BLOCK, 8))
    counting.reads.clear()
    text, past = edited(lm, rec, TEXT, at, remove, insert)
    read_all(rec)
    read, reach = sum(counting.reads), rec.reach
    assert reach is not None
    assert reach.converged
    check_reach(lm, reach, past, text)
    assert reach.to - at - len(insert) < BLOCK, "else this network does not forget, and the test shows nothing"
    assert read <= 3 * BLOCK + len(insert), "the edit's block up to it, from there to a border behind `to`"
    assert states_of(rec) == states(lm, text).tobytes()
    np.testing.assert_array_equal(rec.surprise(0, len(text)), lm.trace(text).surprise.numpy())


@pytest.mark.parametrize("cell", FUSED)
def test_a_network_that_never_forgets_is_read_to_the_end_and_that_is_told(make_model: Any, cell: str) -> None:
    lm = make_model(cell, 12, gain=5.0)
    counting = Counting(lm.reader())
    rec = typed(lm, TEXT[:1000], reader=counting, grain=Grain(BLOCK, 8))
    counting.reads.clear()
    text, past = edited(lm, rec, TEXT[:1000], 500, 1, "z")
    read_all(rec)
    assert rec.reach == EditEffect(500, rec.reach.seen, 1000, exact=True, converged=False)
    check_reach(lm, rec.reach, past, text)
    assert sum(counting.reads) >= 500


def test_a_text_shorter_than_a_block_has_a_reach_too(make_model: Any) -> None:
    lm = make_model("gru", 6, gain=FORGETS)
    rec = typed(lm, prose(200))
    text, past = edited(lm, rec, prose(200), 100, 1, "z")
    read_all(rec)
    assert rec.reach.exact
    assert rec.reach.converged
    check_reach(lm, rec.reach, past, text)


def test_typing_at_the_end_has_no_reach(make_model: Any) -> None:
    lm = make_model("rnn", 4)
    rec = typed(lm, "hello")
    for at, remove, insert in [(5, 0, "x"), (5, 1, "y"), (3, 3, ""), (3, 0, "abc")]:
        rec.edit(at, remove, lm.vocabulary.encode(insert))
        read_all(rec)
        assert rec.reach is None
        assert not rec.settled


def test_an_edit_behind_what_has_been_read_has_no_reach(make_model: Any) -> None:
    lm = make_model("rnn", 4)
    rec = Recording(Counting(lm.reader()), grain=Grain(8, 4))
    rec.edit(0, 0, lm.vocabulary.encode(prose(80)))
    rec.read()
    rec.edit(40, 3, lm.vocabulary.encode("far ahead"))
    read_all(rec)
    assert rec.reach is None


def test_characters_replaced_by_themselves_are_felt_nowhere(make_model: Any) -> None:
    lm = make_model("lstm", 6, gain=REMEMBERS)
    rec = typed(lm, prose(100), grain=Grain(8, 4))
    rec.edit(50, 2, lm.vocabulary.encode(prose(100)[50:52]))
    read_all(rec)
    assert rec.reach == EditEffect(50, 52, 52, exact=True, converged=True)


def test_two_edits_before_either_was_read_are_felt_behind_the_second_too(make_model: Any) -> None:
    """Between the two the states meet the old ones again: that alone must not be told."""
    lm = make_model("gru", 6, gain=FORGETS)
    text = prose(400)
    rec = typed(lm, text, grain=Grain(8, 4))
    text, past = edited(lm, rec, text, 300, 1, "z")
    past.edit(50, 1, 1)
    rec.edit(50, 1, lm.vocabulary.encode("y"))
    text = text[:50] + "y" + text[51:]
    read_all(rec)
    check_reach(lm, rec.reach, past, text)
    assert rec.reach.to > 300


def test_a_block_is_never_longer_than_a_block_after_a_join_at_an_odd_place(make_model: Any) -> None:
    """Old blocks that were taken over begin anywhere; one of them edited in its last steps is still one block."""
    lm = make_model("rnn", 5, gain=FORGETS)
    text = prose(200)
    rec = typed(lm, text, grain=Grain(8, 4))
    rec.edit(0, 0, lm.vocabulary.encode("abc"))
    text = "abc" + text
    read_all(rec)
    for at in (72, 73, 74, 75, 76, 80, 83):
        rec.edit(at, 1, lm.vocabulary.encode("q"))
        text = text[:at] + "q" + text[at + 1 :]
        read_all(rec)
        assert max(block.steps for block in rec._blocks) <= 8
        assert states_of(rec) == states(lm, text).tobytes()
