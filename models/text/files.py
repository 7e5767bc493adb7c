"""Reading files as texts: their encoding, and which files of a folder count."""

from __future__ import annotations

import codecs
from pathlib import Path

from ..errors import CorpusError
from .names import shown

UTF8 = "utf-8"

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is a prefix of this one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""The first bytes of files in other encodings of Unicode."""


def known_encoding(name: str) -> str:
    """`name`, if Python knows a text encoding of that name; UTF-8 in all its spellings is `UTF8`.

    Raises:
        CorpusError: if it knows none.
    """
    try:
        found = codecs.lookup(name)
        "".encode(name)  # some of Python's codecs do not encode text
    except (LookupError, ValueError, TypeError):
        raise CorpusError(
            f"There is no encoding of texts called {shown(name)!r}. Name one as Python does: utf-8, utf-16, latin-1, "
            "cp1251, koi8-r, gb18030, shift_jis, …"
        ) from None
    return UTF8 if found.name in ("utf-8", "utf-8-sig") else found.name


def decoded(path: Path, encoding: str = UTF8) -> str:
    """The contents of a text file, without a byte order mark.

    Raises:
        CorpusError: if it cannot be read, is empty, or is not in that encoding.
    """
    name, encoding = shown(str(path)), known_encoding(encoding)
    try:
        stored = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: the path contains a NUL
        reason = getattr(error, "strerror", None) or error
        raise CorpusError(f"{name} cannot be read: {reason}. Check the path.") from None
    try:
        text = stored.decode("utf-8-sig" if encoding == UTF8 else encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        likely = next((kind for mark, kind in _MARKS if stored.startswith(mark)), None)
        remedy = (
            "Save it as UTF-8 in a text editor, or name its encoding with --encoding."
            if likely is None or likely == encoding
            else f"It begins as {likely.upper()} does: give --encoding {likely}, or save it as UTF-8."
        )
        raise CorpusError(
            f"{name} is not {encoding.upper()} text: byte {error.start:,} does not fit. {remedy}"
        ) from None
    if not text:
        raise CorpusError(f"{name} is empty; a corpus needs text.")
    return text


def files_in(folder: Path) -> list[Path]:
    """Every file in `folder` and in the folders below it, in the order of their paths; hidden ones are left out.

    Raises:
        CorpusError: if there is none.
    """
    try:
        found = [
            path
            for path in sorted(folder.rglob("*"), key=lambda one: one.relative_to(folder).parts)
            if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        ]
    except OSError as error:
        raise CorpusError(f"{shown(str(folder))} cannot be read: {error.strerror or error}. Check the path.") from None
    if not found:
        raise CorpusError(f"{shown(str(folder))} holds no file; a corpus needs text.")
    return found
