"""`models.text.names`: what an id can hold, and that whatever it can hold works everywhere an id stands."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.names import FORBIDDEN, LONGEST_ID, fault_of, id_of, shown

GOOD = ["R", "run-1", "Модель", "模型 3", "a&b=c#d%20+e", "[old] run", "naïve", "a;b", "(1)", "$HOME", "été.2"]
BAD = {
    "": "empty", "a@b": "'@'", "a~b": "'~'", "run:1": "':'", "a,b": "','", "a/b": "'/'", "a\\b": "separates folders",
    'a"b': "quoted", "a'b": "quoted", "a`b": "quoted", "a<b": "Windows", "a|b": "Windows", "..": "begins with '.'",
    ".hidden": "begins with '.'", "-rf": "begins with '-'", " a": "space", "a ": "space", "a.": "full stop",
    "a\nb": "U+000A", "a\r": "U+000D", "a\x00": "U+0000", "a\u2028b": "U+2028", "a\u200db": "U+200D",
    "\ufeffa": "U+FEFF", "a\u202eb": "U+202E", "a\udcff": "not valid UTF-8", "x" * 101: "longer than 100",
    "模" * 90: "longer than 100",
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_letters_of_any_script_and_what_can_be_quoted_are_good(name: str) -> None:
    assert fault_of(name) is None


@pytest.mark.parametrize("name", BAD)
def test_what_an_id_cannot_hold_is_named(name: str) -> None:
    fault = fault_of(name)
    assert fault is not None
    assert BAD[name] in fault


@given(st.text(max_size=LONGEST_ID + 5))
def test_a_good_id_is_a_file_name_a_line_and_a_part_of_an_address(name: str) -> None:
    if fault_of(name) is None:
        assert len(name.splitlines()) == 1
        assert not FORBIDDEN.keys() & set(name)
        assert len(os.fsencode(f"{name}.safetensors")) <= 255
        assert Path("somewhere", name).name == name
        assert name.encode("utf-8")


def test_a_folders_name_is_the_id_with_its_accents_composed(tmp_path: Path) -> None:
    assert id_of(tmp_path / "e\u0301te\u0301") == "été"
    assert id_of(tmp_path / "a" / ".." / "b") == "b"


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    assert shown(name) == "caf\ufffd.txt"
    assert shown("café[x].txt") == "café[x].txt"
