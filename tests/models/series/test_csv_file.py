"""CSV files: what is written is read back, in every form; and every fault is a sentence that names its line."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import CorpusError
from models.series import csv_file
from models.series.csv_file import read_csv
from models.series.series import LEAST_ROWS

NUMBERS = st.one_of(st.just(math.nan), st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 3)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("csv")


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "sensor.csv"
    path.write_bytes(text.encode(encoding))
    return path


def column(values: object = range(30), heading: str = "flow") -> str:
    return "\n".join([heading, *map(str, values)]) + "\n"  # type: ignore[call-overload]


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_what_is_written_is_read_back_in_every_form(folder: Path, data: st.DataObject) -> None:
    channels = data.draw(st.integers(1, 4))
    separator = data.draw(st.sampled_from([",", ";", "\t"]))
    comma = separator == ";" and channels > 1 and data.draw(st.booleans())
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    gap = data.draw(st.sampled_from(["", "NaN", "nan", "NA"]))
    time = channels > 1 and data.draw(st.booleans())
    rows = np.array(
        data.draw(st.lists(st.lists(NUMBERS, min_size=channels, max_size=channels), min_size=20, max_size=40))
    )
    units = data.draw(st.booleans())

    def cell(value: float) -> str:
        return gap if math.isnan(value) else repr(value).replace(".", "," if comma else ".")

    names = [f"c{k}" for k in range(channels)]
    heads = [f"{name} [µm]" if units else name for name in names]
    lines = [[*(["time [min]"] if time else []), *heads]]
    lines += [[*([str(5 * k)] if time else []), *map(cell, row.tolist())] for k, row in enumerate(rows)]
    if not time and channels > 1:  # a first column that falls is no count of rows
        rows[:2, 0] = 7.0, 3.0
        lines[1][0], lines[2][0] = "7", "3"
    text = end.join(separator.join(line) for line in lines) + (end if channels == 1 and gap == "" else "")
    if channels == 1 and gap == "" and np.isnan(rows[-1, 0]):
        return  # an empty last line is no row
    found = read_csv(written(folder, text))
    assert found.names == tuple(names)
    assert [one.unit for one in found.channels] == ["µm" if units else ""] * channels
    assert found.seconds == (300.0 if time else None)
    np.testing.assert_array_equal(found.rows, rows)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-500, 500), min_size=LEAST_ROWS, max_size=60), st.sampled_from([1.0, 0.1, 0.25, 0.005]))
def test_the_resolution_is_the_smallest_difference_between_distinct_values(
    folder: Path, values: list[int], step: float
) -> None:
    found = read_csv(written(folder, column([f"{value * step:.6f}" for value in values])))
    distinct = sorted(set(values))
    expected = min((b - a for a, b in pairwise(distinct)), default=None)
    assert found.channels[0].resolution == pytest.approx(1.0 if expected is None else expected * step, rel=1e-5)
    given = read_csv(written(folder, column(values)), resolution=[0.5])
    assert given.channels[0].resolution == 0.5


@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%d.%m.%Y %H:%M", "%Y-%m-%dT%H:%M:%S+02:00"])
def test_a_first_column_of_dates_is_the_time(folder: Path, form: str) -> None:
    start = datetime(2024, 2, 28)
    times = [(start + timedelta(minutes=15 * k)).strftime(form) for k in range(400)]
    text = "taken,flow [l/s]\n" + "".join(f"{time},{k % 7}\n" for k, time in enumerate(times))
    found = read_csv(written(folder, text))
    assert (found.names, found.seconds, len(found)) == (("flow",), 900.0, 400)


def test_a_first_column_that_counts_in_equal_steps_is_the_time_and_any_other_is_a_channel(folder: Path) -> None:
    counted = read_csv(written(folder, "n,flow\n" + "".join(f"{3 + 2 * k},{k % 5}\n" for k in range(30))))
    assert (counted.names, counted.seconds) == (("flow",), None)
    channel = read_csv(written(folder, "n,flow\n" + "".join(f"{k * k},{k % 5}\n" for k in range(30))))
    assert channel.names == ("n", "flow")
    seconds = read_csv(written(folder, "time,flow\n" + "".join(f"{k / 100:.2f},{k % 5}\n" for k in range(1000))))
    assert seconds.seconds == pytest.approx(0.01)
    assert read_csv(written(folder, column()), seconds=60.0).seconds == 60.0


def test_what_separates_is_looked_for_outside_of_quotation_marks(folder: Path) -> None:
    found = read_csv(written(folder, 'time,"a; left","b\tc"\n' + "".join(f"{k},{k % 3},{k % 5}\n" for k in range(30))))
    assert len(found.names) == 2


def test_byte_order_marks_other_encodings_and_quoted_names_are_read(folder: Path) -> None:
    text = 'zeit [h];"Temperatur; außen [°C]"\n' + "".join(f"{k};{k % 3},5\n" for k in range(30))
    for encoding in ("utf-8-sig", "utf-8"):
        found = read_csv(written(folder, text, encoding))
        assert (found.channels[0].heading, found.seconds) == ("Temperatur; außen [°C]", 3600.0)
    assert read_csv(written(folder, text, "cp1252"), encoding="cp1252").rows[1, 0] == 1.5


FAULTY = {
    "no header": (column(range(30), "3"), "no names in its first line"),
    "too few": (column(range(5)), f"5 rows.*{LEAST_ROWS} is the least"),
    "only a header": ("flow,level\n", "0 rows"),
    "empty": ("", "is empty"),
    "blank": ("\n\n  \n", "has no rows"),
    "text": (column([*range(20), "broken", 3]), r"line 22, flow: 'broken' is no number"),
    "underscores": (column([*range(20), "1_000"]), r"line 22, flow: '1_000' is no number"),
    "other digits": (column([*range(20), "٣"]), "line 22.*is no number"),
    "infinite": (column([*range(20), "-inf"]), "line 22, flow: -inf is infinite"),
    "too large": (column([*range(20), "1e999"]), "line 22, flow: 1e999 is infinite"),
    "too large to square": (column([*range(20), "2e302"]), "line 22, flow: 2e302 is infinite, or too large"),
    "endless time": ("time,flow\n" + "".join(f"{k},1\n" for k in range(25)) + "1e999,2\n", "line 27, time: 1e999 is"),
    "decimal comma": ("a\tb\n" + "1\t2,5\n" * 30, "line 2, b: '2,5'.*semicolons"),
    "thousands": ("a;b\n" + "1;1.234,5\n" * 30, "line 2, b: '1.234,5'.*thousands"),
    "ragged": ("a,b\n" + "5,2\n" * 25 + "1\n" + "5,2\n", "2 columns, and line 27 has 1"),
    "comma in a column": (column(["1,5"] * 30), "1 columns, and line 2 has 2.*decimal comma"),
    "twice": ("a,a\n" + "5,2\n" * 30, "two columns called 'a'"),
    "nameless": ("a,,c\n" + "5,2,3\n" * 30, "no name for column 2"),
    "open quote": ("a,b\n" + "5,2\n" * 25 + '"5,2\n', "quotation mark"),
    "zero byte": (column([*range(20), "\0"]), "zero byte"),
    "uneven": ("time,a\n" + "".join(f"{k + (k > 9)},{k % 3}\n" for k in range(30)), r"line 12 \(11\) comes 2 after"),
    "backwards": ("time,a\n" + "".join(f"{30 - k},{k % 3}\n" for k in range(30)), "not in equal steps"),
    "a missing hour": (
        "when,a\n" + "".join(f"2024-01-01 {k:02}:00,{k % 3}\n" for k in range(24) if k != 7),
        r"line 9 \(2024-01-01 08:00\) comes 7200",
    ),
    "no time": (
        "when,a\n" + "".join(f"{'soon' if k == 7 else f'2024-01-01 {k:02}:00'},{k % 3}\n" for k in range(24)),
        "line 9, when: 'soon' is no time",
    ),
    "zones": (
        "when,a\n" + "".join(f"2024-01-01 {k:02}:00{'+01:00' * (k == 7)},{k % 3}\n" for k in range(24)),
        "with a time zone and times without",
    ),
}


@pytest.mark.parametrize("fault", FAULTY)
def test_a_fault_is_named_with_its_line_and_a_remedy(folder: Path, fault: str) -> None:
    text, words = FAULTY[fault]
    with pytest.raises(CorpusError, match=words) as refused:
        read_csv(written(folder, text))
    assert str(refused.value).count(". ") >= (0 if fault == "empty" else 1)
    assert "Traceback" not in str(refused.value)


def test_a_file_that_is_too_large_or_not_there_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CorpusError, match="cannot be read"):
        read_csv(folder / "gone.csv")
    monkeypatch.setattr(csv_file, "MOST_BYTES", 50)
    with pytest.raises(CorpusError, match="too large"):
        read_csv(written(folder, column()))


def test_numbers_given_that_do_not_fit_the_file_are_refused(folder: Path) -> None:
    path = written(folder, "a,b\n" + "5,2\n1,7\n" * 30)
    with pytest.raises(CorpusError, match="3 resolutions are given for 2 channels: a, b"):
        read_csv(path, resolution=[1, 2, 3])
    with pytest.raises(CorpusError, match="cannot be 0"):
        read_csv(path, resolution=[0.0])
    with pytest.raises(CorpusError, match="season of 0"):
        read_csv(path, seasons=[0])
    timed = written(folder, "time [s],b\n" + "".join(f"{k},{k % 3}\n" for k in range(30)))
    with pytest.raises(CorpusError, match="has 1 seconds between two rows, and 60 were given"):
        read_csv(timed, seconds=60)


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from('0123456789.,;\t\n"-eE[]abÄ° \r'), max_size=400))
def test_any_file_is_read_or_refused_with_a_sentence(folder: Path, text: str) -> None:
    try:
        found = read_csv(written(folder, text))
    except CorpusError as refused:
        words = str(refused)
    else:
        words = "." if not np.isinf(found.rows).any() else ""
    assert words.endswith((".", "[l/s]"))
