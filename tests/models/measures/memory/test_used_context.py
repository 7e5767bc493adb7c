"""Used context: against torch.nn in float64, one position and one k at a time, and networks whose memory is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models import CharLM, NotMeasurable, Vocabulary
from models.measures import drain, record
from models.measures.memory.used_context import PASTS, SHUFFLED, Context, context, lenders, reordered, used
from models.measures.positions import places
from models.network.intervened_reader import IntervenedReader
from models.network.intervention import parse
from models.recording.recording import Recording
from tests.support.cells import FUSED

every_cell = pytest.mark.parametrize("cell", FUSED)
ALPHABET = "abcdefgh "


def some_text(length: int, seed: int = 0) -> str:
    return "".join(np.random.default_rng(seed).choice(list(ALPHABET), length))


class Twin:
    """A model as PyTorch's own modules in float64; it reads one character at a time."""

    def __init__(self, lm: CharLM) -> None:
        weights = {k: v.double() for k, v in lm.state_dict().items()}
        self.size, units = weights["readout.weight"].shape
        module = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[lm.cell.name]
        self.rnn = module(self.size, units, lm.layers).double()
        self.rnn.load_state_dict({k.removeprefix("rnn."): v for k, v in weights.items() if k.startswith("rnn.")})
        self.weight, self.bias = weights["readout.weight"], weights["readout.bias"]
        self.characters = lm.vocabulary.characters

    @torch.no_grad()
    def read(self, text: str, state: Any = None) -> tuple[Any, torch.Tensor]:
        """(the state after `text`, log₂ p (V,) of what follows)."""
        hidden = torch.zeros(self.rnn.num_layers, 1, self.rnn.hidden_size, dtype=torch.float64)
        if state is None:
            state = (hidden, hidden) if isinstance(self.rnn, torch.nn.LSTM) else hidden
        for character in text:
            one = torch.zeros(1, 1, self.size, dtype=torch.float64)
            if character in self.characters:
                one[0, 0, self.characters.index(character)] = 1
            _, state = self.rnn(one, state)
        top = (state[0] if isinstance(state, tuple) else state)[-1, 0]
        return state, torch.log_softmax(self.weight @ top + self.bias, 0) / np.log(2)

    def bits(self, prediction: torch.Tensor, character: str) -> float:
        return -float(prediction[self.characters.index(character)]) if character in self.characters else np.nan


def brute(lm: CharLM, text: str, past: str, starts: list[int], lags: int) -> np.ndarray:
    """The loss (N, K + 1) of each position and k, each by a reading of its own."""
    twin, lost = Twin(lm), np.empty((len(starts), lags + 1))
    shuffle = dict(zip(ALPHABET, range(len(ALPHABET)), strict=True))
    for n, start in enumerate(starts):
        if past == "another":
            other = twin.read(text[: starts[lenders(len(starts))[n]]])[0]
        elif past == "zero":
            other = None
        else:
            first = max(start - SHUFFLED, 0)
            ids = np.array([shuffle.get(c, len(ALPHABET)) for c in text[first:start]], np.int32)
            mixed = "".join((ALPHABET + "€")[k] for k in reordered(ids, start))
            assert sorted(mixed) == sorted(text[first:start])
            other = twin.read(mixed, twin.read(text[:first])[0])[0]
        true = twin.read(text[:start])[0]
        for k in range(lags + 1):
            character = text[start + k]
            lost[n, k] = twin.bits(twin.read(text[start : start + k], other)[1], character) - twin.bits(
                twin.read(text[start : start + k], true)[1], character
            )
    return lost


@every_cell
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("past", PASTS)
def test_it_is_what_readings_one_by_one_say(make_model: Any, cell: str, layers: int, past: Any) -> None:
    lm = make_model(cell, 8, layers, characters=ALPHABET, gain=3.0, dtype=torch.float64)
    text = "€".join(some_text(80, seed) for seed in range(4))  # characters that the model does not know, too
    found = drain(context(lm, record(lm, text), past=past, positions=7, lags=12))
    starts = [int(start) for start in places(record(lm, text), 7, 12).starts]
    lost = brute(lm, text, past, starts, 12)
    assert np.nanmax(np.abs(lost[:, :3])) > 0.05  # there is something to compare
    np.testing.assert_allclose(found.mean, np.nanmean(lost, axis=0), atol=1e-6)  # surprise is kept in float32
    np.testing.assert_allclose(found.median, np.nanmedian(lost, axis=0), atol=1e-6)
    np.testing.assert_array_equal(found.counts, np.isfinite(lost).sum(axis=0))
    above = [k for k in range(13) if np.nanmean(lost[:, k]) > 0.01]
    assert found.uses == (max(above) if above else None)
    alone = [np.nanstd(lost[:, k], ddof=1) / np.sqrt(np.isfinite(lost[:, k]).sum()) for k in (0, 12)]
    assert found.error[[0, 12]] == pytest.approx(alone, rel=1e-3, abs=1e-7)  # each position is a batch of its own
    assert (found.positions, found.lags) == (7, 12)


def shift_register(delay: int) -> CharLM:
    """A vanilla network that carries the last `delay` characters along and expects the oldest of them to come next."""
    symbols = len(ALPHABET)
    lm = CharLM("rnn", Vocabulary(ALPHABET), symbols * delay).requires_grad_(False).double()
    weight_ih, weight_hh, *biases = lm.layer_weights(0)
    for weight in (weight_ih, weight_hh, lm.readout.weight, lm.readout.bias, *biases):
        weight.zero_()
    weight_ih[:symbols] = 1e-3 * torch.eye(symbols)  # small, so that tanh is a straight line
    weight_hh[symbols:, :-symbols] = torch.eye(symbols * (delay - 1))
    lm.readout.weight[:, -symbols:] = 1e4 * torch.eye(symbols)
    return lm


@pytest.mark.parametrize("delay", [1, 2, 7, 20])
def test_what_a_shift_register_uses_is_known(delay: int) -> None:
    """It needs exactly `delay` characters: with fewer the other past shows, from there on nothing is lost at all."""
    lm = shift_register(delay)
    text = (some_text(delay, seed=3) * 600)[:900]
    found = drain(context(lm, record(lm, text), positions=200, lags=40))
    if len(set(text)) > 1:
        assert found.uses == delay - 1
        assert found.uses_error == 0
    else:
        assert found.uses is None  # every past is like every other
    np.testing.assert_array_equal(found.mean[delay:], 0)
    assert found.bits == pytest.approx(0, abs=1e-3)


@every_cell
def test_a_network_without_recurrence_uses_the_last_character_only(make_model: Any, cell: str) -> None:
    lm = make_model(cell, 8, characters=ALPHABET, gain=3.0)
    _, weight_hh, bias_ih, _ = lm.layer_weights(0)
    weight_hh.zero_()
    lm.readout.weight.mul_(10)
    if cell == "lstm":
        bias_ih[8:16] = -1e4  # the forget gate
    elif cell == "gru":
        bias_ih[8:16] = -1e4  # the update gate
    found = drain(context(lm, record(lm, some_text(600)), positions=300, lags=30))
    np.testing.assert_array_equal(found.mean[1:], 0)
    assert found.uses == 0
    assert found.mean[0] > 0.01


def test_what_has_no_state_uses_nothing(make_model: Any) -> None:
    """Held at zero, a network says the same whatever was before; only the state that was put there is another."""
    lm = make_model("gru", 8, characters=ALPHABET, gain=3.0)
    recording = Recording(IntervenedReader(lm.reader(), parse("0.hidden=0@0")))
    recording.edit(0, 0, lm.vocabulary.encode(some_text(300)))
    while recording.read():
        pass
    for past in PASTS:
        found = drain(context(lm, recording, past=past, positions=50, lags=20))
        np.testing.assert_array_equal(found.mean, 0)
        assert (found.uses, found.uses_error) == (None, None)


@pytest.mark.parametrize("past", PASTS)
def test_the_recording_is_left_as_it_is_and_the_answer_comes_again(make_model: Any, past: Any) -> None:
    lm = make_model("lstm", 8, 2, characters=ALPHABET, gain=2.0)
    recording = record(lm, some_text(700))
    before = [recording.signal(k, "cell", 0, 700).copy() for k in range(2)]
    one, two = (drain(context(lm, recording, past=past, positions=60, lags=20)) for _ in range(2))
    np.testing.assert_array_equal(one.mean, two.mean)
    for k in range(2):
        np.testing.assert_array_equal(recording.signal(k, "cell", 0, 700), before[k])


@given(st.lists(st.floats(-0.1, 0.1), min_size=1, max_size=30))
def test_used_is_the_last_lag_above_the_threshold(losses: list[float]) -> None:
    found = used(np.array(losses))
    above = [k for k, loss in enumerate(losses) if loss > 0.01]
    assert found == (above[-1] if above else None)


@pytest.mark.parametrize("count", [1, 2, 3, 50])
def test_every_position_lends_to_one_other(count: int) -> None:
    lender = lenders(count)
    assert sorted(lender) == list(range(count))
    assert count == 1 or all(lender[n] != n for n in range(count))
    np.testing.assert_array_equal(lender, lenders(count))


def test_shuffling_depends_on_the_position_alone() -> None:
    ids = np.arange(50, dtype=np.int32)
    np.testing.assert_array_equal(reordered(ids, 7), reordered(ids, 7))
    assert (reordered(ids, 7) != reordered(ids, 8)).any()
    assert sorted(reordered(ids, 7)) == list(ids)


def test_a_short_text_is_measured_as_far_as_it_goes_or_says_why_not(make_model: Any) -> None:
    lm = make_model("rnn", 4, characters=ALPHABET)
    found = drain(context(lm, record(lm, some_text(40))))
    assert isinstance(found, Context)
    assert (found.lags, found.positions) == (20, 40 - 21 - 9)
    with pytest.raises(NotMeasurable, match="The text has 12 characters"):
        drain(context(lm, record(lm, some_text(12))))
    with pytest.raises(NotMeasurable, match="knows none of the characters"):
        drain(context(lm, record(lm, "€" * 50)))


@pytest.mark.parametrize("past", PASTS)
def test_the_work_is_done_in_pieces_that_say_how_far_it_is(make_model: Any, past: Any) -> None:
    lm = make_model("lstm", 6, characters=ALPHABET)
    shares = list(context(lm, record(lm, some_text(300)), past=past, positions=40, lags=30))
    assert len(shares) >= 40
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] <= 1
