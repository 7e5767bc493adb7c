"""Words for numbers."""

from __future__ import annotations


def counted(number: int, one: str, several: str | None = None) -> str:
    """A number with its noun: "1 character", "2,000 characters", "0 bytes".

    Args:
        several: the word for any number but 1; by default `one` with an s.
    """
    return f"{number:,} {one if number == 1 else several or one + 's'}"
