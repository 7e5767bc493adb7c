"""`models.echo.echo`: what it says of a changed character is what two fresh traces of the two texts say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.echo.echo import FELT, SPAN, Echo
from models.echo.levels import largest, magnitude_levels, picture_levels
from models.echo.replacement import default_replacement
from models.echo.rounding import CLEAR, Rounding
from models.measures.curves import log10
from models.measures.memory.edit_sensitivity import Comparison, felt, others
from models.network.intervened_reader import IntervenedReader
from models.network.intervention import Clamp
from models.network.reader import CompiledReader
from tests.support.recordings import typed
from tests.support.texts import LETTERS


def replaced(text: str, at: int, character: str) -> str:
    return text[:at] + character + text[at + 1 :]


def compared(recording: Any, at: int, ids: Any, piece: int = 10**9) -> Echo:
    echo = Echo(recording, at, ids)
    while echo.advance(min(echo.steps + piece, recording.steps)):
        pass
    assert echo.steps == recording.steps
    return echo


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("at", [0, 3, 511, 512, 700])
def test_an_echo_is_the_difference_of_two_fresh_traces(make_model: Any, own_text: str, cell: str, at: int) -> None:
    lm = make_model(cell, 7, 2, gain=2.0)
    text = own_text[:1300]
    echo = compared(typed(lm, text), at, lm.vocabulary.encode("Q"), piece=100)
    traces = lm.trace(text), lm.trace(replaced(text, at, "Q"))
    for layer in range(2):
        for signal in lm.cell.signals:
            ours, theirs = (one[f"{layer}.{signal.name}"].numpy() for one in traces)
            assert echo.signal(layer, signal.name, 0, 9999).tobytes() == (ours - theirs).tobytes()
            strength = np.linalg.norm((ours - theirs).astype(np.float64), axis=1)
            np.testing.assert_allclose(echo.strength(layer, signal.name, 0, 9999, 1), strength, rtol=1e-5)
            felt = np.flatnonzero(strength >= FELT * strength[at])[-1] - at
            assert abs(echo.felt(layer, signal.name) - felt) <= (0 if strength[at] > 1e-3 else 1300)


@pytest.mark.parametrize("per", [1, 2, 32, 64, 512, 1024])
@pytest.mark.parametrize("signed", [False, True])
def test_a_wide_column_shows_its_largest_difference(make_model: Any, own_text: str, per: int, signed: bool) -> None:
    lm = make_model("lstm", 5, gain=2.0)
    text = own_text[:2700]
    at = 333
    echo = compared(typed(lm, text), at, lm.vocabulary.encode("Q"), piece=77)
    values = lm.trace(text)["0.cell"].numpy() - lm.trace(replaced(text, at, "Q"))["0.cell"].numpy()
    for start in (0, 1024):
        wanted = []
        for first in range(start, len(text), per):
            column = values[first : first + per]
            wanted.append(np.take_along_axis(column, np.abs(column).argmax(axis=0)[None], axis=0)[0])
        found = echo.levels(0, "cell", start, 9999, per, signed=signed)
        expected = [[level(value, signed) for value in row] for row in wanted]
        assert np.abs(found.astype(int) - np.array(expected)).max() <= (1 if signed else 0)


def level(value: float, signed: bool) -> int:
    """One level by the words of the definition."""
    share = 0.0 if value == 0 else (np.log10(np.float32(abs(value))) + 7) / 7
    size = round(float(np.clip(share, 0, 1)) * 254)
    return int(127 + np.sign(value) * ((size + 1) // 2)) if signed else size


def test_the_scale_has_seven_decades_and_its_own_level_for_no_number() -> None:
    values = np.array([[0.0, 1e-8, 1e-7, 1e-3, 1.0, 50.0, np.nan, np.inf, -1e-3]], np.float32)
    levels = picture_levels(magnitude_levels(values), signed=False)[0]
    assert levels.tolist() == [0, 0, 0, round(254 * 4 / 7), 254, 254, 255, 254, round(254 * 4 / 7)]
    signs = picture_levels(magnitude_levels(values), signed=True)[0]
    assert signs.tolist() == [127, 127, 127, 200, 254, 254, 255, 254, 54]


@given(st.lists(st.floats(-2, 2, width=32), min_size=1, max_size=40), st.integers(1, 9))
def test_the_level_of_the_largest_is_the_largest_level(numbers: list[float], per: int) -> None:
    values = np.array(numbers, np.float32)[:, None]
    chosen = picture_levels(magnitude_levels(largest(values, per)), signed=False)
    levels = picture_levels(magnitude_levels(values), signed=False)
    assert chosen[:, 0].tolist() == [levels[k : k + per].max() for k in range(0, len(levels), per)]


@given(data=st.data())
@settings(max_examples=25)
def test_after_edits_an_echo_is_what_a_fresh_one_would_be(make_model: Any, data: st.DataObject) -> None:
    lm = make_model("gru", 4, gain=2.5)
    letters = st.text(st.sampled_from(LETTERS), max_size=700)
    text = data.draw(st.text(st.sampled_from(LETTERS), min_size=30, max_size=1500))
    at = data.draw(st.integers(0, len(text) - 20))
    recording = typed(lm, text)
    echo = Echo(recording, at, lm.vocabulary.encode("Q"), kept=data.draw(st.integers(1, 3)))
    for _ in range(data.draw(st.integers(0, 4))):
        for _ in range(data.draw(st.integers(0, 5))):
            echo.advance(echo.steps + data.draw(st.integers(1, 600)))
        first = data.draw(st.integers(at + 1, len(text)))
        remove = data.draw(st.integers(0, len(text) - first))
        insert = data.draw(letters)
        text = text[:first] + insert + text[first + remove :]
        recording.edit(first, remove, lm.vocabulary.encode(insert))
        echo.cut(first)
        while recording.read():
            pass
    while echo.advance(len(text)):
        pass
    fresh = compared(recording, at, lm.vocabulary.encode("Q"))
    for name in lm.cell.names():
        assert echo.signal(0, name, 0, 9999).tobytes() == fresh.signal(0, name, 0, 9999).tobytes()
        assert echo.levels(0, name, 0, 9999, 64).tobytes() == fresh.levels(0, name, 0, 9999, 64).tobytes()
        assert echo.felt(0, name) == fresh.felt(0, name)
        assert echo.strength(0, name, 0, 9999, 8).tobytes() == fresh.strength(0, name, 0, 9999, 8).tobytes()


def test_the_mean_over_several_is_the_edit_measure_of_forgetting(make_model: Any, own_text: str) -> None:
    lm = make_model("lstm", 8, gain=2.0)
    recording = typed(lm, own_text[:800])
    at = 444
    ids = others(len(lm.vocabulary), int(recording.ids[at : at + 1][0]), 8)
    echo = compared(recording, at, ids)
    read = recording.ids[at:800]
    comparison = Comparison(recording.reader, recording.state_at(at), read, 0, at=at, predict=False)
    wanted = np.mean([comparison.replaced(int(one))[0] for one in ids], axis=0)
    np.testing.assert_allclose(echo.strength(0, "hidden", at, 800, 1), wanted, rtol=1e-5)
    assert echo.felt(0, "hidden") == felt(log10(wanted))
    runs = [lm.trace(replaced(own_text[:800], at, lm.vocabulary.characters[one])) for one in ids]
    ours = lm.trace(own_text[:800])["0.forget_gate"].numpy()
    mean = np.mean([np.abs(ours - run["0.forget_gate"].numpy()) for run in runs], axis=0)
    np.testing.assert_allclose(echo.signal(0, "forget_gate", 0, 800), mean, rtol=1e-5, atol=1e-9)


def test_an_echo_under_an_intervention_is_that_of_the_intervened_network(make_model: Any, own_text: str) -> None:
    lm = make_model("lstm", 6, gain=2.0)
    reader = IntervenedReader(CompiledReader(lm), [Clamp(0, "forget_gate", 2, 0.0, 90)])
    text = own_text[:300]
    echo = compared(typed(lm, text, reader=reader), 80, lm.vocabulary.encode("Q"))
    pair = [typed(lm, one, reader=reader).signal(0, "cell", 0, 300) for one in (text, replaced(text, 80, "Q"))]
    assert echo.signal(0, "cell", 0, 300).tobytes() == (pair[0] - pair[1]).tobytes()


def test_the_same_character_in_its_own_place_has_no_echo(make_model: Any) -> None:
    lm = make_model("rnn", 5)
    recording = typed(lm, "a narrow river" * 40)
    echo = compared(recording, 6, lm.vocabulary.encode("w"))
    assert recording.ids[6:7].tolist() != lm.vocabulary.encode("w").tolist()
    none = compared(recording, 7, lm.vocabulary.encode("w"))
    assert not none.signal(0, "hidden", 0, 999).any()
    assert none.felt(0, "hidden") == -1
    assert echo.felt(0, "hidden") >= 0


def test_rounding_says_where_an_echo_ends(make_model: Any, own_text: str) -> None:
    """A network that forgets soon: the echo comes down to rounding, and what is left is no longer clear of it."""
    lm = make_model("gru", 24, gain=1.0)
    recording = typed(lm, own_text[: SPAN + 300])
    echo = compared(recording, 0, lm.vocabulary.encode("Q"))  # the state before it is all zeros
    rounding = Rounding(echo)
    while rounding.advance(recording.steps):
        pass
    above = rounding.above(0, "hidden")
    strength = echo.strength(0, "hidden", 0, recording.steps, 1)
    assert echo.felt(0, "hidden") < above < 200
    assert strength[above] > strength[above + 1 :].max()
    assert strength[above + 1 :].max() < 100 * CLEAR * np.finfo(np.float32).eps


@pytest.mark.parametrize(
    ("character", "other"),
    [("e", "t"), ("t", "e"), ("Q", "E"), ("E", "T"), (" ", "\n"), ("\n", " "), (",", "."), ("7", "\n"), ("é", "\n")],
)
def test_the_default_replacement_is_of_the_same_kind_and_known_to_all(character: str, other: str) -> None:
    assert default_replacement(character, [LETTERS, "".join(reversed(LETTERS))]) == other


def test_the_default_replacement_is_known_to_every_model() -> None:
    assert default_replacement("A", ["ABCDEFGHqwzT", "ABCqw"]) == "C"  # the most frequent that both know
    assert default_replacement("x", ["xy", "xz"]) == "y"  # nothing else is common to both
    with pytest.raises(ValueError, match="no other character"):
        default_replacement("x", ["x"])
