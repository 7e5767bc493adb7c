"""What the tests of recordings share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from models import CharLM
from models.network.reader import Activations, Reader
from models.recording import overview, recording
from models.recording.recording import Recording


@contextmanager
def measures(block: int, bin_: int) -> Iterator[None]:
    """Short blocks and bins, so that short texts have many borders."""
    with (
        mock.patch.object(recording, "BLOCK", block),
        mock.patch.object(recording, "BIN", bin_),
        mock.patch.object(overview, "BIN", bin_),
    ):
        yield


class Counting:
    """A reader that notes how many steps it was asked to read each time, and minds the walls of the room."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.reads: list[int] = []

    def read(self, ids: Any, state: Any, into: Activations, offset: int = 0, **options: Any) -> None:
        assert offset + len(ids) <= len(into.log_probabilities), "the compiled loops would write beyond the room"
        self.reads.append(len(ids))
        self._reader.read(ids, state, into, offset, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)


def read_all(rec: Recording) -> None:
    while rec.read():
        pass


def typed(lm: CharLM, text: str, *, kept: int = 6, reader: Any = None) -> Recording:
    rec = Recording(reader or Counting(lm.reader()), kept=kept)
    rec.edit(0, 0, lm.vocabulary.encode(text))
    read_all(rec)
    return rec
