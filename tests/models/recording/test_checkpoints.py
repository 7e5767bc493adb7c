"""`models.recording.checkpoints` and `bound`: where states are kept follows from their bytes and the time that a step
takes, and a recording never holds more than it may."""

from __future__ import annotations

import gc
import tracemalloc
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models import CharLM
from models.errors import MemoryFull
from models.network.reader import CompiledReader, Reader
from models.recording import checkpoints
from models.recording.checkpoints import spread
from models.recording.overview import Grain
from models.recording.recording import Recording
from tests.support.cells.opaque_readers import GrowingReader, RingReader
from tests.support.recordings import Counting, arrays_held, read_all, states_held, typed
from tests.support.texts import LETTERS, prose

SHORT = Grain(8, 4)
KIB, MIB = 1 << 10, 1 << 20


def gaps(rec: Recording) -> list[int]:
    """Steps from one checkpoint to the next."""
    kept = [block.start for block in rec._blocks if block.begin.kept is not None]
    return np.diff([*kept, rec.steps]).tolist()


def assert_equals_a_fresh_run(rec: Recording, reader: Reader, lm: CharLM, text: str) -> None:
    """Everything that was read, and every third state, has the bits of one call of a reader."""
    ids = lm.vocabulary.encode(text)
    whole, state = reader.allocate(len(ids)), reader.start()
    reader.read(ids, state, whole, at=0)
    for layer, values in enumerate(whole.layers):
        for index, name in enumerate(lm.stack[layer].cell.names()):
            assert rec.signal(layer, name, 0, len(ids)).tobytes() == values[index].tobytes()
    for step in range(0, len(ids), 5):
        assert rec.column(0, step)[1].tobytes() == whole.predictions[step].tobytes()
    for step in range(0, len(ids) + 1, 3):
        there = reader.start()
        reader.read(ids[:step], there, whole, at=0)
        for ours, theirs in zip(rec.state_at(step), there, strict=True):
            same = ours.tobytes() == theirs.tobytes() if isinstance(ours, np.ndarray) else ours.same_bits(theirs)
            assert same, f"the state before step {step}"


# ── which checkpoints stay ───────────────────────────────────────────────────────────────────────────────


@given(st.lists(st.floats(0.01, 10), max_size=40), st.floats(0.01, 40))
def test_as_few_checkpoints_stay_as_leave_no_gap_too_wide(steps: list[float], widest: float) -> None:
    places = np.cumsum([0.0, *steps])
    kept = spread(places, widest)
    assert kept[0] == 0
    assert kept[-1] == len(places) - 1
    for one, after in pairwise(kept):
        assert places[after] - places[one] <= widest or after == one + 1
    fewest = [0, *(len(places) for _ in steps)]  # by dynamic programming: how many gaps lead to each place
    for k in range(1, len(places)):
        before = [j for j in range(k) if j == k - 1 or places[k] - places[j] <= widest]
        fewest[k] = min(fewest[j] + 1 for j in before)
    assert len(kept) - 1 == fewest[len(places) - 1]


def test_shipped_cells_have_a_checkpoint_before_every_block(make_model: Any) -> None:
    lm = make_model("lstm", 20, 2)
    rec = typed(lm, prose(6_000), reader=lm.reader())
    assert [block.start for block in rec._blocks] == list(range(0, 6_001, 512))
    assert all(block.begin.kept is not None for block in rec._blocks)


@pytest.mark.parametrize("growing", [False, True])
def test_gaps_cost_about_the_same_wherever_they_are(make_model: Any, growing: bool) -> None:
    lm = make_model("rnn", 6)
    reader = GrowingReader(lm, 64) if growing else CompiledReader(lm)
    rec = typed(lm, prose(1_600), kept=1, reader=reader, grain=SHORT)
    full = sum(states_held(rec).values())
    rec.memory = rec.nbytes - full // 2
    rec._bound.make_room(0)
    assert sum(states_held(rec).values()) < 0.7 * full
    steps, cost, start = gaps(rec), [], 0
    for gap in steps:
        cost.append(reader.cost(start, start + gap))
        start += gap
    inner = cost[:-2]
    assert max(inner) <= 2.1 * max(min(inner), reader.cost(1_592, 1_600))
    if growing:
        assert steps[0] > 4 * steps[-2], "where a step costs more, there are fewer of them in a gap"


# ── a million characters ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def wide(make_model: Any) -> tuple[CharLM, RingReader]:
    """A layer whose state takes up 64 KiB."""
    lm = make_model("rnn", 4)
    reader = RingReader(lm, 16 * KIB - 4)
    assert reader.state_bytes(0) == 64 * KIB
    return lm, reader


@pytest.mark.slow
def test_a_million_characters_with_a_state_of_64_kib_stay_within_the_bound(wide: tuple[CharLM, RingReader]) -> None:
    lm, reader = wide
    text = np.random.default_rng(0).integers(0, len(lm.vocabulary), 1_000_000, dtype=np.int32)
    bound, peak = 48 * MIB, 0
    typed(lm, prose(2_000), reader=reader)  # what is compiled is no part of it
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        rec = Recording(reader, kept=2, memory=bound)
        rec.edit(0, 0, text)
        while rec.read():
            assert rec.nbytes <= bound
            if rec.steps % 51_200 == 0:
                assert arrays_held(rec) <= rec.nbytes
            peak = max(peak, tracemalloc.get_traced_memory()[0] - before)
    finally:
        tracemalloc.stop()
    assert peak <= bound
    assert len(rec._blocks) * 64 * KIB > 2 * bound, "else a checkpoint before every block would have fitted"
    assert len(gaps(rec)) * 64 * KIB > bound / 8, "and the room is used"
    rec.edit(600_000, 1, text[:1])
    for _ in range(20):
        rec.read()
        assert max(rec.nbytes, arrays_held(rec)) <= bound
    whole, state = reader.allocate(8), reader.start()
    scratch = reader.allocate(100_000)
    now = rec.ids[0:600_008]
    for start in range(0, 600_000, 100_000):
        reader.read(now[start : start + 100_000], state, scratch, predict=False)
    reader.read(now[600_000:], state, whole)
    assert rec.signal(0, "hidden", 600_000, 600_008).tobytes() == whole.layers[0][0].tobytes()
    assert rec.column(0, 600_007)[1].tobytes() == whole.predictions[7].tobytes()
    assert rec.state_at(600_008)[0].same_bits(state[0])


def test_a_recording_that_cannot_go_on_says_so_and_keeps_what_was_read(
    wide: tuple[CharLM, RingReader], monkeypatch: pytest.MonkeyPatch
) -> None:
    lm, reader = wide
    monkeypatch.setattr(checkpoints, "LONGEST_GAP", reader.cost(0, 3 * 512))
    text = prose(40_000)
    rec = Recording(reader, kept=2, memory=2 * MIB)
    rec.edit(0, 0, lm.vocabulary.encode(text))
    with pytest.raises(MemoryFull, match=r"stops at step [\d,]+: it may hold 2\.0 MiB.* 64\.0 KiB each") as said:
        read_all(rec)
    assert "Allow the recording more memory" in str(said.value)
    assert 0 < rec.steps < len(text)
    assert max(rec.nbytes, arrays_held(rec)) <= 2 * MIB
    steps = rec.steps
    with pytest.raises(MemoryFull):
        rec.read()
    assert rec.steps == steps
    whole, state = reader.allocate(steps), reader.start()
    reader.read(lm.vocabulary.encode(text[:steps]), state, whole)
    assert rec.signal(0, "hidden", 0, steps).tobytes() == whole.layers[0][0].tobytes()
    rec.memory = 64 * MIB
    read_all(rec)
    assert rec.complete


def test_neither_an_empty_recording_nor_a_pasted_text_grows_beyond_the_bound(make_model: Any) -> None:
    lm = make_model("gru", 5)
    with pytest.raises(MemoryFull):
        Recording(lm.reader(), memory=KIB)
    rec = typed(lm, "abc", reader=lm.reader(), grain=SHORT)
    rec.memory = rec.nbytes + 40 * KIB
    before = rec.ids[:].copy()
    with pytest.raises(MemoryFull):
        rec.edit(1, 0, lm.vocabulary.encode(prose(50_000)))
    np.testing.assert_array_equal(rec.ids[:], before)
    assert (rec.steps, rec.complete) == (3, True)


def test_what_is_counted_is_about_what_python_has_allocated(make_model: Any) -> None:
    """With few units, so that objects weigh as much as their numbers."""
    for lm in (make_model("rnn", 8), make_model("lstm", 24, 2)):
        reader = lm.reader()
        typed(lm, prose(2_000), reader=reader)
        gc.collect()
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            rec = typed(lm, prose(40_000), kept=2, reader=reader, grain=Grain(64, 16))
            traced = tracemalloc.get_traced_memory()[0] - before
        finally:
            tracemalloc.stop()
        assert traced <= rec.nbytes <= 1.3 * traced


# ── what is looked at between checkpoints ────────────────────────────────────────────────────────────────


def test_looking_along_a_gap_reads_it_once(make_model: Any) -> None:
    lm = make_model("lstm", 6, 2)
    for reader in (lm.reader(), RingReader(lm, 50)):
        counting = Counting(reader)
        rec = typed(lm, prose(480), kept=1, reader=counting, grain=SHORT)
        for block in rec._blocks[1:-1]:
            block.begin.kept = None
        counting.reads.clear()
        for start in range(160, 240):
            rec.signal(0, "hidden", start, start + 1)
        assert sum(counting.reads) == 240, "the way to the first of them, and then each block once"
        assert all(steps <= SHORT.block for steps in counting.reads)


def test_an_edit_is_felt_as_far_where_checkpoints_are_sparse(make_model: Any) -> None:
    """The stretch of the run before that is compared reaches from checkpoint to checkpoint."""
    for gain in (0.3, 3.0):
        lm = make_model("gru", 6, gain=gain)
        found = []
        for sparse in (False, True):
            rec = typed(lm, prose(400), reader=lm.reader(), grain=SHORT)
            if sparse:
                for k, block in enumerate(rec._blocks[1:-1]):
                    block.begin.kept = block.begin.kept if k % 5 == 4 else None
            rec.edit(100, 1, lm.vocabulary.encode("z"))
            read_all(rec)
            found.append(rec.reach)
        dense, sparse_one = found
        assert sparse_one is not None
        assert sparse_one.exact
        assert (sparse_one.to, sparse_one.converged) == (dense.to, dense.converged)
        assert sparse_one.seen >= dense.seen or dense.seen - sparse_one.seen == 0


# ── random edits, states and bounds ──────────────────────────────────────────────────────────────────────

EDITS = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 40),
        st.text(st.sampled_from(LETTERS), max_size=12) | st.builds(prose, st.integers(20, 90), st.integers(0, 3)),
        st.integers(0, 30),
        st.floats(0, 1),
    ),
    min_size=1,
    max_size=6,
)
READERS = {
    "cell": lambda lm, size: CompiledReader(lm),
    "ring": lambda lm, size: RingReader(lm, 16 * size),
    "growing": lambda lm, size: GrowingReader(lm, size),
}


@pytest.mark.parametrize("gain", [0.3, 3.0])
@pytest.mark.parametrize("kind", READERS)
def test_random_edits_states_and_bounds_give_the_bits_of_a_fresh_run_and_never_more_bytes(
    make_model: Any, monkeypatch: pytest.MonkeyPatch, kind: str, gain: float
) -> None:
    lm = make_model("gru", 5, 2, gain=gain)

    @settings(max_examples=60, deadline=None)
    @given(
        length=st.integers(0, 200),
        edits=EDITS,
        kept=st.integers(1, 4),
        size=st.integers(1, 24),
        share=st.floats(0.1, 1.0),
        longest=st.sampled_from([3e4, 3e5, 3e6]),
    )
    def check(length: int, edits: list[Any], kept: int, size: int, share: float, longest: float) -> None:
        monkeypatch.setattr(checkpoints, "LONGEST_GAP", longest)
        text, reader = prose(length), READERS[kind](lm, size)
        free = typed(lm, text, kept=kept, reader=reader, grain=SHORT)
        bound = int(free.nbytes * share)
        try:
            rec = Recording(reader, kept=kept, grain=SHORT, memory=bound)
            rec.edit(0, 0, lm.vocabulary.encode(text))
        except MemoryFull:
            assume(False)
        for where, remove, insert, reads, look in edits:
            try:
                for _ in range(reads):
                    rec.read()
                    assert max(rec.nbytes, arrays_held(rec)) <= bound
            except MemoryFull:
                assert max(rec.nbytes, arrays_held(rec)) <= bound
            at = round(where * len(text))
            cut = min(remove, len(text) - at)
            try:
                rec.edit(at, cut, lm.vocabulary.encode(insert))
                text = text[:at] + insert + text[at + cut :]
            except MemoryFull:
                pass
            assert max(rec.nbytes, arrays_held(rec)) <= bound
            step = round(look * rec.steps)
            rec.columns(1, "hidden", step // 8 * 8, rec.steps, 8, "extreme")
            rec.signal(0, "hidden", step, step + 20)
            rec.state_at(step)
            assert rec.reach is None or rec.reach.to <= len(text)
            assert max(rec.nbytes, arrays_held(rec)) <= bound
        try:
            read_all(rec)
        except MemoryFull:
            assert not rec.complete
        assert_equals_a_fresh_run(rec, reader, lm, text[: rec.steps])
        assert max(rec.nbytes, arrays_held(rec)) <= bound

    check()


@pytest.mark.parametrize("kind", READERS)
def test_a_state_says_beforehand_how_large_it_will_be(make_model: Any, kind: str) -> None:
    lm = make_model("lstm", 5, 2)
    reader = READERS[kind](lm, 7)
    rec = typed(lm, prose(60), reader=reader, grain=SHORT)
    for step in range(61):
        assert sum(one.nbytes for one in rec.state_at(step)) == reader.state_bytes(step)
