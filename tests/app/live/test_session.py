"""`app.live.session`: messages in, frames out. A Python twin of the page follows docs/protocol.md and must see the
truth."""

from __future__ import annotations

import json
import math
from collections import deque
from functools import partial
from itertools import pairwise
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.compute.memory_budget import Budget
from app.compute.model_library import Library
from app.live import reading, run
from app.live.protocol import Progress, parse
from app.live.session import Limits, Session
from app.wire import frames
from models import RequestError, UnknownModel
from models.measures.units.unit_order import by_similarity
from models.network.trace import Trace, mean_surprise
from models.recording import overview, recording
from tests.support.columns_by_hand import assert_columns
from tests.support.page_twin import Page, Picture
from tests.support.socket_client import panel, read_frame
from tests.support.texts import LETTERS, prose

BLOCK, BIN = 8, 4
LIMITS = Limits(characters=300, columns=60, panels=4)
HIDDEN = [("tiny-rnn", 0, "hidden"), ("tiny-gru", 0, "hidden"), ("tiny-lstm", 1, "hidden")]
CHOICES = [
    *HIDDEN,
    ("tiny-gru", 0, "update_gate"),
    ("tiny-lstm", 0, "cell"),
    ("tiny-lstm", 1, "cell"),
    ("tiny-lstm", 0, "forget_gate"),
    ("tiny-lstm@0", 0, "cell"),
    ("tiny-rnn@0", 0, "hidden"),
    ("tiny-gru@0", 0, "hidden"),
]
"""The untrained twins forget a character soon, and to the last bit."""


@pytest.fixture(autouse=True)
def small_measures() -> Any:
    """Short blocks and bins, one block a piece of work, and a frame whenever there is one to send: many borders."""
    with (
        mock.patch.object(recording, "BLOCK", BLOCK),
        mock.patch.object(run, "BLOCK", BLOCK),
        mock.patch.object(run, "PIECE_SECONDS", 1e-9),
        mock.patch.object(reading, "FRAME_SECONDS", 0.0),
        mock.patch.object(reading, "OVERVIEW_SECONDS", 0.0),
        mock.patch.multiple(overview, BIN=BIN),
        mock.patch.object(recording, "BIN", BIN),
        mock.patch.object(reading, "BIN", BIN),
    ):
        yield


class Line:
    """A page and its session with a line between them: messages lie in both directions until they are carried over."""

    def __init__(self, library: Library, limits: Limits = LIMITS, budget: Budget | None = None) -> None:
        self.library = library
        self.session = Session(library, limits, budget or Budget(1 << 40))
        self.up: deque[str] = deque()
        self.down: deque[Any] = deque()
        self.page = Page(lambda message: self.up.append(json.dumps(message)))
        self.seen: list[Any] = []

    def hear(self, messages: int = 10**9) -> None:
        """The session takes in what the page has sent."""
        while self.up and messages:
            self.session.apply(parse(self.up.popleft()))
            messages -= 1

    def work(self, pieces: int = 10**9) -> None:
        while pieces:
            piece = self.session.next()
            if piece is None:
                return
            self.down.extend(piece.do())
            pieces -= 1

    def deliver(self, messages: int = 10**9) -> None:
        """The page gets what the session has sent."""
        while self.down and messages:
            item = self.down.popleft()
            if isinstance(item, bytes):
                item = read_frame(item)
                self.page.take(*item)
            self.seen.append(item)
            messages -= 1

    def settle(self) -> list[Any]:
        """Carry everything over and work until nothing is left; what the page got meanwhile."""
        self.seen = []
        self.hear()
        self.work()
        self.deliver()
        return self.seen

    def steps(self) -> list[int]:
        """How far each model has read."""
        return [one.run.steps if one.begun else 0 for one in self.session._readings.values()]

    def groups(self, model: str, start: int, stop: int, per: int) -> list[range]:
        """The steps of each wide column, by where the blocks of the recording lie."""
        whole, blocks = per >= BLOCK, self.session._readings[model].run.recording._blocks
        edges = [*(block.start for block in blocks), len(self.page.text)]
        bins = [
            range(low, min(low + (BLOCK if whole else BIN), after))
            for first, after in pairwise(edges)
            for low in range(first, after, BLOCK if whole else BIN)
        ]
        out = []
        for begin in range(start, stop, per):
            mine = [one for one in bins if begin <= one.start < begin + per] or [bins[-1]]
            out.append(range(mine[0].start, mine[-1].stop))
        return out


def along_decades(values: np.ndarray, high: float) -> np.ndarray:
    """Where values stand on the symmetric logarithmic scale from −high to high, −1 … 1; docs/protocol.md says it so."""
    return np.asarray([math.copysign(math.log1p(abs(v) / 0.1) / math.log1p(high / 0.1), v) for v in np.ravel(values)])


def trace_of(library: Library, model: str, text: str) -> Trace:
    return library.get(model).lm.trace(text)


def check_panel(line: Line, key: tuple[str, int, str], picture: Picture, groups: list[range]) -> None:
    """Each column of a panel shows what the trace of the page's text says of its group of steps."""
    page, (model, layer, signal) = line.page, key
    declared = line.library.cell(model)[0].signal(signal)
    trace = trace_of(line.library, model, page.text)
    values = trace[f"{layer}.{signal}"].numpy()
    low, high = picture.bounds
    columns = [picture.columns[step] for step in sorted(picture.columns)]
    cells = np.stack([cells for cells, _, _ in columns])
    logarithmic = picture.scale == "log"
    if page.per == 1 and logarithmic:
        exact = along_decades(values[[steps.start for steps in groups]], high).reshape(cells.shape)
        assert np.abs(cells - (exact + 1) / 2 * frames.LEVELS).max() <= 0.501
    elif page.per == 1:
        np.testing.assert_array_equal(cells, frames.quantise(values[[steps.start for steps in groups]], low, high))
    elif logarithmic:
        shown = cells.astype(np.float64) / frames.LEVELS * 2 - 1
        drawn = partial(along_decades, high=high)
        assert_columns(shown, values, groups, page.show, declared, 1.02 / frames.LEVELS, (low, high), drawn)
    else:
        assert (cells <= frames.LEVELS).all()
        level = (high - low) / frames.LEVELS
        kept = 0.0 if declared.range is None or page.per < BIN else (declared.range[1] - declared.range[0]) / 254
        within = 0.5001 * max(level, kept) if level == kept else 0.5001 * (level + kept)
        if page.show == "mean":
            within += level / 100  # it is kept in 65,536 levels
        shown = low + cells.astype(np.float64) * level
        assert_columns(shown, values, groups, page.show, declared, within, (low, high))
    exact = [range(step, min(step + page.per, len(page.text))) for step in sorted(picture.columns)]
    check_surprise([(mean, peak) for _, mean, peak in columns], trace, exact)


def check_surprise(shown: list[tuple[np.float32, np.float32]], trace: Trace, groups: list[range]) -> None:
    for (mean, peak), steps in zip(shown, groups, strict=True):
        bits = trace.surprise.numpy()[steps.start : steps.stop]
        known = bits[~np.isnan(bits)].astype(np.float64)
        assert mean == pytest.approx(known.mean() if len(known) else np.nan, rel=1e-6, nan_ok=True)
        assert peak == pytest.approx(known.max() if len(known) else np.nan, rel=0, nan_ok=True)


def check_nothing_false(line: Line) -> None:
    """Every column that the page shows is one of its own text; wide ones are looked at when all has settled."""
    page = line.page
    for key, picture in page.pictures.items():
        steps = sorted(picture.columns)
        if not steps:
            continue
        assert page.window[0] <= steps[0]
        assert steps[-1] < min(page.window[1], len(page.text))
        if page.per < BIN:
            check_panel(line, key, picture, [range(k, min(k + page.per, len(page.text))) for k in steps])
    for model, strip in page.strips.items():
        groups = [range(k, min(k + strip.per, len(page.text))) for k in sorted(strip.columns)]
        shown = [strip.columns[steps.start] for steps in groups]
        trace = trace_of(line.library, model, page.text)
        for mean, steps in zip(shown, groups, strict=True):
            bits = trace.surprise.numpy()[steps.start : steps.stop]
            known = bits[~np.isnan(bits)].astype(np.float64)
            assert mean == pytest.approx(known.mean() if len(known) else np.nan, rel=1e-6, nan_ok=True)


def check_whole_picture(line: Line) -> None:
    """The page shows what a fresh run over its text gives, in every panel and in the overview."""
    page, length = line.page, len(line.page.text)
    check_nothing_false(line)
    unbounded = [0.0]
    for model, layer, signal in page.pictures:
        if signal == "cell" and length:
            unbounded.append(float(trace_of(line.library, model, page.text)[f"{layer}.cell"].abs().max()))
    shared = (-page.scale, page.scale) if isinstance(page.scale, float) else frames.symmetric_range(max(unbounded))
    if page.scale is None:
        shared = next((-high, high) for high in (1.0, 10.0, 100.0, 1000.0) if max(unbounded) <= high)
    for key, picture in page.pictures.items():
        model, layer, signal = key
        start, stop = page.window[0], min(page.window[1], length)
        assert sorted(picture.columns) == list(range(start, stop, page.per))
        assert picture.steps == length
        if picture.columns:
            known = {"cell": shared, "hidden": (-1.0, 1.0), "candidate": (-1.0, 1.0)}
            share = page.per > 1 and page.show == "saturated"
            assert picture.bounds == ((0.0, 1.0) if share else known.get(signal, (0.0, 1.0))), f"{layer}.{signal}"
            assert picture.scale == ("log" if page.scale is None and signal == "cell" and not share else "linear")
            if page.per >= BIN:
                check_panel(line, key, picture, line.groups(model, start, stop, page.per))
        trace = trace_of(line.library, model, page.text)
        assert picture.scored == int((~trace.surprise.isnan()).sum())
        bits = mean_surprise(trace.surprise.numpy())
        assert picture.bits is None if np.isnan(bits) else picture.bits == pytest.approx(bits, rel=1e-9)
    for strip in page.strips.values() if page.room else ():
        per = next(2**k for k in range(40) if length <= page.room * 2**k)
        assert sorted(strip.columns) == list(range(0, length, per))
        assert strip.per == per or not length


def opened(
    library: Library, text: str, panels: list[tuple[str, int, str]], window: tuple[int, int] = (0, 60), **how: Any
) -> Line:
    line = Line(library)
    line.page.view(panels, window, **how)
    line.page.say_text(text)
    line.settle()
    check_whole_picture(line)
    return line


# ── the whole ────────────────────────────────────────────────────────────────────────────────────────

some_text = st.text(st.sampled_from(LETTERS + "€😀"), max_size=30)
long_text = st.builds(prose, st.integers(0, 150), st.integers(0, 3))
window = st.tuples(st.integers(0, 90), st.integers(0, 60)).map(lambda at: (at[0], at[0] + at[1]))
pers = st.sampled_from([1, 1, 1, 2, 4, 8, 16, 32])
shows = st.sampled_from(["extreme", "mean", "lowest", "highest", "saturated"])
panels = st.lists(st.sampled_from(CHOICES), max_size=4, unique=True)
action = st.one_of(
    st.tuples(st.just("edit"), st.floats(0, 1), st.integers(0, 20), some_text, st.none() | window),
    st.tuples(st.just("edit"), st.floats(0, 1), st.integers(0, 150), long_text, st.none()),
    st.tuples(st.just("edit"), st.just(1.0), st.just(0), some_text, st.none()),
    st.tuples(st.just("back and forth"), st.floats(0, 1)),
    st.tuples(st.just("text"), some_text | long_text, st.none() | window),
    st.tuples(
        st.just("view"),
        panels,
        window,
        st.sampled_from([None, None, "largest", 0.5, 3.0]),
        pers,
        shows,
        st.sampled_from([0, 9]),
    ),
    st.tuples(st.just("zoom"), window, pers, shows),
    st.tuples(st.just("hear"), st.integers(1, 3)),
    st.tuples(st.just("work"), st.integers(1, 6)),
    st.tuples(st.just("deliver"), st.integers(1, 4)),
    st.tuples(st.sampled_from(["cancel", "inspect", "arrange", "repeat"])),
)


def columns_at(window: tuple[int, int] | None, per: int) -> tuple[int, int] | None:
    """A window of so many columns, in steps: those of wide columns begin earlier, so as to lie within short texts."""
    return window and (window[0] // per * per, (window[0] // per + window[1] - window[0]) * per)


@settings(max_examples=120)
@given(start=some_text | long_text, shown=panels, at=window, script=st.lists(action, max_size=25))
def test_whatever_is_done_in_whatever_order_the_page_ends_with_the_picture_of_a_fresh_run(
    library: Library, start: str, shown: list[Any], at: tuple[int, int], script: list[Any]
) -> None:
    line = Line(library)
    page = line.page
    page.view(shown, at)
    page.say_text(start)
    last = line.up[-1]
    for name, *details in script:
        if name == "edit":
            where, remove, insert, moved = details
            place = round(where * len(page.text))
            if len(page.text) + len(insert) <= LIMITS.characters:
                page.edit(place, min(remove, len(page.text) - place), insert, columns_at(moved, page.per))
                last = line.up[-1]
        elif name == "back and forth":  # the text is what it was, and so is every state behind the place
            place = round(details[0] * len(page.text))
            gone = page.text[place : place + 3]
            page.edit(place, len(gone), "")
            if place % 2:
                line.settle()
            page.edit(place, 0, gone)
            last = line.up[-1]
        elif name == "text":
            page.say_text(details[0], columns_at(details[1], page.per))
        elif name == "view":
            shown, at, scale, per, show, room = details
            page.view(shown, columns_at(at, per), scale, per=per, show=show, room=room)
        elif name == "zoom":
            at, per, show = details
            page.view(list(page.pictures), columns_at(at, per), page.scale, per=per, show=show, room=page.room)
        elif name == "cancel":
            line.up.append('{"type": "cancel"}')
        elif name == "inspect":
            line.up.append(json.dumps({"type": "inspect", "step": len(page.text) // 2}))
        elif name == "arrange" and page.pictures and not line.up:
            line.up.append(json.dumps({"type": "arrange", **panel(*(next(iter(page.pictures))[k] for k in (0, 2, 1)))}))
        elif name == "repeat" and '"edit"' in last:
            without_window = {k: v for k, v in json.loads(last).items() if k != "window"}
            line.up.append(json.dumps(without_window))  # a page that is not sure sends an edit again
        elif name == "hear":
            line.hear(details[0])
        elif name == "work":
            line.work(details[0])
        elif name == "deliver":
            line.deliver(details[0])
            check_nothing_false(line)
    page.again()  # goes on if it was stopped
    line.settle()
    check_whole_picture(line)
    assert line.settle() == []


def test_typing_a_text_character_by_character_ends_with_the_picture_of_reading_it_whole(library: Library) -> None:
    line = opened(library, "", HIDDEN)
    for character in prose(45):
        line.page.edit(len(line.page.text), 0, character)
        line.settle()
    check_whole_picture(line)


@pytest.mark.parametrize("per", [4, 8, 16])
@pytest.mark.parametrize("show", ["extreme", "lowest", "saturated", "mean"])
def test_wide_columns_are_right_also_where_their_stretches_begin_anywhere(
    library: Library, per: int, show: str
) -> None:
    """Behind an edit that is soon forgotten the blocks are moved, and with them what wide columns are made of."""
    forgetful = [("tiny-rnn@0", 0, "hidden"), ("tiny-gru@0", 0, "update_gate")]
    line = opened(library, prose(150), forgetful, (0, 160 if per > 2 else 40), per=per, show=show, room=20)
    page = line.page
    for at, insert in [(0, "ab"), (30, "c"), (100, "def")]:
        page.edit(at, 0, insert)
        line.settle()
        check_whole_picture(line)
    for at in range(60, 80):
        page.edit(at, 1, "z")
        line.hear()
        line.work(1)
        line.deliver()
        line.settle()
        check_whole_picture(line)
    for character in prose(9):
        page.edit(len(page.text), 0, character)
        line.settle()
        check_whole_picture(line)


# ── nothing twice ────────────────────────────────────────────────────────────────────────────────────


def columns_of(seen: list[Any]) -> dict[tuple[str, str], tuple[int, int]]:
    """From where to where each panel was sent columns, none of them twice and none left out between."""
    spans: dict[tuple[str, str], tuple[int, int]] = {}
    for message, _ in seen:
        key, first, last = (message["model"], message["signal"]), message["from"], message["to"]
        start, stop = spans.get(key, (first, first))
        assert first == stop or last == start, "the frames of a panel follow each other"
        spans[key] = min(start, first), max(stop, last)
    return spans


def test_a_keystroke_at_the_end_of_a_text_costs_one_frame_of_one_column_a_panel(library: Library) -> None:
    line = opened(library, prose(40), HIDDEN)
    line.page.edit(40, 0, "e")
    line.hear()
    line.work()
    raw = list(line.down)
    seen = line.settle()
    assert [(m["from"], m["to"], m["steps"], m["length"]) for m, _ in seen] == [(40, 41, 41, 41)] * 3
    for frame, (message, tensors) in zip(raw, seen, strict=True):
        header = int.from_bytes(frame[:8], "little")
        units = line.library.entries[message["model"]].card.units
        assert tensors["cells"].shape == (1, units)
        assert units + 8 <= len(frame) - 8 - header < units + 16, "a byte a unit, eight for the surprise, and padding"
        assert len(frame) < 800


def test_an_edit_in_the_middle_sends_what_follows_it_and_nothing_before(library: Library) -> None:
    line = opened(library, prose(40), HIDDEN)
    line.page.edit(25, 1, "xy")
    frames_seen = [item for item in line.settle() if isinstance(item, tuple)]
    assert min(m["from"] for m, _ in frames_seen) == 25
    for model, _, _ in HIDDEN:
        spans = [(m["from"], m["to"]) for m, _ in frames_seen if m["model"] == model]
        assert sum(to - start for start, to in spans) == 41 - 25
    check_whole_picture(line)


def test_scrolling_sends_only_the_columns_that_come_into_view(library: Library) -> None:
    line = opened(library, prose(100), HIDDEN, window=(0, 50))
    line.page.view(HIDDEN, (7, 57))
    assert set(columns_of(line.settle()).values()) == {(50, 57)}
    line.page.view(HIDDEN, (3, 53))
    assert set(columns_of(line.settle()).values()) == {(3, 7)}
    line.page.view(HIDDEN, (10, 40))
    assert line.settle() == []
    check_whole_picture(line)


def test_a_new_panel_costs_the_others_nothing(library: Library) -> None:
    line = opened(library, prose(40), HIDDEN)
    line.page.view([*HIDDEN, ("tiny-gru", 0, "update_gate")], (0, 60))
    assert columns_of(line.settle()) == {("tiny-gru", "update_gate"): (0, 40)}
    check_whole_picture(line)


def test_the_same_view_again_sends_nothing(library: Library) -> None:
    line = opened(library, prose(40), HIDDEN)
    line.page.view(HIDDEN, (0, 60))
    assert line.settle() == []


def test_an_edit_out_of_view_says_how_far_the_model_has_read_without_columns(library: Library) -> None:
    line = opened(library, prose(60), HIDDEN[:1], window=(0, 30))
    line.page.edit(60, 0, "e")
    (only,) = line.settle()
    message, tensors = only
    assert message["from"] == message["to"]
    assert (message["steps"], message["length"], message["scored"]) == (61, 61, 60)
    assert tensors["cells"].shape[0] == tensors["surprise"].shape[0] == 0


def test_a_cell_state_that_outgrows_its_range_comes_anew_with_the_wider_one_in_all_panels(library: Library) -> None:
    cells = [("tiny-lstm", 0, "cell"), ("tiny-lstm", 1, "cell")]
    text = prose(60)
    trace = trace_of(library, "tiny-lstm", text)
    peaks = [max(float(trace[f"{k}.cell"][: n + 1].abs().max()) for k in (0, 1)) for n in range(60)]
    ranges = [frames.symmetric_range(peak) for peak in peaks]
    grows = next(n for n in range(1, 60) if ranges[n] != ranges[n - 1])
    line = opened(library, text[:grows], cells)
    line.page.edit(grows, 0, text[grows])
    seen = line.settle()
    wider = [item for item in seen if (item[0]["low"], item[0]["high"]) == ranges[grows]]
    assert {(m["layer"], m["to"]) for m, _ in wider} >= {(0, grows + 1), (1, grows + 1)}
    assert min(m["from"] for m, _ in wider) == 0
    assert len(wider) == len(seen)
    line.page.edit(grows, 1, "")
    assert {(m["low"], m["high"]) for m, _ in line.settle()} == {ranges[grows - 1]}
    check_whole_picture(line)


def test_a_cell_state_that_comes_into_view_after_the_reading_is_drawn_over_its_whole_range(library: Library) -> None:
    line = opened(library, prose(200), HIDDEN)
    peak = float(trace_of(library, "tiny-lstm", line.page.text)["0.cell"].abs().max())
    assert peak > 1, "else this test shows nothing"
    line.page.view([*HIDDEN, ("tiny-lstm", 0, "cell")], (0, 60))
    assert {(m["low"], m["high"]) for m, _ in line.settle()} == {frames.symmetric_range(peak)}
    check_whole_picture(line)


def test_a_chosen_scale_ends_the_colours_of_unbounded_signals_only_and_stays_until_another_view(
    library: Library,
) -> None:
    shown = [("tiny-lstm", 0, "cell"), ("tiny-lstm", 0, "hidden"), ("tiny-lstm@0", 0, "cell")]
    line = opened(library, prose(40), shown)
    line.page.view(shown, (0, 60), scale=0.7)
    seen = line.settle()
    assert columns_of(seen) == {("tiny-lstm", "cell"): (0, 40), ("tiny-lstm@0", "cell"): (0, 40)}
    assert {(m["low"], m["high"]) for m, _ in seen} == {(-0.7, 0.7)}
    check_whole_picture(line)
    line.page.edit(40, 0, "abc")
    assert {(m["from"], m["to"]) for m, _ in line.settle()} == {(40, 43)}
    check_whole_picture(line)
    line.page.view(shown, (0, 60))
    line.settle()
    check_whole_picture(line)


def test_one_piece_of_work_reads_at_most_one_block_and_the_model_furthest_behind_goes_first(library: Library) -> None:
    line = Line(library)
    line.page.view(HIDDEN, (0, 0))
    line.page.say_text(prose(40))
    line.hear()
    behind = []
    while (piece := line.session.next()) is not None:
        before = line.steps()
        piece.do()
        assert sum(line.steps()) - sum(before) <= BLOCK
        behind.append(max(line.steps()) - min(line.steps()))
    assert max(behind) <= BLOCK


# ── cancel ───────────────────────────────────────────────────────────────────────────────────────────


def start_reading(library: Library, text: str, pieces: int = 8) -> Line:
    line = Line(library)
    line.page.view(HIDDEN, (0, 60))
    line.page.say_text(text)
    line.hear()
    line.work(pieces)
    line.deliver()
    line.seen = []
    return line


def stops(seen: list[Any]) -> list[Progress]:
    return [item for item in seen if isinstance(item, Progress) and item.stopped]


def test_cancel_stops_where_it_is_and_says_so_once_for_each_model(library: Library) -> None:
    line = start_reading(library, prose(200))
    line.up.append('{"type": "cancel"}')
    told = stops(line.settle())
    assert sorted(p.model for p in told) == sorted(model for model, _, _ in HIDDEN)
    for progress in told:
        assert (progress.revision, progress.length) == (0, 200)
        assert 0 < progress.steps < 200
    line.up.append('{"type": "cancel"}')
    assert line.settle() == []


@pytest.mark.parametrize("how", ["edit", "view", "text"])
def test_a_stopped_reading_goes_on_after_an_edit_a_view_or_a_text(library: Library, how: str) -> None:
    line = start_reading(library, prose(200))
    line.up.append('{"type": "cancel"}')
    line.settle()
    if how == "edit":
        line.page.edit(200, 0, "x")
    elif how == "view":
        line.page.view(HIDDEN, (0, 60))
        line.settle()
        assert line.page.pictures[HIDDEN[0]].steps < 200, "who only looks about has not said that it shall go on"
        line.page.again()
    else:
        line.page.say_text(prose(100))
    line.settle()
    check_whole_picture(line)


def test_a_reading_stopped_again_says_so_again(library: Library) -> None:
    line = start_reading(library, prose(250))
    line.up.append('{"type": "cancel"}')
    assert len(stops(line.settle())) == 3
    line.page.again()
    line.hear()
    line.work(4)
    line.up.append('{"type": "cancel"}')
    assert len(stops(line.settle())) == 3


def test_cancel_after_the_end_says_nothing(library: Library) -> None:
    line = opened(library, prose(40), HIDDEN)
    line.up.append('{"type": "cancel"}')
    assert line.settle() == []


def test_a_long_reading_says_now_and_then_how_far_it_is(library: Library) -> None:
    line = Line(library)
    line.page.view(HIDDEN[:1], (0, 10))
    line.page.say_text(prose(300))
    with mock.patch("app.live.run.PROGRESS_SECONDS", 0.0):
        told = [item for item in line.settle() if isinstance(item, Progress)]
    assert [p.steps for p in told] == [*range(8, 300, 8), 300]
    assert all(p.length == 300 and p.model == "tiny-rnn" and not p.stopped for p in told)
    assert all(p.steps_per_second > 0 and p.remaining_seconds >= 0 for p in told)
    assert told[-1].remaining_seconds == 0


# ── inspect and arrange ──────────────────────────────────────────────────────────────────────────────


def ask(line: Line, **message: Any) -> list[Any]:
    line.up.append(json.dumps(message))
    return line.settle()


def check_column(library: Library, text: str, item: tuple[dict[str, Any], dict[str, np.ndarray]]) -> None:
    message, tensors = item
    trace = trace_of(library, message["model"], text)
    names = library.get(message["model"]).lm.cell.names()
    expected = np.stack([trace[f"{message['layer']}.{name}"][message["step"]].numpy() for name in names])
    np.testing.assert_array_equal(tensors["signals"], expected)
    np.testing.assert_array_equal(tensors["log_probabilities"], trace.log_probabilities[message["step"]].numpy())


def test_inspect_gives_the_exact_values_of_each_model_and_layer_in_view(library: Library) -> None:
    text = prose(40)
    line = opened(library, text, [*HIDDEN, ("tiny-lstm", 0, "cell")])
    seen = ask(line, type="inspect", step=17)
    assert [(m["type"], m["model"], m["layer"], m["step"]) for m, _ in seen] == [
        ("column", "tiny-rnn", 0, 17),
        ("column", "tiny-gru", 0, 17),
        ("column", "tiny-lstm", 1, 17),
        ("column", "tiny-lstm", 0, 17),
    ]
    for item in seen:
        check_column(library, text, item)
    assert line.settle() == []


def test_of_several_steps_asked_for_the_newest_wins(library: Library) -> None:
    line = opened(library, prose(40), HIDDEN)
    for step in (3, 30, 11):
        line.up.append(json.dumps({"type": "inspect", "step": step}))
    assert [m["step"] for m, _ in line.settle()] == [11, 11, 11]


def test_a_step_that_is_not_read_yet_is_answered_once_it_is(library: Library) -> None:
    text = prose(200)
    line = start_reading(library, text, pieces=5)
    seen = ask(line, type="inspect", step=150)
    columns = [item for item in seen if isinstance(item, tuple) and item[0]["type"] == "column"]
    assert [m["model"] for m, _ in columns] == ["tiny-rnn", "tiny-gru", "tiny-lstm"]
    for item in columns:
        check_column(library, text, item)


def test_a_step_beyond_the_text_is_not_answered_also_when_the_text_grows_later(library: Library) -> None:
    line = opened(library, prose(40), HIDDEN)
    assert ask(line, type="inspect", step=40) == []
    line.page.edit(40, 0, "abc")
    assert all(m["type"] == "columns" for m, _ in line.settle())


def test_arrange_gives_the_order_over_the_window(library: Library) -> None:
    text = prose(80)
    line = opened(library, text, HIDDEN, window=(20, 70))
    ((message, tensors),) = ask(line, type="arrange", **panel("tiny-gru", "hidden"))
    expected = by_similarity(trace_of(library, "tiny-gru", text)["0.hidden"].numpy()[20:70])
    where = {"type": "order", "revision": 0, "model": "tiny-gru", "layer": 0, "signal": "hidden"}
    assert message == where
    assert tensors["order"].tolist() == expected.tolist()
    assert line.settle() == []


def test_an_order_waits_until_the_window_has_been_read(library: Library) -> None:
    text = prose(100)
    line = start_reading(library, text, pieces=5)
    seen = ask(line, type="arrange", **panel("tiny-lstm", "hidden", 1))
    (order,) = [tensors["order"] for m, tensors in (i for i in seen if isinstance(i, tuple)) if m["type"] == "order"]
    expected = by_similarity(trace_of(library, "tiny-lstm", text)["1.hidden"].numpy()[:60])
    assert order.tolist() == expected.tolist()


# ── what cannot be done ──────────────────────────────────────────────────────────────────────────────

gru = panel("tiny-gru", "hidden")


def of(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, **fields}


def showing(*panels: dict[str, Any], window: tuple[int, int] = (0, 9)) -> dict[str, Any]:
    return of("view", panels=panels, window=window)


FAULTS = {
    "a text too long": (of("text", revision=9, text="x" * 301), "text_too_long", "300"),
    "an edit that makes it too long": (
        of("edit", revision=1, at=0, remove=3, insert="x" * 264),
        "text_too_long",
        "301",
    ),
    "a window too wide": (showing(gru, window=(0, 61)), "window_too_wide", "61"),
    "a text with a window too wide": (of("text", revision=9, text="x", window=[0, 61]), "window_too_wide", "61"),
    "an edit with a window too wide": (
        of("edit", revision=1, at=0, remove=0, insert="x", window=[5, 80]),
        "window_too_wide",
        "75",
    ),
    "too many panels": (showing(*[gru] * 5), "too_many_panels", "5"),
    "an unknown model": (showing(panel("tiny-rnm", "hidden")), "unknown_model", "tiny-rnn"),
    "an unknown checkpoint": (showing(panel("tiny-rnn@7", "hidden")), "unknown_model", "tiny-rnn@0"),
    "no checkpoint's number": (showing(panel("tiny-rnn@", "hidden")), "unknown_model", "@0"),
    "an unknown layer": (showing(panel("tiny-lstm", "hidden", 2)), "unknown_layer", "0 to 1"),
    "an unknown signal": (showing(panel("tiny-rnn", "cell")), "unknown_signal", "hidden"),
    "a good panel before a bad one": (showing(gru, panel("tiny-rnn", "cell")), "unknown_signal", "hidden"),
    "a gap in the revisions": (of("edit", revision=2, at=0, remove=0, insert="x"), "out_of_sync", "whole text"),
    "an edit beyond the end": (of("edit", revision=1, at=38, remove=3, insert=""), "out_of_sync", "whole text"),
    "an order of a panel not in view": (of("arrange", **panel("tiny-gru", "candidate")), "not_in_view", "Open"),
    "an order of an unknown model": (of("arrange", **panel("nobody", "hidden")), "unknown_model", "tiny-rnn"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_done_is_an_error_that_names_the_fault_and_changes_nothing(library: Library, fault: str) -> None:
    message, code, named = FAULTS[fault]
    line = opened(library, prose(40), HIDDEN)
    with pytest.raises((RequestError, UnknownModel)) as raised:
        line.session.apply(parse(json.dumps(message)))
    assert raised.value.code == code
    assert named in str(raised.value)
    assert line.settle() == []
    assert line.session.text == line.page.text
    line.page.edit(10, 2, "mended")
    line.settle()
    check_whole_picture(line)


def test_the_limits_themselves_are_allowed(library: Library) -> None:
    line = Line(library)
    line.page.view([*HIDDEN, ("tiny-gru", 0, "candidate")], (200, 260))
    line.page.say_text(prose(300))
    line.settle()
    check_whole_picture(line)


@pytest.mark.parametrize("revision", [0, 3])
def test_an_edit_whose_revision_the_server_has_is_ignored(library: Library, revision: int) -> None:
    line = opened(library, prose(40), HIDDEN)
    for character in "abc":
        line.page.edit(0, 0, character)
    line.settle()
    text = line.session.text
    assert ask(line, type="edit", revision=revision, at=0, remove=5, insert="again", window=[9, 20]) == []
    assert (line.session.text, line.session.revision, line.session._view.window.start) == (text, 3, 0)


def test_after_a_gap_the_whole_text_brings_both_together_again(library: Library) -> None:
    line = opened(library, prose(40), HIDDEN)
    line.page.edit(3, 0, "lost")
    line.up.clear()
    line.page.edit(9, 0, "heard")
    with pytest.raises(RequestError, match="Send the whole text"):
        line.hear()
    line.page.say_text(line.page.text)
    line.settle()
    check_whole_picture(line)


def test_without_a_text_there_is_nothing_to_do(library: Library) -> None:
    session = Session(library, LIMITS, Budget(1 << 30))
    assert session.next() is None
    session.apply(parse(json.dumps({"type": "view", "panels": [gru], "window": [0, 10]})))
    assert session.next() is None


def test_a_model_out_of_view_is_let_go_and_read_anew_when_it_comes_back(library: Library) -> None:
    line = opened(library, prose(40), HIDDEN)
    line.page.view(HIDDEN[:1], (0, 60))
    line.settle()
    assert list(line.session._readings) == ["tiny-rnn"]
    line.page.edit(5, 0, "new")
    line.page.view(HIDDEN, (0, 60))
    line.settle()
    check_whole_picture(line)


@pytest.mark.parametrize("at", [(0, 60), (100, 160)])
def test_a_text_with_a_revision_that_the_server_has_starts_the_session_again(
    library: Library, at: tuple[int, int]
) -> None:
    line = opened(library, prose(40), HIDDEN, window=at)
    for text in (prose(40), ""):
        seen = [item[0] for item in ask(line, type="text", revision=0, text=text) if isinstance(item, tuple)]
        assert {m["model"] for m in seen if m["steps"] == m["length"] == len(text)} == {model for model, _, _ in HIDDEN}
        assert sum(m["to"] - m["from"] for m in seen) == 3 * len(range(*at)[: max(0, len(text) - at[0])])


def test_an_order_asked_for_many_times_is_given_once_and_one_a_piece_of_work(library: Library) -> None:
    line = opened(library, "so it was and so it is " * 2, HIDDEN, (0, 40))
    for _ in range(50):
        for model, layer, signal in HIDDEN:
            line.up.append(json.dumps({"type": "arrange", **panel(model, signal, layer)}))
    line.hear()
    pieces = []
    while (piece := line.session.next()) is not None:
        pieces.append(len(piece.do()))
    assert pieces == [1, 1, 1]
