"""A recording of what a trace has read, for the measures that read on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..recording.recording import Recording

if TYPE_CHECKING:
    from ..network.trace import Trace


def reading_of(trace: Trace) -> Recording:
    """Read a trace's text again, with the same reader, so interventions hold."""
    recording = Recording(trace.reader)
    recording.edit(0, 0, trace.lm.vocabulary.encode(trace.text))
    while recording.read():
        pass
    return recording
