"""Made-up texts, and the letters that random models know."""

from __future__ import annotations

import random

LETTERS = "\n !',.:;?-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

WORDS = tuple(
    """the a of and in to that it was night window lamp river stone bread letter child morning snow field
road under over through between slowly again never once because although remembered forgot carried opened
closed asked answered waited listened counted seven nine copper silver narrow quiet enormous familiar""".split()  # noqa: SIM905 - a list of literals would be a page long
)


def prose(characters: int, seed: int = 0) -> str:
    """Sentences, speeches and lines of `characters` characters, made up by a fixed draw."""
    draw = random.Random(seed)
    parts: list[str] = []
    length = 0
    while length < characters:
        sentence = " ".join(draw.choices(WORDS, k=draw.randint(3, 14))).capitalize()
        part = sentence + draw.choice([". ", "? ", "!\n", ".\n\nMARTA:\n", "; ", ", said Anna.\n"])
        parts.append(part)
        length += len(part)
    return "".join(parts)[:characters]
