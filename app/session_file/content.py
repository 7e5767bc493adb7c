"""What stands in a session file, checked when it is read."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from models import RequestError
from models.storage.card import CARD
from models.storage.checkpoint import WEIGHTS
from models.text.lines import unix_lines
from models.text.words import counted

from .. import __version__
from .archive import Archive, broken, packed

FORMAT: Literal["hidden-state session"] = "hidden-state session"
VERSION: Literal[1] = 1
"""Goes up whenever a file of before could be misunderstood, or one from then on could be by a program of before."""

SESSION, TEXT, HISTORY = "session.json", "text.txt", "history.json"
MOST_SESSION_BYTES = 16 << 20
MOST_HISTORY_BYTES = 64 << 20
MOST_CARD_BYTES = 1 << 20
MOST_PARTS = 200_000
"""Signs between the entries of lists and tables in one file of JSON: a byte each, and when they become objects
gigabytes, and seconds in which nothing else is served."""
MOST_WEIGHTS_BYTES = 256 << 20
"""Of all models of a file together, unpacked."""
MOST_MODELS = 16
MOST_RANGES = 20_000
MOST_STEPS = 4_000
"""Of the history, to either side; static/text/history.js keeps as many."""

_Kind = TypeVar("_Kind", bound=BaseModel)

_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\Z)', re.DOTALL)
_FILE = re.compile(r"weights\.safetensors|step-(?:0|[1-9][0-9]{0,14})\.safetensors")


class _Exactly(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Step(_Exactly):
    """A change of the text that can be taken back: at code point `at`, `removed` gave way to `inserted`."""

    at: Annotated[int, Field(ge=0)]
    removed: str
    inserted: str


class History(_Exactly):
    """What can be undone, the oldest step first, and what can be done again, the next step last."""

    done: Annotated[list[Step], Field(max_length=MOST_STEPS)] = []
    undone: Annotated[list[Step], Field(max_length=MOST_STEPS)] = []


class View(_Exactly):
    """What is shown, beside text and history.

    Attributes:
        view: the words of its address, without those about its text.
        options: those of the open instrument that differ from its defaults.
        generated: which characters of the text a model has written, [from, to) each, ascending.
        author: which model, and how, in words.
    """

    view: Annotated[str, Field(max_length=100_000)]
    options: Annotated[dict[str, str | int | float | bool | None], Field(max_length=64)] = {}
    generated: Annotated[
        list[Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=2, max_length=2)]],
        Field(max_length=MOST_RANGES),
    ] = []
    author: Annotated[str, Field(max_length=200)] = ""


class Model(_Exactly):
    """A network that the view uses.

    Attributes:
        sha256: of its weights' files, by their names.
        folder: where in the file its card and these files are; null for one that ships.
    """

    id: Annotated[str, Field(max_length=200)]
    sha256: Annotated[dict[str, Annotated[str, Field(pattern="^[0-9a-f]{64}$")]], Field(max_length=64)]
    folder: Annotated[str, Field(pattern=r"^models/[0-9]{1,3}$")] | None = None

    @field_validator("sha256")
    @classmethod
    def _known_files(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value:
            if _FILE.fullmatch(name) is None:
                raise ValueError(f"{name[:80]!r} is no file of weights")
        if WEIGHTS not in value:
            raise ValueError(f"there is no {WEIGHTS} among them")
        return value


class Document(View):
    """`session.json`."""

    format: Literal["hidden-state session"] = FORMAT
    version: Literal[1] = VERSION
    made_by: Annotated[str, Field(max_length=200)] = __version__
    characters: Annotated[int, Field(ge=0)]
    """Of `text.txt`."""
    models: Annotated[list[Model], Field(max_length=MOST_MODELS)] = []


@dataclass(frozen=True)
class CarriedModel:
    """A network as it stands in a file: a card, not checked yet, and the files of its weights."""

    id: str
    card: bytes
    weights: dict[str, bytes]


@dataclass(frozen=True)
class Session:
    """A session file, read or to be written.

    Attributes:
        models: those that the view uses.
        carried: those of them that stand in the file.
    """

    view: View
    text: str
    history: History = field(default_factory=History)
    models: tuple[Model, ...] = ()
    carried: tuple[CarriedModel, ...] = ()


def write_session(session: Session) -> bytes:
    """The file. The same session is the same file, to the byte."""
    text = unix_lines(session.text)
    document = Document(**session.view.model_dump(), characters=len(text), models=list(session.models))
    members = {
        SESSION: document.model_dump_json(indent=2).encode("utf-8"),
        TEXT: text.encode("utf-8"),
        HISTORY: session.history.model_dump_json().encode("utf-8"),
    }
    folders = {model.id: model.folder for model in session.models}
    for carried in session.carried:
        members[f"{folders[carried.id]}/{CARD}"] = carried.card
        members |= {f"{folders[carried.id]}/{name}": content for name, content in carried.weights.items()}
    return packed(members)


def read_session(data: bytes, most_characters: int) -> Session:
    """The session in a file, nothing of which has to be trusted.

    Args:
        most_characters: the longest text that is taken.

    Raises:
        RequestError: if it is broken, from a newer version, or its text is too long.
    """
    archive = Archive(data)
    if SESSION not in archive:
        raise broken(f"it is a zip file without a {SESSION}, and no session")
    document = _document(_read_json(archive, SESSION, MOST_SESSION_BYTES))
    if document.characters > most_characters:
        raise RequestError(
            "text_too_long",
            f"The text of this session has {counted(document.characters, 'character')}; this server reads at most "
            f"{most_characters:,}. Nothing has changed. Raise HIDDEN_STATE_TEXT_LIMIT_CHARACTERS to open it.",
            status=413,
        )
    try:
        text = archive.read(TEXT, 4 * document.characters).decode("utf-8")
    except UnicodeDecodeError:
        raise broken(f"its {TEXT} is not UTF-8") from None
    if len(text) != document.characters or text != unix_lines(text):
        raise broken(f"its {TEXT} is not the text that its {SESSION} tells of")
    if any(not start < stop <= len(text) for start, stop in document.generated):
        raise broken("it marks characters as written by a model that its text does not have")
    history = _checked(History, _read_json(archive, HISTORY, MOST_HISTORY_BYTES), HISTORY)
    view = View(**{name: getattr(document, name) for name in View.model_fields})
    return Session(view, text, history, tuple(document.models), _carried(archive, document))


def _read_json(archive: Archive, name: str, most: int) -> bytes:
    """A member that holds JSON, of which it is known that parsing it takes a moment only."""
    content = archive.read(name, most)
    outside = _STRINGS.sub(b"", content)
    if sum(outside.count(sign) for sign in (b"[", b"{", b",")) > MOST_PARTS:
        raise broken(f"its {name} has more entries than a session has")
    return content


def _document(content: bytes) -> Document:
    """Raises: RequestError, which tells a newer version from a broken file."""
    try:
        raw: Any = json.loads(content)
    except (ValueError, RecursionError):
        raise broken(f"its {SESSION} is not JSON") from None
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise broken(f"its {SESSION} is not that of a session")
    version = raw.get("version")
    if isinstance(version, int) and version > VERSION:
        maker = str(raw.get("made_by", ""))[:40].encode("utf-8", "replace").decode("utf-8")
        raise RequestError(
            "session_newer",
            f"This session file is from a newer Hidden State{f' ({maker})' if maker else ''}: it has version "
            f"{min(version, 10**6):,} of the format, and this one reads version {VERSION}. Nothing has changed. "
            "Update Hidden State to open it.",
        )
    return _checked(Document, content, SESSION)


def _checked(kind: type[_Kind], content: bytes, name: str) -> _Kind:
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(map(str, fault["loc"]))[:120] or "all of it"
        raise broken(f"in its {name}, {place} cannot be: {str(fault['msg'])[:200].rstrip('.')}") from None


def _carried(archive: Archive, document: Document) -> tuple[CarriedModel, ...]:
    left = MOST_WEIGHTS_BYTES
    found = []
    for model in document.models:
        if model.folder is None:
            continue
        weights = {}
        for name in model.sha256:
            weights[name] = archive.read(f"{model.folder}/{name}", left)
            left -= len(weights[name])
        found.append(CarriedModel(model.id, _read_json(archive, f"{model.folder}/{CARD}", MOST_CARD_BYTES), weights))
    return tuple(found)
