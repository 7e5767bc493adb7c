"""A reading that is stopped, says so, and goes on."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest

from app.compute.model_library import Library
from app.live.protocol import Progress
from tests.support.session_line import (
    HIDDEN,
    Line,
    check_whole_picture,
    opened,
    start_reading,
)
from tests.support.texts import prose

pytestmark = pytest.mark.usefixtures("small_pieces")


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
