"""Requests are limited in size, as the socket's messages are."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimit:
    """Refuses a body over `most` bytes with 413: at once if its length is declared, else when it reaches the limit."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        size = int(declared) if declared.isascii() and declared.isdigit() else 0
        came = 0

        async def limited() -> Message:
            nonlocal came
            if size <= self._most:
                message = await receive()
                came += len(message.get("body", b""))
                if came <= self._most:
                    return message
            raise HTTPException(413, f"A request may have at most {self._most:,} bytes. Send a shorter text.")

        await self._app(scope, limited, send)
