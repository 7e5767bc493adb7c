"""A trace in a notebook is one line."""

from __future__ import annotations

from models import load


def test_a_trace_prints_as_one_short_line() -> None:
    trace = load("shakespeare-gru").trace("To be, or not to be, that is the question.\n" * 40)
    said = repr(trace)
    assert "\n" not in said
    assert len(said) < 250
    assert "shakespeare-gru" in said
    assert "steps=1,720" in said
    assert "0.update_gate" in said
