"""Provenance against a simulation: what one step wrote, alone, carried on by what each later step keeps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models import CharLM, NotMeasurable, load
from models.cells import CELLS
from models.measures import drain, record
from models.measures.memory import provenance as module
from models.measures.memory.provenance import Provenance, provenance
from models.network.intervened_reader import IntervenedReader
from models.network.intervention import Clamp, Intervention, Reset, Zero
from models.network.reader import CompiledReader
from models.recording.recording import Recording
from tests.support.cells.formulas import by_the_formulas, sigmoid
from tests.support.recordings import read_all

TEXT = "the lamp was quiet, qu€et: a stone; the window was open and the lamp was quiet"
GATED = ("leaky", "gru", "lstm", "slstm")
Signals = dict[str, NDArray[np.float64]]


def kept_and_written(lm: CharLM, signals: Signals, layer: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """As each paper has it: what is kept of the memory and what is added to it, (T, H)."""
    one = {key.split(".")[1]: value for key, value in signals.items() if key.startswith(f"{layer}.")}
    match lm.stack[layer].cell.name:
        case "lstm":
            return one["forget_gate"], one["input_gate"] * one["candidate"]
        case "gru":
            return one["update_gate"], (1 - one["update_gate"]) * one["candidate"]
        case "slstm":
            return one["keep"], (1 - one["keep"]) * one["candidate"]
        case _:
            skip = sigmoid(np, lm.layer_weights(layer)[4].detach().double().numpy())
            keep = np.broadcast_to(skip, one["candidate"].shape)
            return keep, (1 - keep) * one["candidate"]


def simulated(keep: NDArray[np.float64], write: NDArray[np.float64], at: int, step: int) -> NDArray[np.float64]:
    """What is held at `step` of what was written at `at`: read on with nothing else ever written, (H,)."""
    held = np.zeros(keep.shape[1])
    for t in range(step + 1):
        held = keep[t] * held + (write[t] if t == at else 0.0)
    return held


def found_in(lm: CharLM, step: int, unit: int = 2, layer: int = 0, **how: Any) -> Provenance:
    return drain(provenance(lm, record(lm, TEXT), layer, unit, step, **how))


@pytest.mark.parametrize("cell", GATED)
@pytest.mark.parametrize("layer", [0, 1])
def test_each_addend_is_what_a_step_wrote_times_all_that_was_kept_since(make_model: Any, cell: str, layer: int) -> None:
    lm = make_model(cell, 8, 2, dtype=torch.float64, gain=2.0)
    signals, _ = by_the_formulas(lm, TEXT)
    keep, write = kept_and_written(lm, signals, layer)
    memory = signals[f"{layer}.{CELLS[cell].memory().name}"]  # type: ignore[union-attr]
    step = 50
    found = found_in(lm, step, 3, layer)
    every = np.array([simulated(keep, write, at, step) for at in range(step + 1)])  # (N, H)
    assert (found.first, found.older) == (0, 0.0)
    np.testing.assert_allclose(found.addends, every[:, 3], rtol=1e-9, atol=1e-12)
    assert found.held == pytest.approx(memory[step, 3], abs=1e-12)
    assert found.addends.sum() == pytest.approx(found.held, abs=1e-12)
    shares = np.abs(every) / np.abs(every).sum(axis=0)
    np.testing.assert_allclose(found.unit_shares, shares[:, 3], rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(found.layer_shares, shares.mean(axis=1), rtol=1e-8, atol=1e-12)
    assert found.old == pytest.approx(shares[: step - 20].mean(axis=1).sum(), rel=1e-8)


@pytest.mark.parametrize("cell", GATED)
def test_what_is_older_than_the_window_is_one_addend(make_model: Any, cell: str) -> None:
    lm = make_model(cell, 8, dtype=torch.float64, gain=2.0)
    whole, part = found_in(lm, 60), found_in(lm, 60, window=10)
    assert (part.first, len(part.addends)) == (51, 10)
    np.testing.assert_allclose(part.addends, whole.addends[51:], rtol=1e-12)
    assert part.older == pytest.approx(whole.addends[:51].sum(), rel=1e-9, abs=1e-15)
    assert part.addends.sum() + part.older == pytest.approx(part.held, abs=1e-12)
    assert part.layer_shares.sum() + part.layer_older == pytest.approx(1.0)
    assert part.unit_shares.sum() + part.unit_older == pytest.approx(1.0)


@pytest.mark.parametrize("of", ["unit", "layer"])
@pytest.mark.parametrize("rows", [400, 7])
def test_each_row_of_the_triangle_is_that_step_by_itself(
    make_model: Any, monkeypatch: pytest.MonkeyPatch, of: Any, rows: int
) -> None:
    monkeypatch.setattr(module, "ROWS", rows)
    lm = make_model("lstm", 8, gain=2.0)
    step, window = 60, 40
    found = found_in(lm, step, window=window, of=of)
    size, per = found.triangle.shape[0], found.per
    assert (size, per) == ((40, 1) if rows == 400 else (7, 6))
    for r in range(size):
        at = step - (size - 1 - r) * per
        alone = found_in(lm, at, window=at - found.first + 1)
        values = alone.addends if of == "unit" else alone.layer_shares
        columns = [step - (size - 1 - c) * per for c in range(r + 1)]
        expected = [values[max(0, last - per + 1 - found.first) : last + 1 - found.first].sum() for last in columns]
        np.testing.assert_allclose(found.triangle[r, : r + 1], expected, rtol=1e-6, atol=1e-9)
        assert np.isnan(found.triangle[r, r + 1 :]).all()


def test_what_is_usually_old_is_the_mean_over_steps_with_as_much_before_them(
    make_model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lm = make_model("gru", 8, gain=2.0)
    found = found_in(lm, 70, age=5, window=70)
    olds = [found_in(lm, at, age=5, window=at - found.first + 1).old for at in range(found.first + 5, 71)]
    assert found.sampled == min(len(olds), module.SAMPLED)
    monkeypatch.setattr(module, "SAMPLED", len(olds))
    assert found_in(lm, 70, age=5, window=70).usually_old == pytest.approx(np.mean(olds), rel=1e-9)
    short = found_in(lm, 4, age=5)
    assert (short.usually_old, short.sampled, short.old) == (None, 0, 0.0)


def intervened(lm: CharLM, *interventions: Intervention) -> Recording:
    recording = Recording(IntervenedReader(CompiledReader(lm), interventions))
    recording.edit(0, 0, lm.vocabulary.encode(TEXT))
    read_all(recording)
    return recording


@pytest.mark.parametrize("cell", GATED)
@pytest.mark.parametrize("reset", [Zero(30), Reset(100, 30)])
def test_of_what_was_there_before_a_reset_nothing_is_left(make_model: Any, cell: str, reset: Intervention) -> None:
    lm = make_model(cell, 8, gain=2.0)
    found = drain(provenance(lm, intervened(lm, reset), 0, 2, 40))
    assert (found.addends[:30] == 0).all()
    assert (found.layer_shares[:30] == 0).all()
    assert found.addends[30] != 0
    assert found.addends.sum() == pytest.approx(found.held, abs=1e-6)
    within = drain(provenance(lm, intervened(lm, reset), 0, 2, 40, window=5))
    assert within.addends.sum() + within.older == pytest.approx(found.held, abs=1e-6)


def test_a_gate_that_is_held_open_keeps_all_and_a_memory_that_is_held_was_written_then(make_model: Any) -> None:
    lm = make_model("lstm", 8, gain=2.0)
    kept = drain(provenance(lm, intervened(lm, Clamp(0, "forget_gate", 2, 1.0, 0, None)), 0, 2, 40))
    trace = intervened(lm, Clamp(0, "forget_gate", 2, 1.0, 0, None))
    written = trace.signal(0, "input_gate", 0, 41)[:, 2] * trace.signal(0, "candidate", 0, 41)[:, 2]
    np.testing.assert_allclose(kept.addends, written, atol=1e-6)
    held = drain(provenance(lm, intervened(lm, Clamp(0, "cell", 2, 0.0, 20, 25)), 0, 2, 40))
    assert held.addends[:25].sum() == pytest.approx(0.0, abs=1e-6)


def test_units_that_hold_nothing_are_left_out(make_model: Any) -> None:
    lm = make_model("lstm", 4, gain=2.0)
    hold = [Clamp(0, "cell", unit, 0.0, 0, None) for unit in (0, 1)]
    with_them = drain(provenance(lm, intervened(lm, *hold), 0, 0, 40))
    assert with_them.layer_shares.sum() == pytest.approx(1.0)
    assert (with_them.unit_shares == 0).all()
    everything = [Clamp(0, "cell", None, 0.0, 0, None)]
    nothing = drain(provenance(lm, intervened(lm, *everything), 0, 0, 40))
    assert (nothing.layer_shares == 0).all()
    assert nothing.held == 0.0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["shakespeare-gru", "shakespeare-lstm", "python-lstm"])
def test_the_addends_add_up_in_models_that_ship(name: str) -> None:
    """In float32, over 2,000 steps, by what the equations write rather than by what the recording changed by."""
    lm = load(name)
    text = (TEXT + "\n") * 30
    trace = lm.trace(text[:2200])
    signals = {key: value.double().numpy() for key in trace.keys() for value in [trace[key]]}  # noqa: SIM118
    keep, write = kept_and_written(lm, signals, 0)
    left = np.ones_like(keep)
    left[:-1] = np.cumprod(keep[:0:-1], axis=0)[::-1]
    memory = signals[f"0.{lm.stack[0].cell.memory().name}"][-1]  # type: ignore[union-attr]
    np.testing.assert_allclose((left * write).sum(axis=0), memory, rtol=1e-6, atol=1e-6 * np.abs(memory).max())
    rec = record(lm, text[:2200])
    for unit in (0, 17):
        found = drain(provenance(lm, rec, 0, unit, 2199, window=2000))
        assert found.addends.sum() + found.older == pytest.approx(found.held, rel=1e-9, abs=1e-9)
        np.testing.assert_allclose(found.addends, (left * write)[200:, unit], rtol=0, atol=1e-6 * np.abs(memory).max())


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_step_of_any_cell_adds_up(make_model: Any, data: st.DataObject) -> None:
    lm = make_model(data.draw(st.sampled_from(GATED)), 8, 2, gain=data.draw(st.floats(0.5, 5.0)))
    step, unit = data.draw(st.integers(0, len(TEXT) - 1)), data.draw(st.integers(0, 7))
    window, age = data.draw(st.integers(2, 100)), data.draw(st.integers(1, 100))
    found = found_in(lm, step, unit, data.draw(st.integers(0, 1)), window=window, age=age)
    assert found.addends.sum() + found.older == pytest.approx(found.held, abs=1e-9)
    assert len(found.addends) == step + 1 - found.first == min(window, step + 1)
    assert found.layer_shares.sum() + found.layer_older == pytest.approx(1.0)
    assert 0.0 <= found.old <= 1.0 + 1e-9


@pytest.mark.parametrize(
    ("cell", "asked", "sentence"),
    [
        ("rnn", (0, 0, 5), "A Vanilla RNN keeps nothing as it is: .* Follow the echo of an edit instead"),
        ("mlstm", (0, 0, 5), "What the mLSTM block adds .* is no sum of what single steps wrote"),
        ("gru", (2, 0, 5), "There is no layer 2: .* has 2. Choose another"),
        ("gru", (0, 4, 5), "There is no unit 4: the layer has 4. Choose another"),
        ("gru", (0, 0, len(TEXT)), f"Step {len(TEXT)} holds nothing yet: {len(TEXT)} steps have been read"),
    ],
)
def test_what_cannot_be_told_is_refused_in_a_sentence(
    make_model: Any, cell: str, asked: tuple[int, int, int], sentence: str
) -> None:
    lm = make_model(cell, 4, 2)
    with pytest.raises(NotMeasurable, match=sentence):
        drain(provenance(lm, record(lm, TEXT), *asked))


def test_which_state_is_the_memory_follows_from_the_equations() -> None:
    memories = {name: None if (one := cell.memory()) is None else one.name for name, cell in CELLS.items()}
    assert memories == {
        "rnn": None,
        "leaky": "hidden",
        "gru": "hidden",
        "lstm": "cell",
        "slstm": "memory",
        "slstm_block": "memory",
        "mlstm": None,
        "transformer": None,
    }
