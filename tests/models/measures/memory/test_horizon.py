"""The horizon and gradients over many positions: against one position at a time, autograd, and decay that is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models import CharLM, NotMeasurable, Vocabulary
from models.measures import drain, record
from models.measures.memory.edit_sensitivity import by_frequency, others
from models.measures.memory.forgetting import forgetting
from models.measures.memory.horizon import CURVES, REPLACEMENTS, Band, horizon, spread, usual_positions
from models.measures.positions import LEAST, WARM_UP, places
from tests.support.cells import FUSED

every_cell = pytest.mark.parametrize("cell", FUSED)

ALPHABET = "abcdefgh "


def some_text(length: int, seed: int = 0) -> str:
    return "".join(np.random.default_rng(seed).choice(list(ALPHABET), length))


def quartiles(curves: list[np.ndarray]) -> np.ndarray:
    """Of an uneven number of curves: the values in the middle and at the quarters, (3, K + 1)."""
    ordered = np.sort(np.array(curves), axis=0)
    count = len(curves)
    return ordered[[int(np.ceil(count * q)) - 1 for q in (0.25, 0.5, 0.75)]]


@every_cell
@pytest.mark.parametrize("layers", [1, 2])
def test_each_curve_is_that_of_every_position_by_itself(make_model: Any, cell: str, layers: int) -> None:
    lm = make_model(cell, 10, layers, characters=ALPHABET, gain=1.6)
    recording = record(lm, some_text(200))
    lags = 15
    for curve in CURVES:
        found = drain(horizon(lm, recording, curve=curve, positions=5, lags=lags))
        assert len(found.band.steps) == 5
        alone = []
        for n, step in enumerate(found.band.steps):
            if curve == "connectivity":  # from a prediction back
                single = drain(forgetting(lm, recording, int(step) + lags, lags=lags))
                alone.append(single.backward)
                continue
            single = drain(forgetting(lm, recording, int(step), lags=lags))
            if curve in ("edit", "kl"):
                # all eight other characters of this alphabet are taken at every position, whatever the turn
                assert len(others(len(ALPHABET), 0, REPLACEMENTS, n)) == single.candidates
            alone.append(
                {
                    "edit": single.edit,
                    "kl": single.divergence,
                    "jacobian": single.jacobian,
                    "retention": quartiles(list(single.retention.T))[1],
                }[curve]
            )
        band = np.array([found.band.low, found.band.median, found.band.high])
        np.testing.assert_allclose(band, quartiles(alone), atol=1e-4, err_msg=curve)
        assert (found.rounding is not None) == (curve in ("edit", "kl"))


@pytest.mark.parametrize("factor", [0.5, 0.8, 0.97])
@pytest.mark.parametrize("curve", ["edit", "jacobian", "retention", "connectivity"])
def test_the_horizon_of_a_cell_that_only_shrinks_is_known(factor: float, curve: Any) -> None:
    """U = λ·I and tiny inputs: every curve is λᵏ, so it falls to a share s at the first k ≥ ln s / ln λ."""
    lm = CharLM("rnn", Vocabulary(ALPHABET), 6, name="shrinking").requires_grad_(False).double()
    torch.manual_seed(0)
    weight_ih, weight_hh, *biases = lm.layer_weights(0)
    weight_ih.copy_(torch.randn_like(weight_ih) * 1e-6)
    weight_hh.copy_(factor * torch.eye(6, dtype=torch.float64))
    for bias in biases:
        bias.zero_()
    found = drain(horizon(lm, record(lm, some_text(600)), curve=curve, positions=20, lags=100))
    lag_e, lag_percent = (int(np.ceil(np.log(share) / np.log(factor))) for share in (1 / np.e, 0.01))
    assert found.lag_e == lag_e
    assert found.lag_percent == (lag_percent if lag_percent <= 100 else None)


def test_a_gate_that_always_keeps_has_no_horizon(make_model: Any) -> None:
    """An LSTM whose forget gate stands at 1: its state is not forgotten within any lag."""
    lm = make_model("lstm", 8, characters=ALPHABET)
    lm.layer_weights(0)[2][8:16] = 40.0
    recording = record(lm, some_text(400))
    for curve in ("retention", "jacobian"):
        found = drain(horizon(lm, recording, curve=curve, positions=10, lags=100))
        assert (found.lag_e, found.lag_percent) == (None, None)
        assert found.band.median[-1] > -0.1


@every_cell
def test_edits_agree_in_rank_with_the_jacobian_over_lags(make_model: Any, cell: str) -> None:
    lm = make_model(cell, 24, 1, gain=1.3, seed=5)
    recording = record(lm, some_text(1500))
    edit, jacobian = (
        drain(horizon(lm, recording, curve=curve, positions=16, lags=60)) for curve in ("edit", "jacobian")
    )
    assert edit.rounding is not None
    clear = edit.band.median > edit.rounding + 1
    assert clear.sum() > 10
    one, two = (band.median[clear].argsort().argsort() for band in (edit.band, jacobian.band))
    assert np.corrcoef(one, two)[0, 1] > 0.8


@given(length=st.integers(LEAST, 600), count=st.integers(1, 90), lags=st.integers(1, 300), unknown=st.floats(0, 0.5))
def test_positions_lie_where_they_can_be_measured(length: int, count: int, lags: int, unknown: float) -> None:
    draw = np.random.default_rng(length + count)
    lm = CharLM("rnn", Vocabulary(ALPHABET), 2).requires_grad_(False)
    text = "".join(np.where(draw.random(length) < unknown, "€", draw.choice(list(ALPHABET), length)))
    recording = record(lm, text)
    try:
        found = places(recording, count, lags)
    except NotMeasurable:
        assert unknown > 0
        return
    assert found.lags == min(lags, length // 2)
    assert 1 <= len(found.starts) <= count
    assert (np.diff(found.starts) > 0).all()
    assert found.starts[0] >= found.warm_up
    assert found.starts[-1] + found.lags + 1 < length
    for start in found.starts:
        assert text[start] != "€"
        assert text[start + found.lags + 1] != "€"


def test_positions_are_spread_over_the_whole_text(own_text: str, make_model: Any) -> None:
    recording = record(make_model("rnn", 4), own_text)
    found = places(recording, 64, 200)
    assert len(found.starts) == 64
    assert (found.starts[0], found.warm_up, found.lags) == (WARM_UP, WARM_UP, 200)
    assert found.starts[-1] == len(own_text) - 202
    assert np.ptp(np.diff(found.starts)) <= 1


def test_a_text_that_is_too_short_says_so(make_model: Any) -> None:
    lm = make_model("gru", 4, characters=ALPHABET)
    with pytest.raises(NotMeasurable, match="The text has 12 characters"):
        drain(horizon(lm, record(lm, "abcabcabcabc")))
    with pytest.raises(NotMeasurable, match="knows none of the characters"):
        drain(horizon(lm, record(lm, "€" * 50)))
    with pytest.raises(NotMeasurable, match="no layer 3"):
        drain(horizon(lm, record(lm, some_text(100)), layer=3))


@every_cell
def test_a_short_text_has_fewer_lags_and_positions(make_model: Any, cell: str) -> None:
    lm = make_model(cell, 4, characters=ALPHABET)
    found = drain(horizon(lm, record(lm, some_text(40))))
    assert found.band.lags == 20
    assert len(found.band.steps) == 40 - 21 - 9
    assert found.warm_up == 9


@pytest.mark.parametrize("curve", CURVES)
def test_the_work_is_done_in_pieces_that_say_how_far_it_is(make_model: Any, curve: Any) -> None:
    lm = make_model("lstm", 6, characters=ALPHABET)
    shares = list(horizon(lm, record(lm, some_text(300)), curve=curve, positions=40, lags=30))
    assert len(shares) > 2
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] <= 1


def test_large_states_are_looked_at_in_fewer_places(make_model: Any) -> None:
    assert [usual_positions(make_model(cell, 128), "jacobian") for cell in ("rnn", "gru", "lstm")] == [64, 64, 32]
    assert usual_positions(make_model("lstm", 300, 2), "jacobian") == 8
    assert usual_positions(make_model("lstm", 300, 2), "edit") == 64


@given(st.lists(st.floats(-300, 2), min_size=2, max_size=40))
def test_a_band_falls_to_a_share_at_the_first_lag_that_is_so_low(values: list[float]) -> None:
    curve = np.array(values)
    band = Band.of(np.repeat(curve[:, None], 5, axis=1), np.arange(5))
    np.testing.assert_array_equal(band.median, curve)
    found = band.falls_to(0.01)
    low = [k for k in range(1, len(curve)) if curve[k] <= curve[0] - 2]
    assert found == (low[0] if low else None)


def test_zero_counts_as_fallen_and_quartiles_are_values_of_positions() -> None:
    curves = np.array([[0.0, 1.0, 2.0, 3.0], [-np.inf, -np.inf, -np.inf, 2.0]])
    band = Band.of(curves, np.arange(4))
    assert band.median.tolist() == [1.0, -np.inf]
    assert band.high.tolist() == [2.0, -np.inf]
    assert band.falls_to(0.01) == 1


def test_of_nothing_there_is_no_share() -> None:
    band = Band.of(np.full((3, 4), -np.inf), np.arange(4))
    assert (band.falls_to(1 / np.e), band.falls_to(0.01)) == (None, None)


def test_the_spread_of_a_lag_is_that_of_other_positions() -> None:
    """Curves that fall at a rate of their own at each position: the spread against fresh sets of positions."""
    draw = np.random.default_rng(4)

    def curves(count: int) -> np.ndarray:
        return np.cumsum(np.vstack([np.zeros(count), -draw.gamma(2.0, 0.05, (1, count)).repeat(80, axis=0)]), axis=0)

    lags = [Band.of(curves(64), np.arange(64)).falls_to(0.01) for _ in range(400)]
    ranges = [spread(curves(64), (0.01,))[0] for _ in range(30)]
    low, high = np.quantile(lags, [0.16, 0.84])
    widths = [one[1] - one[0] for one in ranges if one is not None and one[0] is not None and one[1] is not None]
    assert len(widths) == 30
    assert np.mean(widths) == pytest.approx(high - low, rel=0.4)


def test_a_spread_says_where_it_ends_beyond_what_was_looked_at() -> None:
    never = np.zeros((10, 8))
    assert spread(never, (0.5,)) == [(None, None)]
    assert spread(never[:, :1], (0.5, 0.1)) == [None, None]
    alike = np.repeat(-0.5 * np.arange(10.0)[:, None], 8, axis=1)
    assert spread(alike, (0.01,)) == [(4, 4)]


@given(
    counts=st.lists(st.integers(0, 50), min_size=2, max_size=30),
    character=st.integers(0, 31),
    count=st.integers(1, 200),
    turn=st.integers(0, 9),
)
def test_characters_are_tried_as_often_as_they_occur(counts: list[int], character: int, count: int, turn: int) -> None:
    chosen = by_frequency(np.array(counts), character, count, turn)
    weights = np.array(counts, float)
    if character < len(counts):
        weights[character] = 0
    assert character not in chosen
    if not weights.any():
        return
    assert len(chosen) == count
    often = np.bincount(chosen, minlength=len(counts))
    assert (np.abs(often - count * weights / weights.sum()) <= 1 + 1e-6).all()


@every_cell
def test_an_edit_by_frequency_is_the_mean_of_its_draws(make_model: Any, cell: str) -> None:
    lm = make_model(cell, 10, characters=ALPHABET, gain=1.6)
    text = "aaab" * 60 + some_text(60)
    recording = record(lm, text)
    found = drain(forgetting(lm, recording, 100, lags=20, replacements=10, by="frequency"))
    ids = lm.vocabulary.encode(text)
    chosen = by_frequency(np.bincount(ids, minlength=len(ALPHABET)), int(ids[100]), 10)
    plain = lm.trace(text)["0.hidden"].numpy()[100:121]
    apart = []
    for character in chosen:
        other = text[:100] + ALPHABET[character] + text[101:]
        apart.append(np.linalg.norm(lm.trace(other)["0.hidden"].numpy()[100:121] - plain, axis=1))
    np.testing.assert_allclose(10**found.edit, np.mean(apart, axis=0), rtol=1e-4)
    assert (found.replacements, found.by) == (len(set(chosen.tolist())), "frequency")


@every_cell
def test_retention_over_the_units_that_move_leaves_out_those_that_rest(make_model: Any, cell: str) -> None:
    lm = make_model(cell, 9, 1, characters=ALPHABET, gain=1.6)
    resting = (2, 5)
    blocks = lm.cell.gates
    for unit in resting:  # nothing reaches them, and every part of their cell stands at an end
        for block in range(blocks):
            row = block * lm.units + unit
            lm.rnn.weight_ih_l0.data[row] = lm.rnn.weight_hh_l0.data[row] = 0.0
            lm.rnn.bias_ih_l0.data[row], lm.rnn.bias_hh_l0.data[row] = (
                (-30.0 if cell == "gru" and block == 1 else 30.0),
                0.0,
            )
    text = some_text(2000)
    found = drain(horizon(lm, record(lm, text), curve="retention", positions=7, lags=30))
    assert found.moving is not None
    # By another way: states and products of the gate in the trace.
    trace = lm.trace(text)
    looked_at = np.concatenate([np.arange(step, step + 31) for step in found.band.steps])
    carried = [trace["0.hidden"].numpy()] + ([np.tanh(trace["0.cell"].numpy())] if cell == "lstm" else [])
    least = np.min([values[looked_at].astype(np.float64).std(axis=0) for values in carried], axis=0)
    rest = [unit for unit in range(lm.units) if least[unit] >= 2 / 255]
    assert not set(rest) & set(resting)
    assert len(rest) > 3
    assert (found.moving.units, found.moving.of) == (len(rest), 9)
    keeps = {"lstm": "forget_gate", "gru": "update_gate"}.get(cell)
    lags = []
    for share in (1 / np.e, 0.01):
        curves = []
        for step in found.band.steps:
            window = slice(int(step) + 1, int(step) + 31)
            if keeps is not None:
                kept = trace[f"0.{keeps}"].numpy()[window].astype(np.float64)
            else:
                slope = 1 - trace["0.hidden"].numpy()[window].astype(np.float64) ** 2
                kept = np.abs(slope * np.diag(lm.rnn.weight_hh_l0.detach().numpy()))
            products = np.cumprod(kept[:, rest], axis=0)
            curves.append(np.sort(products, axis=1)[:, int(np.ceil(len(rest) / 2)) - 1])
        middle = np.sort(np.array(curves), axis=0)[int(np.ceil(len(curves) / 2)) - 1]
        below = np.flatnonzero(middle <= share * (1 + 1e-9))
        lags.append(int(below[0]) + 1 if len(below) else None)
    assert [found.moving.lag_e, found.moving.lag_percent] == lags


def test_only_retention_speaks_of_units_that_move(make_model: Any) -> None:
    lm = make_model("lstm", 6, 1, characters=ALPHABET, gain=1.6)
    recording = record(lm, some_text(300))
    assert drain(horizon(lm, recording, curve="edit", positions=3, lags=10)).moving is None
