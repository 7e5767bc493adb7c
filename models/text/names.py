"""What a model may be called, and how names of files are written where anybody reads them.

A model's id is the name of its folder, and it stands in file names, in addresses, on command lines and in HTTP headers;
`@` and `~` lead on from it to a step and to interventions. Whatever one of these cannot carry is refused, when a model
is trained and when its card is read. All else (letters of any script, spaces, brackets, "&" and "#") is quoted there.
"""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path

LONGEST_ID = 100
"""Characters; a file name of 255 bytes holds as many of up to two bytes each, and a suffix."""

FORBIDDEN = {
    "@": "it leads to a step, as in NAME@0",
    "~": "it leads to interventions, as in NAME~zero@57",
    "/": "it separates folders",
    "\\": "it separates folders",
    ":": "it separates a model from its layer in an address",
    ",": "it separates models in an address",
    **dict.fromkeys("\"'`", "it ends a quoted name"),
    **dict.fromkeys("<>|?*", "file names on Windows cannot hold it"),
}
"""Characters that no id holds, and why."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def fault_of(name: str) -> str | None:
    """Why `name` cannot be a model's id, as the end of a sentence; None if it can."""
    if not name:
        return "it is empty"
    if len(name) > LONGEST_ID or len(os.fsencode(_SURROGATE.sub("?", name))) > 2 * LONGEST_ID:
        return f"it is longer than {LONGEST_ID} characters"
    for character in name:
        if character in FORBIDDEN:
            return f"it holds {character!r}: {FORBIDDEN[character]}"
        if _SURROGATE.match(character):
            return "it is not valid UTF-8"
        if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp"):
            return f"it holds the invisible character U+{ord(character):04X}"
    if name[0] in ".-":
        return f"it begins with {name[0]!r}"
    if name != name.strip() or name[-1] == ".":
        return "it begins or ends with a space, or ends with a full stop"
    return None


def id_of(folder: Path) -> str:
    """The id that a model trained into `folder` gets: the folder's name, its accents composed (NFC).

    macOS hands names over with letter and accent apart; an address that somebody types has them composed.
    """
    return unicodedata.normalize("NFC", folder.expanduser().resolve().name)


def shown(words: str) -> str:
    """`words` as they can be printed and saved: bytes of a file name that are not UTF-8 become U+FFFD."""
    return _SURROGATE.sub("\ufffd", words)
