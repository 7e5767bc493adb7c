"""Two ways through the same equations, and a step that does not depend on the company it is read in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models import CharLM, Vocabulary
from models.network.reader import Activations, CompiledReader, Reader, TorchReader
from models.network.state import State
from models.text.vocabulary import Ids
from tests.support.cells import FUSED

every_cell = pytest.mark.parametrize("cell", FUSED)
TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-10}


def read(reader: Reader, ids: Ids, cuts: list[int] | None = None) -> tuple[Activations, State]:
    """Read `ids` from zero, cut before each of `cuts`."""
    activations, state = reader.allocate(len(ids)), reader.start()
    for start, end in pairwise([0, *(cuts or []), len(ids)]):
        reader.read(ids[start:end], state, activations, start)
    return activations, state


def parts(activations: Activations, state: State) -> list[np.ndarray[Any, Any]]:
    return [*activations.layers, activations.predictions, *state]


@every_cell
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_the_compiled_loop_and_the_fused_kernels_compute_the_same(
    make_model: Any, own_text: str, cell: str, dtype: torch.dtype
) -> None:
    lm = make_model(cell, 65, 3, dtype=dtype)
    ids = lm.vocabulary.encode("€" + own_text[:3000])
    ours, theirs = (read(kind(lm), ids, [1, 1025]) for kind in (CompiledReader, TorchReader))
    for a, b in zip(parts(*ours), parts(*theirs), strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=0, atol=TOLERANCE[dtype])


@every_cell
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("units", [7, 65, 284])
def test_one_step_at_a_time_gives_the_bits_of_the_whole_sequence(
    make_model: Any, bits: Any, own_text: str, cell: str, dtype: torch.dtype, units: int
) -> None:
    lm = make_model(cell, units, 2, dtype=dtype, gain=2.0)
    ids = lm.vocabulary.encode("€" + own_text[:120])
    reader = lm.reader()
    whole = read(reader, ids)
    stepwise = read(reader, ids, list(range(1, len(ids))))
    for a, b in zip(parts(*whole), parts(*stepwise), strict=True):
        assert bits(a) == bits(b)


@given(
    cell=st.sampled_from(FUSED),
    units=st.integers(1, 20),
    layers=st.integers(1, 3),
    steps=st.integers(0, 60),
    data=st.data(),
)
def test_any_split_into_blocks_gives_the_same_bits(
    make_model: Any, own_text: str, cell: str, units: int, layers: int, steps: int, data: st.DataObject
) -> None:
    lm = make_model(cell, units, layers, gain=2.0)
    ids = lm.vocabulary.encode(own_text[:steps])
    cuts = sorted(data.draw(st.lists(st.integers(0, steps), max_size=8)))  # empty blocks among them
    reader = lm.reader()
    for a, b in zip(parts(*read(reader, ids)), parts(*read(reader, ids, cuts)), strict=True):
        assert a.tobytes() == b.tobytes()


@every_cell
def test_reading_on_from_any_computed_step_equals_a_fresh_run(
    make_model: Any, bits: Any, own_text: str, cell: str
) -> None:
    lm = make_model(cell, 24, 2, gain=2.0)
    ids = lm.vocabulary.encode(own_text[:400])
    reader = lm.reader()
    whole, end = read(reader, ids)
    for step in (0, 17, 398):
        state = whole.state(step)
        rest = reader.allocate(len(ids) - step - 1)
        reader.read(ids[step + 1 :], state, rest)
        assert bits(rest.predictions) == bits(whole.predictions[step + 1 :])
        assert [bits(s) for s in state] == [bits(s) for s in end]
    assert [bits(s) for s in whole.state(399)] == [bits(s) for s in end]


@every_cell
def test_an_edited_text_equals_a_fresh_run_of_the_new_one(make_model: Any, bits: Any, own_text: str, cell: str) -> None:
    lm = make_model(cell, 24, 2, gain=2.0)
    before, after = own_text[:300], own_text[:200] + "Z€" + own_text[205:290]
    reader = lm.reader()
    old, _ = read(reader, lm.vocabulary.encode(before))
    ids = lm.vocabulary.encode(after)
    fresh, _ = read(reader, ids)
    edited = reader.allocate(len(ids))
    for new, kept in zip(parts(edited, []), parts(old, []), strict=True):
        new[..., :200, :] = kept[..., :200, :]
    reader.read(ids[200:], old.state(199), edited, 200)
    for a, b in zip(parts(edited, []), parts(fresh, []), strict=True):
        assert bits(a) == bits(b)


@every_cell
@pytest.mark.parametrize("kind", [CompiledReader, TorchReader])
def test_only_the_rows_that_were_asked_for_are_written(make_model: Any, cell: str, kind: type[Reader]) -> None:
    lm = make_model(cell, 8, 2)
    reader = kind(lm)
    activations = reader.allocate(9)
    for array in parts(activations, []):
        array.fill(np.nan)
    reader.read(lm.vocabulary.encode("abc"), reader.start(), activations, 4)
    for array in parts(activations, []):
        assert np.isfinite(array[..., 4:7, :]).all()
        assert np.isnan(array[..., :4, :]).all()
        assert np.isnan(array[..., 7:, :]).all()


@every_cell
@pytest.mark.parametrize("kind", [CompiledReader, TorchReader])
def test_without_predictions_the_rest_is_the_same_and_their_rows_stay(
    make_model: Any, bits: Any, own_text: str, cell: str, kind: type[Reader]
) -> None:
    lm = make_model(cell, 24, 2)
    ids = lm.vocabulary.encode(own_text[:90])
    reader = kind(lm)
    whole, end = read(reader, ids)
    activations, state = reader.allocate(len(ids)), reader.start()
    activations.predictions.fill(np.nan)
    reader.read(ids, state, activations, predict=False)
    assert [bits(a) for a in (*activations.layers, *state)] == [bits(a) for a in (*whole.layers, *end)]
    assert np.isnan(activations.predictions).all()


@pytest.mark.parametrize("kind", [CompiledReader, TorchReader])
def test_reading_nothing_changes_nothing(make_model: Any, kind: type[Reader]) -> None:
    lm = make_model("lstm", 8, 2)
    reader = kind(lm)
    state = [s + 0.5 for s in reader.start()]
    reader.read(lm.vocabulary.encode(""), state, reader.allocate(0))
    assert all((s == 0.5).all() for s in state)


def test_a_signal_of_the_room_is_found_by_name(make_model: Any) -> None:
    lm = make_model("lstm", 8, 2)
    activations, _ = read(lm.reader(), lm.vocabulary.encode("abc"))
    trace = lm.trace("abc")
    for layer in range(2):
        for name in lm.cell.names():
            np.testing.assert_array_equal(activations.signal(layer, name), trace[f"{layer}.{name}"])


@every_cell
@pytest.mark.parametrize("units", [1, 8])
@pytest.mark.parametrize("kind", [CompiledReader, TorchReader])
def test_later_training_does_not_show_in_a_reader(cell: str, units: int, kind: type[Reader]) -> None:
    torch.manual_seed(0)
    lm = CharLM(cell, Vocabulary("abc"), units, 2)
    reader = kind(lm)
    ids = lm.vocabulary.encode("abcabc")
    before, _ = read(reader, ids)
    with torch.no_grad():
        for parameter in lm.parameters():
            parameter.add_(1.0)
    after, _ = read(reader, ids)
    for a, b in zip(parts(before, []), parts(after, []), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_model_on_the_cpu_is_read_by_the_compiled_loop(make_model: Any) -> None:
    assert isinstance(make_model("gru", 4).reader(), CompiledReader)


@pytest.mark.cuda
def test_a_model_on_the_gpu_is_read_by_the_fused_kernels(make_model: Any) -> None:
    if not torch.cuda.is_available():
        pytest.skip("not run: no CUDA device is at hand")
    assert isinstance(make_model("gru", 4).to("cuda").reader(), TorchReader)


@pytest.mark.cuda
@every_cell
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_the_gpu_carries_the_state_from_block_to_block(
    make_model: Any, own_text: str, cell: str, dtype: torch.dtype
) -> None:
    if not torch.cuda.is_available():
        pytest.skip("not run: no CUDA device is at hand")
    lm = make_model(cell, 65, 2, dtype=dtype)
    ids = lm.vocabulary.encode("€" + own_text[:2000])
    here = read(CompiledReader(lm), ids)
    there = read(TorchReader(lm.to("cuda")), ids, [1, 700])
    for a, b in zip(parts(*here), parts(*there), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=TOLERANCE[dtype])


@every_cell
def test_a_readers_threads_do_not_disturb_each_other(make_model: Any, bits: Any, own_text: str, cell: str) -> None:
    lm = make_model(cell, 32, 2)
    reader = lm.reader()
    texts = [lm.vocabulary.encode(own_text[k * 500 : k * 500 + 500]) for k in range(8)]
    alone = [bits(read(reader, ids)[0].predictions) for ids in texts]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda ids: bits(read(reader, ids)[0].predictions), texts))
    assert together == alone
