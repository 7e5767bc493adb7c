"""A series by its name, as the commands take it: a CSV file, or one that is generated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from ..errors import CorpusError
from ..text.files import UTF8
from ..text.names import shown
from .csv_file import read_csv
from .demand import demand
from .heartbeats import heartbeats
from .series import Series

GENERATED: dict[str, Callable[[], Series]] = {"heartbeats": heartbeats, "demand": demand}


def load(
    source: str,
    *,
    encoding: str = UTF8,
    resolution: Sequence[float] | None = None,
    seconds: float | None = None,
    seasons: Sequence[int] | None = None,
) -> Series:
    """The series that `source` names: "heartbeats", "demand", or the path of a CSV file.

    Args:
        resolution, seconds: see `read_csv`; a generated series states them itself.
        seasons: its periods in steps; by default those that it states.

    Raises:
        CorpusError: saying what is wrong and what to do.
    """
    if source in GENERATED:
        if resolution is not None or seconds is not None:
            raise CorpusError(
                f"{source} is generated, and states its resolution and its seconds itself. Leave both out."
            )
        made = GENERATED[source]()
        return made if seasons is None else replace(made, seasons=tuple(seasons))
    try:
        path = Path(source).expanduser()
    except RuntimeError:  # no home folder
        path = Path(source)
    if path.is_dir():
        raise CorpusError(f"{shown(source)} is a folder. Name one CSV file, or {' or '.join(GENERATED)}.")
    if not path.exists():
        raise CorpusError(f"There is no file {shown(source)}. Name a CSV file, or {' or '.join(GENERATED)}.")
    return read_csv(path, encoding=encoding, resolution=resolution, seconds=seconds, seasons=seasons or ())
