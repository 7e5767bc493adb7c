"""`lm.trace`: parity with PyTorch's own modules, surprise, and what a trace carries away."""

from __future__ import annotations

import copy
import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load

from models import Cancelled, CharLM, Trace, UnknownSignal, catalogue
from models import load as load_model
from tests.support.cells import FUSED

STRANGE = "€é😀\x00"  # characters that no model of these tests knows

every_cell = pytest.mark.parametrize("cell", FUSED)


def difference(trace: Trace, twin: dict[str, torch.Tensor], layers: int) -> float:
    """The largest absolute difference in last-layer hidden states, final states and log-probabilities."""
    pairs = [(trace[f"{layers - 1}.hidden"], twin["hidden"]), (trace.log_probabilities, twin["log_probabilities"])]
    pairs += [(trace[key][-1], value) for key, value in twin.items() if key in trace.signals]
    return max(float((ours.double() - theirs.double()).abs().max()) for ours, theirs in pairs)


@every_cell
@pytest.mark.parametrize(("units", "layers"), [(128, 1), (33, 3)])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-10)])
def test_a_trace_equals_torch_nn_on_ten_thousand_characters(
    make_model: Any,
    torch_twin: Any,
    own_text: str,
    cell: str,
    units: int,
    layers: int,
    dtype: torch.dtype,
    tolerance: float,
) -> None:
    lm = make_model(cell, units, layers, dtype=dtype)
    assert len(own_text) == 10_000
    assert difference(lm.trace(own_text), torch_twin(lm, own_text), layers) <= tolerance


@every_cell
def test_unknown_characters_are_rows_of_zeros_to_torch_nn(
    make_model: Any, torch_twin: Any, own_text: str, cell: str
) -> None:
    lm = make_model(cell, 24, 2, dtype=torch.float64, gain=2.0)
    text = STRANGE + own_text[:300] + STRANGE
    assert difference(lm.trace(text), torch_twin(lm, text), 2) <= 1e-12
    known = lm.trace("\n\n\n\n" + own_text[:300] + "\n\n\n\n")
    assert (known["1.hidden"] - lm.trace(text)["1.hidden"]).abs().max() > 1e-3  # unknown is not some known one


def zoo_models() -> list[Any]:
    """Every model whose cell torch.nn has, and its twin; the largest takes seconds."""
    models = [model for model, entry in catalogue().items() if entry.card.cell in ("rnn", "gru", "lstm")]
    names = [name for model in models for name in (model, f"{model}@0")]
    return [pytest.param(name, marks=pytest.mark.slow) if "lstm-deep" in name else name for name in names]


@pytest.mark.parametrize("model", zoo_models())
def test_a_trained_model_and_its_twin_equal_torch_nn(torch_twin: Any, own_text: str, model: str) -> None:
    """float64 decides. In float32 training amplifies rounding, PyTorch's as well as ours, so both are held
    against the float64 truth and ours may be off by 1e-5, or by a few times what PyTorch's is off. Where that is not
    enough, the network may be near chaos on a text that it was not made for: then ours may be off by what the *exact*
    answer changes when each weight is off by the backward error of a float32 sum of as many products as there are
    units, √units · 2⁻²⁴ (Higham and Mary 2019).

    Cell states are held to their own size: a trained LSTM has units that count, with forget gates within 1e-4
    of one, and reach thousands after 10,000 characters. Next to one, float32 is 6e-8 coarse; over as many steps
    as such a unit remembers, that adds up to some 1e-5 of what it holds. tanh(c) is 1 all the while.
    """
    lm = load_model(model).double()
    truth = torch_twin(lm, own_text)
    assert difference(lm.trace(own_text), truth, lm.layers) <= 1e-10
    single = load_model(model)
    trace, theirs = single.trace(own_text), torch_twin(single, own_text)

    @cache
    def rounded() -> list[dict[str, torch.Tensor]]:
        return [torch_twin(_with_nudged_weights(lm, seed), own_text) for seed in range(3)]

    for key, exact in truth.items():
        values = {"hidden": trace[f"{lm.layers - 1}.hidden"], "log_probabilities": trace.log_probabilities}
        ours = values[key] if key in values else trace[key][-1]

        def off(values: torch.Tensor, exact: torch.Tensor = exact) -> float:
            return float((values.double() - exact).abs().max())

        size = max(1.0, float(exact.abs().max())) if key.endswith(".cell") else 0.0
        if (error := off(ours)) > max(1e-5, 5 * off(theirs[key]), 1e-4 * size):
            assert error <= max(off(other[key]) for other in rounded()), key


def _with_nudged_weights(lm: CharLM, seed: int) -> CharLM:
    """The same network with each weight off by the backward error of a float32 sum, up or down by chance."""
    other = copy.deepcopy(lm)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in other.parameters():
            weight *= 1 + math.sqrt(lm.units) * 2**-24 * (torch.randint(2, weight.shape, generator=generator) * 2 - 1)
    return other


@pytest.mark.cuda
@every_cell
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-10)])
def test_a_trace_on_the_gpu_equals_torch_nn_and_the_compiled_loop(
    make_model: Any, torch_twin: Any, own_text: str, cell: str, dtype: torch.dtype, tolerance: float
) -> None:
    if not torch.cuda.is_available():
        pytest.skip("not run: no CUDA device is at hand")
    lm = make_model(cell, 65, 2, dtype=dtype)
    here = lm.trace(own_text)
    twin = torch_twin(lm, own_text)
    there = lm.to("cuda").trace(own_text)
    lm.to("cpu")
    assert difference(there, twin, 2) <= tolerance
    for name in here:
        assert there[name].device.type == "cpu"
        assert (here[name] - there[name]).abs().max() <= tolerance, name


@every_cell
def test_surprise_is_the_negative_binary_logarithm_of_what_was_predicted_one_step_before(
    make_model: Any, own_text: str, cell: str
) -> None:
    lm = make_model(cell, 16, 2, gain=2.0)
    text = own_text[:40] + "€" + own_text[40:80] + "€€"
    trace = lm.trace(text)
    assert trace.surprise.shape == (len(text),)
    assert math.isnan(trace.surprise[0])
    for t in range(1, len(text)):
        if text[t] == "€":
            assert math.isnan(trace.surprise[t])
        else:
            probability = math.exp(trace.log_probabilities[t - 1, lm.vocabulary.characters.index(text[t])])
            assert trace.surprise[t] == pytest.approx(-math.log2(probability), rel=1e-5)
    known = [float(s) for s in trace.surprise if not math.isnan(s)]
    assert len(known) == 79
    assert trace.bits_per_character == pytest.approx(sum(known) / 79, rel=1e-6)


def test_each_row_of_log_probabilities_is_a_distribution_in_nats(make_model: Any, own_text: str) -> None:
    lm = make_model("gru", 16, gain=3.0)
    rows = lm.trace(own_text[:500]).log_probabilities
    assert rows.shape == (500, len(lm.vocabulary))
    torch.testing.assert_close(rows.double().exp().sum(1), torch.ones(500, dtype=torch.float64), rtol=0, atol=1e-5)


@every_cell
def test_an_empty_text_has_an_empty_trace(make_model: Any, cell: str) -> None:
    lm = make_model(cell, 8, 2)
    trace = lm.trace("")
    assert len(trace) == 0
    assert trace.keys() == lm.signal_names
    assert all(trace[name].shape == (0, 8) for name in trace)
    assert trace.log_probabilities.shape == (0, len(lm.vocabulary))
    assert trace.surprise.shape == (0,)
    assert math.isnan(trace.bits_per_character)
    assert load(trace.to_bytes())["0.hidden"].shape == (0, 8)


@every_cell
@pytest.mark.parametrize("character", ["a", "€"])
def test_a_single_character_has_a_trace_and_no_surprise(make_model: Any, cell: str, character: str) -> None:
    lm = make_model(cell, 8)
    trace = lm.trace(character)
    assert len(trace) == 1
    assert trace["0.hidden"].shape == (1, 8)
    assert torch.isfinite(trace["0.hidden"]).all()
    assert trace.surprise.isnan().tolist() == [True]


def test_a_text_of_nothing_but_unknown_characters_has_no_bits(make_model: Any) -> None:
    trace = make_model("lstm", 8).trace("€€€€")
    assert trace.surprise.isnan().all()
    assert math.isnan(trace.bits_per_character)


def test_progress_is_told_after_each_block_up_to_the_last_step(make_model: Any) -> None:
    lm: CharLM = make_model("rnn", 4)
    block = lm.reader().block
    seen: list[tuple[int, int]] = []
    lm.trace("a" * (2 * block + 3), progress=lambda done, total: seen.append((done, total)))
    total = 2 * block + 3
    assert seen == [(block, total), (2 * block, total), (total, total)]


def test_a_trace_stops_when_asked_to_and_says_where(make_model: Any) -> None:
    lm: CharLM = make_model("rnn", 4)
    block = lm.reader().block
    answers = iter([False, True])
    with pytest.raises(Cancelled, match=f"after {block:,} of {3 * block:,} characters"):
        lm.trace("a" * 3 * block, cancelled=lambda: next(answers))
    assert next(answers, None) is None  # asked before each block, and not after the answer


def test_an_unknown_signal_is_refused_with_the_names_of_those_there_are(make_model: Any) -> None:
    trace = make_model("gru", 4, 2).trace("abc")
    with pytest.raises(UnknownSignal) as refused:
        trace["0.forget_gate"]
    message = str(refused.value)
    assert "random-gru has no signal called '0.forget_gate'" in message
    for name in trace:
        assert name in message


@every_cell
@pytest.mark.parametrize("text", ["To be", "x\n€😀\x00'\"\\", ""])
def test_a_saved_trace_reads_back_to_the_bit(make_model: Any, bits: Any, tmp_path: Path, cell: str, text: str) -> None:
    trace = make_model(cell, 7, 2).trace(text)
    path = tmp_path / "trace.safetensors"
    trace.save(path)
    assert load(path.read_bytes()).keys() == load(trace.to_bytes()).keys()
    with safe_open(path, framework="pt") as file:
        assert file.metadata() == {"model": f"random-{cell}", "cell": cell, "text": text}
        assert set(file.keys()) == {*trace.keys(), "log_probabilities", "surprise"}
        for name, tensor in trace.tensors().items():
            assert bits(file.get_tensor(name)) == bits(tensor), name
            assert bits(load(trace.to_bytes())[name]) == bits(tensor), name


def test_a_text_with_half_a_surrogate_pair_is_read_and_saved(make_model: Any) -> None:
    trace = make_model("lstm", 4).trace("a\ud83d")
    assert np.isfinite(trace["0.hidden"].numpy()).all()
    assert load(trace.to_bytes()).keys() == trace.tensors().keys()


def test_a_trace_of_float64_weights_is_float64(make_model: Any) -> None:
    trace = make_model("lstm", 4, dtype=torch.float64).trace("abc")
    assert trace["0.cell"].dtype == torch.float64
    assert trace.log_probabilities.dtype == torch.float64


@pytest.mark.parametrize(
    "text", ["", "a", "€😀 half \ud800 unknown", "ab" * 700], ids=["none", "one", "unknown", "long"]
)
def test_the_pieces_of_a_trace_are_the_file_and_small(make_model: Any, text: str) -> None:
    trace = make_model("lstm", layers=2).trace(text)
    pieces = list(trace.pieces(1000))
    assert all(len(piece) <= 1000 for piece in pieces[1:])
    joined = b"".join(pieces)
    assert int.from_bytes(joined[:8], "little") % 8 == 0, "tensors are aligned"
    ours, theirs = load(joined), load(trace.to_bytes())
    assert set(ours) == set(theirs)
    for name, tensor in theirs.items():
        assert ours[name].numpy().tobytes() == tensor.numpy().tobytes()
        assert ours[name].shape == tensor.shape
    headers = [json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")]) for raw in (joined, trace.to_bytes())]
    assert headers[0]["__metadata__"] == headers[1]["__metadata__"]
