"""Two texts side by side: which character of one is aligned with which of the other.

The alignment has the least edit distance (Levenshtein 1966; the table of Wagner and Fischer 1974): the fewest
replacements, insertions and deletions that lead from one text to the other. So two texts that differ by a word keep
the rest of their characters aligned, and where words of equal length differ their letters are aligned too. Of several
such alignments it is one that, read from the end, pairs two characters where it can; then each gap is moved as late as
possible, so that equal characters are aligned for as long as both texts agree.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from ...errors import NotMeasurable
from ...kernels.arithmetic import kernel

MOST_CELLS = 100_000_000
"""Cells of the table: a byte each, and about a nanosecond."""
ROWS = 64
"""The most cells of the table filled at a time: a few milliseconds."""
CELLS_A_PIECE = 4_000_000

Points = NDArray[np.uint32]
Pairs = NDArray[np.int32]
"""(N, 2): positions in both texts, ascending, −1 where one of them has no counterpart."""

_PAIR, _ABOVE, _LEFT = 0, 1, 2


@kernel
def _fill(a, b, first, last, above, came):  # type: ignore[no-untyped-def]
    """Fill rows first … last − 1 of the table. `above` (m + 1,) is the row before, then the last of these; `came`
    (n, m) says where each cell's value came from."""
    for i in range(first, last):
        corner = above[0]
        above[0] = i + 1
        for j in range(b.size):
            best, way = corner + (a[i] != b[j]), 0
            if above[j + 1] + 1 < best:
                best, way = above[j + 1] + 1, 1
            if above[j] + 1 < best:
                best, way = above[j] + 1, 2
            corner = above[j + 1]
            above[j + 1] = best
            came[i, j] = way


def _walk(came: NDArray[np.uint8]) -> list[tuple[int, int]]:
    """The way back from the last cell, in the order of the texts."""
    i, j = came.shape
    found = []
    while i > 0 or j > 0:
        way = _LEFT if i == 0 else _ABOVE if j == 0 else int(came[i - 1, j - 1])
        i, j = i - (way != _LEFT), j - (way != _ABOVE)
        found.append((-1 if way == _LEFT else i, -1 if way == _ABOVE else j))
    return found[::-1]


@kernel
def _slide(pairs, a, b):  # type: ignore[no-untyped-def]
    """Move each gap of the second text later, past characters equal to those that it begins with."""
    last = len(pairs)
    while last > 0:
        if pairs[last - 1, 1] >= 0:
            last -= 1
            continue
        start = last
        while start > 0 and pairs[start - 1, 1] < 0:
            start -= 1
        p, q = start, last
        while q < len(pairs) and pairs[q, 0] >= 0 and pairs[q, 1] >= 0:
            if b[pairs[q, 1]] != a[pairs[q, 0]] or b[pairs[q, 1]] != a[pairs[p, 0]]:
                break
            pairs[p, 1], pairs[q, 1] = pairs[q, 1], -1
            p, q = p + 1, q + 1
        last = start


def _alike(a: Points, b: Points) -> int:
    """The length of their common prefix."""
    length = min(len(a), len(b))
    other = np.flatnonzero(a[:length] != b[:length])
    return int(other[0]) if len(other) else length


def align(a: Points, b: Points) -> Generator[float, None, Pairs]:
    """Align two texts, as code points (n,) and (m,); a common beginning and end cost nothing.

    Raises:
        NotMeasurable: if they differ over such a long stretch that the table would be too large.
    """
    head = _alike(a, b)
    tail = _alike(a[head:][::-1], b[head:][::-1])
    ours, theirs = a[head : len(a) - tail], b[head : len(b) - tail]
    if len(ours) * len(theirs) > MOST_CELLS:
        raise NotMeasurable(
            f"The two texts differ over stretches of {len(ours):,} and {len(theirs):,} characters, too many to lay "
            f"them side by side: {len(ours):,} · {len(theirs):,} is more than {MOST_CELLS:,}. Compare shorter ones."
        )
    came = np.empty((len(ours), len(theirs)), np.uint8)
    above = np.arange(len(theirs) + 1, dtype=np.int32)
    piece = max(1, min(ROWS, CELLS_A_PIECE // max(len(theirs), 1)))
    for first in range(0, len(ours), piece):
        last = min(first + piece, len(ours))
        _fill(ours, theirs, first, last, above, came)
        yield last / len(ours)
    middle = np.array(_walk(came), np.int32).reshape(-1, 2)
    middle[middle >= 0] += head
    same = np.arange(head, dtype=np.int32)
    end = np.arange(tail, dtype=np.int32)
    behind = np.stack([end + len(a) - tail, end + len(b) - tail], axis=1)
    pairs = np.concatenate([np.stack([same, same], axis=1), middle, behind]).astype(np.int32)
    _slide(pairs, a, b)
    _slide(pairs[:, ::-1], b, a)
    return pairs
