"""Talking to a session without a socket: messages in, pieces of work done one after another, answers out."""

from __future__ import annotations

import json
from typing import Any

from app.compute.memory_budget import Budget
from app.compute.model_library import Library
from app.live.protocol import Unmeasured, parse
from app.live.session import Limits, Session
from tests.support.socket_client import panel, read_frame


def ask(library: Library, text: str, model: str, **measure: Any) -> Any:
    """(facts, tensors) of what an instrument found, or the sentence that says why it found nothing."""
    session = Session(library, Limits(characters=5000, columns=200, panels=4), Budget(1 << 40))
    for message in (
        {"type": "view", "panels": [panel(model, "hidden")], "window": [0, 200]},
        {"type": "text", "revision": 0, "text": text},
        {"type": "measure", "id": 1, "model": model, "measure": measure},
    ):
        session.apply(parse(json.dumps(message)))
    out: list[Any] = []
    while (piece := session.next()) is not None:
        out += piece.do()
    refused = [item.message for item in out if isinstance(item, Unmeasured)]
    frames = [read_frame(item) for item in out if isinstance(item, bytes)]
    (one,) = refused + [(m["facts"], tensors) for m, tensors in frames if m["type"] == "measured"]
    return one
