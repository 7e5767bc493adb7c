"""The blocks of xLSTM against the equations of Beck et al. 2024, with their stabilisers, written out step by step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.compute.model_library import Library
from models import CharLM
from models.cells import mlstm
from models.measures import drain
from models.measures.memory.provenance import provenance
from models.network import trace
from models.network.intervened_reader import IntervenedReader
from models.network.intervention import Clamp, Intervention, Zero
from models.network.nudge import nudged
from models.network.reader import CompiledReader, TorchReader
from models.network.state import fork, same, size
from models.recording.recording import Recording
from tests.support import session_talk
from tests.support.cells.proof import INSTRUMENTS, NOT_FOR_IT, QUESTIONS, TEXT, ProofOfANetwork
from tests.support.recordings import check_typed_and_edited, read_all
from tests.support.small_models import without_zoo

Numbers = NDArray[np.float64]
Signals = dict[str, Numbers]
HEADS = 4
KINDS = ("mlstm", "slstm_block")
every_kind = pytest.mark.parametrize("kind", KINDS)


def norm(x: Numbers) -> Numbers:
    return (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def silu(x: Numbers) -> Numbers:
    return x * sigmoid(x)


def of_heads(x: Numbers) -> Numbers:
    return x.reshape(HEADS, -1)


def convolution(xs: Numbers, weight: Numbers, bias: Numbers) -> Numbers:
    """Causal, channel by channel, over the last four; nothing stands before the text."""
    out = np.zeros_like(xs)
    for t in range(len(xs)):
        out[t] = bias + sum(weight[3 - back] * xs[t - back] for back in range(4) if t >= back)
    return silu(out)


def by_the_paper_mlstm(xs: Numbers, own: list[Numbers]) -> Signals:
    """Equations 19 to 27, and appendix A.3 for the block."""
    n, c, up, conv, conv_bias, wq, wk, wv, wg, bg, head_norm, skip, down, down_bias = own
    inside, gate = np.split(np.stack([up @ (norm(x) * n + c) for x in xs]), 2, axis=1)
    convolved = convolution(inside, conv, conv_bias)

    def blocks(values: Numbers, matrix: Numbers) -> Numbers:
        return np.einsum("gij,gj->gi", matrix, values.reshape(len(matrix), -1)).ravel()

    width = inside.shape[1] // HEADS
    memory, total, top = np.zeros((HEADS, width, width)), np.zeros((HEADS, width)), np.full(HEADS, -np.inf)
    before = np.full(HEADS, -np.inf)  # the log of the mass so far, by the definition of what is kept
    rows: dict[str, list[Numbers]] = {name: [] for name in ("hidden", "retrieved", *mlstm.ROWS)}
    for t, x in enumerate(xs):
        q, k, v = blocks(convolved[t], wq), blocks(convolved[t], wk), blocks(inside[t], wv)
        raised = wg @ np.concatenate([q, k, v]) + bg
        given, forgotten = raised[:HEADS], np.log(sigmoid(raised[HEADS:]))
        higher = np.maximum(forgotten + top, given)  # the stabiliser m, eq. 15
        i, f = np.exp(given - higher), np.exp(forgotten + top - higher)
        q, k, v = of_heads(q), of_heads(k) / np.sqrt(width), of_heads(v)
        memory = f[:, None, None] * memory + i[:, None, None] * v[:, :, None] * k[:, None, :]
        total = f[:, None] * total + i[:, None] * k
        top = higher
        found = np.stack([memory[h] @ q[h] for h in range(HEADS)])
        dots = (total * q).sum(axis=1)
        found /= np.maximum(np.abs(dots), np.exp(-top))[:, None]
        mass = np.logaddexp(forgotten + before, given)
        h = norm(found).ravel() * head_norm + skip * convolved[t]
        u = down @ (h * silu(gate[t])) + down_bias
        size = np.sqrt((memory**2).sum(axis=(1, 2))) * np.exp(top - mass)
        shown = (
            x + u, u, np.exp(forgotten + before - mass), given, forgotten, mass, size, dots * np.exp(top - mass),
        )  # fmt: skip
        for name, value in zip(rows, shown, strict=True):
            rows[name].append(value)
        before = mass
    return {name: np.array(values) for name, values in rows.items()}


def by_the_paper_slstm_block(xs: Numbers, own: list[Numbers]) -> Signals:
    """Equations 8 to 17, and appendix A.2 for the block."""
    n1, c1, conv, conv_bias, gates, recurrent, bias, head_norm, n2, c2, up_a, up_b, down = own
    units = xs.shape[1]
    width = units // HEADS
    normed = np.stack([norm(x) * n1 + c1 for x in xs])
    convolved = convolution(normed, conv, conv_bias)
    y, c, n, top = np.zeros(units), np.zeros(units), np.zeros(units), np.full(units, -np.inf)
    names = "hidden added mlp cell_hidden memory log_mass keep log_input_gate log_forget_gate output_gate candidate"
    rows: dict[str, list[Numbers]] = {name: [] for name in names.split()}
    for t, x in enumerate(xs):
        raised = []
        for gate, source in enumerate((convolved[t], convolved[t], normed[t], normed[t])):
            fed_back = recurrent[gate * units : (gate + 1) * units].reshape(HEADS, width, width)
            parts = [gates[gate, h] @ of_heads(source)[h] + fed_back[h] @ of_heads(y)[h] for h in range(HEADS)]
            raised.append(np.concatenate(parts) + bias[gate * units : (gate + 1) * units])
        given, forgotten = raised[0], np.log(sigmoid(raised[1]))
        z, o = np.tanh(raised[2]), sigmoid(raised[3])
        higher = np.maximum(forgotten + top, given)
        i, f = np.exp(given - higher), np.exp(forgotten + top - higher)
        keep = f * n / (f * n + i)
        c, n, top = f * c + i * z, f * n + i, higher
        y = o * c / n
        u = norm(of_heads(y)).ravel() * head_norm
        m = norm(x + u) * n2 + c2
        a = up_a @ m
        a = 0.5 * a * (1 + np.tanh(np.sqrt(2 / np.pi) * (a + 0.044715 * a**3)))
        v = down @ (a * (up_b @ m))
        shown = (x + u + v, u, v, y, c / n, np.log(n) + top, keep, given, forgotten, o, z)
        for name, value in zip(rows, shown, strict=True):
            rows[name].append(value)
    return {name: np.array(values) for name, values in rows.items()}


PAPERS = {"mlstm": by_the_paper_mlstm, "slstm_block": by_the_paper_slstm_block}


def by_the_paper(lm: CharLM, text: str) -> Signals:
    xs = np.zeros((len(text), len(lm.vocabulary)))
    for t, character in enumerate(text):
        if character in lm.vocabulary:
            xs[t, lm.vocabulary.characters.index(character)] = 1.0
    found: Signals = {}
    for k, layer in enumerate(lm.stack):
        entry, *own = [one.detach().double().numpy() for one in lm.layer_weights(k)]
        if k == 0 or (len(own) in (14, 13) and xs.shape[1] != layer.units):
            xs = xs @ entry.T
        else:
            own = [entry, *own]
        signals = PAPERS[layer.cell.name](xs, own)
        found |= {f"{k}.{name}": values for name, values in signals.items()}
        xs = signals["hidden"]
    return found


@pytest.fixture
def lively(make_model: Any) -> Any:
    """A model whose blocks do something: random weights that are not small."""

    def make(kind: Any, units: Any = 16, layers: Any = 2, dtype: torch.dtype = torch.float64) -> CharLM:
        lm: CharLM = make_model(kind, units, layers, dtype=dtype)
        with torch.no_grad():
            for name, one in lm.rnn.named_parameters():
                if "weight" in name:
                    one.normal_(0, 0.4)
                elif "bias_gates" not in name:
                    one.add_(torch.randn_like(one) * 0.3)
        return lm

    return make


@every_kind
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 2e-4)])
def test_every_signal_is_what_the_paper_says(
    lively: Any, own_text: str, kind: str, dtype: torch.dtype, tolerance: float
) -> None:
    lm = lively(kind, dtype=dtype)
    text = own_text[:90] + "€" + own_text[90:120]
    expected, found = by_the_paper(lm, text), lm.trace(text)
    assert set(found.keys()) == set(expected)
    by_torch = trace.run(lm, text, reader=TorchReader(lm))
    for key, values in expected.items():
        scale = np.abs(values).max()
        np.testing.assert_allclose(found[key], values, rtol=0, atol=tolerance * scale, err_msg=key)
        np.testing.assert_allclose(by_torch[key], values, rtol=0, atol=tolerance * scale, err_msg=key)


@every_kind
def test_what_is_trained_is_what_is_read_and_the_state_goes_on(lively: Any, own_text: str, kind: str) -> None:
    """The mLSTM's parallel form, a segment at once, against its recurrence."""
    lm = lively(kind)
    text = own_text[:200]
    ids = torch.as_tensor(lm.vocabulary.encode(text), dtype=torch.int64)[:, None].expand(-1, 3)
    expected = lm.trace(text).log_probabilities
    with torch.no_grad():
        whole, _ = lm(ids)
        first, state = lm(ids[:70])
        second, _ = lm(ids[70:], lm.joined_state(lm.layer_states(state)))
    for logits in (whole, torch.cat([first, second])):
        np.testing.assert_allclose(torch.log_softmax(logits[:, 1], dim=-1), expected, atol=1e-9)


@settings(max_examples=15, deadline=None)
@given(kind=st.sampled_from(KINDS), cuts=st.lists(st.integers(1, 90), min_size=1, max_size=8))
def test_any_split_gives_the_same_bits(make_model: Any, own_text: str, kind: str, cuts: list[int]) -> None:
    lm = make_model(kind, 8, 2, gain=20.0)
    ids = lm.vocabulary.encode(own_text[: sum(cuts)])
    reader = CompiledReader(lm)
    whole, parts = reader.allocate(len(ids)), reader.allocate(len(ids))
    end, state, done = reader.start(), reader.start(), 0
    reader.read(ids, end, whole)
    for cut in cuts:
        before = fork(state)
        reader.read(ids[done : done + cut], state, parts, done)
        assert not same(before, state)
        done += cut
    assert all(np.array_equal(a, b) for a, b in zip(whole.layers, parts.layers, strict=True))
    assert np.array_equal(whole.predictions, parts.predictions)
    assert same(end, state)
    assert not same(nudged(state, 0), state)


@every_kind
def test_a_text_that_is_typed_and_edited_has_the_bits_of_one_that_is_read_at_once(
    make_model: Any, own_text: str, kind: str
) -> None:
    lm = make_model(kind, 8, 2, gain=20.0)
    check_typed_and_edited(lm, own_text[:900], 20, 300, 7)


@every_kind
def test_its_state_has_one_size_at_any_length(make_model: Any, kind: str) -> None:
    reader = CompiledReader(make_model(kind, 8, 2))
    inner, width = 16, 4
    each = 4 * width * width + 4 * width + 4 + 3 * inner if kind == "mlstm" else 3 * 8 + 3 * 8
    state = reader.start()
    assert size(state) == reader.state_bytes(0) == 2 * each * 4
    reader.read(np.zeros(300, np.int32), state, reader.allocate(300))
    assert size(state) == reader.state_bytes(300) == 2 * each * 4


def intervened(lm: CharLM, text: str, *interventions: Intervention) -> Recording:
    recording = Recording(IntervenedReader(CompiledReader(lm), interventions))
    recording.edit(0, 0, lm.vocabulary.encode(text))
    read_all(recording)
    return recording


@every_kind
def test_a_gate_that_is_held_open_keeps_and_a_reset_empties_all(lively: Any, own_text: str, kind: str) -> None:
    lm, text = lively(kind), own_text[:80]
    kept_in, other = ("memory_size", "match") if kind == "mlstm" else ("memory", "mlp")
    held = intervened(lm, text, Clamp(0, "keep", 2, 1.0, 20, 60), Clamp(1, other, 1, 0.5, 30, 40))
    assert (held.signal(0, "keep", 20, 60)[:, 2] == 1.0).all()
    kept = held.signal(0, kept_in, 19, 60)[:, 2]
    np.testing.assert_array_equal(kept, kept[0])
    assert (held.signal(1, other, 30, 40)[:, 1] == 0.5).all()
    fresh = intervened(lm, text, Zero(50)).signal(1, "hidden", 50, 80)
    np.testing.assert_allclose(fresh, lm.trace(text[50:])["1.hidden"], atol=1e-10)


def test_blocks_stand_on_one_another_and_on_cells(lively: Any, own_text: str) -> None:
    lm = lively(("mlstm", "slstm_block"), (16, 16), None)
    found = lm.trace(own_text[:150])
    by_torch = trace.run(lm, own_text[:150], reader=TorchReader(lm))
    expected = by_the_paper(lm, own_text[:150])
    for key, values in expected.items():
        np.testing.assert_allclose(found[key], values, atol=1e-9 * np.abs(values).max(), err_msg=key)
        np.testing.assert_allclose(by_torch[key], values, atol=1e-9 * np.abs(values).max(), err_msg=key)
    mixed = lively(("lstm", "mlstm", "slstm_block"), (6, 8, 12), None)
    found, by_torch = mixed.trace(own_text[:90]), trace.run(mixed, own_text[:90], reader=TorchReader(mixed))
    for key in found.keys():  # noqa: SIM118 - a trace is no dict
        np.testing.assert_allclose(by_torch[key], found[key], atol=1e-9, err_msg=key)


def test_the_memory_of_the_mlstm_is_a_mean_of_what_was_written(lively: Any, own_text: str) -> None:
    """Its weights are positive and add up to 1 with what is left of the start; the parallel form has them."""
    lm = lively("mlstm", layers=1)
    ids = torch.as_tensor(lm.vocabulary.encode(own_text[:60]), dtype=torch.int64)[:, None]
    cell, weights = lm.stack[0].cell, lm.layer_weights(0)
    assert isinstance(cell, mlstm.MLSTMBlock)
    inputs = lm.codec.tensor(ids, lm.readout.weight)
    inside = mlstm._Inside(cell, inputs, cell._split(*cell.training_start(1, 16, inputs), 16), weights)
    with torch.no_grad():
        _, shares, _ = mlstm._parallel(inside)
    assert (shares >= 0).all()
    np.testing.assert_allclose(shares.sum(dim=-1), 1.0, atol=1e-12)
    keep = lm.trace(own_text[:60])["0.keep"]
    np.testing.assert_allclose(shares[0].diagonal(dim1=-2, dim2=-1).T, 1 - keep, atol=1e-10)


@pytest.mark.parametrize("reset", [[], [Zero(30)]])
def test_what_each_step_wrote_adds_up_to_the_memory_of_an_slstm_block(
    lively: Any, own_text: str, reset: list[Intervention]
) -> None:
    lm, text, step, unit = lively("slstm_block"), own_text[:80], 70, 5
    recording = intervened(lm, text, *reset)
    found = drain(provenance(lm, recording, 1, unit, step))
    keep, z, memory = (recording.signal(1, name, 0, 80)[:, unit] for name in ("keep", "candidate", "memory"))
    begun = 30 if reset else 0
    expected = [(1 - keep[s]) * z[s] * keep[s + 1 : step + 1].prod() if s >= begun else 0.0 for s in range(step + 1)]
    np.testing.assert_allclose(found.addends, expected, atol=1e-12)
    assert found.held == memory[step] == pytest.approx(sum(expected), abs=1e-12)


class TestXLSTM(ProofOfANetwork):
    """Both blocks on one another: trained for a moment, typed, asked everything, drawn. What its equations would be
    compared with is above, and it has no derivative and no terms of single units."""

    cells = ("mlstm", "slstm_block")
    trained = 8
    test_every_signal_is_what_the_formula_says = None  # type: ignore[assignment]
    test_each_signal_can_be_held_and_all_else_follows = None  # type: ignore[assignment]
    test_tangents_and_adjoints_are_those_of_autograd = None  # type: ignore[assignment]
    test_why_adds_up_to_every_value = None  # type: ignore[assignment]

    @pytest.mark.parametrize("name", sorted(INSTRUMENTS))
    def test_every_instrument_answers_or_says_why_not(self, folder: Path, name: str) -> None:
        """Of the upper layer where the mLSTM below has no answer."""
        asked = {**QUESTIONS[name], **({"layer": 1} if name == "provenance" else {})}
        with without_zoo():
            found = session_talk.ask(Library([folder], "cpu"), TEXT * 3, "new", name=name, **asked)
        assert isinstance(found, str) == (name in NOT_FOR_IT | {"gradients", "why"}), found
