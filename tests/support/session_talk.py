"""Talking to a session without a socket: messages in, pieces of work done one after another, answers out."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from app.compute.memory_budget import Budget
from app.compute.model_library import Library
from app.live.protocol import Unmeasured, parse
from app.live.session import Limits, Session
from models.recording.overview import GRAIN, Grain
from tests.support.socket_client import panel, read_frame

Frame = tuple[dict[str, Any], dict[str, np.ndarray]]

LIMITS = Limits(characters=5000, columns=200, panels=4)


def say(session: Session, **message: Any) -> None:
    """Let the session take in a message as it comes from a page."""
    session.apply(parse(json.dumps(message)))


def begin(
    library: Library,
    text: str,
    panels: list[dict[str, Any]],
    *,
    window: tuple[int, int] = (0, 200),
    limits: Limits = LIMITS,
    budget: Budget | None = None,
    grain: Grain = GRAIN,
) -> Session:
    """A session that has been told what is looked at, and the text; it has done nothing yet."""
    session = Session(library, limits, budget or Budget(1 << 40), grain)
    say(session, type="view", panels=panels, window=window)
    say(session, type="text", revision=0, text=text)
    return session


MOST_PIECES = 100_000
"""More than any test has; a session that is never done must not hang them all."""


def work(session: Session, pieces: int | None = None) -> list[Any]:
    """Do so many pieces of work, by default all; what came of them: messages, and frames as (message, tensors)."""
    out: list[Any] = []
    left = MOST_PIECES if pieces is None else pieces
    while left and (piece := session.next()) is not None:
        out += piece.do()
        left -= 1
    assert left or pieces is not None, "it does not come to rest"
    return [read_frame(item) if isinstance(item, bytes) else item for item in out]


def answers(items: list[Any]) -> list[Frame]:
    """The answers of instruments among what came of some work."""
    return [item for item in items if isinstance(item, tuple) and item[0]["type"] == "measured"]


def answer(session: Session, model: str, measure: dict[str, Any]) -> Any:
    """Facts and tensors of what an instrument found; the message that says why where it found nothing."""
    say(session, type="measure", id=1, model=model, measure=measure)
    items = work(session)
    refused: list[Any] = [item for item in items if isinstance(item, Unmeasured)]
    (one,) = refused + [(message["facts"], tensors) for message, tensors in answers(items)]
    return one


def ask(library: Library, text: str, model: str, **measure: Any) -> Any:
    """The same in a session of its own; of a refusal its sentence."""
    found = answer(begin(library, text, [panel(model, "hidden")]), model, measure)
    return found.message if isinstance(found, Unmeasured) else found
