"""A recording of a whole text."""

from __future__ import annotations

from ..network.language_model import CharLM
from ..text.lines import unix_lines
from .overview import GRAIN, Grain
from .recording import Recording


def record(lm: CharLM, text: str, *, grain: Grain = GRAIN) -> Recording:
    """A recording of `lm` that has read the whole of `text`, its line ends as `models.text.lines` says."""
    recording = Recording(lm.reader(), grain=grain)
    recording.edit(0, 0, lm.vocabulary.encode(unix_lines(text)))
    while recording.read():
        pass
    return recording
