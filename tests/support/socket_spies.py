"""What a test puts in the way of a server's work, to know when something happens and to hold it up."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import pytest

from app.live.session import Piece, Session
from app.web.socket import _Line


def before_each_piece(monkeypatch: pytest.MonkeyPatch, happens: Callable[[Session], None]) -> None:
    """Let something happen on the thread on which a piece of work is about to be done."""
    following = Session.next

    def next_piece(session: Session, busy: Collection[str] = ()) -> Piece | None:
        piece = following(session, busy)
        if piece is None:
            return None

        def do() -> Any:
            happens(session)
            return piece.do()

        return replace(piece, do=do)

    monkeypatch.setattr(Session, "next", next_piece)


def heard(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every message that comes to lie with a server from now on."""
    messages: list[Any] = []
    post = _Line._post

    def noted(line: _Line, message: Any) -> None:
        post(line, message)
        messages.append(message)

    monkeypatch.setattr(_Line, "_post", noted)
    return messages
