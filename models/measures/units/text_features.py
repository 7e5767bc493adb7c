"""What a unit may follow in a text: features, each one number per character.

A true-or-false feature is 1 or 0, the others count. Its value at step t is what holds after character t has been read;
`walk` defines quotations, comments, brackets and lines. Two features look one character ahead, because a network that
predicts the next character may well know it: "the line ends next" and "the word ends next"."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...text.vocabulary import code_points
from .text_structure import BLANK, PREFIX, WORD, Walk, walk

_NEWLINE = ord("\n")
VOWEL, CONSONANT, CAPITAL, DIGIT, MARK = 8, 16, 32, 64, 128  # further bits of a character's kind


@dataclass(frozen=True)
class Feature:
    """One property of a text at each character.

    Attributes:
        counts: whether it is a number rather than true or false.
        note: how it is determined.
    """

    name: str
    title: str
    note: str
    counts: bool = False


@dataclass(frozen=True)
class Text:
    """A text as the features see it: code points (T,), the kind of each, and its structure."""

    points: NDArray[np.uint32]
    kinds: NDArray[np.uint8]
    walk: Walk

    @classmethod
    def of(cls, text: str) -> Text:
        points = code_points(text)
        kinds = _kinds(points)
        return cls(points, kinds, walk(points, kinds))

    def __len__(self) -> int:
        return len(self.points)


def _kind(character: str) -> int:
    """The kind bits of one character."""
    base = unicodedata.normalize("NFD", character)[0]  # é counts as e
    bits = 0
    if character.isalpha():
        bits |= VOWEL if base in "aeiouAEIOU" else CONSONANT
        bits |= CAPITAL if character.isupper() else 0
    bits |= WORD if character.isalnum() or character == "_" else 0
    bits |= PREFIX if character in "rbfuRBFU" else 0
    bits |= DIGIT if character.isdigit() else 0
    bits |= BLANK if character.isspace() and character != "\n" else 0
    return bits | (MARK if unicodedata.category(character)[0] in "PS" else 0)


def _kinds(points: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """The kind of each character, (T,): looked up once for each that occurs."""
    if not len(points):
        return np.zeros(0, np.uint8)
    occur = np.flatnonzero(np.bincount(points))
    table = np.zeros(occur[-1] + 1, np.uint8)
    table[occur] = [_kind(chr(point)) for point in occur]
    return table[points]


def _bit(bit: int) -> Callable[[Text, slice], NDArray[Any]]:
    return lambda text, steps: text.kinds[steps] & bit != 0


def _walked(name: str) -> Callable[[Text, slice], NDArray[Any]]:
    def take(text: Text, steps: slice) -> NDArray[Any]:
        values: NDArray[Any] = getattr(text.walk, name)[steps]
        return values

    return take


def _line_ends_next(text: Text, steps: slice) -> NDArray[Any]:
    return _next(text.points == _NEWLINE, steps)


def _word_ends_next(text: Text, steps: slice) -> NDArray[Any]:
    inside = text.walk.letters > 0
    return inside[steps] & _next(~inside, steps)


def _next(holds: NDArray[np.bool_], steps: slice) -> NDArray[np.bool_]:
    """What holds one character further on; false at the end of a text, where nothing more is known."""
    out = np.zeros(steps.stop - steps.start, bool)
    further = holds[steps.start + 1 : steps.stop + 1]
    out[: len(further)] = further
    return out


_TOLD: tuple[tuple[Feature, Callable[[Text, slice], NDArray[Any]]], ...] = (
    (
        Feature("quotes", "Inside quotes", "\"…\", “…”, three marks in a row, and '…' in a line; no apostrophes."),
        _walked("quoted"),
    ),
    (
        Feature("brackets", "Bracket depth", "( [ { that are open, outside quotes; an empty line closes all.", True),
        _walked("depth"),
    ),
    (Feature("column", "Position in the line", "Characters of the line so far.", True), _walked("column")),
    (Feature("indent", "Indentation", "Blanks at the beginning of the line so far.", True), _walked("indent")),
    (Feature("lines", "Lines since an empty one", "Line breaks since the last empty line.", True), _walked("lines")),
    (
        Feature("letters", "Position in the word", "Characters of the word so far; 0 outside words.", True),
        _walked("letters"),
    ),
    (
        Feature(
            "heading",
            "In a heading with a colon",
            "A line behind an empty one that ends in a colon: who speaks in a play, what a program defines.",
        ),
        _walked("heading"),
    ),
    (
        Feature("comment", "In a comment", "Behind a # up to the end of the line, outside quotes."),
        _walked("comment"),
    ),
    (Feature("line_end", "The line ends next", "The next character is a line break."), _line_ends_next),
    (Feature("word_end", "The word ends next", "In a word, and the next character is not."), _word_ends_next),
    (Feature("newline", "Line break", "The character itself."), lambda text, steps: text.points[steps] == _NEWLINE),
    (Feature("blank", "Blank", "A space, tab or other white character."), _bit(BLANK)),
    (Feature("vowel", "Vowel", "a e i o u, with or without an accent."), _bit(VOWEL)),
    (Feature("consonant", "Consonant", "Any other letter."), _bit(CONSONANT)),
    (Feature("capital", "Capital", "An upper-case letter."), _bit(CAPITAL)),
    (Feature("digit", "Digit", "0 to 9, or another script's."), _bit(DIGIT)),
    (Feature("punctuation", "Punctuation", "A mark or a symbol."), _bit(MARK)),
)

FEATURES = tuple(feature for feature, _ in _TOLD)
PATTERN = Feature("pattern", "Inside a match", "Within a match of the regular expression.")


def values(text: Text, start: int, stop: int) -> list[NDArray[Any]]:
    """Each of `FEATURES` at the characters start … stop − 1 of a text, (stop − start,) boolean or integer."""
    steps = slice(start, stop)
    return [np.asarray(tell(text, steps), np.int32 if feature.counts else bool) for feature, tell in _TOLD]
