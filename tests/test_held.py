"""`app.held`: the server's account of what the page holds of one panel."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.held import Held

ONE, TWO = (-1.0, 1.0), (-2.0, 2.0)


def held(start: int, stop: int, bounds: tuple[float, float] = ONE) -> Held:
    return Held(start, stop, bounds)


def test_a_new_panel_lacks_the_whole_window() -> None:
    assert Held().missing(10, 20, ONE) == (10, 20)


def test_a_panel_that_has_the_window_lacks_nothing() -> None:
    assert held(10, 20).missing(10, 20, ONE) is None
    assert held(10, 20).missing(12, 15, ONE) is None


def test_only_the_columns_at_one_end_are_missing_after_a_step_to_either_side() -> None:
    assert held(10, 20).missing(10, 21, ONE) == (20, 21)
    assert held(10, 20).missing(7, 20, ONE) == (7, 10)


def test_columns_missing_on_both_sides_make_one_frame() -> None:
    assert held(10, 20).missing(5, 25, ONE) == (5, 25)


def test_another_range_of_colours_makes_everything_missing() -> None:
    assert held(10, 20).missing(10, 20, TWO) == (10, 20)


def test_a_window_without_columns_lacks_none() -> None:
    assert Held().missing(5, 5, ONE) is None
    assert held(1, 3).missing(9, 3, TWO) is None


def test_an_edit_takes_away_the_columns_from_it_on() -> None:
    account = held(10, 20)
    account.cut(25)
    assert (account.start, account.stop) == (10, 20)
    account.cut(13)
    assert (account.start, account.stop) == (10, 13)
    account.cut(2)
    assert account.start == account.stop


def test_a_window_elsewhere_leaves_nothing() -> None:
    account = held(10, 20)
    account.clip(20, 30)
    assert account.start == account.stop == 20
    assert account.missing(20, 30, ONE) == (20, 30)


step = st.integers(0, 30)
pair = st.tuples(step, step).map(lambda ends: (min(ends), max(ends)))
events = st.lists(
    st.one_of(
        st.tuples(st.just("clip"), pair),
        st.tuples(st.just("cut"), step),
        st.tuples(st.just("send"), st.tuples(step, st.sampled_from([ONE, TWO]))),
    ),
    max_size=30,
)


@given(events)
def test_whatever_happens_the_account_is_what_a_page_would_hold_and_nothing_is_sent_that_it_has(script: list) -> None:
    account, window, text = Held(), (0, 0), 30
    page: set[int] = set()
    page_bounds = None
    for event, detail in script:
        if event == "clip":
            window = detail
            account.clip(*window)
            page &= set(range(*window))
        elif event == "cut":
            text = detail
            account.cut(detail)
            page = {column for column in page if column < detail}
        else:
            text, bounds = max(text, detail[0]), detail[1]
            wanted = set(range(window[0], min(window[1], text)))
            if page_bounds != bounds and wanted:
                page.clear()
            lacks = account.missing(window[0], min(window[1], text), bounds)
            if lacks is None:
                assert wanted <= page
                continue
            sent = set(range(*lacks))
            assert sent <= wanted
            two_sided = page and min(wanted) < min(page) and max(page) < max(wanted)
            assert two_sided or not sent & page, "a column that the page has was sent again"
            account.sent(*lacks, bounds)
            page |= sent
            page_bounds = bounds
            assert wanted <= page
        assert set(range(account.start, account.stop)) == page
