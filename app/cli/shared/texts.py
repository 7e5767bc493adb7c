"""A text for a model to read, as the commands name it; any difference from the file is reported."""

from __future__ import annotations

from collections.abc import Sequence

from models import CharLM, CorpusError
from models.text.files import UTF8
from models.text.lines import form_hint
from models.text.names import shown
from models.training import corpora

from .terminal import note


def text_for(
    lm: CharLM, files: str | Sequence[str], split: str = "all", characters: int | None = None, *, encoding: str = UTF8
) -> str:
    """The characters of a split of a corpus, from its beginning up to a maximum; several files form one text.

    Raises:
        CorpusError: if it is not available, or there is no such split.
    """
    sources = [files] if isinstance(files, str) else files
    text = corpora.joined(sources, encoding=encoding, note=note).split(split)[:characters]
    hint_at_accents(text, lm)
    return text


def files_by_corpus(given: Sequence[str] | None) -> dict[str, str]:
    """The files of `--corpus NAME=PATH`, by the name of the corpus that each provides.

    Raises:
        CorpusError: if one does not have this form.
    """
    files = {}
    for item in given or ():
        name, _, path = item.partition("=")
        if not name or not path:
            raise CorpusError(
                f"--corpus {shown(item)} names no file for a corpus. Write NAME=PATH, as in "
                "--corpus shakespeare=plays.txt."
            )
        files[name] = path
    return files


def hint_at_accents(text: str, lm: CharLM) -> None:
    """Report if a model does not know letters only because of how their accents are written."""
    if (hint := form_hint(text, lm.vocabulary, lm.name)) is not None:
        note(hint)
