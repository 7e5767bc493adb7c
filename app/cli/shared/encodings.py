"""Standard output and error in any encoding: characters that it lacks are substituted, and are not an error.

A Windows console, or a file that its output goes to, may have an encoding with one country's letters only, without
"×" and "–". Symbols in the commands' own words have substitutes; any other character is written as \\u and its code.
"""

from __future__ import annotations

import codecs
import sys

STAND_INS = {
    "×": "x", "·": ".", "–": "-", "—": "-", "−": "-", "…": "...", "→": "->", "±": "+-", "≥": ">=", "≤": "<=", "’": "'",
    "‘": "'", "“": '"', "”": '"', "∂": "d", "σ": "sigma", "²": "^2", "³": "^3", "│": "|", "─": "-", "━": "-", "╸": "-",
    "╭": "+", "╮": "+", "╰": "+", "╯": "+", "•": "*", "\u00a0": " ", "\u202f": " ",
}  # fmt: skip


def _instead(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = error.object[error.start : error.end]
    plain = "".join(STAND_INS.get(one) or one.encode("ascii", "backslashreplace").decode("ascii") for one in found)
    return plain, error.end


def make_forgiving() -> None:
    """Substitute characters that standard output and error cannot encode."""
    codecs.register_error("hidden-state", _instead)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="hidden-state")
