"""What a model may be called, and how file names are shown to people.

A model's id is the name of its folder, and appears in file names, in addresses, on command lines and in HTTP headers;
`@` and `~` introduce a training step and interventions. An id that does not fit all of these is refused, when a model
is trained and when its card is read. Everything else (letters of any script, spaces, brackets, "&", "#") is quoted.
"""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path

LONGEST_ID = 100
"""In characters: a file name of 255 bytes has space for as many of up to two bytes each, and a suffix."""

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
"""Characters that an id may not contain, and why."""

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
    """The id of a model trained into `folder`: the folder's name, with its accents composed (NFC).

    macOS reports names with separate accents; in an address that somebody types they are composed.
    """
    return unicodedata.normalize("NFC", folder.expanduser().resolve().name)


def shown(words: str) -> str:
    """`words` in a form that can be printed and saved: bytes of a file name that are not UTF-8 become U+FFFD."""
    return _SURROGATE.sub("\ufffd", words)
