"""Text ↔ ids."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import Vocabulary

anything = st.text(st.characters(exclude_categories=()))  # lone surrogates and all planes
alphabets = st.lists(st.characters(exclude_categories=()), min_size=1, max_size=80, unique=True).map("".join)


@given(alphabets, st.data())
def test_known_text_survives_the_way_to_ids_and_back(characters: str, data: st.DataObject) -> None:
    text = data.draw(st.text(st.sampled_from(characters)))
    vocabulary = Vocabulary(characters)
    assert vocabulary.decode(vocabulary.encode(text)) == text


@given(alphabets, anything)
def test_each_character_gets_its_place_or_one_past_the_last(characters: str, text: str) -> None:
    vocabulary = Vocabulary(characters)
    ids = vocabulary.encode(text)
    assert ids.dtype == np.int32
    assert ids.tolist() == [characters.index(c) if c in characters else len(characters) for c in text]
    assert vocabulary.unknown == len(vocabulary) == len(characters)


@given(alphabets, anything)
def test_unknown_characters_read_back_as_the_replacement_character(characters: str, text: str) -> None:
    vocabulary = Vocabulary(characters)
    expected = "".join(c if c in characters else "\ufffd" for c in text)
    assert vocabulary.decode(vocabulary.encode(text)) == expected


@given(anything.filter(bool), st.integers(1, 3))
def test_the_vocabulary_of_a_text_holds_what_is_frequent_enough_by_code_point(text: str, least: int) -> None:
    expected = sorted({c for c in text if text.count(c) >= least}, key=ord)
    if expected:
        assert list(Vocabulary.of(text, least).characters) == expected
    else:
        with pytest.raises(ValueError, match="at least one character"):
            Vocabulary.of(text, least)


def test_one_emoji_is_one_character_and_a_lone_surrogate_another() -> None:
    vocabulary = Vocabulary("a😀\ud83d")
    assert vocabulary.encode("😀a\ud83d\ude00").tolist() == [1, 0, 2, 3]  # the second pair is two lone halves


@given(alphabets, st.data())
def test_a_character_named_twice_is_refused_by_name(characters: str, data: st.DataObject) -> None:
    twice = data.draw(st.sampled_from(characters))
    with pytest.raises(ValueError, match="twice") as refused:
        Vocabulary(characters + twice)
    assert repr(twice) in str(refused.value)


def test_an_empty_vocabulary_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one character"):
        Vocabulary("")


def test_only_single_characters_are_members() -> None:
    vocabulary = Vocabulary("abc")
    assert "a" in vocabulary
    assert "d" not in vocabulary
    assert "ab" not in vocabulary
    assert "" not in vocabulary


def test_vocabularies_are_equal_when_their_characters_and_order_are() -> None:
    assert Vocabulary("ab") == Vocabulary("ab")
    assert hash(Vocabulary("ab")) == hash(Vocabulary("ab"))
    assert Vocabulary("ab") != Vocabulary("ba")
    assert Vocabulary("ab") != "ab"
    assert eval(repr(Vocabulary("a'\n"))) == Vocabulary("a'\n")
