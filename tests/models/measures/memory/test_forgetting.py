"""Forgetting from one step on and back to it: against whole traces of edited texts, autograd and cells whose decay is
known."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models import CharLM, NotMeasurable, Trace, Vocabulary
from models.measures import drain, record
from models.measures.memory.edit_sensitivity import drowned, others
from models.measures.memory.forgetting import Forgetting, forgetting
from models.network.head import divergence
from tests.support.cells import FUSED

every_cell = pytest.mark.parametrize("cell", FUSED)

ALPHABET = "abcdefgh "


@pytest.fixture
def model(make_model: Any) -> Any:
    def make(cell: str, layers: int = 1, **options: Any) -> CharLM:
        return make_model(cell, 12, layers, characters=ALPHABET, gain=1.6, **options)

    return make


def measured(lm: CharLM, text: str, step: int, **options: Any) -> Forgetting:
    return drain(forgetting(lm, record(lm, text), step, **options))


def some_text(length: int, seed: int = 0) -> str:
    return "".join(np.random.default_rng(seed).choice(list(ALPHABET), length))


def gap(one: Trace, two: Trace, layer: int) -> torch.Tensor:
    """‖h − h′‖ at each step, (T,)."""
    return (one[f"{layer}.hidden"].double() - two[f"{layer}.hidden"].double()).norm(dim=1)


def rank_agreement(one: np.ndarray, two: np.ndarray) -> float:
    """Spearman's rank correlation; no two values are alike."""
    return float(np.corrcoef(one.argsort().argsort(), two.argsort().argsort())[0, 1])


def decaying(factor: float, units: int = 6) -> CharLM:
    """A vanilla cell that stays where tanh is its argument: U = λ·I, inputs of a millionth."""
    lm = CharLM("rnn", Vocabulary(ALPHABET), units, name="decaying").requires_grad_(False).double()
    weight_ih, weight_hh, *biases = lm.layer_weights(0)
    torch.manual_seed(0)
    weight_ih.copy_(torch.randn_like(weight_ih) * 1e-6)
    weight_hh.copy_(factor * torch.eye(units, dtype=torch.float64))
    for bias in biases:
        bias.zero_()
    return lm


@every_cell
@pytest.mark.parametrize("layers", [1, 2])
def test_an_edit_is_what_reading_the_edited_text_whole_says(model: Any, cell: str, layers: int) -> None:
    lm, text, step = model(cell, layers), some_text(90), 30
    found = measured(lm, text, step, lags=40)
    assert found.replacements == found.candidates == len(ALPHABET) - 1
    one = lm.trace(text)
    apart, differ = [], []
    for other in ALPHABET.replace(text[step], ""):
        two = lm.trace(text[:step] + other + text[step + 1 :])
        apart.append(gap(one, two, layers - 1))
        p, q = (trace.log_probabilities.double() for trace in (one, two))
        differ.append((p.exp() * (p - q)).sum(1) / np.log(2))
    np.testing.assert_allclose(10**found.edit, torch.stack(apart).mean(0)[step : step + 41], rtol=1e-12)
    np.testing.assert_allclose(10**found.divergence, torch.stack(differ).mean(0)[step : step + 41], atol=1e-6)


@every_cell
def test_a_named_layer_and_fewer_replacements(model: Any, cell: str) -> None:
    lm, text, step = model(cell, 2), some_text(40), 7
    found = measured(lm, text, step, lags=10, layer=0, replacements=3)
    chosen = others(len(ALPHABET), ALPHABET.index(text[step]), 3)
    assert found.replacements == 3 == len(set(chosen.tolist()))
    edited = [lm.trace(text[:step] + ALPHABET[c] + text[step + 1 :]) for c in chosen]
    apart = [gap(lm.trace(text), trace, 0) for trace in edited]
    np.testing.assert_allclose(10**found.edit, torch.stack(apart).mean(0)[step : step + 11], rtol=1e-12)


@every_cell
@pytest.mark.parametrize("layers", [1, 2])
def test_curves_of_derivatives_are_those_of_a_trace_that_autograd_knows(model: Any, cell: str, layers: int) -> None:
    """Through `torch.nn`'s own module: the gradient of a logit by the one-hot inputs."""
    lm, text, step, lags = model(cell, layers, dtype=torch.float64), some_text(60), 20, 15
    found = measured(lm, text, step, lags=lags)
    inputs = torch.nn.functional.one_hot(torch.as_tensor(lm.vocabulary.encode(text)).long(), len(ALPHABET)).double()
    inputs.requires_grad_()
    logits = lm.readout(lm.rnn(inputs)[0])
    for k in range(lags + 1):
        following = ALPHABET.index(text[step + k + 1])
        (slope,) = torch.autograd.grad(logits[step + k, following], inputs, retain_graph=True)
        assert 10 ** found.connectivity[k] == pytest.approx(float(slope[step].norm()), rel=1e-10)
    assert (found.target, found.target_is) == (ALPHABET.index(text[step + 1]), "next")
    (slope,) = torch.autograd.grad(logits[step, found.target], inputs)
    expected = slope[step - lags : step + 1].norm(dim=1).flip(0)
    np.testing.assert_allclose(10**found.backward, expected, rtol=1e-10)


@pytest.mark.parametrize(("cell", "keeps"), [("gru", "update_gate"), ("lstm", "forget_gate")])
def test_retention_is_the_product_of_the_gate_that_keeps(model: Any, cell: str, keeps: str) -> None:
    lm, text, step = model(cell, 2), some_text(60), 20
    for layer in (0, 1):
        found = measured(lm, text, step, lags=30, layer=layer)
        assert found.keeps == keeps
        gate = lm.trace(text)[f"{layer}.{keeps}"].double().numpy()
        for k in (0, 1, 2, 30):
            product = np.prod(gate[step + 1 : step + k + 1], axis=0)
            np.testing.assert_allclose(10 ** found.retention[k], product, rtol=1e-12)


def test_retention_of_the_vanilla_cell_is_the_diagonal_of_its_jacobian(model: Any) -> None:
    lm, text, step = model("rnn", dtype=torch.float64), some_text(60), 20
    found = measured(lm, text, step, lags=30)
    assert found.keeps is None
    slope = 1 - lm.trace(text)["0.hidden"].numpy() ** 2
    factors = np.abs(slope * lm.layer_weights(0)[1].diagonal().numpy())
    for k in (0, 1, 2, 30):
        expected = np.prod(factors[step + 1 : step + k + 1], axis=0)
        np.testing.assert_allclose(10 ** found.retention[k], expected, rtol=1e-8)


@pytest.mark.parametrize("factor", [0.5, 0.9])
def test_a_cell_that_only_shrinks_forgets_everything_alike(factor: float) -> None:
    lm, lags = decaying(factor), 25
    found = measured(lm, some_text(100), 20, lags=lags)
    expected = np.arange(lags + 1) * np.log10(factor)
    for curve in (found.jacobian, found.edit, *found.retention.T):
        np.testing.assert_allclose(curve - curve[0], expected, atol=1e-6)
    assert found.jacobian[0] == pytest.approx(np.log10(np.sqrt(6)))
    assert found.dimension == 6


def test_a_thousand_characters_later_there_is_still_a_number_where_float32_has_none(make_model: Any) -> None:
    lm = make_model("rnn", 12, characters=ALPHABET, gain=0.5)
    found = measured(lm, some_text(1200), 50, lags=1000)
    assert found.lags == 1000
    for curve in (found.jacobian, found.connectivity, np.median(found.retention, axis=1)):
        assert np.isfinite(curve).all()
        assert curve[-1] < -200
        fall = np.diff(curve[100::100])
        np.testing.assert_allclose(fall, fall.mean(), rtol=0.5)  # as steep at the end as at the beginning


@every_cell
def test_an_edit_fades_into_rounding_and_that_is_shown(make_model: Any, cell: str) -> None:
    lm = make_model(cell, 24, gain=1.5)
    found = measured(lm, some_text(700), 50, lags=600)
    start = drowned(found.edit, found.rounding)
    assert start is not None
    assert 5 < start < 500
    assert found.jacobian[-1] < found.edit[-1] - 3, (
        "the Jacobian goes on falling where the runs only differ by rounding"
    )
    one, two = found.edit[start:], found.rounding[start:]
    assert abs(np.median(one) - np.median(two)) < 0.3


@every_cell
@pytest.mark.parametrize("layers", [1, 2])
def test_edits_and_the_jacobian_agree_in_rank(make_model: Any, cell: str, layers: int) -> None:
    """Over lags of one position, as far as the edit is more than rounding."""
    lm = make_model(cell, 24, layers, gain=1.3, seed=5)
    text = some_text(300)
    agreements = []
    for step in (50, 150):
        found = measured(lm, text, step, lags=60)
        clear = found.edit > found.rounding + 1
        agreements.append(rank_agreement(found.edit[clear], found.jacobian[clear]))
    assert min(agreements) > 0.8


def test_at_the_end_of_the_text_nothing_follows_and_the_likeliest_is_asked_about(model: Any) -> None:
    lm, text = model("gru"), some_text(30)
    found = measured(lm, text, 29, lags=50)
    assert (found.lags, found.back) == (0, 29)
    assert found.target_is == "expected"
    assert found.target == int(lm.trace(text).log_probabilities[-1].argmax())
    assert np.isnan(found.connectivity).all()
    assert np.isfinite(found.backward).all()
    assert np.isfinite(found.edit).all()


def test_before_an_unknown_character_there_is_no_connectivity_and_the_target_says_so(model: Any) -> None:
    lm = model("lstm")
    text = some_text(20) + "€" + some_text(20)
    found = measured(lm, text, 15, lags=8)
    assert np.flatnonzero(np.isnan(found.connectivity)).tolist() == [4]
    before = measured(lm, text, 19, lags=8)
    assert before.target_is == "unknown"
    at_it = measured(lm, text, 20, lags=8)
    assert at_it.replacements == at_it.candidates == len(ALPHABET)


def test_of_thousands_of_characters_a_sample_is_tried_and_the_answer_says_so(make_model: Any) -> None:
    letters = "".join(chr(0x4E00 + k) for k in range(300))
    lm, text, step = make_model("gru", 6, characters=letters), letters[7::11] + letters[:30], 20
    found = measured(lm, text, step, lags=5)
    assert (found.replacements, found.candidates) == (128, 299)
    chosen = others(300, letters.index(text[step]), 128)
    assert len(set(chosen.tolist())) == 128
    assert np.diff(np.sort(chosen)).max() <= 4, "spread over the whole vocabulary"
    apart = [gap(lm.trace(text), lm.trace(text[:step] + letters[c] + text[step + 1 :]), 0) for c in chosen]
    np.testing.assert_allclose(10**found.edit, torch.stack(apart).mean(0)[step : step + 6], rtol=1e-12)
    assert measured(lm, text, step, lags=5, replacements=299).replacements == 299, "all of them, if asked for"


def test_a_model_of_one_character_has_no_other_to_put_in_its_place(make_model: Any) -> None:
    lm = make_model("gru", 3, characters="a")
    with pytest.raises(NotMeasurable, match="one character only"):
        measured(lm, "a" * 20, 3, lags=5)


def test_what_cannot_be_measured_says_why(model: Any) -> None:
    recording = record(model("rnn"), "abc")
    with pytest.raises(NotMeasurable, match="Step 3 has not been read: 3 characters have"):
        drain(forgetting(model("rnn"), recording, 3))
    with pytest.raises(NotMeasurable, match="no layer 1"):
        drain(forgetting(model("rnn"), recording, 0, layer=1))


def test_activations_that_are_no_numbers_are_told(model: Any) -> None:
    lm = model("lstm")
    lm.layer_weights(0)[0][:, 3] = torch.nan  # from the first "d" on
    with pytest.raises(NotMeasurable, match="not finite numbers"):
        drain(forgetting(lm, record(lm, "abcabcabcdabc"), 5))


@every_cell
def test_weights_that_are_far_too_large_still_give_numbers(make_model: Any, cell: str) -> None:
    found = measured(make_model(cell, 24, 2, gain=60.0), some_text(300), 50, lags=200)
    for curve in (found.jacobian, found.edit, found.divergence, found.connectivity, found.backward):
        assert not np.isnan(curve).any()
        assert (curve < np.inf).all()


def test_the_work_is_done_in_pieces_that_say_how_far_it_is(model: Any) -> None:
    lm = model("lstm")
    shares = list(forgetting(lm, record(lm, some_text(100)), 20, lags=50))
    assert len(shares) > 100
    assert all(0 <= one <= two <= 1 for one, two in pairwise(shares))


@given(
    logits=st.lists(st.tuples(st.floats(-40, 40), st.floats(-40, 40)), min_size=2, max_size=8),
    nudge=st.floats(0, 1),
)
def test_divergence_is_never_negative_and_right(logits: list[tuple[float, float]], nudge: float) -> None:
    one = np.array([pair[0] for pair in logits])
    two = one + nudge * np.array([pair[1] for pair in logits])
    p, q = (x - np.logaddexp.reduce(x) for x in (one, two))
    expected = float((np.exp(p) * (p - q)).sum() / np.log(2))
    found = divergence(p[None], q[None])
    assert found[0] >= 0
    assert found[0] == pytest.approx(expected, abs=1e-10, rel=1e-9)
    assert divergence(p[None], p[None])[0] == 0


@given(symbols=st.integers(2, 70), count=st.integers(1, 80), turn=st.integers(0, 200), data=st.data())
def test_replacements_are_other_characters_each_once(symbols: int, count: int, turn: int, data: Any) -> None:
    character = data.draw(st.integers(0, symbols))
    chosen = others(symbols, character, count, turn).tolist()
    assert len(chosen) == len(set(chosen)) == min(count, symbols - (character < symbols))
    assert character not in chosen
    assert all(0 <= c < symbols for c in chosen)


def test_over_many_turns_every_character_has_its_own() -> None:
    seen = {int(c) for turn in range(64) for c in others(65, 10, 8, turn)}
    assert seen == set(range(65)) - {10}


@every_cell
def test_rounding_is_there_from_the_first_character_on(make_model: Any, cell: str) -> None:
    """The state before the first character is zero, and zero's own last bit is too small to be noticed."""
    lm = make_model(cell, 24, gain=1.5)
    found = measured(lm, some_text(700), 0, lags=600)
    for curve, rounding, off in (
        (found.edit, found.rounding, 0.5),
        (found.divergence, found.rounding_divergence, 1.0),
    ):
        assert np.isfinite(rounding[1:]).mean() > 0.8  # a small network may meet itself exactly
        assert np.median(curve[200:]) == pytest.approx(np.median(rounding[200:]), abs=off)


@every_cell
def test_the_prediction_is_down_to_rounding_where_the_state_is(make_model: Any, cell: str) -> None:
    lm = make_model(cell, 24, gain=1.5)
    found = measured(lm, some_text(700), 50, lags=600)
    start = drowned(found.edit, found.rounding)
    late = found.divergence[start:] > found.rounding_divergence[start:] + np.log10(4)
    assert late.mean() < 0.05
