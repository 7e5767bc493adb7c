"""A series: its splits, its checksum, its channels by name; and the names of those that are generated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models import CorpusError
from models.series.demand import demand
from models.series.series import SPLITS, Channel, Series, smallest_step
from models.series.sources import GENERATED, load

DEMAND = demand(30)


def test_the_splits_follow_each_other_in_time_and_cover_the_series() -> None:
    assert np.array_equal(np.concatenate([DEMAND.split(name) for name in SPLITS]), DEMAND.rows)
    assert [len(DEMAND.split(name)) for name in (*SPLITS, "all")] == [576, 72, 72, 720]
    with pytest.raises(CorpusError, match="choose train, validation, test or all"):
        DEMAND.span("third")


def test_the_checksum_is_of_channels_seconds_and_numbers_and_of_nothing_else() -> None:
    rows = DEMAND.rows.copy()
    assert replace(DEMAND, name="other", source="x", rows=rows).sha256 == DEMAND.sha256
    assert replace(DEMAND, seconds=60.0).sha256 != DEMAND.sha256
    rows[5, 1] += 0.1
    assert replace(DEMAND, rows=rows).sha256 != DEMAND.sha256


def test_channels_are_picked_by_name() -> None:
    found = DEMAND.picked(["temperature"])
    assert np.array_equal(found.rows[:, 0], DEMAND.rows[:, 1])
    assert found.channels[0].heading == "temperature [°C]"
    with pytest.raises(CorpusError, match="no channel called 'wind'; it has demand, temperature"):
        DEMAND.picked(["wind"])


def test_the_same_number_rounded_twice_is_no_step() -> None:
    assert smallest_step(np.array([0.1 + 0.2, 0.3, 0.4, 0.6, np.nan])) == pytest.approx(0.1)
    assert smallest_step(np.array([5.0, 5.0, np.nan])) == 1.0


@pytest.mark.parametrize(
    ("rows", "changes"),
    [
        (np.zeros((19, 1)), {}),
        (np.zeros((30, 2)), {}),
        (np.full((30, 1), np.inf), {}),
        (np.zeros((30, 1)), {"seconds": 0.0}),
        (np.zeros((30, 1)), {"seasons": (0,)}),
    ],
)
def test_what_is_no_series_is_refused(rows: np.ndarray, changes: dict[str, object]) -> None:
    with pytest.raises(CorpusError, match=r"\.$"):
        Series("own", (Channel("a"),), rows, **changes)  # type: ignore[arg-type]


def test_a_source_is_a_name_or_a_file(tmp_path: Path) -> None:
    assert set(GENERATED) == {"heartbeats", "demand"}
    assert load("demand").seasons == (24, 168)
    assert load("demand", seasons=[12]).seasons == (12,)
    (tmp_path / "own.csv").write_text("flow\n" + "".join(f"{k % 7}\n" for k in range(40)))
    own = load(str(tmp_path / "own.csv"), seasons=[7])
    assert (own.name, own.source, own.seasons) == ("own", "own.csv", (7,))
    for source, words in ((str(tmp_path), "is a folder"), ("gone.csv", "There is no file gone.csv")):
        with pytest.raises(CorpusError, match=words):
            load(source)
    with pytest.raises(CorpusError, match="states its resolution"):
        load("demand", resolution=[1.0])
