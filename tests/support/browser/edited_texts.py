"""Texts with every kind of character, and edits of them. Python's strings count code points as the models do."""

from __future__ import annotations

import random

ALPHABET = ["a", "b", "A", " ", "\n", "é", "É", "漢", "🙂", "🙃", "😃", "e\u0301", "👩\u200d👧"]


def words(draw: random.Random, most: int) -> str:
    return "".join(draw.choices(ALPHABET, k=draw.randrange(most + 1)))


def edits(draw: random.Random, text: str, count: int) -> list[tuple[dict[str, object], str]]:
    """Edits of a text, each with the text that it makes."""
    out = []
    for _ in range(count):
        at = draw.randrange(len(text) + 1)
        remove = draw.choice([0, 0, 1, 2, draw.randrange(len(text) - at + 1)])
        insert = words(draw, 4)
        text = text[:at] + insert + text[at + remove :]
        out.append(({"at": at, "remove": remove, "insert": insert}, text))
    return out
