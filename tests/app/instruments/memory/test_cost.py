"""The instrument of costs through a session: what it sends, with and without the probe."""

from __future__ import annotations

import numpy as np
import pytest

from app.compute.model_library import Library
from models.measures import record
from models.measures.memory.recoverability import SHORTEST, probe
from tests.support.session_talk import ask
from tests.support.texts import prose

TEXT = prose(SHORTEST + 100)


@pytest.mark.parametrize("model", ["tiny-rnn", "tiny-lstm", "tiny-lstm@0"])
def test_sizes_are_sent_as_they_are(library: Library, model: str) -> None:
    facts, tensors = ask(library, TEXT[:90], model, name="cost", longest=100)
    reader = library.get(model).reader
    lengths = [1, 2, 5, 10, 20, 50, 100]
    assert facts == {"repeated": True, "bits": None, "why": None}
    np.testing.assert_array_equal(tensors["lengths"], lengths)
    np.testing.assert_array_equal(tensors["state_bytes"], [reader.state_bytes(length) for length in lengths])
    np.testing.assert_array_equal(tensors["multiply_adds"], [reader.multiply_adds(length) for length in lengths])
    assert tensors["step_seconds"].shape == (7, 3)
    assert (tensors["step_seconds"] > 0).all()
    assert (np.diff(tensors["total_seconds"]) > 0).all()


def test_with_the_probe_its_bits_are_added_up(library: Library) -> None:
    facts, _ = ask(library, TEXT, "tiny-gru", name="cost", longest=10, probe=True)
    lm = library.get("tiny-gru").lm
    recording = record(lm, TEXT)
    hidden = recording.signal(lm.layers - 1, "hidden", 0, len(TEXT))
    found = probe(hidden, recording.ids[: len(TEXT)], len(lm.vocabulary))
    assert facts["bits"] == pytest.approx(found.bits.sum())
    assert facts["why"] is None


def test_a_text_too_short_for_the_probe_still_has_its_costs(library: Library) -> None:
    facts, tensors = ask(library, TEXT[:90], "tiny-gru", name="cost", longest=10, probe=True)
    assert facts["bits"] is None
    assert "too few to fit a probe" in facts["why"]
    assert len(tensors["lengths"]) == 4
