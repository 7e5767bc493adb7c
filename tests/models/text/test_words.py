"""`models.text.words`, and where the number one used to be said wrongly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models import NotMeasurable
from models.measures import drain, record
from models.measures.memory.forgetting import forgetting
from models.text.lines import lines_hint
from models.text.words import counted


def test_one_is_singular_and_all_others_are_not() -> None:
    assert [counted(n, "character") for n in (0, 1, 2, 1000)] == [
        "0 characters", "1 character", "2 characters", "1,000 characters",
    ]  # fmt: skip
    assert counted(1, "line end is", "line ends are") == "1 line end is"
    assert counted(3, "line end is", "line ends are") == "3 line ends are"


def test_sentences_speak_of_one_character(make_model: Any) -> None:
    lm = make_model("gru", 3)
    with pytest.raises(NotMeasurable, match=r"Step 3 has not been read: 1 character has\."):
        drain(forgetting(lm, record(lm, "a"), 3))
    with pytest.raises(NotMeasurable, match="0 characters"):
        lm.generate(0, start="a")
    assert "1 line end is CR LF" in str(lines_hint("a\r\nb", "a.txt"))


@pytest.mark.parametrize("text", [b"abc", None, 7, ["a"], bytearray(b"a"), Path("a.txt")])
def test_what_is_no_text_is_said_to_be_none(make_model: Any, text: Any) -> None:
    lm = make_model("rnn", 3)
    for read in (lm.trace, lambda one: lm.generate(start=one), lambda one: record(lm, one)):
        with pytest.raises(TypeError, match=f"A text is a str, and this is {type(text).__name__}"):
            read(text)
