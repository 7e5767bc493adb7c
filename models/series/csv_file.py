"""Reads a CSV file as a series: its form is recognised, and what is wrong with it is named by its line.

The first line has the names, with a unit in square brackets if it is known: `temperature [°C]`. Columns are separated
by tabs, semicolons or commas, whichever the first line has, in this order; only between semicolons may a comma be a
decimal comma. A missing reading is an empty cell or NaN. The first of several columns is the time if its name says so,
if it has dates, or if it counts in equal steps; then the steps must be equal.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np

from ..errors import CorpusError
from ..text.files import UTF8, decoded
from ..text.names import shown
from .series import LEAST_ROWS, Channel, Series, smallest_step

MOST_BYTES = 256 << 20
"""The largest file that is read: its text, its cells and its numbers are in memory at the same time."""

SEPARATORS = ("\t", ";", ",")
FARTHEST = 1e100
"""A reading may not be farther from 0: what is computed from it must be a number too."""
MISSING = {"", "nan", "na", "n/a", "null", "none", "-"}
"""What a cell without a reading has, in any case of letters."""

_HEADING = re.compile(r"(?P<name>.*?)\s*\[(?P<unit>[^\[\]]*)\]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')
_INFINITE = re.compile(r"[+-]?inf(inity)?|[+-]?∞", re.IGNORECASE)
_TIMES = {"time", "t", "timestamp", "date", "datetime", "date_time", "seconds", "index", "step", "zeit", "datum"}
"""Names of a first column that is no channel."""
_SECONDS = {"ms": 1e-3, "s": 1.0, "sec": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_GERMAN = ("%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y")
EQUAL = 1e-3
"""By which share of a step two steps may differ and still be equal: times are often rounded."""

Lines = list[tuple[int, list[str]]]
"""The cells of each line, with its number in the file."""


def read_csv(
    path: Path,
    *,
    encoding: str = UTF8,
    resolution: Sequence[float] | None = None,
    seconds: float | None = None,
    seasons: Sequence[int] = (),
) -> Series:
    """The series in a CSV file; see the module.

    Args:
        resolution: of every channel, or one for all; by default the smallest difference between two distinct values.
        seconds: between two rows, where the file does not state it.
        seasons: its periods in steps, for the baselines.

    Raises:
        CorpusError: saying what is wrong, in which line, and what to do.
    """
    name = shown(str(path))
    try:
        size = path.stat().st_size
    except (OSError, ValueError):
        size = 0  # `decoded` says why
    if size > MOST_BYTES:
        raise CorpusError(
            f"{name} is too large: it has {size >> 20:,} MiB, and {MOST_BYTES >> 20} MiB are read at most. "
            "Leave out columns, or cut it into several files."
        )
    text = decoded(path, encoding)
    if "\0" in text:
        raise CorpusError(f"{name} is no CSV file: it has a zero byte. Export it as CSV from the program that made it.")
    lines, separator = _cells(text, name)
    (_, header), body = lines[0], lines[1:]
    _check_header(header, name)
    _check_widths(header, body, name)
    if len(body) < LEAST_ROWS:
        raise CorpusError(
            f"{name} has {len(body):,} rows of readings, too few to train on or to measure: {LEAST_ROWS} is the least. "
            "Use a longer series."
        )
    headings = [_heading(cell) for cell in header]
    stated = _time(headings[0], body, separator, name) if len(header) > 1 else None
    first = 0 if stated is None else 1
    rows = _numbers(body, [one[0] for one in headings], first, separator, name)
    return Series(
        shown(path.stem),
        _channels(headings[first:], rows, resolution),
        rows,
        seconds=_agreed(stated or None, seconds, name),
        seasons=tuple(seasons),
        description=f"the CSV file {shown(path.name)}",
        source=shown(path.name),
    )


def _cells(text: str, name: str) -> tuple[Lines, str]:
    """The cells of all lines, and what separates them. Empty lines at the end are no rows."""
    head = _QUOTED.sub("", "".join(text.lstrip("\r\n").splitlines()[:1]))
    separator = next((one for one in SEPARATORS if one in head), ",")
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True)
    lines: Lines = []
    try:
        for row in reader:
            lines.append((reader.line_num, [cell.strip() for cell in row]))
    except csv.Error as error:
        raise CorpusError(
            f"{name} is no CSV file: line {reader.line_num:,}: {error}. Look for a quotation mark that is not closed."
        ) from None
    while lines and not any(lines[-1][1]) and len(lines[-1][1]) < 2:
        lines.pop()
    while lines and not any(lines[0][1]):
        lines.pop(0)
    if not lines:
        raise CorpusError(f"{name} has no rows. The first line must have the names of the channels.")
    if len(lines[0][1]) == 1:  # in a single column an empty line is a missing reading
        lines = [(number, cells or [""]) for number, cells in lines]
    return lines, separator


def _check_header(header: list[str], name: str) -> None:
    if all(_NUMBER.fullmatch(cell.replace(",", ".")) or cell.lower() in MISSING - {"none"} for cell in header):
        raise CorpusError(
            f"{name} has no names in its first line, only numbers. Put a line with the names of the channels before "
            "them, such as: flow [l/s]"
        )
    names = [_heading(cell)[0] for cell in header]
    for k, one in enumerate(names):
        if not one:
            raise CorpusError(f"{name} has no name for column {k + 1} in its first line. Write one there.")
        if one in names[:k]:
            raise CorpusError(f"{name} has two columns called {shown(one)!r}. Give each a name of its own.")


def _check_widths(header: list[str], body: Lines, name: str) -> None:
    for number, cells in body:
        if len(cells) != len(header):
            comma = " A decimal comma is read only where semicolons separate the columns." if "," in str(cells) else ""
            raise CorpusError(
                f"{name} has {len(header)} columns, and line {number:,} has {len(cells)}. Give every line as many cells"
                f" as the first; a missing reading is an empty one.{comma}"
            )


def _heading(cell: str) -> tuple[str, str]:
    """The name and the unit in a cell of the first line."""
    found = _HEADING.fullmatch(cell)
    return (shown(found["name"].strip()), shown(found["unit"].strip())) if found else (shown(cell), "")


def _plain(cell: str, separator: str) -> str:
    """A cell with a decimal point."""
    return cell.replace(",", ".") if separator == ";" and cell.count(",") == 1 and "." not in cell else cell


def _numbers(body: Lines, names: list[str], first: int, separator: str, name: str) -> np.ndarray:
    rows = np.empty((len(body), len(names) - first))
    for k, (number, cells) in enumerate(body):
        for c, cell in enumerate(cells[first:]):
            plain = _plain(cell, separator)
            if _NUMBER.fullmatch(plain) and abs(value := float(plain)) <= FARTHEST:
                rows[k, c] = value
            elif cell.lower() in MISSING:
                rows[k, c] = math.nan
            else:
                raise CorpusError(_fault(cell, plain, f"{name}, line {number:,}, {names[first + c]}"))
    return rows


def _fault(cell: str, plain: str, where: str) -> str:
    """What is wrong with a cell that is no number."""
    said = shown(cell if len(cell) <= 40 else f"{cell[:39]}…")
    if _INFINITE.fullmatch(cell) or _NUMBER.fullmatch(plain):
        return (
            f"{where}: {said} is infinite, or too large to compute with. Leave a missing reading empty, or write NaN."
        )
    if "," in cell and _NUMBER.fullmatch(cell.replace(",", "")):
        return (
            f"{where}: {said!r} is not read as a number: a decimal comma is read only where semicolons separate the "
            "columns, and thousands are not separated. Write it with a decimal point."
        )
    return f"{where}: {said!r} is no number. Correct it, or leave a missing reading empty."


def _channels(
    headings: list[tuple[str, str]], rows: np.ndarray, resolution: Sequence[float] | None
) -> tuple[Channel, ...]:
    if resolution is None:
        steps = [smallest_step(column) for column in rows.T]
    elif len(resolution) == 1:
        steps = list(resolution) * len(headings)
    elif len(resolution) == len(headings):
        steps = list(resolution)
    else:
        raise CorpusError(
            f"{len(resolution)} resolutions are given for {len(headings)} channels: "
            f"{', '.join(one for one, _ in headings)}. Give one for each in this order, or one for all."
        )
    return tuple(Channel(one, unit, step) for (one, unit), step in zip(headings, steps, strict=True))


def _agreed(stated: float | None, given: float | None, name: str) -> float | None:
    """The seconds between two rows, from the file or from who reads it."""
    if stated is None or given is None:
        return stated if given is None else given
    if abs(stated - given) > EQUAL * stated:
        raise CorpusError(
            f"{name} has {stated:g} seconds between two rows, and {given:g} were given. Leave the number out."
        )
    return stated


# ── the column of times ───────────────────────────────────────────────────────────────────────────────


def _time(heading: tuple[str, str], body: Lines, separator: str, name: str) -> float | None:
    """The seconds between two rows if the first column is the time, 0 if it does not state them; None if it is a
    channel.

    Raises:
        CorpusError: if it is the time, and the steps are not equal.
    """
    cells = [(number, row[0]) for number, row in body]
    named = heading[0].lower() in _TIMES
    plain = [_plain(cell, separator) for _, cell in cells]
    if all(_NUMBER.fullmatch(one) for one in plain):
        times = np.array([float(one) for one in plain])
        if not np.isfinite(times).all():
            if not named:
                return None
            number, cell = cells[int(np.argmin(np.isfinite(times)))]
            raise CorpusError(
                f"{name}, line {number:,}, {heading[0]}: {shown(cell[:40])} is larger than numbers go, and no time. "
                "Correct it."
            )
        step = float(times[1] - times[0])
        if not named and (step <= 0 or _uneven(times) is not None):
            return None
        _check_equal(times, cells, name)
        unit = heading[1] or ("s" if heading[0].lower() in ("t", "time", "seconds", "zeit") else "")
        return step * _SECONDS.get(unit, 0.0)
    dates = [_date(cell) for _, cell in cells]
    if not named and sum(one is not None for one in dates) < len(dates) / 2:
        return None
    for (number, cell), date in zip(cells, dates, strict=True):
        if date is None:
            raise CorpusError(
                f"{name}, line {number:,}, {heading[0]}: {shown(cell[:40])!r} is no time. Write it as "
                "2024-05-31 14:00, or as a number in every line."
            )
    known = [one for one in dates if one is not None]
    if len({one.tzinfo is None for one in known}) > 1:
        raise CorpusError(f"{name} has times with a time zone and times without one. Write all of them the same way.")
    times = np.array([(one - known[0]).total_seconds() for one in known])
    _check_equal(times, cells, name)
    return float(times[-1] / (len(times) - 1))


def _date(cell: str) -> datetime | None:
    try:
        return datetime.fromisoformat(cell)
    except ValueError:
        pass
    for form in _GERMAN:
        try:
            return datetime.strptime(cell, form)
        except ValueError:
            continue
    return None


def _uneven(times: np.ndarray) -> int | None:
    """The first row whose step differs from the usual one."""
    steps = np.diff(times)
    usual = float(np.median(steps))
    wrong = np.flatnonzero(np.abs(steps - usual) > EQUAL * abs(usual) + 4 * np.spacing(np.abs(times).max()))
    return int(wrong[0]) + 1 if len(wrong) else None


def _check_equal(times: np.ndarray, cells: list[tuple[int, str]], name: str) -> None:
    usual = float(np.median(np.diff(times)))
    row = _uneven(times)
    if usual <= 0 or row is not None:
        k = row or 1
        raise CorpusError(
            f"{name} is not in equal steps of time: line {cells[k][0]:,} ({shown(cells[k][1][:40])}) comes "
            f"{times[k] - times[k - 1]:g} after the line before it, and the usual step is {usual:g}. Sort the rows by "
            "time, and put in a row with empty cells where one is missing."
        )
