"""`app.live.sent_columns`: the server's account of what the page holds of one panel."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.live.sent_columns import Look, SentColumns

ONE, TWO = Look((-1.0, 1.0)), Look((-2.0, 2.0))
WIDE = Look((-1.0, 1.0), 4)


def held(start: int, stop: int, look: Look = ONE) -> SentColumns:
    return SentColumns(start, stop, look)


def test_a_new_panel_lacks_the_whole_window() -> None:
    assert SentColumns().missing(10, 20, ONE) == (10, 20)


def test_a_panel_that_has_the_window_lacks_nothing() -> None:
    assert held(10, 20).missing(10, 20, ONE) is None
    assert held(10, 20).missing(12, 15, ONE) is None


def test_only_the_columns_at_one_end_are_missing_after_a_step_to_either_side() -> None:
    assert held(10, 20).missing(10, 21, ONE) == (20, 21)
    assert held(10, 20).missing(7, 20, ONE) == (7, 10)


def test_of_columns_missing_on_both_sides_those_before_come_first() -> None:
    account = held(10, 20)
    assert account.missing(5, 25, ONE) == (5, 10)
    account.sent(5, 10, ONE)
    assert account.missing(5, 25, ONE) == (20, 25)


@pytest.mark.parametrize("look", [TWO, WIDE, Look((-1.0, 1.0), 1, "mean")])
def test_another_look_makes_everything_missing(look: Look) -> None:
    assert held(8, 20).missing(8, 20, look) == (8, 20)


def test_a_window_without_columns_lacks_none() -> None:
    assert SentColumns().missing(5, 5, ONE) is None
    assert held(1, 3).missing(9, 3, TWO) is None


def test_an_edit_takes_away_the_columns_from_it_on() -> None:
    account = held(10, 20)
    account.cut(25)
    assert (account.start, account.stop) == (10, 20)
    account.cut(13)
    assert (account.start, account.stop) == (10, 13)
    account.cut(2)
    assert account.start == account.stop


def test_an_edit_takes_away_the_wide_column_in_which_it_lies() -> None:
    account = held(8, 30, WIDE)  # the last column is the text's last and not whole
    account.cut(30)
    assert (account.start, account.stop) == (8, 28)
    account.cut(16)
    assert (account.start, account.stop) == (8, 16)
    account.cut(15)
    assert (account.start, account.stop) == (8, 12)


def test_a_window_elsewhere_leaves_nothing() -> None:
    account = held(10, 20)
    account.clip(20, 30)
    assert account.start == account.stop == 20
    assert account.missing(20, 30, ONE) == (20, 30)


def test_what_is_made_at_once_is_whole_columns_next_to_what_is_held() -> None:
    assert held(40, 60).next(0, 100, ONE, 16) == (24, 40)
    assert held(0, 60).next(0, 100, ONE, 16) == (60, 76)
    assert held(0, 60).next(0, 70, ONE, 16) == (60, 70)
    assert held(40, 60, WIDE).next(0, 100, WIDE, 10) == (32, 40)
    assert held(40, 60, WIDE).next(0, 100, Look((-1.0, 1.0), 32), 10) == (0, 32), "one column at least"


step = st.integers(0, 30)
looks = st.sampled_from([ONE, TWO, WIDE, Look((0.0, 1.0), 4, "saturated")])
events = st.lists(
    st.one_of(
        st.tuples(st.just("clip"), step, step),
        st.tuples(st.just("cut"), step),
        st.tuples(st.just("send"), step, looks, st.integers(1, 40)),
    ),
    max_size=40,
)


@given(events)
def test_whatever_happens_the_account_is_what_a_page_would_hold_and_nothing_is_sent_that_it_has(script: list) -> None:
    """The page is a set of the first steps of the columns that it holds."""
    account, window, text = SentColumns(), (0, 0), 30
    page: set[int] = set()
    mine: Look | None = None
    for event, *detail in script:
        per = mine.per if mine else 1
        if event == "clip":
            window = min(detail) // 4 * 4, max(detail) // 4 * 4
            account.clip(*window)
            page &= set(range(*window))
        elif event == "cut":
            text = detail[0]
            account.cut(text)
            page = {column for column in page if column + per <= text}
        else:
            grown, look, most = detail
            if grown > text:
                account.cut(text)  # a text grows by an edit
                page = {column for column in page if column + per <= text}
                text = grown
            stop = min(window[1], text)
            while (lacks := account.next(window[0], stop, look, most)) is not None:
                sent = set(range(*lacks, look.per))
                if mine != look:
                    page.clear()
                assert sent, "a frame that brings nothing"
                assert (lacks[1] - lacks[0]) <= max(most, look.per)
                assert sent <= set(range(window[0], stop, look.per))
                assert not sent & page, "a column that the page has was sent again"
                account.sent(*lacks, look)
                page, mine = page | sent, look
            assert set(range(window[0], stop, look.per)) <= page
        assert set(range(account.start, account.stop, mine.per if mine else 1)) == page
