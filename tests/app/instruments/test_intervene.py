"""The instruments intervene, texts and generate through a session, and an intervened model as one of its models."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
import pytest

from app.compute.model_library import Library
from app.instruments.texts import fine_range
from app.wire.frames import quantise
from models import BadIntervention, RequestError
from models.measures import drain, record
from models.measures.comparison.alignment import align
from models.measures.comparison.intervention_effect import limited
from models.network.trace import run
from models.recording.continuation import continuation
from models.recording.overview import LEVELS, NO_NUMBER
from models.text.vocabulary import code_points
from tests.support.recordings import typed
from tests.support.session_talk import ask, begin, say, work
from tests.support.socket_client import panel
from tests.support.texts import prose

LETTERS_OF = "1.forget_gate.2=0@40~0.hidden.1=0@60"


# ── an intervened model among the others ─────────────────────────────────────────────────────────────


def test_an_intervened_model_is_read_and_drawn_beside_the_others(library: Library) -> None:
    text, name = prose(150), f"tiny-lstm~{LETTERS_OF}"
    session = begin(library, text, [panel(model, "hidden") for model in ("tiny-lstm", name)])
    frames = [(m, t) for m, t in (i for i in work(session) if isinstance(i, tuple)) if m["type"] == "columns"]
    last = {m["model"]: (m, t) for m, t in frames}
    assert set(last) == {"tiny-lstm", name}
    model = library.get(name)
    trace = run(model.lm, text, reader=model.reader)
    message, tensors = last[name]
    np.testing.assert_array_equal(tensors["cells"], quantise(trace["0.hidden"].numpy(), -1, 1))
    assert message["bits_per_character"] == pytest.approx(trace.bits_per_character, rel=1e-9)
    assert message["bits_per_character"] != last["tiny-lstm"][0]["bits_per_character"]


def test_a_view_of_a_model_that_cannot_be_intervened_in_so_changes_nothing(library: Library) -> None:
    session = begin(library, prose(50), [panel("tiny-rnn", "hidden")])
    work(session)
    with pytest.raises(BadIntervention, match="has no signal 'cell'"):
        say(session, type="view", panels=[panel("tiny-rnn~0.cell=0@3", "hidden")], window=[0, 50])
    with pytest.raises(BadIntervention):
        say(session, type="measure", id=1, model="tiny-rnn~0.cell=0@3", measure={"name": "generate", "step": 3})
    assert session.next() is None


# ── generate ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("model", ["tiny-gru", "tiny-lstm@0", f"tiny-lstm~{LETTERS_OF}"])
def test_what_is_generated_is_what_the_model_writes_by_itself(library: Library, model: str) -> None:
    text, loaded = prose(120), library.get(model)
    facts, _ = ask(library, text, model, name="generate", step=79, count=150, temperature=0.7, seed=11)
    recording = typed(loaded.lm, text, reader=loaded.reader)
    expected = loaded.vocabulary.decode(np.array(list(islice(continuation(recording, 79, 0.7, 11), 150)), np.int32))
    assert facts == {"step": 79, "text": expected}
    assert len(expected) == 150


def test_nothing_is_generated_before_the_first_character(library: Library) -> None:
    assert "Write one character first" in ask(library, "", "tiny-rnn", name="generate", step=-1)
    assert "Write one character first" in ask(library, prose(30), "tiny-rnn", name="generate", step=-1)


@pytest.mark.parametrize(
    "wrong", [{"count": 0}, {"count": 5001}, {"temperature": -1}, {"temperature": 11}, {"seed": -1}, {"step": -2}]
)
def test_what_makes_no_sense_is_not_generated(library: Library, wrong: dict[str, Any]) -> None:
    with pytest.raises(RequestError):
        ask(library, prose(30), "tiny-rnn", **{"name": "generate", "step": 3, **wrong})


# ── intervene ────────────────────────────────────────────────────────────────────────────────────────


def test_the_two_runs_are_told_in_bits_in_divergence_and_in_what_they_write(library: Library) -> None:
    text, loaded = prose(150), library.get(f"tiny-lstm~{LETTERS_OF}")
    asked = {"letters": LETTERS_OF, "start": 30, "columns": 40, "count": 60, "temperature": 0.5, "seed": 2}
    facts, tensors = ask(library, text, "tiny-lstm", name="intervene", **asked)
    free, held = loaded.lm.trace(text), run(loaded.lm, text, reader=loaded.reader)
    assert (facts["first"], facts["length"], facts["scored"]) == (40, 150, 109)
    for name, trace in (("free_bits", free), ("held_bits", held)):
        assert facts[name] == pytest.approx(float(trace.surprise[41:].double().mean()), rel=1e-6)
    ours, theirs = (trace.log_probabilities.double() for trace in (free, held))
    divergence = ((ours.exp() * (ours - theirs)).sum(dim=1) / np.log(2)).numpy()
    assert facts["divergence"] == pytest.approx(divergence[40:].mean(), rel=1e-4)
    assert np.isnan(tensors["divergence"][:10]).all()
    np.testing.assert_allclose(tensors["divergence"][10:], divergence[40:70], rtol=1e-4, atol=1e-7)
    writers = [typed(loaded.lm, text), typed(loaded.lm, text, reader=loaded.reader)]
    expected = [np.array(list(islice(continuation(one, 149, 0.5, 2), 60)), np.int32) for one in writers]
    assert facts["written"] == [loaded.vocabulary.decode(ids) for ids in expected]


def test_the_lane_of_wide_columns_is_the_mean_of_their_steps(library: Library) -> None:
    asked = {"name": "intervene", "letters": "zero@5", "count": 0}
    fine, wide = (
        ask(library, prose(150), "tiny-gru", **asked, start=0, columns=160 // per, per=per)[1] for per in (1, 16)
    )
    for k, (mean, peak) in enumerate(zip(wide["divergence"], wide["peak"], strict=True)):
        part = fine["divergence"][16 * k : 16 * k + 16]
        assert mean == pytest.approx(np.nanmean(part), rel=1e-5)
        assert peak == np.nanmax(part)


def test_at_the_last_step_there_is_nothing_to_score_yet_and_behind_it_nothing_to_compare(library: Library) -> None:
    facts, _ = ask(library, prose(30), "tiny-gru", name="intervene", letters="0.hidden=0@29")
    assert (facts["scored"], facts["free_bits"], facts["held_bits"]) == (0, None, None)
    assert facts["written"][0] != facts["written"][1]
    assert "the text ends before it" in ask(library, prose(30), "tiny-gru", name="intervene", letters="zero@30")


@pytest.mark.parametrize(
    ("letters", "words"), [("zero", "is no intervention"), ("0.cell=0@3", "has no signal"), ("0.hidden.9=0@3", "units")]
)
def test_an_intervention_that_cannot_be_is_told_in_the_instrument(library: Library, letters: str, words: str) -> None:
    assert words in ask(library, prose(30), "tiny-gru", name="intervene", letters=letters)


# ── texts ────────────────────────────────────────────────────────────────────────────────────────────


def test_two_texts_are_compared_where_they_stand_opposite_each_other(library: Library) -> None:
    a = prose(150)
    b = a[:60] + "xyz" + a[64:100] + " and more " + a[100:]
    asked = {"other": b, "layer": 1, "signal": "cell", "start": 50, "stop": 120}
    facts, tensors = ask(library, a, "tiny-lstm", name="texts", **asked)
    pairs = drain(align(code_points(a), code_points(b)))
    shown = pairs[[k for k in range(len(pairs)) if 50 <= max(pairs[: k + 1, 0]) < 120]]
    np.testing.assert_array_equal(tensors["pairs"], shown)
    lm = library.get("tiny-lstm").lm
    one, other = lm.trace(a), lm.trace(b)
    assert facts["bits"] == pytest.approx([one.bits_per_character, other.bits_per_character])
    assert (facts["compared"], facts["cut"], facts["low"]) == (150, False, -facts["high"])
    for k, (i, j) in enumerate(shown):
        if min(i, j) < 0:
            assert (tensors["cells"][k] == NO_NUMBER).all()
            assert np.isnan(tensors["distance"][k])
            continue
        expected = (one["1.cell"][i] - other["1.cell"][j]).numpy()
        level = 2 * facts["high"] / LEVELS
        np.testing.assert_allclose(facts["low"] + tensors["cells"][k] * level, expected, rtol=0, atol=0.51 * level)
        assert tensors["distance"][k] == pytest.approx(np.linalg.norm(expected), rel=1e-5)
        assert tensors["surprise"][k].tolist() == [one.surprise[i], other.surprise[j]]


def test_two_texts_drive_the_picture_of_an_echo(library: Library) -> None:
    a = prose(150)
    b = a[:60] + "xyz" + a[64:100] + " and more " + a[100:]
    asked: dict[str, Any] = {"other": b, "layer": 0, "signal": "hidden", "start": 40, "stop": 150}
    _, plain = ask(library, a, "tiny-gru", name="texts", **asked)
    facts, tensors = ask(library, a, "tiny-gru", name="texts", **asked, echo=True)
    np.testing.assert_array_equal(tensors["pairs"], plain["pairs"])
    np.testing.assert_array_equal(tensors["distance"], plain["distance"])
    assert (facts["low"], facts["high"]) == (1e-7, 1.0)
    lm = library.get("tiny-gru").lm
    one, other = lm.trace(a)["0.hidden"].numpy(), lm.trace(b)["0.hidden"].numpy()
    for k, (i, j) in enumerate(tensors["pairs"]):
        size = np.abs(one[i] - other[j]) if min(i, j) >= 0 else np.full(5, np.nan, np.float32)
        with np.errstate(divide="ignore"):
            level = np.clip(np.rint((np.log10(size) + 7) * 254 / 7), 0, 254)
        expected = np.where(np.isnan(size), NO_NUMBER, level)
        assert np.abs(tensors["cells"][k] - expected).max() <= 1
    distance = tensors["distance"]
    first = next(k for k in range(len(distance)) if distance[k] > 0)
    last = max(k for k in range(len(distance)) if distance[k] >= 0.01 * distance[first])
    assert (facts["first_column"], facts["felt_columns"]) == (first, last - first)
    facts, _ = ask(library, a, "tiny-gru", name="texts", **{**asked, "other": a}, echo=True)
    assert (facts["first_column"], facts["felt_columns"]) == (None, None)


def test_colours_of_differences_end_a_little_above_the_largest() -> None:
    assert [fine_range(one)[1] for one in (0.0, 0.0011, 0.3, 1.0, 1.2, 70.0)] == [0.001, 0.002, 0.5, 1.0, 2.0, 100.0]


@pytest.mark.parametrize(
    ("text", "asked", "words"),
    [
        ("abc", {"other": ""}, "no second text"),
        ("", {"other": "abc"}, "no first text"),
        ("abc", {"other": "abd", "signal": "cell"}, "has no signal"),
        ("abc", {"other": "abd", "layer": 1}, "has no signal"),
    ],
)
def test_what_cannot_be_compared_is_told(library: Library, text: str, asked: dict[str, Any], words: str) -> None:
    whole = {"name": "texts", "layer": 0, "signal": "hidden", "start": 0, "stop": 10, **asked}
    assert words in ask(library, text, "tiny-gru", **whole)


def test_exactly_so_many_characters_stand_beside_the_chunks(library: Library) -> None:
    text = prose(150)
    facts, _ = ask(library, text, "tiny-gru", name="intervene", letters="reset.5@0", exactly=5)
    model = library.get("tiny-gru")
    found = drain(limited(record(model.lm, text), model.lm.reader(), 5, 0))
    assert {name: facts[name] for name in facts if name.startswith("exact")} == {
        "exactly": 5,
        "exact_positions": 149,
        "exact_free_bits": pytest.approx(found.free_bits),
        "exact_bits": pytest.approx(found.bits),
        "exact_error": pytest.approx(found.error),
    }
    assert facts["free_bits"] == pytest.approx(found.free_bits)
    alone, _ = ask(library, text, "tiny-gru", name="intervene", letters="reset.5@0")
    assert not any(name.startswith("exact") for name in alone)
    assert alone["held_bits"] == facts["held_bits"]
