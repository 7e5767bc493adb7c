"""`models.recording.recording`: whatever is typed, edited and looked at, in whatever order, it has the bits of a
fresh run."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, get_args

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models import CharLM
from models.network.trace import mean_surprise
from models.recording.overview import GRAIN, Grain, Show
from models.recording.recording import Recording
from tests.support.cells import FUSED
from tests.support.columns_by_hand import assert_columns, regular
from tests.support.recordings import Counting, read_all, typed
from tests.support.texts import LETTERS, prose

UNKNOWN = "€😀"
every_cell = pytest.mark.parametrize("cell", FUSED)


SHORT = Grain(8, 4)
"""Blocks of 8 steps, so that short texts have many borders."""


def assert_equals_a_fresh_run(rec: Recording, lm: CharLM, text: str, steps: int) -> None:
    """Everything that a recording tells of its first `steps` steps has the bits of a run over `text`."""
    trace = lm.trace(text[:steps])
    assert rec.steps == steps
    for layer in range(lm.layers):
        for name in lm.cell.names():
            ours, theirs = rec.signal(layer, name, 0, steps), trace[f"{layer}.{name}"].numpy()
            assert ours.shape == theirs.shape
            assert ours.tobytes() == theirs.tobytes(), f"{layer}.{name}"
            assert rec.largest(layer, name) == (np.abs(theirs).max() if steps else 0.0)
        for step in range(0, steps, 3):
            signals, following = rec.column(layer, step)
            assert signals.tobytes() == b"".join(
                trace[f"{layer}.{name}"][step].numpy().tobytes() for name in lm.cell.names()
            )
            assert following.tobytes() == trace.log_probabilities[step].numpy().tobytes()
    np.testing.assert_array_equal(rec.surprise(0, steps), trace.surprise.numpy())  # a NaN has no sign here
    bits, scored = rec.bits_per_character()
    assert scored == int((~trace.surprise.isnan()).sum())
    assert bits == pytest.approx(mean_surprise(trace.surprise.numpy()), rel=1e-12, nan_ok=True)


def bins_of(rec: Recording, width: int) -> list[range]:
    """The stretches of which wide columns are made: each block's steps, `width` at a time."""
    edges = [*(block.start for block in rec._blocks), rec.steps]
    bins = [range(k, min(k + width, after)) for first, after in pairwise(edges) for k in range(first, after, width)]
    assert [step for one in bins for step in one] == list(range(rec.steps)), "each step is in one of them"
    return bins


def assert_columns_are_those_of_the_trace(rec: Recording, lm: CharLM, text: str, start: int, per: int) -> None:
    """For each layer and signal, whatever a column shows, from `start` (a multiple of `per`) to the last step read."""
    trace, stop = lm.trace(text[: rec.steps]), rec.steps
    fine = per < rec.grain.bin
    if fine:
        groups = regular(start, stop, per)
    else:
        bins = bins_of(rec, rec.grain.block if per >= rec.grain.block else rec.grain.bin)
        mine = [[b for b in bins if k <= b.start < k + per] or bins[-1:] for k in range(start, stop, per)]
        groups = [range(some[0].start, some[-1].stop) for some in mine]
    for layer in range(lm.layers):
        for signal in lm.cell.signals:
            values = trace[f"{layer}.{signal.name}"].numpy()
            for show in get_args(Show):
                shown = rec.columns(layer, signal.name, start, stop + 99, per, show)
                assert shown.shape == (len(groups), lm.units)
                within = 1e-6 if show in ("mean", "saturated") else 0.0
                if not fine and signal.range and show != "saturated":
                    within = (signal.range[1] - signal.range[0]) / 254 * 0.5001
                if signal.range is None:
                    within *= max(1.0, float(np.abs(values).max(initial=0)))
                    if values.dtype == np.float64 and not fine:
                        within += 1e-6 * float(np.abs(values).max(initial=0))  # kept in float32
                assert_columns(shown, values, groups, show, signal, within)


place = st.floats(0, 1)
inserted = st.text(st.sampled_from(LETTERS + UNKNOWN), max_size=20)
long_text = st.builds(prose, st.integers(50, 120), st.integers(0, 5))
some_text = inserted | long_text
actions = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), place, st.integers(0, 12), inserted),
        st.tuples(st.just("edit"), place, st.integers(0, 80), some_text),
        st.tuples(st.just("edited"), place, st.integers(0, 2), inserted),
        st.tuples(st.just("edited"), place, st.integers(0, 2), inserted),
        st.tuples(st.just("undo")),
        st.tuples(st.just("read"), st.integers(1, 4)),
        st.tuples(st.just("read"), st.just(10**6)),
        st.tuples(st.just("look"), place, st.integers(0, 20)),
        st.tuples(st.just("watch"), place, st.integers(0, 20)),
        st.tuples(st.just("columns"), place, st.sampled_from([1, 2, 4, 8, 16, 32])),
        st.tuples(st.just("column"), place),
        st.tuples(st.just("reach")),
    ),
    max_size=16,
)


@pytest.mark.parametrize(("cell", "layers", "dtype", "gain"), [
    ("rnn", 1, torch.float32, 3.0),
    ("gru", 2, torch.float32, 3.0),
    ("lstm", 1, torch.float64, 3.0),
    ("rnn", 2, torch.float32, 0.4),
    ("gru", 1, torch.float64, 0.3),
    ("lstm", 2, torch.float32, 0.3),
])  # fmt: skip
def test_any_edits_with_reading_and_looking_in_between_equal_a_fresh_run_to_the_last_bit(
    make_model: Any, cell: str, layers: int, dtype: torch.dtype, gain: float
) -> None:
    """Networks that remember (a large gain), and such that soon forget, so that old blocks are taken over."""
    lm = make_model(cell, 5, layers, dtype=dtype, gain=gain)

    @settings(max_examples=30)
    @given(
        start=long_text | some_text,
        script=actions,
        kept=st.integers(1, 8),
        sizes=st.sampled_from([(8, 4), (8, 2), (16, 4), (4, 4)]),
    )
    def check(start: str, script: list[Any], kept: int, sizes: tuple[int, int]) -> None:
        text = start
        undone: list[tuple[int, int, str]] = []
        rec = Recording(Counting(lm.reader()), kept=kept, grain=Grain(*sizes))
        rec.edit(0, 0, lm.vocabulary.encode(text))
        for action, *details in script:
            if action in ("edit", "edited", "undo"):
                if action == "undo" and not undone:
                    continue
                at, remove, insert = undone.pop() if action == "undo" else (round(details[0] * len(text)), *details[1:])
                remove = min(remove, len(text) - at)
                if action != "undo":
                    undone.append((at, len(insert), text[at : at + remove]))
                text = text[:at] + insert + text[at + remove :]
                read_before = rec.steps
                rec.edit(at, remove, lm.vocabulary.encode(insert))
                assert rec.steps == (min(read_before, at) if remove or insert else read_before)
                if action == "edited":
                    read_all(rec)
            elif action == "read":
                for _ in range(details[0]):
                    before = rec.steps
                    assert (rec.read() > 0) == (before < len(text)), "it goes on until the end"
                    assert rec.steps > before or rec.complete
                    if rec.complete:
                        break
            elif action == "look":
                low = round(details[0] * rec.steps)
                seen = rec.signal(layers - 1, "hidden", low, low + details[1])
                assert len(seen) == max(0, min(low + details[1], rec.steps) - low)
            elif action == "watch":
                low = round(details[0] * len(text))
                rec.watch(low, low + details[1])
            elif action == "columns":
                at = round(details[0] * rec.steps) // details[1] * details[1]
                assert_columns_are_those_of_the_trace(rec, lm, text, at, details[1])
            elif action == "reach":
                assert (rec.reach is not None) == rec.settled
            elif rec.steps:
                rec.column(0, round(details[0] * (rec.steps - 1)))
            assert len(rec) == len(text)
            assert len(rec._cache) <= kept
        assert_equals_a_fresh_run(rec, lm, text, rec.steps)
        read_all(rec)
        assert rec.complete
        assert_equals_a_fresh_run(rec, lm, text, len(text))
        for per in (2, 8, 32):
            assert_columns_are_those_of_the_trace(rec, lm, text, 0, per)

    check()


@every_cell
def test_a_text_of_several_real_blocks_typed_then_edited_across_their_border_equals_a_fresh_run(
    make_model: Any, bits: Callable[[object], bytes], cell: str
) -> None:
    lm = make_model(cell, 12, 2, gain=2.0)
    text = prose(3 * GRAIN.block + 77)
    rec = typed(lm, text, kept=2)
    at, remove, insert = GRAIN.block - 5, 11, "a word of another length"
    rec.edit(at, remove, lm.vocabulary.encode(insert))
    read_all(rec)
    text = text[:at] + insert + text[at + remove :]
    trace = lm.trace(text)
    for name in lm.cell.names():
        assert bits(rec.signal(1, name, 0, len(text))) == bits(trace[f"1.{name}"])
    np.testing.assert_array_equal(rec.surprise(0, len(text)), trace.surprise.numpy())


@every_cell
def test_any_window_is_recomputed_exactly_after_its_blocks_were_let_go(
    make_model: Any, bits: Callable[[object], bytes], cell: str
) -> None:
    lm = make_model(cell, 6, 2, gain=2.0)
    text = prose(100)
    counting = Counting(lm.reader())
    rec = typed(lm, text, kept=1, reader=counting, grain=SHORT)
    trace = lm.trace(text)
    for start, stop in [(0, 100), (3, 5), (7, 9), (8, 16), (90, 100), (0, 1), (40, 40), (95, 400)]:
        counting.reads.clear()
        seen = rec.signal(1, "hidden", start, stop)
        assert bits(seen) == bits(trace["1.hidden"][start : min(stop, 100)])
        assert all(steps <= SHORT.block for steps in counting.reads)
    assert sum(counting.reads) <= 2 * SHORT.block, "a window must cost its own blocks only"


def test_no_more_blocks_are_held_than_were_asked_for_however_long_the_text(make_model: Any) -> None:
    lm = make_model("gru", 5)
    rec = typed(lm, prose(400), kept=3, grain=SHORT)
    rec.signal(0, "hidden", 0, 400)
    assert len(rec._cache) == 3


def test_a_keystroke_at_the_end_reads_one_step_however_long_the_text(make_model: Any) -> None:
    lm = make_model("lstm", 5, 2)
    for length in (3, 50, 397):
        counting = Counting(lm.reader())
        rec = typed(lm, prose(length), reader=counting, grain=SHORT)
        counting.reads.clear()
        rec.edit(length, 0, lm.vocabulary.encode("x"))
        read_all(rec)
        assert counting.reads == [1]


def test_an_edit_reads_again_from_its_place_and_nothing_before_its_block(make_model: Any) -> None:
    lm = make_model("rnn", 5, gain=5.0)  # else it soon forgets the edit, and stops
    counting = Counting(lm.reader())
    rec = typed(lm, prose(80), kept=1, reader=counting, grain=SHORT)
    counting.reads.clear()
    rec.edit(43, 1, lm.vocabulary.encode("z"))
    assert rec.steps == 43
    read_all(rec)
    assert counting.reads[0] == 3, "the rest of the edit's block is restored from the state before it"
    assert sum(counting.reads[1:]) == 80 - 43


def test_one_read_goes_to_the_end_of_a_block_or_of_the_text_and_then_says_nothing_was_left(make_model: Any) -> None:
    lm = make_model("gru", 5)
    rec = Recording(lm.reader(), grain=SHORT)
    assert rec.read() == 0
    rec.edit(0, 0, lm.vocabulary.encode(prose(19)))
    assert [rec.read() for _ in range(4)] == [8, 8, 3, 0]
    rec.edit(19, 0, lm.vocabulary.encode(prose(7)))
    assert [rec.read() for _ in range(3)] == [5, 2, 0]


def test_what_has_not_been_read_is_empty_or_an_index_error_never_garbage(make_model: Any) -> None:
    lm = make_model("lstm", 5)
    rec = Recording(lm.reader(), grain=SHORT)
    assert rec.largest(0, "cell") == 0.0
    bits, scored = rec.bits_per_character()
    assert np.isnan(bits)
    assert scored == 0
    rec.edit(0, 0, lm.vocabulary.encode(prose(20)))
    assert rec.signal(0, "cell", 0, 20).shape == (0, 5)
    assert rec.surprise(0, 20).shape == (0,)
    rec.read()
    assert rec.signal(0, "cell", 4, 20).shape == (4, 5)
    assert rec.signal(0, "cell", 12, 20).shape == (0, 5)
    for step in (8, -1, 20):
        with pytest.raises(IndexError, match="has not been read"):
            rec.column(0, step)


def test_a_recording_hands_out_copies_of_a_column(make_model: Any) -> None:
    lm = make_model("gru", 5)
    rec = typed(lm, "hello")
    signals, following = rec.column(0, 2)
    signals[:] = 7.0
    following[:] = 7.0
    assert_equals_a_fresh_run(rec, lm, "hello", 5)


def test_unknown_characters_and_the_first_have_no_surprise_and_are_not_counted(make_model: Any) -> None:
    lm = make_model("rnn", 5)
    text = "€abcdefg😀hijklmno€"  # the second unknown character begins a block
    rec = typed(lm, text, grain=SHORT)
    missing = np.flatnonzero(np.isnan(rec.surprise(0, len(text)))).tolist()
    assert missing == [0, 8, 17]
    assert rec.bits_per_character()[1] == len(text) - 3
    rec.edit(8, 1, lm.vocabulary.encode("h"))
    read_all(rec)
    assert rec.bits_per_character()[1] == len(text) - 2


def test_two_recordings_share_one_reader(make_model: Any) -> None:
    lm = make_model("lstm", 6, 2)
    reader = lm.reader()
    texts = [prose(50, seed=1), prose(60, seed=2)]
    recordings = [Recording(reader, grain=SHORT), Recording(reader, grain=SHORT)]
    for rec, text in zip(recordings, texts, strict=True):
        rec.edit(0, 0, lm.vocabulary.encode(text))
    while any([rec.read() for rec in recordings]):  # noqa: C419 - both read, by turns
        pass
    for rec, text in zip(recordings, texts, strict=True):
        assert_equals_a_fresh_run(rec, lm, text, len(text))
