"""Which other character stands in the place of one whose echo is looked at, when nobody has chosen it.

The rule is deterministic and the same for all models of a comparison: a character of the same kind (a capital for a
capital, a key for a key), so that the changed text stays as natural as it can, and the most frequent of English among
those, so that every network knows it well.
"""

from __future__ import annotations

from collections.abc import Sequence

_LETTERS = "etaoinshrdlucmfwypvbgkjqxz"  # the most frequent of English first
KINDS = (_LETTERS, _LETTERS.upper(), "0123456789", " \n\t", ".,;:!?'\"-()[]{}=+*/_<>&|#@$%^~\\`")


def default_replacement(character: str, alphabets: Sequence[str]) -> str:
    """The character to put in the place of `character`: the first of its kind that every alphabet has.

    Args:
        alphabets: the characters that each model knows, in the order of its ids.

    Where no other of its kind is known to all, it is the first character of the first alphabet that all know and that
    differs; where there is none either (networks without a common alphabet), the first that differs.

    Raises:
        ValueError: if there is no alphabet, or none with another character.
    """
    known = [set(alphabet) for alphabet in alphabets]
    kind = next((kind for kind in KINDS if character in kind), "") if character else ""
    first = alphabets[0] if alphabets else ""
    for candidates in (kind, first):
        for other in candidates:
            if other != character and all(other in one for one in known):
                return other
    for alphabet in alphabets:
        for other in alphabet:
            if other != character:
                return other
    raise ValueError("There is no other character to put in this one's place.")
