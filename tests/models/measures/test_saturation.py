"""`models.measures.saturation`: counts held to a trace of all values, counted one by one by the written definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models import CharLM, NotMeasurable
from models.cells import CELLS
from models.cells.base import Signal
from models.measures import drain
from models.measures.saturation import USUAL, Saturation, Thresholds, marks, saturation
from models.recording.overview import Grain
from models.recording.recording import Recording
from tests.support.cells import FUSED
from tests.support.recordings import Counting, read_all, typed
from tests.support.texts import LETTERS, prose

every_cell = pytest.mark.parametrize("cell", FUSED)
OTHERS = (USUAL, Thresholds(0.05, 0.9, 0.9), Thresholds(0.1, 0.9, 0.99), Thresholds(0.5, 0.5, 0.2))


def sides(values: np.ndarray, signal: Signal, at: Thresholds) -> tuple[np.ndarray, np.ndarray]:
    """Which of the values are left- and right-saturated, by the words of the definition."""
    wide = values.astype(np.float64)
    if signal.kind == "gate":
        return wide < at.low, wide > at.high
    if signal.range is None:
        wide = np.tanh(wide)
    return wide < -at.bound, wide > at.bound


def assert_counted(found: Saturation, lm: CharLM, text: str, layer: int, at: Thresholds, per: int | None) -> None:
    trace, steps = lm.trace(text), range(found.start, found.stop)
    assert found.signals == lm.cell.names()
    assert found.edges.tolist() == [*steps[:: per or len(steps)], found.stop]
    for s, signal in enumerate(lm.cell.signals):
        values = trace[f"{layer}.{signal.name}"].numpy()
        left, right = sides(values, signal, at)
        number = ~np.isnan(values)
        for which, units, lane in zip(
            (left, right, number), (found.left, found.right, found.numbers), found.lane, strict=True
        ):
            assert units[s].tolist() == which[found.start : found.stop].sum(axis=0).tolist(), signal.name
            groups = zip(found.edges[:-1], found.edges[1:], strict=True)
            assert lane[s].tolist() == [which[a:b].sum() for a, b in groups], signal.name
        left_share, right_share = (found.lane[side, s] / np.maximum(found.lane[2, s], 1) for side in (0, 1))
        known = found.lane[2, s] > 0
        np.testing.assert_array_equal(found.shares(signal.name)[:, known], [left_share[known], right_share[known]])
        assert np.isnan(found.shares(signal.name)[:, ~known]).all()


def assert_right(rec: Recording, lm: CharLM, text: str, start: int, stop: int, per: int | None, at: Thresholds) -> None:
    for layer in range(lm.layers):
        found = drain(saturation(rec, layer, start, stop, per=per, thresholds=at))
        assert_counted(found, lm, text, layer, at, per)


place = st.floats(0, 1)
edits = st.lists(st.tuples(place, st.integers(0, 12), st.text(st.sampled_from(LETTERS + "€"), max_size=20)), max_size=4)


@pytest.mark.parametrize(("cell", "layers", "dtype", "gain"), [
    ("rnn", 1, torch.float32, 4.0),
    ("gru", 2, torch.float32, 4.0),
    ("lstm", 1, torch.float64, 4.0),
    ("rnn", 2, torch.float64, 0.4),
    ("lstm", 1, torch.float32, 0.3),
])  # fmt: skip
def test_counts_are_those_of_the_trace_whatever_was_edited(
    make_model: Any, cell: str, layers: int, dtype: torch.dtype, gain: float
) -> None:
    """Networks that are often saturated, and such as soon forget: their blocks behind an edit are taken over, and begin
    anywhere."""
    lm = make_model(cell, 5, layers, dtype=dtype, gain=gain)

    @settings(max_examples=40)
    @given(
        length=st.integers(1, 150),
        script=edits,
        spans=st.lists(st.tuples(place, place, st.sampled_from([None, 1, 3, 4, 8, 16])), min_size=1, max_size=4),
        at=st.sampled_from(OTHERS),
        sizes=st.sampled_from([(8, 4), (16, 4), (8, 2)]),
    )
    def check(length: int, script: list[Any], spans: list[Any], at: Thresholds, sizes: tuple[int, int]) -> None:
        text = prose(length)
        rec = typed(lm, text, grain=Grain(*sizes))
        for where, remove, insert in script:
            first = round(where * len(text))
            rec.edit(first, remove := min(remove, len(text) - first), lm.vocabulary.encode(insert))
            text = text[:first] + insert + text[first + remove :]
            read_all(rec)
        for one, other, per in spans:
            start, stop = sorted((round(one * len(text)), round(other * len(text))))
            if start < stop:
                assert_right(rec, lm, text, start, stop, per, at)

    check()


@every_cell
def test_whole_blocks_are_counted_without_reading_them_again(make_model: Any, cell: str) -> None:
    lm = make_model(cell, 6, 2, gain=4.0)
    text = prose(403)
    counting = Counting(lm.reader())
    rec = typed(lm, text, kept=1, reader=counting, grain=Grain(16, 4))
    for start, stop, per, blocks in [
        (0, 400, None, 0),
        (0, 400, 16, 0),
        (8, 400, 4, 0),  # edges between bins
        (7, 400, None, 1),  # one that is cut by an edge
        (5, 390, 64, 5 + 2),  # 5, 69, 133, 197, 261, 325, 389; the last is also that of step 390
        (0, 403, None, 1),  # the last, which is not whole
    ]:
        counting.reads.clear()
        assert_right(rec, lm, text, start, stop, per, USUAL)
        assert len(counting.reads) <= blocks * lm.layers, (start, stop, per)


def test_a_long_text_of_real_blocks_is_counted_exactly(make_model: Any) -> None:
    lm = make_model("lstm", 4, gain=5.0)
    text = prose(200_000)
    rec = typed(lm, text)
    assert_right(rec, lm, text, 0, len(text), 2048, USUAL)
    assert_right(rec, lm, text, 1, len(text) - 1, None, USUAL)
    rec.edit(100_003, 2, lm.vocabulary.encode("and so it went"))
    text = text[:100_003] + "and so it went" + text[100_005:]
    read_all(rec)
    assert_right(rec, lm, text, 0, len(text), 256, USUAL)
    assert_right(rec, lm, text, 0, len(text), 256, Thresholds(0.2, 0.8, 0.7))


@every_cell
def test_at_a_threshold_itself_nothing_is_saturated(make_model: Any, cell: str) -> None:
    """The raw values are compared, not those of a picture with 254 levels."""
    lm = make_model(cell, 5, gain=3.0)
    rec = typed(lm, prose(40))
    for s, signal in enumerate(lm.cell.signals):
        top = float(rec.signal(0, signal.name, 7, 8).max())
        if top <= 0:
            continue
        bound = np.tanh(np.float64(top)) if signal.range is None else top
        for at, more in ((bound, 0), (bound * (1 - 1e-6), 1)):
            found = drain(saturation(rec, 0, 7, 8, thresholds=Thresholds(0.0, float(at), float(at))))
            assert found.right[s].sum() == more, signal.name


@every_cell
def test_the_marks_are_the_counted_values(make_model: Any, cell: str) -> None:
    lm = make_model(cell, 7, 2, gain=4.0)
    text = prose(90)
    rec = typed(lm, text, grain=Grain(16, 4))
    for at in OTHERS:
        for signal in lm.cell.signals:
            shown = marks(rec, 1, signal.name, 11, 90, at)
            left, right = sides(lm.trace(text)[f"1.{signal.name}"].numpy()[11:], signal, at)
            assert shown.dtype == np.uint8
            assert shown.tolist() == (left + 2 * right).tolist()


@every_cell
@pytest.mark.parametrize("at", [USUAL, Thresholds(0.2, 0.7, 0.8)])
def test_what_is_no_number_is_neither_left_nor_right_and_is_told(make_model: Any, cell: str, at: Thresholds) -> None:
    lm = make_model(cell, 6, gain=4.0)
    lm.rnn.weight_ih_l0[:, lm.vocabulary.characters.index("Q")] = float("nan")
    text = prose(70).replace("Q", "q") + "Q" + prose(50).replace("Q", "q")
    rec = typed(lm, text, grain=Grain(16, 4))
    for start, stop in ((0, len(text)), (0, 70), (64, 80), (80, 112)):
        assert_right(rec, lm, text, start, stop, 8, at)
    found = drain(saturation(rec, 0, 0, len(text), thresholds=at))
    assert (found.numbers == 70).all(), "from the Q on nothing is"
    known = drain(saturation(rec, 0, 0, 70, thresholds=at))
    assert found.share("hidden") == known.share("hidden") > 0
    assert np.isnan(drain(saturation(rec, 0, 80, 112, thresholds=at)).share("hidden"))


def test_the_share_is_that_of_the_values(make_model: Any) -> None:
    lm = make_model("gru", 5, gain=6.0)
    text = prose(60)
    found = drain(saturation(typed(lm, text), 0, 10, 60))
    gate = lm.trace(text)["0.update_gate"].numpy()[10:]
    assert found.share("update_gate") == pytest.approx(((gate < 0.1) | (gate > 0.9)).mean())


def test_the_share_that_is_done_rises_to_one_and_stopping_in_between_harms_nothing(make_model: Any) -> None:
    lm = make_model("lstm", 5)
    text = prose(400)
    rec = typed(lm, text, grain=Grain(16, 4))
    shares = list(saturation(rec, 0, 0, 400, thresholds=Thresholds(0.2)))
    assert shares == sorted(shares)
    assert len(shares) == 400 / 16
    assert shares[-1] == 1
    work = saturation(rec, 0, 0, 400, thresholds=Thresholds(0.2))
    next(work)
    work.close()
    assert_right(rec, lm, text, 0, 400, None, USUAL)


def test_by_default_the_thresholds_are_those_by_which_a_recording_counts() -> None:
    for cell in CELLS.values():
        for signal in cell.signals:
            assert signal.scale.saturated(USUAL) == signal.saturated


@pytest.mark.parametrize(("ask", "words"), [
    ({"start": 5, "stop": 5}, "no character stands"),
    ({"stop": 31}, "cannot be counted yet: 30 have been read"),
    ({"layer": 1}, "no layer 1"),
    ({"thresholds": Thresholds(0.9, 0.1)}, "not both"),
    ({"thresholds": Thresholds(bound=1.0)}, "between 0 and 1"),
])  # fmt: skip
def test_what_cannot_be_counted_says_why(make_model: Any, ask: dict[str, Any], words: str) -> None:
    rec = typed(make_model("lstm", 5), prose(30))
    with pytest.raises(NotMeasurable, match=words):
        drain(saturation(rec, **{"layer": 0, "start": 0, "stop": 30, **ask}))
