"""Texts to train on and to measure with.

`models.text.lines` normalises the line ends of every text.

A corpus is any UTF-8 text file, or one of three known by name: `shakespeare`, fetched by URL and checked by
its checksum; `python`, the standard library's own source on this machine; and `recall`, episodes of the
delayed-recall task, drawn with a fixed seed.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import shlex
import sys
import sysconfig
import tempfile
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import CorpusError
from ..tasks import delayed_recall
from ..text.files import UTF8, decoded, files_in
from ..text.lines import lines_hint, unix_lines
from ..text.names import shown

SPLITS = {"train": (0.0, 0.90), "validation": (0.90, 0.95), "test": (0.95, 1.0)}
"""Shares of the characters, in the order of the text."""

FETCH_TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class Corpus:
    """A text with the information that a model card states about it.

    Attributes:
        text: with "\\n" as its only line end.
        source: its name on a command line; never a path of one machine, the file's name at most.
        arguments: the command line's words for it, where `source` alone is not enough.
    """

    name: str
    text: str
    description: str
    licence: str = "not stated"
    source: str = field(default="", compare=False)
    arguments: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", unix_lines(self.text))

    @property
    def words(self) -> tuple[str, ...]:
        """Its arguments on a command line."""
        return self.arguments or (self.source or self.name,)

    def measured_by(self, command: str, model: str) -> str:
        """The line that measures `model` on this text again, for a card: `command`, and a placeholder if only the user
        knows where the text is. For several files, or one in another encoding, there is no such line."""
        own = [] if self.name in NAMES or len(self.words) > 1 else ["--corpus", f"{self.name}={self.words[0]}"]
        return shlex.join(["hidden-state", command, "--only", model, *own])

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()

    def split(self, name: str) -> str:
        """The characters of "train", "validation" or "test"; "all" is the whole text."""
        if name == "all":
            return self.text
        if name not in SPLITS:
            raise CorpusError(f"There is no split called {name!r}; choose {', '.join(SPLITS)} or all.")
        low, high = SPLITS[name]
        return self.text[round(low * len(self.text)) : round(high * len(self.text))]


@dataclass(frozen=True)
class Remote:
    """A remote text: fetched once, checked by its checksum, kept in a folder."""

    name: str
    url: str
    sha256: str
    description: str
    licence: str


SHAKESPEARE = Remote(
    name="shakespeare",
    url="https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
    sha256="86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
    description="Tiny Shakespeare: a concatenation of Shakespeare's plays, 1,115,394 characters",
    licence="public domain",
)
REMOTES = {remote.name: remote for remote in (SHAKESPEARE,)}
NAMES = (*REMOTES, "python", delayed_recall.CORPUS)

RECALL_CHARACTERS = 1_000_000
RECALL_SEED = 0


def cache_folder() -> Path:
    """Where fetched corpora are kept: `$XDG_CACHE_HOME/hidden-state`, by default below `~/.cache`."""
    try:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    except RuntimeError:  # no home folder, as in some containers
        base = tempfile.gettempdir()
    return Path(base) / "hidden-state"


def _nobody(words: str) -> None:
    """The default: notes are discarded."""


def load(
    source: str,
    *,
    folder: Path | None = None,
    encoding: str = UTF8,
    note: Callable[[str], None] = _nobody,
) -> Corpus:
    """The corpus that `source` names: "shakespeare", "python", "recall", or the path of a text file, or of a folder of
    them; see `joined`.

    Args:
        folder: where fetched texts are kept, by default `cache_folder()`.
        encoding: of the file.
        note: is called with a sentence where the text read differs from its bytes.

    Raises:
        CorpusError: saying what is missing and what to do.
    """
    if source in REMOTES:
        remote = REMOTES[source]
        path = fetch(remote, folder or cache_folder())
        return Corpus(remote.name, read_text(path), remote.description, remote.licence, remote.name)
    if source == "python":
        return python_source()
    if source == delayed_recall.CORPUS:
        return recall_episodes()
    path = _expanded(source)
    if path.is_dir():
        return joined([source], encoding=encoding, note=note)
    stored = decoded(path, encoding)
    text = _lines(stored, path, note)
    digests = {hashlib.sha256(one.encode()).hexdigest() for one in (stored, text)}
    known = next((r for r in REMOTES.values() if r.sha256 in digests), None)
    if known is not None:
        return Corpus(known.name, text, known.description, known.licence, known.name)
    name, coded = shown(path.name), () if encoding == UTF8 else ("--encoding", encoding)
    return Corpus(shown(path.stem), text, f"the text file {name}", source=name, arguments=(name, *coded))


def joined(sources: Sequence[str], *, encoding: str = UTF8, note: Callable[[str], None] = _nobody) -> Corpus:
    """Several texts as one: files, folders of files, and corpora known by name, in the order given.

    A text that ends within a line gets a line end, so that the next one begins on a new line.

    Raises:
        CorpusError: as in `load`; a file of a folder that is not a text is named.
    """
    if "" in sources:
        raise CorpusError("The name of a text is empty. Name a file, a folder of files or a corpus.")
    if len(sources) == 1 and (sources[0] in NAMES or not _expanded(sources[0]).is_dir()):
        return load(sources[0], encoding=encoding, note=note)
    parts, words = [], []
    for source in sources:
        path = _expanded(source)
        if source not in NAMES and path.is_dir():
            parts += [read_text(one, note, encoding=encoding) for one in files_in(path)]
            words.append(shown(path.resolve().name))
        else:
            one = load(source, encoding=encoding, note=note)
            parts.append(one.text)
            words += one.words[:1]
    text = "".join(part if part.endswith("\n") else part + "\n" for part in parts)
    name = words[0] if len(words) == 1 else f"{Path(words[0]).stem} and {len(words) - 1} more"
    what = f"{len(parts):,} texts one after another: {', '.join(words)}"
    coded = [] if encoding == UTF8 else ["--encoding", encoding]
    return Corpus(name, text, what, source=" ".join(words), arguments=(*words, *coded))


def _expanded(source: str) -> Path:
    """The path that `source` names; "~" is the home folder, if the user has one."""
    try:
        return Path(source).expanduser()
    except RuntimeError:
        return Path(source)


def read_text(path: Path, note: Callable[[str], None] = _nobody, *, encoding: str = UTF8) -> str:
    """The text of a file, every line end as "\\n". A byte order mark is left out.

    Args:
        encoding: as Python names it.
        note: is called with a sentence where line ends differ from those in the file.
    """
    return _lines(decoded(path, encoding), path, note)


def _lines(text: str, path: Path, note: Callable[[str], None]) -> str:
    hint = lines_hint(text, shown(path.name))
    if hint is not None:
        note(hint)
    return unix_lines(text)


def fetch(remote: Remote, folder: Path) -> Path:
    """The path of `remote` below `folder`, fetched if it is missing or does not match its checksum.

    The file appears only once it is complete and has the right checksum: a dropped connection leaves nothing behind.
    """
    path = folder / f"{remote.name}.txt"
    if path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == remote.sha256:
        return path
    remedy = f"Check the connection, or get the file yourself and pass its path in place of {remote.name!r}."
    partial = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=folder, prefix=f"{remote.name}-", suffix=".part")
        digest = hashlib.sha256()
        with (
            os.fdopen(handle, "wb") as out,
            urllib.request.urlopen(remote.url, timeout=FETCH_TIMEOUT_SECONDS) as answer,
        ):
            expected = answer.headers.get("Content-Length")
            size = 0
            while chunk := answer.read(1 << 16):
                out.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        if expected is not None and size != int(expected):
            raise CorpusError(
                f"The connection broke while {remote.name} was fetched: {size:,} of {int(expected):,} bytes came. "
                f"{remedy}"
            )
        if digest.hexdigest() != remote.sha256:
            raise CorpusError(
                f"What {remote.url} sent is not the text that the models were trained on: its SHA-256 is "
                f"{digest.hexdigest()}, not {remote.sha256}. {remedy}"
            )
        Path(partial).replace(path)
    except (OSError, http.client.HTTPException) as error:  # URLError is an OSError
        if isinstance(error, urllib.error.HTTPError):
            error.close()  # it is also an open response
        reason = " ".join(str(getattr(error, "reason", None) or error).split())
        raise CorpusError(f"{remote.name} could not be fetched from {remote.url}: {reason}. {remedy}") from None
    finally:
        if partial is not None:
            Path(partial).unlink(missing_ok=True)
    return path


_NOT_SOURCE = {"test", "tests", "idle_test", "site-packages", "dist-packages", "__pycache__", "encodings", "pydoc_data"}


def python_source() -> Corpus:
    """The standard library's modules concatenated, without tests and data tables.

    The files come in the order of a hash of their path, so that each split is a fair sample of the library.
    """
    root = Path(sysconfig.get_paths()["stdlib"])
    paths = [p for p in root.rglob("*.py") if not _NOT_SOURCE.intersection(p.relative_to(root).parts)]
    paths.sort(key=lambda p: hashlib.sha256(p.relative_to(root).as_posix().encode()).digest())
    parts = []
    for path in paths:
        try:
            parts.append(unix_lines(path.read_bytes().decode("utf-8")))
        except (UnicodeDecodeError, OSError):
            continue  # a handful of modules are in other encodings on purpose
    if not parts:
        raise CorpusError(
            f"No source of the standard library lies in {root}. Install Python with its sources, or pass a text file."
        )
    version = ".".join(map(str, sys.version_info[:3]))
    return Corpus(
        "python",
        "".join(parts),
        f"the source of Python {version}'s standard library, {len(parts)} modules, tests left out",
        "PSF License",
        "python",
    )


def recall_episodes() -> Corpus:
    """Consecutive episodes of delayed recall with mixed delays of 1 … 200; always the same text.

    The recall models draw their own episodes during training; this text measures their bits per character.
    """
    return Corpus(
        delayed_recall.CORPUS,
        delayed_recall.text(RECALL_CHARACTERS, RECALL_SEED),
        f"delayed recall: a key, 0 to {delayed_recall.LONGEST - 1} characters of noise, a mark, the key; drawn at "
        "random. Training draws episodes of its own, this text measures bits per character",
        "drawn by this project, MIT",
        delayed_recall.CORPUS,
    )
