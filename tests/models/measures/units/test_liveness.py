"""`models.measures.units.liveness` and `models.training.examination`: units made dead on purpose, and every number
by another way."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models import CharLM, NotMeasurable
from models.measures import drain
from models.measures.units.liveness import BARELY, SETTLED, costs, dead
from models.network.intervened_reader import IntervenedReader, compiled
from models.network.intervention import Clamp
from models.network.trace import run
from models.training.corpora import Corpus
from models.training.examination import context, examine
from tests.support.random_models import MakeModel
from tests.support.texts import LETTERS, prose

TEXT = prose(2_600, seed=6)


@pytest.mark.parametrize(
    ("cell", "state"), [("rnn", "hidden"), ("gru", "hidden"), ("lstm", "hidden"), ("lstm", "cell")]
)
def test_a_cost_is_what_an_intervention_costs(make_model: MakeModel, cell: str, state: str) -> None:
    lm = make_model(cell, units=5, layers=2)
    ids = lm.vocabulary.encode(TEXT)
    found = drain(costs(lm, ids, state))
    plain = lm.trace(TEXT)
    surprise = plain.surprise.numpy().astype(np.float64)
    for layer in range(2):
        for unit in (0, 4):
            mean = float(plain[f"{layer}.{state}"][SETTLED:, unit].double().mean())
            reader = IntervenedReader(compiled(lm, lm.reader()), [Clamp(layer, state, unit, mean, 0)])
            clamped = run(lm, TEXT, reader=reader).surprise.numpy().astype(np.float64)
            lost = np.nanmean(clamped[SETTLED + 1 :]) - np.nanmean(surprise[SETTLED + 1 :])
            assert found[layer][unit] == pytest.approx(lost, abs=2e-6)


def unread(lm: CharLM, unit: int) -> None:
    """Nobody reads this unit of the last layer: neither the readout nor the next step."""
    with torch.no_grad():
        lm.readout.weight[:, unit] = 0
        lm.layer_weights(lm.layers - 1)[1][:, unit] = 0


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_unit_that_nobody_reads_is_dead_and_the_others_are_not(make_model: MakeModel, cell: str) -> None:
    lm = make_model(cell, units=6, layers=2)
    ids = lm.vocabulary.encode(TEXT)
    unread(lm, 3)
    gone = drain(dead(lm, ids))
    assert gone[1][3]
    lost = drain(costs(lm, ids, "hidden"))
    assert lost[1][3] == 0.0
    assert np.count_nonzero(lost[0]) == 6
    assert np.count_nonzero(lost[1]) == 5
    for layer in range(2):
        cheap = np.abs(lost[layer]) < BARELY
        if cell == "lstm":
            cheap |= np.abs(drain(costs(lm, ids, "cell"))[layer]) < BARELY
        assert (gone[layer] == cheap).all()


def stuck_cell(lm: CharLM, unit: int) -> None:
    """A cell state that counts upwards for ever: its gates stay open, its candidate 1; o still depends on the text."""
    units = lm.units
    with torch.no_grad():
        for block in (0, 1, 2):
            for weight in lm.layer_weights(0)[:2]:
                weight[block * units + unit] = 0
            lm.layer_weights(0)[2][block * units + unit] = 30.0
            lm.layer_weights(0)[3][block * units + unit] = 0.0


def test_a_cell_state_that_only_drifts_is_dead_though_its_gate_still_speaks(make_model: MakeModel) -> None:
    lm = make_model("lstm", units=6)
    stuck_cell(lm, 2)
    ids = lm.vocabulary.encode(TEXT)
    hidden, cell = drain(costs(lm, ids, "hidden"))[0], drain(costs(lm, ids, "cell"))[0]
    assert abs(hidden[2]) > BARELY
    assert abs(cell[2]) < BARELY
    assert drain(dead(lm, ids))[0].tolist() == [False, False, True, False, False, False]


def test_a_text_of_which_nothing_is_known_is_refused(make_model: MakeModel) -> None:
    lm = make_model("rnn", units=3)
    with pytest.raises(NotMeasurable, match="too few characters"):
        drain(costs(lm, lm.vocabulary.encode("жжж"), "hidden"))


def test_an_examination_counts_what_the_trace_shows(make_model: MakeModel) -> None:
    lm = make_model("lstm", units=6, layers=2)
    stuck_cell(lm, 1)
    corpus = Corpus("own", prose(30_000, seed=2), "made up")
    found = examine(lm, corpus)
    held_out = corpus.text[27_000:]
    trace = lm.trace(held_out)
    hidden = np.stack([trace[f"{k}.hidden"].numpy() for k in range(2)])
    cell = np.stack([trace[f"{k}.cell"].numpy() for k in range(2)])
    assert found.units == 12
    assert found.saturated == pytest.approx(np.mean(np.abs(hidden) > 0.9), abs=1e-4)
    assert found.saturated_cell == pytest.approx(np.mean(np.abs(np.tanh(cell)) > 0.9), abs=1e-4)
    assert found.largest_cell == pytest.approx(np.quantile(np.abs(cell), 0.999), rel=1e-3)
    always = (np.abs(np.tanh(cell)) > 0.9).mean(axis=1) >= 0.99
    assert found.stuck == always.sum() >= 1
    assert found.dead == sum(int(one.sum()) for one in drain(dead(lm, lm.vocabulary.encode(held_out[:1500]))))
    assert found.validation_bits == pytest.approx(lm.trace(held_out[:1500]).bits_per_character, abs=1e-4)
    plain = examine(make_model("gru", units=4), corpus)
    assert (plain.stuck, plain.saturated_cell, plain.largest_cell) == (None, None, None)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_context_is_what_reading_after_another_place_costs(make_model: MakeModel, cell: str) -> None:
    """Position by position: read the text up to the other place, then the last k true characters."""
    lm = make_model(cell, units=5, layers=2)
    text = prose(700, seed=9)
    ids = lm.vocabulary.encode(text)
    count, lags = 12, (1, 4)
    found = context(lm, ids, lags, count, seed=3)
    random = np.random.default_rng(3)
    at, other = random.integers(5, 700, count), random.integers(5, 700, count)
    for k in lags:
        lost = []
        for t, q in zip(at, other, strict=True):
            spliced = text[: q + 1] + text[t - k : t] + text[t]
            lost.append(float(lm.trace(spliced).surprise[-1]) - float(lm.trace(text[: t + 1]).surprise[-1]))
        assert found[k] == pytest.approx(np.mean(lost), abs=1e-4)


def test_a_network_without_recurrence_loses_nothing_beyond_one_character(make_model: MakeModel) -> None:
    lm = make_model("rnn", units=5)
    with torch.no_grad():
        lm.layer_weights(0)[1].zero_()
    ids = lm.vocabulary.encode(prose(3_000, seed=1))
    found = context(lm, ids, (1, 3), 200)
    assert found[1] == pytest.approx(0.0, abs=1e-6)
    assert found[3] == pytest.approx(0.0, abs=1e-6)
    assert len(LETTERS) == len(lm.vocabulary)
