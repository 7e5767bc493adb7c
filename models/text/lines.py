"""One rule for every text, whatever its source: a line ends with "\\n".

Windows files end lines with CR LF, some old files with CR alone. Editors and browsers show all three alike, so a
network must read them alike too: training, every command, Python, REST, the socket and the page read CR LF and CR as
LF.

Accents are left as they are written. "é" may be one character (NFC) or two (NFD), which look the same; a model knows
those of its training text, and `form_hint` reports when the other form is the only reason for an unknown letter.
"""

from __future__ import annotations

import unicodedata
from typing import Literal

from .vocabulary import Vocabulary
from .words import counted

FORMS: dict[Literal["NFC", "NFD"], str] = {
    "NFC": "letter and accent composed into one character (NFC)",
    "NFD": "letter and accent apart (NFD)",
}


def unix_lines(text: str) -> str:
    """`text` with "\\n" for every CR LF and every lone CR."""
    if not isinstance(text, str):
        raise TypeError(
            f"A text is a str, and this is {type(text).__name__}. Decode bytes first: data.decode('utf-8')."
        )
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def lines_hint(text: str, name: str) -> str | None:
    """What `unix_lines` changes in the text called `name`, as a sentence; None where it changes nothing."""
    ends = text.count("\r")
    if ends == 0:
        return None
    pairs = text.count("\r\n")
    kind = "CR LF" if pairs == ends else "CR" if pairs == 0 else "CR LF or CR"
    found = counted(ends, "line end is", "line ends are")
    return f"{name}: {found} {kind}; they are read as LF, as in every text here, the page's included."


def form_hint(text: str, vocabulary: Vocabulary, model: str) -> str | None:
    """A sentence if a model would know more of `text` with its accents written the other way, else None."""
    unknown = _unknown(text, vocabulary)
    if not unknown:
        return None
    for form, words in FORMS.items():
        converted = unicodedata.normalize(form, text)
        if converted != text and (known := unknown - _unknown(converted, vocabulary)) > 0:
            found = counted(known, "character is", "characters are")
            return (
                f"{found} unknown to {model} only for how their accents are written: "
                f"it knows {words}. Convert the text to {form}, and they are read."
            )
    return None


def corpus_hint(text: str, name: str) -> str | None:
    """A sentence if a training text has separate accents (NFD), else None."""
    if unicodedata.is_normalized("NFC", text):
        return None
    apart = len(text) - len(unicodedata.normalize("NFC", text))
    if apart <= 0:
        return None
    return (
        f"{name} has {counted(apart, 'character')} more than in its composed form (NFC), which keyboards write: its "
        "letters and accents stand apart. The model will know them only so; convert the text to NFC if you want to "
        "type to it."
    )


def _unknown(text: str, vocabulary: Vocabulary) -> int:
    return int((vocabulary.encode(text) == vocabulary.unknown).sum())
