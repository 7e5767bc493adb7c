"""The structure of a text at each character, found in one pass from its beginning: quotes, comments, brackets, lines.

Each value is what holds *after* the character has been read, as a network's state does: an opening mark is within,
its closing mark is not. The effect of an unbalanced mark ends at the next empty line.

**Quotations.** Three marks in a row, \"\"\" or ''', open one that only the same three close. A \" opens one that the
next \" closes, or an empty line; “ and ” likewise. A ' is an apostrophe (*gav'st*, *'tis*, *the lords' will*) unless
it opens a quotation that ends in the same line: no letter, digit or underscore precedes it, other than the prefix of
a string in a program (r, b, f, u, two of them), and further on in the line there is a ' that none of those follows.
In a quotation other marks mean nothing, and in one of \" or ' a backslash cancels the meaning of the character
after it.

**Comments.** A # outside quotations, at the beginning of a line or after a blank, opens a comment up to the end of the
line; marks and brackets in it mean nothing.

**Brackets.** ( [ { open, ) ] } close, whichever they are, outside quotations and comments. An empty line closes all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...kernels.arithmetic import kernel

WORD, BLANK, PREFIX = 1, 2, 4  # bits of a character's kind

_NEWLINE, _DOUBLE, _HASH, _SINGLE, _BACKSLASH, _COLON = (np.uint32(ord(c)) for c in "\n\"#'\\:")
_LEFT, _RIGHT = np.uint32(0x201C), np.uint32(0x201D)
_ROUND, _DNUOR, _SQUARE, _ERAUQS, _CURLY, _YLRUC = (np.uint32(ord(c)) for c in "()[]{}")
_NONE, _BY_DOUBLE, _BY_SINGLE, _BY_CURLY, _BY_THREE = 0, 1, 2, 3, 4  # the mark that opened a quotation


@dataclass(frozen=True)
class Walk:
    """One value per character, each (T,).

    Attributes:
        quoted, comment: 1 within one.
        heading: 1 in a line that ends in a colon and comes after an empty line or at the beginning of the text.
        depth: brackets that are open.
        column: characters of the line so far; 0 at the line break.
        indent: blanks at the beginning of the line so far; 0 at the line break.
        letters: characters of the word so far; 0 outside words. An apostrophe between two others belongs to a word.
        lines: lines since the last empty one, or since the beginning.
    """

    quoted: NDArray[np.uint8]
    comment: NDArray[np.uint8]
    heading: NDArray[np.uint8]
    depth: NDArray[np.int32]
    column: NDArray[np.int32]
    indent: NDArray[np.int32]
    letters: NDArray[np.int32]
    lines: NDArray[np.int32]


def walk(points: NDArray[np.uint32], kinds: NDArray[np.uint8]) -> Walk:
    """Walk through a whole text.

    Args:
        points: (T,) code points.
        kinds: (T,) the bits `WORD` (letter, digit or underscore), `BLANK` (white, but no line break) and `PREFIX`
            (r, b, f, u).
    """
    flags = np.zeros((3, len(points)), np.uint8)
    counts = np.zeros((5, len(points)), np.int32)
    _quotations(points, kinds, flags[0], flags[1])
    _lines(points, kinds, flags[0], flags[1], flags[2], counts)
    return Walk(*flags, *counts)


@kernel
def _thrice(points, t):  # type: ignore[no-untyped-def]
    """Whether there are three of the same at t."""
    return t + 2 < points.size and points[t + 1] == points[t] and points[t + 2] == points[t]


@kernel
def _may_open(points, kinds, t):  # type: ignore[no-untyped-def]
    """Whether a quotation may begin with the ' at t: not after a word, unless that is a string's prefix."""
    start = t
    while start > 0 and kinds[start - 1] & WORD:
        start -= 1
        if t - start > 2 or not kinds[start] & PREFIX:
            return False
    return True


@kernel
def _closing(points, kinds, t):  # type: ignore[no-untyped-def]
    """Where in the line the quotation that the ' at t would open ends; −1 if it does not."""
    u = t + 1
    while u < points.size and points[u] != _NEWLINE:
        if points[u] == _SINGLE and not (u + 1 < points.size and kinds[u + 1] & WORD):
            return u
        escapes = points[u] == _BACKSLASH and u + 1 < points.size and points[u + 1] != _NEWLINE
        u += 2 if escapes else 1
    return -1


@kernel
def _quotations(points, kinds, quoted, comment):  # type: ignore[no-untyped-def]
    by, mark, end = _NONE, np.uint32(0), -1  # what opened the quotation, the triple mark, where that of a ' ends
    hopeless = -1  # no ' closes anything up to this place in the line
    remark = escaped = False
    content = False  # whether the line has any content
    t = 0
    while t < points.size:
        c = points[t]
        step = 1
        if c == _NEWLINE:
            remark = escaped = False
            if not content and by != _BY_THREE:
                by = _NONE
            content = False
        else:
            content = content or not kinds[t] & BLANK
            if remark:
                pass
            elif by == _NONE:
                if c == _HASH:
                    remark = t == 0 or points[t - 1] == _NEWLINE or kinds[t - 1] & BLANK != 0
                elif c in (_DOUBLE, _SINGLE) and _thrice(points, t):
                    by, mark, step = _BY_THREE, c, 3
                elif c == _DOUBLE:
                    by = _BY_DOUBLE
                elif c == _LEFT:
                    by = _BY_CURLY
                elif c == _SINGLE and t > hopeless and _may_open(points, kinds, t):
                    end = _closing(points, kinds, t)
                    by = _NONE if end < 0 else _BY_SINGLE
                    if end < 0:
                        hopeless = t
                        while hopeless < points.size and points[hopeless] != _NEWLINE:
                            hopeless += 1
            elif escaped:
                escaped = False
            elif c == _BACKSLASH and by != _BY_CURLY and by != _BY_SINGLE:
                escaped = True
            elif by == _BY_THREE:
                if c == mark and _thrice(points, t):
                    by, step = _NONE, 3
            elif (by == _BY_DOUBLE and c == _DOUBLE) or (by == _BY_CURLY and c == _RIGHT) or t == end:
                by = _NONE
        for u in range(t, t + step):
            quoted[u] = by != _NONE
            comment[u] = remark
        t += step


@kernel
def _lines(points, kinds, quoted, comment, heading, counts):  # type: ignore[no-untyped-def]
    depth, column, indent, letters, lines = 0, 0, 0, 0, 0
    leading, content, behind_empty = True, False, True
    for t in range(points.size):
        c = points[t]
        if t == 0 or points[t - 1] == _NEWLINE:
            end = t
            while end < points.size and points[end] != _NEWLINE:
                end += 1
            if behind_empty and end > t and points[end - 1] == _COLON:
                heading[t:end] = 1
        if c == _NEWLINE:
            if not content:
                depth = lines = 0
            else:
                lines += 1
            behind_empty = not content
            column = indent = letters = 0
            leading, content = True, False
        else:
            column += 1
            blank = kinds[t] & BLANK != 0
            leading = leading and blank
            content = content or not blank
            indent += leading
            inside = c == _SINGLE and letters > 0 and t + 1 < points.size and kinds[t + 1] & WORD != 0
            letters = letters + 1 if kinds[t] & WORD or inside else 0
            if not quoted[t] and not comment[t]:
                if c in (_ROUND, _SQUARE, _CURLY):
                    depth += 1
                elif depth > 0 and c in (_DNUOR, _ERAUQS, _YLRUC):
                    depth -= 1
        counts[0, t] = depth
        counts[1, t] = column
        counts[2, t] = indent
        counts[3, t] = letters
        counts[4, t] = lines
