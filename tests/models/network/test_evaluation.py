"""Bits per character, measured block by block, are the mean of a trace's surprise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from models.network.evaluation import bits_per_character
from models.network.reader import CompiledReader
from tests.support.cells import FUSED


@pytest.mark.parametrize("cell", FUSED)
def test_bits_per_character_are_the_mean_surprise_of_the_trace(make_model: Any, own_text: str, cell: str) -> None:
    lm = make_model(cell, 16, 2, gain=2.0)
    text = own_text[:1500] + "€" + own_text[1500:2100]
    bits, count = bits_per_character(lm, lm.vocabulary.encode(text))
    trace = lm.trace(text)
    assert count == len(text) - 2 == int((~trace.surprise.isnan()).sum())
    assert bits == pytest.approx(trace.bits_per_character, rel=1e-12)


@pytest.mark.parametrize("block", [1, 7, 511, 512, 513, 5000])
def test_the_size_of_the_blocks_does_not_matter(
    make_model: Any, own_text: str, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    lm = make_model("lstm", 8)
    ids = lm.vocabulary.encode("€" + own_text[:1024] + "€")
    expected = bits_per_character(lm, ids)
    monkeypatch.setattr(CompiledReader, "block", block)
    bits, count = bits_per_character(lm, ids)
    assert count == expected[1] == 1024
    assert bits == pytest.approx(expected[0], rel=1e-12)


@pytest.mark.parametrize("text", ["", "a", "€€€"])
def test_a_text_without_predictions_has_no_bits(make_model: Any, text: str) -> None:
    lm = make_model("rnn", 4)
    bits, count = bits_per_character(lm, lm.vocabulary.encode(text))
    assert math.isnan(bits)
    assert count == 0


def test_a_model_that_knows_nothing_needs_the_logarithm_of_the_vocabulary(make_model: Any, own_text: str) -> None:
    lm = make_model("gru", 4, gain=0.0)
    bits, _ = bits_per_character(lm, lm.vocabulary.encode(own_text[:600]))
    assert bits == pytest.approx(math.log2(len(lm.vocabulary)), rel=1e-6)


def test_progress_is_told_up_to_the_last_character(make_model: Any) -> None:
    lm = make_model("rnn", 4)
    block = lm.reader().block
    seen: list[tuple[int, int]] = []
    bits_per_character(lm, np.zeros(block + 5, np.int32), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(block, block + 5), (block + 5, block + 5)]
