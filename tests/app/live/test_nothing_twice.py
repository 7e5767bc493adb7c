"""A session sends each column once, and what has changed only."""

from __future__ import annotations

from typing import Any

import pytest

from app.compute.model_library import Library
from models.figures import spacing
from tests.support.session_line import (
    BLOCK,
    HIDDEN,
    Line,
    check_whole_picture,
    opened,
    trace_of,
)
from tests.support.texts import prose

pytestmark = pytest.mark.usefixtures("small_pieces")


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
    ranges = [spacing.symmetric_range(peak) for peak in peaks]
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
    assert {(m["low"], m["high"]) for m, _ in line.settle()} == {spacing.symmetric_range(peak)}
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
