"""Each fault does what its row of the table says, where its label says, and nothing anywhere else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import CorpusError
from models.series.demand import demand
from models.series.faults import KINDS, LENGTHS, Fault, drawn, with_faults

SERIES = demand(30)
DEVIATION = SERIES.rows.std(axis=0)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(KINDS), st.integers(1, 700), st.integers(1, 15), st.integers(0, 1), st.sampled_from([-5.0, 3.0]))
def test_only_the_labelled_rows_of_the_channel_change(
    kind: str, start: int, length: int, channel: int, size: float
) -> None:
    found = with_faults(SERIES, (Fault(kind, start, length, channel, size),))
    (label,) = found.labels
    assert (label.kind, label.start, label.stop, label.channel) == (kind, start, start + length, channel)
    inside = np.zeros(SERIES.rows.shape, bool)
    inside[start : start + length, channel] = True
    assert np.array_equal(found.rows[~inside], SERIES.rows[~inside])
    here, before = found.rows[inside], SERIES.rows[inside]
    if kind == "dropout":
        assert np.isnan(here).all()
    elif kind == "stuck":
        assert (here == SERIES.rows[start - 1, channel]).all()
    else:
        share = 1.0 if kind == "spike" else np.arange(1, length + 1) / length
        off = np.abs(here - before - size * DEVIATION[channel] * share)
        assert off.max() <= SERIES.channels[channel].resolution


def test_drawn_faults_fit_come_in_turn_and_keep_their_distance() -> None:
    faults = drawn(SERIES, 8, seed=3, apart=40)
    assert [one.kind for one in faults] == list(KINDS) * 2
    assert all(one.length == LENGTHS[one.kind] for one in faults)
    edges = [0, *(edge for one in faults for edge in (one.start, one.start + one.length)), len(SERIES)]
    assert all(after - before >= 40 for before, after in zip(edges[::2], edges[1::2], strict=True))
    assert drawn(SERIES, 8, seed=3, apart=40) == faults != drawn(SERIES, 8, seed=4, apart=40)
    assert [label.start for label in with_faults(SERIES, faults).labels] == [one.start for one in faults]


@pytest.mark.parametrize(
    "fault",
    [Fault("gone", 5), Fault("spike", 0), Fault("drift", 715, 48), Fault("spike", 5, 1, 2), Fault("stuck", 5, 0)],
)
def test_a_fault_that_does_not_fit_is_refused(fault: Fault) -> None:
    with pytest.raises(CorpusError, match=r"\.$"):
        with_faults(SERIES, (fault,))


def test_faults_that_overlap_or_are_too_many_are_refused() -> None:
    with pytest.raises(CorpusError, match="overlap"):
        with_faults(SERIES, (Fault("stuck", 10, 5), Fault("spike", 12)))
    with pytest.raises(CorpusError, match="100 faults cannot be put"):
        drawn(SERIES, 100)
