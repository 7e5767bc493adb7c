"""What the tests of recordings share."""

from __future__ import annotations

from typing import Any

from models import CharLM
from models.network.reader import Activations, Reader
from models.recording.overview import GRAIN, Grain
from models.recording.recording import Recording


class Counting:
    """A reader that notes how many steps it was asked to read each time, and minds the walls of the room."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.reads: list[int] = []

    def read(self, ids: Any, state: Any, into: Activations, offset: int = 0, **options: Any) -> None:
        assert offset + len(ids) <= len(into.predictions), "the compiled loops would write beyond the room"
        self.reads.append(len(ids))
        self._reader.read(ids, state, into, offset, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)


def read_all(rec: Recording) -> None:
    while rec.read():
        pass


def typed(lm: CharLM, text: str, *, kept: int = 6, reader: Any = None, grain: Grain = GRAIN) -> Recording:
    rec = Recording(reader or Counting(lm.reader()), kept=kept, grain=grain)
    rec.edit(0, 0, lm.vocabulary.encode(text))
    read_all(rec)
    return rec
