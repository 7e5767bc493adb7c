"""`models.network.intervention` and `models.network.intervened_reader`: held signals against the written formulas,
step by step, and what an intervened run promises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models import BadIntervention, CharLM, NotMeasurable
from models.cells import CELLS
from models.network import trace
from models.network.intervened_reader import IntervenedReader, compiled
from models.network.intervention import Clamp, Intervention, Reset, Zero, check, first_step, parse, silence, spell
from models.network.reader import CompiledReader, TorchReader
from models.network.stack import Stack
from models.recording.overview import Grain
from models.recording.recording import Recording
from tests.support.cells import FUSED
from tests.support.cells.formulas import by_the_formulas
from tests.support.recordings import read_all
from tests.support.texts import LETTERS, prose

every_cell = pytest.mark.parametrize("cell", FUSED)
TOLERANCE = {torch.float32: 3e-6, torch.float64: 1e-12}


def intervened(lm: CharLM, interventions: Sequence[Intervention]) -> IntervenedReader:
    return IntervenedReader(CompiledReader(lm), interventions)


# ── by the formulas ──────────────────────────────────────────────────────────────────────────────────


def check_by_the_formulas(lm: CharLM, text: str, some: Sequence[Intervention], tolerance: float) -> None:
    """What is large is compared by its size: a gate held open lets a cell state grow."""
    signals, log_probabilities = by_the_formulas(lm, text, some)
    run = trace.run(lm, text, reader=intervened(lm, some))
    for key, expected in signals.items():
        np.testing.assert_allclose(run[key], expected, rtol=tolerance, atol=tolerance, err_msg=f"{key}, {some}")
    np.testing.assert_allclose(run.log_probabilities, log_probabilities, rtol=0, atol=tolerance)


@every_cell
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_each_signal_of_each_cell_can_be_held_and_all_else_follows_by_the_formulas(
    make_model: Any, own_text: str, cell: str, dtype: torch.dtype
) -> None:
    lm = make_model(cell, 7, 2, dtype=dtype, gain=2.0)
    text = own_text[:60] + "€" + own_text[60:80]
    for signal in lm.cell.signals:
        low, high = signal.range or (-3.0, 3.0)
        for layer, unit, value in ((0, 3, low), (1, None, high), (0, None, (low + 2 * high) / 3)):
            check_by_the_formulas(lm, text, [Clamp(layer, signal.name, unit, value, 20)], TOLERANCE[dtype])
            check_by_the_formulas(lm, text, [Clamp(layer, signal.name, unit, value, 0, 50)], TOLERANCE[dtype])


@every_cell
def test_the_state_can_be_zeroed_once_and_every_n_characters(make_model: Any, own_text: str, cell: str) -> None:
    lm = make_model(cell, 7, 2, dtype=torch.float64, gain=2.0)
    for some in ([Zero(0)], [Zero(17)], [Zero(17), Zero(18)], [Reset(1, 30)], [Reset(7, 3), Zero(40)], [Reset(50, 0)]):
        check_by_the_formulas(lm, own_text[:90], some, 1e-12)


def any_intervention(cell: str, layers: int, units: int) -> st.SearchStrategy[Intervention]:
    def clamp(signal: Any, layer: int, unit: int | None, share: float, start: int, length: int | None) -> Clamp:
        low, high = signal.range or (-3.0, 3.0)
        stop = None if length is None else start + length
        return Clamp(layer, signal.name, unit, round(low + share * (high - low), 6), start, stop)

    step = st.integers(0, 50)
    return st.one_of(
        st.builds(
            clamp,
            st.sampled_from(CELLS[cell].signals),
            st.integers(0, layers - 1),
            st.none() | st.integers(0, units - 1),
            st.sampled_from([0.0, 0.25, 0.5, 1.0]),
            step,
            st.none() | st.integers(1, 30),
        ),
        st.builds(Zero, step),
        st.builds(Reset, st.integers(1, 20), step),
    )


@st.composite
def some_interventions(draw: st.DrawFn) -> tuple[str, list[Intervention]]:
    cell = draw(st.sampled_from(FUSED))
    return cell, draw(st.lists(any_intervention(cell, 2, 5), min_size=1, max_size=5))


@given(chosen=some_interventions())
def test_several_at_once_do_what_the_formulas_say_and_the_later_one_holds(
    make_model: Any, own_text: str, chosen: tuple[str, list[Intervention]]
) -> None:
    cell, some = chosen
    check_by_the_formulas(make_model(cell, 5, 2, dtype=torch.float64, gain=2.0), own_text[:60], some, 1e-12)


# ── what a reader promises ───────────────────────────────────────────────────────────────────────────


@given(chosen=some_interventions(), cuts=st.lists(st.integers(0, 60), max_size=6))
def test_any_split_into_blocks_gives_the_same_bits(
    make_model: Any, own_text: str, chosen: tuple[str, list[Intervention]], cuts: list[int]
) -> None:
    cell, some = chosen
    lm = make_model(cell, 5, 2, gain=2.0)
    ids, reader = lm.vocabulary.encode(own_text[:60]), intervened(lm, some)
    whole, state = reader.allocate(60), reader.start()
    reader.read(ids, state, whole, at=0)
    pieces, on = reader.allocate(60), reader.start()
    for start, stop in zip([0, *sorted(cuts)], [*sorted(cuts), 60], strict=True):
        reader.read(ids[start:stop], on, pieces, start, at=start)
    for a, b in zip([*whole.layers, whole.predictions], [*pieces.layers, pieces.predictions], strict=True):
        assert a.tobytes() == b.tobytes()
    assert [a.tobytes() for a in state] == [a.tobytes() for a in on]


@every_cell
def test_before_the_first_step_nothing_is_another_and_without_any_hold_the_bits_are_those_of_the_model(
    make_model: Any, own_text: str, cell: str
) -> None:
    lm = make_model(cell, 16, 2, gain=2.0)
    text = own_text[:300]
    plain = lm.trace(text)
    some = [Clamp(0, "hidden", 3, 1.0, 250), Zero(200), Reset(40, 220)]
    assert first_step(some) == 200
    changed = trace.run(lm, text, reader=intervened(lm, some))
    never = trace.run(lm, text, reader=intervened(lm, [Zero(10_000), Clamp(0, "hidden", 3, 1.0, 10_000)]))
    for key in plain:
        assert plain[key][:200].numpy().tobytes() == changed[key][:200].numpy().tobytes()
        assert plain[key].numpy().tobytes() == never[key].numpy().tobytes()
        assert not (plain[key][200:] == changed[key][200:]).all()


def test_a_silent_unit_could_as_well_have_no_weights_leading_out_of_it(make_model: Any, own_text: str) -> None:
    lm = make_model("gru", 9, 1, dtype=torch.float64, gain=2.0)
    held = trace.run(lm, own_text[:120], reader=intervened(lm, [silence(0, 4, 0)]))
    cut = make_model("gru", 9, 1, dtype=torch.float64, gain=2.0)
    with torch.no_grad():
        cut.layer_weights(0)[1][:, 4] = 0
        cut.readout.weight[:, 4] = 0
    free = cut.trace(own_text[:120])
    np.testing.assert_allclose(held.log_probabilities, free.log_probabilities, rtol=0, atol=1e-12)
    others = [unit for unit in range(9) if unit != 4]
    np.testing.assert_allclose(held["0.hidden"][:, others], free["0.hidden"][:, others], rtol=0, atol=1e-12)


def test_a_text_read_in_chunks_is_read_as_each_chunk_alone(make_model: Any, bits: Any, own_text: str) -> None:
    lm = make_model("lstm", 12, 2, gain=2.0)
    text = own_text[:100]
    chunked = trace.run(lm, text, reader=intervened(lm, [Reset(30, 0)]))
    for start in range(0, 100, 30):
        alone = lm.trace(text[start : start + 30])
        assert bits(chunked.log_probabilities[start : start + 30]) == bits(alone.log_probabilities)


def test_a_model_read_by_pytorchs_kernels_is_intervened_in_by_the_compiled_loop(
    make_model: Any, bits: Any, own_text: str
) -> None:
    lm = make_model("lstm", 6, 2)
    ids = lm.vocabulary.encode(own_text[:50])
    plain = compiled(lm, lm.reader())
    assert compiled(lm, plain) is plain
    other = compiled(lm, TorchReader(lm))
    rooms = []
    for reader in (plain, other):
        assert isinstance(reader, CompiledReader)
        rooms.append(reader.allocate(50))
        reader.read(ids, reader.start(), rooms[-1])
    assert bits(rooms[0].predictions) == bits(rooms[1].predictions)
    assert lm.device.type == "cpu"


def test_a_reader_that_is_not_told_where_it_stands_says_so(make_model: Any) -> None:
    lm = make_model("rnn", 4)
    reader = intervened(lm, [Zero(3)])
    with pytest.raises(NotMeasurable, match="stretches of text on their own"):
        reader.read(lm.vocabulary.encode("abc"), reader.start(), reader.allocate(3))


# ── a recording of an intervened model ───────────────────────────────────────────────────────────────

edit = st.tuples(st.floats(0, 1), st.integers(0, 20), st.integers(0, 20), st.booleans())


@given(chosen=some_interventions(), start=st.integers(0, 70), edits=st.lists(edit, max_size=6), seed=st.integers(0, 9))
def test_typed_and_edited_equals_a_fresh_run(
    make_model: Any, chosen: tuple[str, list[Intervention]], start: int, edits: list[Any], seed: int
) -> None:
    """Also where blocks behind an edit wait: they are taken over only where their steps have kept their numbers."""
    cell, some = chosen
    lm = make_model(cell, 5, 2, gain=0.5)  # one that forgets soon, so that states meet
    text = prose(start, seed)
    recording = Recording(intervened(lm, some), kept=3, grain=Grain(8, 4))
    recording.edit(0, 0, lm.vocabulary.encode(text))
    for share, remove, insert, whole in edits:
        if whole:
            read_all(recording)
        at = int(share * len(text))
        remove = min(remove, len(text) - at)
        words = prose(insert, seed + 1)
        text = text[:at] + words + text[at + remove :]
        recording.edit(at, remove, lm.vocabulary.encode(words))
        recording.read()
    read_all(recording)
    fresh = trace.run(lm, text, reader=intervened(lm, some))
    for layer in range(lm.layers):
        for name in lm.cell.names():
            ours = recording.signal(layer, name, 0, len(text))
            assert ours.tobytes() == fresh[f"{layer}.{name}"].numpy().tobytes(), name
    np.testing.assert_array_equal(recording.surprise(0, len(text)), fresh.surprise.numpy())


def test_an_edit_that_keeps_the_places_is_felt_as_far_as_in_any_model(make_model: Any, own_text: str) -> None:
    lm = make_model("gru", 8, 1, gain=0.5)
    ids = lm.vocabulary.encode(own_text[:600])
    recording = Recording(intervened(lm, [Zero(300)]))
    recording.edit(0, 0, ids)
    read_all(recording)
    recording.edit(290, 1, lm.vocabulary.encode("Z"))
    read_all(recording)
    reach = recording.reach
    assert reach is not None
    assert reach.to == 300, "where the state is zeroed both runs are the same"
    recording.edit(290, 1, lm.vocabulary.encode("Zz"))
    read_all(recording)
    assert recording.reach is None, "the zeroed step has come to another character: nothing is compared"


# ── in letters ───────────────────────────────────────────────────────────────────────────────────────


def test_an_intervention_is_spelled_in_a_few_letters() -> None:
    some = (Clamp(0, "forget_gate", 12, 0.0, 57), Clamp(1, "cell", None, -2.5, 3, 90), Zero(7), Reset(50, 0))
    letters = "0.forget_gate.12=0@57~1.cell=-2.5@3-90~zero@7~reset.50@0"
    assert spell(some) == letters
    assert parse(letters) == some


@given(chosen=some_interventions())
def test_what_is_spelled_is_read_again(chosen: tuple[str, list[Intervention]]) -> None:
    assert parse(spell(chosen[1])) == tuple(chosen[1])


@pytest.mark.parametrize(
    "letters",
    ["", "zero", "zero@", "zero@-1", "zero@1~", "0.hidden.1=@3", "0.hidden.1=nan@3", "0.hidden=1e3@3", "hidden=1@3",
     "0.hidden=1", "reset@3", "reset.5", "0.HIDDEN=1@3", "0.hidden.1=0@3-", "zero@²", "0.hidden.١=0@3"],
)  # fmt: skip
def test_what_cannot_be_read_is_an_error_that_says_how_to_write_it(letters: str) -> None:
    with pytest.raises(BadIntervention, match="Write LAYER"):
        parse(letters)


def test_there_may_be_so_many_and_no_more() -> None:
    assert len(parse("~".join(["zero@1"] * 16))) == 16
    with pytest.raises(BadIntervention, match="17 interventions"):
        parse("~".join(["zero@1"] * 17))


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (Clamp(2, "hidden", 0, 0.0, 0), "layers are 0 to 1"),
        (Clamp(0, "update_gate", 0, 0.0, 0), "has no signal 'update_gate'"),
        (Clamp(0, "hidden", 8, 0.0, 0), "units are 0 to 7"),
        (Clamp(0, "forget_gate", 0, 1.5, 0), "between 0 and 1"),
        (Clamp(0, "hidden", 0, -1.1, 0), "between -1 and 1"),
        (Clamp(0, "cell", 0, 2e6, 0), "between"),
        (Clamp(0, "cell", 0, float("nan"), 0), "between"),
        (Clamp(0, "hidden", 0, 0.0, 5, 5), "end later"),
        (Reset(0, 0), "every 0 characters"),
    ],
)
def test_what_does_not_fit_the_model_is_an_error_that_says_what_would(one: Intervention, words: str) -> None:
    with pytest.raises(BadIntervention, match=words):
        check([one], Stack.of("lstm", 8, 2))


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_a_cell_state_held_far_out_still_gives_numbers(make_model: Any, dtype: torch.dtype) -> None:
    lm = make_model("lstm", 6, 1, dtype=dtype, characters=LETTERS)
    run = trace.run(lm, "abcdef", reader=intervened(lm, [Clamp(0, "cell", None, -1e6, 2)]))
    assert np.isfinite(run.log_probabilities.numpy()).all()
    np.testing.assert_allclose(run["0.hidden"][2:], -run["0.output_gate"][2:], rtol=0, atol=1e-6)
