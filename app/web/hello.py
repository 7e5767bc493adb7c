"""The first message of a session: everything that the page must know in advance."""

from __future__ import annotations

import json
from typing import Any

from .. import __version__
from ..compute.model_library import Library
from ..content import colours
from ..content.example_texts import SAMPLES
from ..content.first_minute import first_minute
from ..contract.candidate import Candidate
from ..instruments import inapplicable
from ..live.protocol import VERSION, CloseCode
from .services import State


def hello(state: State) -> str:
    """The `hello` message, as JSON."""
    settings = state.settings
    return json.dumps(
        {
            "type": "hello",
            "protocol": VERSION,
            "version": __version__,
            "models": described(state.library),
            "limits": {
                "characters": settings.text_limit_characters,
                "columns": settings.column_limit,
                "panels": settings.panel_limit,
                "sessions": settings.session_limit,
                "message_bytes": settings.message_limit_bytes,
            },
            "colours": {"signed": colours.SIGNED, "gate": colours.GATE, "echo": colours.ECHO, "none": colours.NO_DATA},
            "close_codes": {str(code.value): code.meaning for code in CloseCode},
            "samples": [sample.as_dict() for sample in SAMPLES],
            "first_minute": first_minute(state.library),
        },
        ensure_ascii=False,
    )


def described(library: Library) -> list[dict[str, Any]]:
    """What the page and REST know about each model, including the instruments that do not apply to it, with and without
    interventions."""
    found = []
    for one in library.describe():
        card = library.entries[one["id"]].card
        plain, intervened = (inapplicable(Candidate(card, intervened=held)) for held in (False, True))
        found.append({**one, "inapplicable": plain, "inapplicable_intervened": intervened})
    return found
