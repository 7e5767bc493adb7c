"""Text ↔ ids: the characters a model knows, in the order of its one-hot inputs and of its logits."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]


def code_points(text: str) -> NDArray[np.uint32]:
    """The Unicode code points of `text`, shape (T,). Lone surrogates pass through as themselves."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def well_formed(text: str) -> str:
    """`text` as it can be written in UTF-8, which has nothing for half a surrogate pair."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


class Vocabulary:
    """An ordered set of characters.

    A character outside it gets the id `unknown`, which is one past the last: models read it as the zero
    vector (no character at all) and give it no probability, so it has no surprise.

    Args:
        characters: the characters in id order, each once.

    Raises:
        ValueError: if `characters` is empty or names a character twice.
    """

    def __init__(self, characters: str) -> None:
        if not characters:
            raise ValueError("A vocabulary needs at least one character.")
        points = code_points(characters)
        order = np.argsort(points, kind="stable")
        ordered = points[order]
        if len(ordered) > 1 and not (ordered[1:] > ordered[:-1]).all():
            twice = next(c for c, n in Counter(characters).items() if n > 1)
            raise ValueError(f"The vocabulary names {twice!r} twice; each character may stand in it once.")
        self.characters = characters
        # The id of each code point up to one past the highest known one, which represents all beyond.
        self._ids = np.full(int(points.max()) + 2, len(characters), np.int32)
        self._ids[points] = np.arange(len(characters), dtype=np.int32)

    @classmethod
    def of(cls, text: str, min_count: int = 1) -> Vocabulary:
        """The characters that occur at least `min_count` times in `text`, sorted by code point."""
        points, counts = np.unique(code_points(text), return_counts=True)
        return cls("".join(chr(p) for p in points[counts >= min_count]))

    @property
    def unknown(self) -> int:
        """The id of every character outside the vocabulary: `len(self)`."""
        return len(self.characters)

    def encode(self, text: str) -> Ids:
        """Ids of the characters of `text`, shape (T,), int32; `unknown` for an unknown character."""
        return self._ids[np.minimum(code_points(text), len(self._ids) - 1)]

    def decode(self, ids: Ids) -> str:
        """The text that `ids` represent; U+FFFD where an id is `unknown`."""
        table = self.characters + "\ufffd"
        return "".join(table[i] for i in ids)

    def __len__(self) -> int:
        return len(self.characters)

    def __contains__(self, character: str) -> bool:
        return len(character) == 1 and character in self.characters

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.characters == other.characters

    def __hash__(self) -> int:
        return hash(self.characters)

    def __repr__(self) -> str:
        return f"Vocabulary({self.characters!r})"
