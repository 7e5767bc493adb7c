"""`models.measures.comparison.intervention_effect`: both runs against two traces of the text, the divergence against
its definition."""

from __future__ import annotations

from itertools import islice
from typing import Any
from unittest import mock

import numpy as np
import pytest
import torch

from models import NotMeasurable
from models.measures import drain, record
from models.measures.comparison import intervention_effect as intervening_module
from models.measures.comparison.intervention_effect import intervening, limited
from models.network.generation import generate
from models.network.intervened_reader import IntervenedReader
from models.network.intervention import Clamp, Reset, Zero, silence
from models.network.reader import CompiledReader
from models.network.trace import run
from models.recording.continuation import continuation
from tests.support.cells import FUSED
from tests.support.recordings import typed
from tests.support.texts import prose

every_cell = pytest.mark.parametrize("cell", FUSED)


@every_cell
@pytest.mark.parametrize("first", [0, 1, 511, 700, 1198, 1199])
def test_both_runs_are_those_of_two_traces_and_the_divergence_is_that_of_their_predictions(
    make_model: Any, own_text: str, cell: str, first: int
) -> None:
    lm = make_model(cell, 9, 2, gain=2.0)
    text = own_text[:1100] + "€" + own_text[1100:1199]
    some = [silence(1, 3, first), Reset(200, first + 100)]
    plain = CompiledReader(lm)
    found = drain(intervening(typed(lm, text), plain, some))
    free, held = lm.trace(text), run(lm, text, reader=IntervenedReader(plain, some))
    assert found.first == first
    behind = slice(first + 1, None)
    assert found.scored == int((~free.surprise[behind].isnan()).sum())
    for side, trace in ((found.free, free), (found.held, held)):
        np.testing.assert_array_equal(side.surprise, trace.surprise[first:].numpy())
        expected = trace.surprise[behind].double().nanmean().item()
        assert side.bits_per_character == pytest.approx(expected, rel=1e-9, nan_ok=True)
        assert side.expected.tobytes() == trace.log_probabilities[-1].numpy().tobytes()
    # as float64 adds them up: that float32's do not sum to 1 in the last digit is no divergence
    ours, theirs = (trace.log_probabilities[first:].double().log_softmax(dim=1) for trace in (free, held))
    divergence = (ours.exp() * (ours - theirs)).sum(dim=1) / np.log(2)
    np.testing.assert_allclose(found.divergence, divergence.clamp(min=0), rtol=1e-5, atol=1e-9)


@every_cell
def test_both_go_on_as_if_they_read_on(make_model: Any, own_text: str, cell: str) -> None:
    lm = make_model(cell, 9, 2, gain=2.0)
    some = [Clamp(0, "hidden", 2, 1.0, 100)]
    plain = CompiledReader(lm)
    held = IntervenedReader(plain, some)
    found = drain(intervening(typed(lm, own_text[:300]), plain, some))
    for side, reader in ((found.free, plain), (found.held, held)):
        assert side.reader.position_dependent == reader.position_dependent
        ours = list(islice(generate(side.reader, side.state, side.expected, 1.0, 3, at=300), 60))
        whole = typed(lm, own_text[:300], reader=reader)
        assert ours == list(islice(continuation(whole, 299, 1.0, 3), 60))


def test_where_nothing_comes_of_it_nothing_is_lost(make_model: Any, own_text: str) -> None:
    """A cut wire that carried nothing: the same bits, and no divergence."""
    lm = make_model("rnn", 9, 1)
    lm.layer_weights(0)[1][:, 4] = 0
    lm.readout.weight[:, 4] = 0
    found = drain(intervening(typed(lm, own_text[:400]), CompiledReader(lm), [silence(0, 4, 50)]))
    assert found.held.bits_per_character == found.free.bits_per_character
    assert (found.divergence == 0).all()


def test_what_begins_behind_the_text_cannot_be_compared(make_model: Any, own_text: str) -> None:
    lm = make_model("gru", 5)
    with pytest.raises(NotMeasurable, match="begins at step 40, and the text ends before it"):
        drain(intervening(typed(lm, own_text[:40]), CompiledReader(lm), [Zero(40)]))


def test_an_intervened_run_is_not_taken_for_the_model_as_it_is(make_model: Any, own_text: str) -> None:
    lm = make_model("gru", 5)
    plain = CompiledReader(lm)
    held = typed(lm, own_text[:40], reader=IntervenedReader(plain, [Zero(3)]))
    with pytest.raises(NotMeasurable, match="intervened in already"):
        drain(intervening(held, plain, [Zero(5)]))


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize(("context", "first"), [(1, 0), (4, 0), (9, 30), (500, 0)])
def test_exactly_so_many_characters_are_those_before_each_one(
    make_model: Any, torch_twin: Any, cell: str, context: int, first: int
) -> None:
    """Each character by torch.nn, from a state of zero at so many characters before it."""
    lm = make_model(cell, 7, 2, gain=3.0, dtype=torch.float64)
    text = prose(90)[:60] + "€" + prose(90)[60:]
    recording = record(lm, text)
    found = drain(limited(recording, lm.reader(), context, first))
    whole = torch_twin(lm, text)["log_probabilities"].numpy()
    free, near = [], []
    for step in range(first + 1, len(text)):
        place = lm.vocabulary.characters.find(text[step])
        if place >= 0:
            alone = torch_twin(lm, text[max(step - context, 0) : step])["log_probabilities"].numpy()
            free.append(-whole[step - 1, place] / np.log(2))
            near.append(-alone[-1, place] / np.log(2))
    assert (found.context, found.positions) == (context, len(free))
    assert found.free_bits == pytest.approx(np.mean(free), abs=1e-5)
    assert found.bits == pytest.approx(np.mean(near), abs=1e-5)
    assert found.more == pytest.approx(np.mean(near) - np.mean(free), abs=1e-5)
    assert (found.more == 0) == (context == 500)


def test_a_long_text_is_asked_at_as_many_characters_as_the_work_allows(make_model: Any) -> None:
    lm = make_model("rnn", 4)
    recording = record(lm, prose(3000))
    with mock.patch.object(intervening_module, "LIMITED", 400):
        found = drain(limited(recording, lm.reader(), 2, 0))
    assert found.positions == 200
    assert found.error > 0
    with pytest.raises(NotMeasurable, match="No known character follows"):
        drain(limited(recording, lm.reader(), 5, 2999))


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("first", [0, 40])
def test_a_run_from_nudged_states_is_the_same_where_nothing_is_chaotic(make_model: Any, cell: str, first: int) -> None:
    lm = make_model(cell, 8)
    found = drain(intervening(record(lm, prose(1300)), CompiledReader(lm), [silence(0, 1, first)]))
    assert found.free_nudged_bits == pytest.approx(found.free.bits_per_character, abs=1e-5)
    assert found.held_nudged_bits == pytest.approx(found.held.bits_per_character, abs=1e-5)


def test_rounding_shows_where_a_network_is_chaotic(make_model: Any) -> None:
    """Strong random recurrence amplifies every difference: readings that differ in their last bits soon have nothing in
    common."""
    lm = make_model("rnn", 64, gain=1.0, seed=3)
    lm.layer_weights(0)[1].mul_(30)
    lm.readout.weight.mul_(20)
    text = prose(600)
    found = drain(intervening(record(lm, text), CompiledReader(lm), [silence(0, 1, 0)]))
    assert abs(found.free_nudged_bits - found.free.bits_per_character) > 0.01
    assert found.free.bits_per_character == pytest.approx(lm.trace(text).bits_per_character, rel=1e-6)


@pytest.mark.parametrize(
    ("start", "columns", "per"), [(0, 500, 1), (90, 20, 1), (40, 10, 16), (0, 3, 256), (700, 4, 8)]
)
def test_a_lane_has_the_divergence_in_columns(
    make_model: Any, own_text: str, start: int, columns: int, per: int
) -> None:
    text, first = own_text[:300], 100
    lm = make_model("gru", 9, 1, gain=2.0)
    found = drain(intervening(typed(lm, text), CompiledReader(lm), [Clamp(0, "hidden", 2, 1.0, first)]))
    mean, peak = found.lane(start, columns, per)
    steps = [*[np.nan] * first, *found.divergence.tolist()][start : start + columns * per]
    groups = [[one for one in steps[k : k + per] if one == one] for k in range(0, len(steps), per)]
    assert len(mean) == len(peak) == len(groups)
    for k, group in enumerate(groups):
        assert mean[k] == pytest.approx(np.mean(group) if group else np.nan, rel=1e-5, nan_ok=True)
        assert peak[k] == pytest.approx(max(group, default=np.nan), rel=0, nan_ok=True)
