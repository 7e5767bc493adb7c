"""The transformer block against the equations of its papers, written out here once more in float64, step by step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models import CharLM, NotMeasurable
from models.cells import transformer as block
from models.cells.transformer import WINDOW
from models.measures import drain, record
from models.measures.memory.provenance import provenance
from models.network import trace
from models.network.intervened_reader import IntervenedReader
from models.network.intervention import Clamp, Intervention, Zero
from models.network.reader import CompiledReader, TorchReader
from models.network.state import same, size
from models.recording.recording import Recording
from tests.support.recordings import check_typed_and_edited, read_all

Numbers = NDArray[np.float64]
HEADS = 4


def norm(x: Numbers, weight: Numbers, bias: Numbers) -> Numbers:
    return (x - x.mean()) / np.sqrt(x.var() + 1e-5) * weight + bias


def turned(x: Numbers, position: int) -> Numbers:
    """RoPE as the paper has it: each pair of a head's numbers is a complex number, turned by position·θ."""
    z = x[0::2] + 1j * x[1::2]
    z = z * np.exp(1j * position * 10000.0 ** (-np.arange(len(z)) / len(z)))
    return np.stack([z.real, z.imag], axis=1).ravel()


def by_the_papers(lm: CharLM, text: str) -> tuple[dict[str, Numbers], list[list[Numbers]]]:
    """All signals, and the attention of each layer's heads at each step over all steps so far."""
    xs = np.zeros((len(text), len(lm.vocabulary)))
    for t, character in enumerate(text):
        if character in lm.vocabulary:
            xs[t, lm.vocabulary.characters.index(character)] = 1.0
    found, attention = {}, []
    for k in range(lm.layers):
        weights = [one.detach().double().numpy() for one in lm.layer_weights(k)]
        if len(weights) == 13:
            xs = xs @ weights[0].T
        n1, c1, w, b, wo, bo, n2, c2, wu, bu, wd, bd = weights[-12:]
        units, width = len(n1), len(n1) // HEADS
        q, k_, v = np.split(np.stack([w @ norm(x, n1, c1) + b for x in xs]), 3, axis=1)
        slices = [slice(head * width, (head + 1) * width) for head in range(HEADS)]
        keys = [np.stack([turned(one[own], at) for at, one in enumerate(k_)]) for own in slices]
        rows, of_heads = {"hidden": [], "attention": [], "mlp": []}, []
        for t, x in enumerate(xs):
            parts, first, weights_ = [], max(0, t - WINDOW + 1), np.zeros((HEADS, t + 1))
            for head, own in enumerate(slices):
                scores = keys[head][first : t + 1] @ turned(q[t, own], t) / np.sqrt(width)
                alpha = np.exp(scores - np.max(scores))
                weights_[head, first:] = alpha / alpha.sum()
                parts.append(weights_[head] @ v[: t + 1, own])
            u = wo @ np.concatenate(parts) + bo
            m = wu @ norm(x + u, n2, c2) + bu
            m = wd @ (0.5 * m * (1 + np.tanh(np.sqrt(2 / np.pi) * (m + 0.044715 * m**3)))) + bd
            for name, value in (("hidden", x + u + m), ("attention", u), ("mlp", m)):
                rows[name].append(value)
            of_heads.append(weights_)
        found |= {f"{k}.{name}": np.array(values) for name, values in rows.items()}
        xs = found[f"{k}.hidden"]
        assert xs.shape[1] == units
        attention.append(of_heads)
    return found, attention


@pytest.fixture
def lively(make_model: Any) -> Any:
    """A model whose heads attend to something: random weights that are not small."""

    def make(units: int = 16, layers: int = 2, dtype: torch.dtype = torch.float64) -> CharLM:
        lm: CharLM = make_model("transformer", units, layers, dtype=dtype)
        with torch.no_grad():
            for name, one in lm.rnn.named_parameters():
                if name.startswith("weight"):
                    one.mul_(15.0)
                elif "bias" in name:
                    one.normal_(0, 0.3)
        return lm

    return make


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 2e-4)])
def test_every_signal_is_what_the_papers_say(lively: Any, own_text: str, dtype: torch.dtype, tolerance: float) -> None:
    lm = lively(dtype=dtype)
    text = own_text[: WINDOW + 60] + "€" + own_text[WINDOW + 60 : WINDOW + 80]
    expected, _ = by_the_papers(lm, text)
    found = lm.trace(text)
    assert set(found.keys()) == set(expected)
    by_torch = trace.run(lm, text, reader=TorchReader(lm))
    for key, values in expected.items():
        scale = np.abs(values).max()
        np.testing.assert_allclose(found[key], values, rtol=0, atol=tolerance * scale, err_msg=key)
        np.testing.assert_allclose(by_torch[key], values, rtol=0, atol=tolerance * scale, err_msg=key)


def test_what_is_trained_is_what_is_read(lively: Any, own_text: str) -> None:
    """A whole segment at once, in parallel; the window bounds it too."""
    lm = lively()
    text = own_text[: WINDOW + 40]
    ids = torch.as_tensor(lm.vocabulary.encode(text), dtype=torch.int64)[:, None]
    with torch.no_grad():
        logits, state = lm(ids.expand(-1, 3))
    assert lm.layer_states(state) == [(), ()]
    np.testing.assert_allclose(torch.log_softmax(logits[:, 1], dim=-1), lm.trace(text).log_probabilities, atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(cuts=st.lists(st.integers(1, 300), min_size=1, max_size=8))
def test_any_split_gives_the_same_bits(make_model: Any, own_text: str, cuts: list[int]) -> None:
    lm = make_model("transformer", 8, 2, gain=20.0)
    ids = lm.vocabulary.encode(own_text[: sum(cuts)])
    reader = CompiledReader(lm)
    whole, parts = reader.allocate(len(ids)), reader.allocate(len(ids))
    end, state, done = reader.start(), reader.start(), 0
    reader.read(ids, end, whole)
    for cut in cuts:
        reader.read(ids[done : done + cut], state, parts, done)
        done += cut
    assert all(np.array_equal(a, b) for a, b in zip(whole.layers, parts.layers, strict=True))
    assert np.array_equal(whole.predictions, parts.predictions)
    assert same(end, state)


def test_beyond_the_window_nothing_is_known(make_model: Any, own_text: str) -> None:
    """Two layers look back on twice the window, less one step; there the bits are those of any other past."""
    lm = make_model("transformer", 8, 2, gain=20.0)
    text = own_text[:700]
    other = ("w" if text[0] != "w" else "t") + text[1:]
    one, two = lm.trace(text), lm.trace(other)
    reach = 2 * (WINDOW - 1)
    assert not torch.equal(one["1.hidden"][reach - 300], two["1.hidden"][reach - 300])
    assert torch.equal(one["0.hidden"][WINDOW:], two["0.hidden"][WINDOW:])
    assert torch.equal(one["1.hidden"][reach + 1 :], two["1.hidden"][reach + 1 :])


def test_where_in_the_text_a_window_stands_does_not_matter(make_model: Any, own_text: str) -> None:
    lm = make_model("transformer", 8, 1, gain=20.0)
    text = own_text[:600]
    shifted = lm.trace("the " + text)["0.hidden"][4 + WINDOW :]
    assert torch.equal(lm.trace(text)["0.hidden"][WINDOW:], shifted)


def test_a_text_that_is_typed_and_edited_has_the_bits_of_one_that_is_read_at_once(
    make_model: Any, own_text: str
) -> None:
    lm = make_model("transformer", 8, 2, gain=20.0)
    check_typed_and_edited(lm, own_text[:900], 20, 300, 7)


def test_its_state_grows_until_the_window_is_full(make_model: Any, own_text: str) -> None:
    reader = CompiledReader(make_model("transformer", 8, 2))
    state, ids = reader.start(), np.zeros(600, np.int32)
    assert size(state) == 0
    for steps, kept in ((1, 1), (100, 101), (400, WINDOW - 1), (99, WINDOW - 1)):
        reader.read(ids[:steps], state, reader.allocate(steps))
        assert size(state) == reader.state_bytes(kept) == 2 * 2 * kept * 8 * 4
    assert reader.state_bytes(10**6) == size(state)


def intervened(lm: CharLM, text: str, *interventions: Intervention) -> Recording:
    recording = Recording(IntervenedReader(CompiledReader(lm), interventions))
    recording.edit(0, 0, lm.vocabulary.encode(text))
    read_all(recording)
    return recording


def test_signals_can_be_held_and_a_reset_empties_the_window(lively: Any, own_text: str) -> None:
    lm, text = lively(), own_text[:80]
    plain = lm.trace(text)
    held = intervened(lm, text, Clamp(0, "attention", 3, 0.5, 10, 20), Clamp(1, "mlp", None, 0.0, 30, 40))
    own = held.signal(0, "attention", 0, 80)
    assert (own[10:20, 3] == 0.5).all()
    np.testing.assert_allclose(
        np.delete(own, 3, axis=1), np.delete(plain["0.attention"].numpy(), 3, axis=1), atol=1e-12
    )
    np.testing.assert_allclose(
        held.signal(0, "hidden", 10, 20) - held.signal(0, "mlp", 10, 20) - own[10:20],
        (plain["0.hidden"] - plain["0.mlp"] - plain["0.attention"]).numpy()[10:20],
        atol=1e-12,
    )
    assert (held.signal(1, "mlp", 30, 40) == 0).all()
    assert not np.array_equal(held.signal(1, "attention", 30, 31), plain["1.attention"][30:31])
    fresh = intervened(lm, text, Zero(50)).signal(1, "hidden", 50, 80)
    np.testing.assert_allclose(fresh, lm.trace(text[50:])["1.hidden"], atol=1e-10)


def test_what_attention_adds_is_told_apart_by_step(lively: Any, own_text: str) -> None:
    lm, text, step, unit = lively(), own_text[: WINDOW + 50], WINDOW + 40, 5
    expected, attention = by_the_papers(lm, text)
    recording = record(lm, text)
    for layer in (0, 1):
        found = drain(provenance(lm, recording, layer, unit, step, window=100, of="layer"))
        weights = attention[layer][step]
        np.testing.assert_allclose(found.layer_shares, weights.mean(axis=0)[step - 99 :], atol=1e-9)
        assert found.layer_older == pytest.approx(weights.mean(axis=0)[: step - 99].sum(), abs=1e-9)
        assert found.held == pytest.approx(expected[f"{layer}.attention"][step, unit])
        assert found.addends.sum() + found.older == pytest.approx(found.held, rel=1e-9)
        row = attention[layer][step - 30].mean(axis=0)
        np.testing.assert_allclose(found.triangle[-31, : 100 - 30], row[step - 99 :], atol=1e-9)
        assert found.heads.shape == (4, 100)
        np.testing.assert_allclose(found.heads, weights[:, step - 99 :], atol=1e-9)
        of_one = drain(provenance(lm, recording, layer, unit, step, window=100, of="head", head=2))
        np.testing.assert_allclose(of_one.triangle[-1], found.heads[2], atol=1e-12)
        np.testing.assert_allclose(
            of_one.triangle[-31, : 100 - 30], attention[layer][step - 30][2][step - 99 :], atol=1e-9
        )
    whole = drain(provenance(lm, recording, 1, unit, step, window=WINDOW, of="head"))
    np.testing.assert_allclose(whole.heads.sum(axis=1), 1.0, atol=1e-12)


def test_a_head_that_is_not_there_is_refused(lively: Any, make_model: Any, own_text: str) -> None:
    recorded = record(lm := lively(), own_text[:50])
    with pytest.raises(NotMeasurable, match=r"There is no head 4: the layer has 4\. Choose another"):
        drain(provenance(lm, recorded, 0, 0, 40, of="head", head=4))
    gated = make_model("lstm", 8)
    with pytest.raises(NotMeasurable, match=r"LSTM layers have no heads of attention\. Show the unit or the layer"):
        drain(provenance(gated, record(gated, own_text[:50]), 0, 0, 40, of="head"))


def test_a_segment_shorter_than_the_window_is_refused() -> None:
    from models import BadSettings
    from models.training.settings import Settings
    from models.training.settings_check import check_settings

    with pytest.raises(BadSettings, match=r"looks back on 256 steps, and in segments of 128 .* Choose --segment 256"):
        check_settings(Settings(cell="transformer", units=16, segment=128))
    check_settings(Settings(cell="transformer", units=16, segment=256))


def test_its_first_block_has_a_table_and_one_above_a_cell_a_projection(make_model: Any, own_text: str) -> None:
    lm = make_model(("lstm", "transformer", "gru"), (6, 8, 5), dtype=torch.float64)
    assert [len(lm.layer_weights(k)) for k in range(3)] == [4, 13, 4]
    assert tuple(lm.layer_weights(1)[0].shape) == (8, 6)
    by_torch = trace.run(lm, own_text[:300], reader=TorchReader(lm))
    found = lm.trace(own_text[:300])
    for key in found.keys():  # noqa: SIM118 - a trace is no dict
        np.testing.assert_allclose(by_torch[key], found[key], atol=1e-10, err_msg=key)
    assert len(make_model("transformer", 8, 2).layer_weights(1)) == 12
    assert block.TransformerBlock.window == WINDOW
