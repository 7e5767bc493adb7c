"""Features of texts, against a second reading of the same rules that takes its time."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.measures.units.text_features import FEATURES, Text, values

ALPHABET = "ab_r1 \té\n\n'\"“”#\\([)]}:"
TEXTS = st.text(ALPHABET, max_size=60)
WORDS = st.lists(st.sampled_from(["'", '"', "'''", '"""', "\n", "\n\n", " ", "a", "rb", "#", "\\", "(", ")", ":"]))


def features(text: str) -> dict[str, np.ndarray]:
    told = values(Text.of(text), 0, len(text))
    return {feature.name: one for feature, one in zip(FEATURES, told, strict=True)}


def line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def empty_line(text: str, at: int) -> int:
    """The line break that ends the first empty line behind `at`; a line counts as a whole, from before `at` on."""
    start = text.rfind("\n", 0, at) + 1
    while start <= len(text):
        end = line_end(text, start)
        if end < len(text) and end >= at and not text[start:end].strip():
            return end
        start = end + 1
    return len(text)


def unescaped(text: str, mark: str, at: int, end: int) -> int:
    """Where `mark` stands first from `at` on, not behind a backslash that counts; else `end`."""
    while at < end:
        if text[at] == "\\" and at + 1 < len(text) and text[at + 1] != "\n":
            at += 2
        elif text.startswith(mark, at):
            return at
        else:
            at += 1
    return end


def quotations(text: str) -> tuple[list[bool], list[bool]]:
    """Which characters stand in a quotation, and which in a comment."""
    quoted, comment = [False] * len(text), [False] * len(text)
    at = 0
    while at < len(text):
        end, inside = at + 1, False
        if text[at] == "#" and (at == 0 or text[at - 1].isspace()):
            end = line_end(text, at)
            comment[at:end] = [True] * (end - at)
        elif text[at : at + 3] in ('"""', "'''"):
            end, inside = unescaped(text, text[at : at + 3], at + 3, len(text)), True
        elif text[at] == '"':
            end, inside = unescaped(text, '"', at + 1, empty_line(text, at + 1)), True
        elif text[at] == "“":
            end, inside = min(empty_line(text, at + 1), (text + "”").find("”", at)), True
        elif text[at] == "'" and re.search(r"(?<!\w)([rbfuRBFU]{1,2})?\Z", text[:at]):
            behind = re.match(r"(?:\\.|\\(?=\n|\Z)|[^\\'\n]|'(?=\w))*'(?!\w)", text[at + 1 :])
            end, inside = (at + behind.end(), True) if behind else (at + 1, False)
        if inside:
            quoted[at:end] = [True] * (end - at)
            # The closing mark has been read: it opens nothing.
            closing = 3 if text[at : at + 3] in ('"""', "'''") else 1
            end += 0 if text[end : end + 1] == "\n" else closing
        at = end
    return quoted[: len(text)], comment


def slowly(text: str) -> dict[str, list[int]]:
    """Every feature that has to do with lines, words and brackets."""
    names = ("brackets", "column", "indent", "lines", "letters", "heading", "line_end", "word_end")
    out: dict[str, list[int]] = {name: [] for name in names}
    quoted, comment = quotations(text)
    opened: list[str] = []
    for at, character in enumerate(text):
        start = text.rfind("\n", 0, at) + 1
        so_far, line = text[start : at + 1], text[start : line_end(text, at)]
        before = text[:start].split("\n")[:-1]  # whole lines before this one
        full = next((k for k, one in enumerate(reversed(before)) if not one.strip()), len(before))
        if character == "\n":
            opened = [] if not line.strip() else opened
            out["column"].append(0)
            out["indent"].append(0)
            out["lines"].append(0 if not line.strip() else full + 1)
        else:
            if not quoted[at] and not comment[at]:
                if character in "([{":
                    opened.append(character)
                elif character in ")]}" and opened:
                    opened.pop()
            out["column"].append(len(so_far))
            out["indent"].append(len(so_far) - len(so_far.lstrip()))
            out["lines"].append(full)
        out["brackets"].append(len(opened))
        out["heading"].append(line.endswith(":") and character != "\n" and full == 0)
        out["line_end"].append(text[at + 1 : at + 2] == "\n")
    words = {k: (m.start(), m.end()) for m in re.finditer(r"\w+(?:'\w+)*", text) for k in range(m.start(), m.end())}
    for at in range(len(text)):
        start, end = words.get(at, (at + 1, at))
        out["letters"].append(at - start + 1)
        out["word_end"].append(at == end - 1 and end < len(text))
    return out


@given(TEXTS | WORDS.map("".join))
@example("He gav'st it, 'tis the lords' will.\nBut 'so it is', he said, and r'x' too.\n")
@example("f(\"([\", ')') # don't (\nx = [1,\n  2]\n\ny = '''a\n\nb'''(\n")
@example('"open\n\nclosed" again\n')
@example("“curly (\n \n” no")
@example("“a\\” b” rbf'x' rb'x' \"\\\" \"")
def test_quotations_brackets_lines_and_words(text: str) -> None:
    found, expected = features(text), slowly(text)
    quoted, comment = quotations(text)
    expected |= {"quotes": quoted, "comment": comment}
    for name, one in expected.items():
        assert found[name].astype(int).tolist() == [int(value) for value in one], name


def test_an_apostrophe_is_no_quotation() -> None:
    text = "Thou gav'st it, o'er the lords' heads; 'tis ne'er thine.\n"
    assert not features(text)["quotes"].any()


def test_what_stands_between_marks_is_inside_and_the_closing_mark_is_not() -> None:
    text = "She said 'go on' and f'{x}' and \"stop\"."
    inside = "".join(c for c, quoted in zip(text, features(text)["quotes"], strict=True) if quoted)
    assert inside == "'go on'{x}\"stop"


def test_a_mark_that_is_never_closed_holds_up_to_the_next_empty_line() -> None:
    told = features('a "b\nc\n\nd (\n\ne')
    assert told["quotes"].tolist() == [False] * 2 + [True] * 5 + [False] * 7
    assert told["brackets"].tolist() == [0] * 10 + [1, 1, 0, 0]


@pytest.mark.parametrize(
    ("name", "those"),
    [
        ("vowel", "aEé"),
        ("consonant", "bßñй"),
        ("capital", "EБ"),
        ("digit", "7٣"),
        ("punctuation", ".«+"),
        ("blank", " \t\u00a0"),
        ("newline", "\n"),
    ],
)
def test_kinds_of_characters(name: str, those: str) -> None:
    every = "aEébßñйEБ7٣.«+ \t\u00a0\n"
    wanted = [c in those or (name == "consonant" and c in "Б") for c in every]
    assert features(every)[name].tolist() == wanted


@given(TEXTS, st.data())
def test_a_part_has_the_values_of_the_whole(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, len(text)))
    whole = features(text)
    for feature, part in zip(FEATURES, values(Text.of(text), start, stop), strict=True):
        assert part.tolist() == whole[feature.name][start:stop].tolist()
        assert part.dtype == (np.int32 if feature.counts else bool)


def test_names_are_words_of_their_own() -> None:
    assert len({feature.name for feature in FEATURES}) == len({feature.title for feature in FEATURES}) == len(FEATURES)


def test_half_a_surrogate_pair_is_a_character_like_any_other() -> None:
    assert len(features("a\ud800b")["vowel"]) == 3
