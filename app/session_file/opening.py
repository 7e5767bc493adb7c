"""From a session file to what the page takes."""

from __future__ import annotations

import json
from typing import Any

from pydantic_core import PydanticSerializationError

from models import RequestError

from ..compute.model_library import Library
from ..settings import Settings
from ..web.hello import described_opened
from .carrying import taken_in, with_models
from .content import Session, read_session, write_session

SUFFIX = ".hidden-state"


def opened(data: bytes, library: Library, settings: Settings) -> dict[str, Any]:
    """What the page shows of a session file; its models are known to the library from then on.

    Raises:
        RequestError: if the file is broken, from a newer version, or too large.
        OutputError: if its models cannot be kept.
    """
    if len(data) > settings.message_limit_bytes:
        raise too_large(len(data), settings)
    session = read_session(data, settings.text_limit_characters)
    view, taken, remarks = taken_in(session, library)
    return {
        **view.model_dump(),
        "text": session.text,
        "history": session.history.model_dump(),
        "models": described_opened(library, taken),
        "remarks": remarks,
    }


def as_json(shown: dict[str, Any]) -> bytes:
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def saved(session: Session, library: Library, settings: Settings) -> bytes:
    """The file of a session, with the models that only this server has.

    Raises:
        RequestError: if the file would be such that no server like this one would open it.
        CheckpointError: if a model's files cannot be read.
    """
    if len(session.text) > settings.text_limit_characters:
        raise RequestError(
            "text_too_long",
            f"The text has {len(session.text):,} characters; this server reads at most "
            f"{settings.text_limit_characters:,}, and would not open the session again. Shorten the text.",
            status=413,
        )
    complete = with_models(session, library)
    try:
        data = write_session(complete)
    except (UnicodeEncodeError, PydanticSerializationError):
        raise RequestError(
            "bad_request",
            "The session holds half of a surrogate pair, which is no character and cannot be written as UTF-8. Replace "
            "it, by U+FFFD for instance.",
            status=422,
        ) from None
    if len(data) > settings.message_limit_bytes:
        raise too_large(len(data), settings, [model.id for model in complete.carried])
    try:
        read_session(data, settings.text_limit_characters)
    except RequestError as fault:  # what cannot be opened must not be taken for saved
        why = str(fault).partition(": ")[2].partition(". Nothing has changed")[0]
        raise RequestError(
            "session_not_saved",
            f"This view cannot be saved, since the file could not be opened again: {why}. Shorten the second text, or "
            "forget what models have written or what can be undone, by loading the page anew.",
            status=413,
        ) from None
    return data


def too_large(size: int, settings: Settings, carried: list[str] | None = None) -> RequestError:
    """The refusal of a file by its size; `carried` are the models in it."""
    remedy = f"Close the panels of {', '.join(carried)}, whose weights are in it, or raise" if carried else "Raise"
    return RequestError(
        "session_too_large",
        f"The session file has {size:,} bytes; this server takes at most {settings.message_limit_bytes:,}. "
        f"{remedy} HIDDEN_STATE_MESSAGE_LIMIT_BYTES.",
        status=413,
    )
