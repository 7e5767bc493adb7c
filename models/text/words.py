"""Words for numbers."""

from __future__ import annotations


def counted(number: int, one: str, several: str | None = None) -> str:
    """How many there are of something: "1 character", "2,000 characters", "0 bytes".

    Args:
        several: the word for any number but 1; `one` with an s unless it is given.
    """
    return f"{number:,} {one if number == 1 else several or one + 's'}"
