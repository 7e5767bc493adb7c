"""`app.live.session`: messages in, frames out. A Python twin of the page follows docs/protocol.md and must see the
truth.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.compute.memory_budget import Budget
from app.compute.model_library import Library
from app.live.protocol import parse
from app.live.session import Session
from models import RequestError
from tests.support.session_line import (
    CHOICES,
    HIDDEN,
    LIMITS,
    Line,
    ask,
    check_nothing_false,
    check_whole_picture,
    opened,
)
from tests.support.socket_client import panel
from tests.support.texts import LETTERS, prose

pytestmark = pytest.mark.usefixtures("small_pieces")


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
    session.apply(parse(json.dumps({"type": "view", "panels": [panel("tiny-gru", "hidden")], "window": [0, 10]})))
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
