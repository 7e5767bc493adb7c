"""`models.measures.comparison.alignment`, `.two_texts`: the distance against its definition, the states against two
traces."""

from __future__ import annotations

from functools import cache
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import NotMeasurable
from models.measures import drain
from models.measures.comparison import alignment
from models.measures.comparison.alignment import align
from models.measures.comparison.two_texts import texts, window_of
from models.text.vocabulary import code_points
from tests.support.recordings import typed


def distance(a: str, b: str) -> int:
    """By the definition, from the end."""

    @cache
    def d(i: int, j: int) -> int:
        if i == 0 or j == 0:
            return i + j
        return min(d(i - 1, j - 1) + (a[i - 1] != b[j - 1]), d(i - 1, j) + 1, d(i, j - 1) + 1)

    return d(len(a), len(b))


def aligned(a: str, b: str) -> list[tuple[int, int]]:
    return [(int(i), int(j)) for i, j in drain(align(code_points(a), code_points(b)))]


def shown(a: str, b: str) -> tuple[str, str]:
    pairs = aligned(a, b)
    return "".join("·" if i < 0 else a[i] for i, _ in pairs), "".join("·" if j < 0 else b[j] for _, j in pairs)


short = st.text(st.sampled_from("ab c😀"), max_size=12)


@given(a=short, b=short)
def test_an_alignment_names_each_character_once_in_order_and_costs_the_edit_distance(a: str, b: str) -> None:
    pairs = aligned(a, b)
    assert [i for i, _ in pairs if i >= 0] == list(range(len(a)))
    assert [j for _, j in pairs if j >= 0] == list(range(len(b)))
    assert (-1, -1) not in pairs
    assert sum(i < 0 or j < 0 or a[i] != b[j] for i, j in pairs) == distance(a, b)


def test_texts_that_differ_by_a_word_keep_the_rest_opposite() -> None:
    assert shown("The cat sat there.", "The dog sat there.") == ("The cat sat there.", "The dog sat there.")
    assert shown("kitten", "sitting") == ("kitten·", "sitting")
    assert shown("The big cat sat.", "The cat sat.") == ("The big cat sat.", "The ····cat sat.")
    assert shown("the slings and arrows", "the slings") == ("the slings and arrows", "the slings···········")
    assert shown("is the question", "is the long question") == ("is the ·····question", "is the long question")
    assert shown("", "ab") == ("··", "ab")
    assert shown("", "") == ("", "")


@given(a=short, b=short)
def test_it_does_not_matter_in_how_many_pieces_the_table_is_filled(a: str, b: str) -> None:
    with mock.patch.object(alignment, "ROWS", 1):
        pieces = aligned(a, b)
    assert pieces == aligned(a, b)


def test_what_is_alike_at_both_ends_needs_no_table(own_text: str) -> None:
    other = own_text[:5000] + "another" + own_text[5010:]
    with mock.patch.object(alignment, "MOST_CELLS", 100):
        assert len(aligned(own_text, other)) >= len(own_text)
        with pytest.raises(NotMeasurable, match="more than 100"):
            aligned("abcdefghijk", "lmnopqrstuv")


def test_a_window_takes_along_what_the_second_text_has_between() -> None:
    pairs = np.array([(-1, 0), (0, 1), (1, -1), (-1, 2), (-1, 3), (2, 4), (3, 5), (-1, 6)], np.int32)
    for start, stop in [(0, 4), (0, 0), (0, 1), (1, 2), (1, 3), (2, 3), (3, 4), (4, 4)]:
        mine, inside = [], False
        for i, j in pairs.tolist():
            inside = (start <= i < stop) if i >= 0 else (inside if mine or start > 0 else True)
            if inside and (i >= 0 or mine or start == 0):
                mine.append((i, j))
        assert window_of(pairs, start, stop).tolist() == [list(one) for one in mine], (start, stop)


# ── two texts through one model ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_opposite_states_are_those_of_two_traces(make_model: Any, own_text: str, cell: str) -> None:
    lm = make_model(cell, 9, 2, gain=2.0)
    a, b = own_text[:700], own_text[:300] + "ZZZ" + own_text[320:650] + " end"
    for layer, signal in ((0, "hidden"), (1, lm.cell.names()[-1])):
        found = drain(texts(typed(lm, a), lm.vocabulary, a, b, layer, signal, 250, 500))
        one, other = lm.trace(a), lm.trace(b)
        pairs = found.pairs.tolist()
        assert {i for i, _ in pairs if i >= 0} == set(range(250, 500))
        assert found.bits == pytest.approx((one.bits_per_character, other.bits_per_character))
        assert found.edits == distance(a[250:], b[250:])
        values = [trace[f"{layer}.{signal}"].numpy() for trace in (one, other)]
        surprise = [trace.surprise.numpy() for trace in (one, other)]
        for k, (i, j) in enumerate(pairs):
            if i < 0 or j < 0:
                assert np.isnan(found.difference[k]).all()
                assert np.isnan(found.distance[k])
            else:
                expected = values[0][i] - values[1][j]
                assert found.difference[k].tobytes() == expected.tobytes()
                assert found.distance[k] == pytest.approx(np.linalg.norm(expected), rel=1e-5)
            for side, step in ((0, i), (1, j)):
                expected = surprise[side][step] if step >= 0 else np.nan
                np.testing.assert_array_equal(found.surprise[k, side], expected)


def test_a_text_beside_itself_differs_nowhere(make_model: Any, own_text: str) -> None:
    lm = make_model("lstm", 9, 1, gain=2.0)
    text = own_text[:600]
    found = drain(texts(typed(lm, text), lm.vocabulary, text, text, 0, "cell", 0, 600))
    assert found.edits == 0
    assert (found.difference == 0).all()
    assert (found.distance == 0).all()
    assert found.bits[0] == found.bits[1]
