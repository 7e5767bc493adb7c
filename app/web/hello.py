"""The first message of a session: all that the page must know beforehand."""

from __future__ import annotations

import json

from .. import __version__
from ..content import colours
from ..content.example_texts import SAMPLES
from ..content.first_minute import first_minute
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
            "models": state.library.describe(),
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
