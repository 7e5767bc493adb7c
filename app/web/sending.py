"""Large files on their way to others: piece by piece, and counted until they are gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import quote

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from models import RequestError

from .services import State

BINARY = "application/octet-stream"


def admit(state: State, owner: object, size: int, what: str = "trace") -> None:
    """Count `size` bytes as used by `owner`, from now until its answer has been received.

    Raises:
        RequestError: if the answer is too large, or too many are already being sent.
    """
    settings = state.settings
    if size > settings.trace_limit_mebibytes << 20:
        raise RequestError(
            f"{what.split()[-1]}_too_large",
            f"The {what} would have {size >> 20:,} MiB; this server sends at most {settings.trace_limit_mebibytes:,}. "
            "Send a shorter text, or raise HIDDEN_STATE_TRACE_LIMIT_MEBIBYTES.",
            status=413,
        )
    used = state.traces.used
    if used and used + size > state.traces.limit:
        raise RequestError(
            "too_many_traces",
            f"Traces of {used >> 20:,} MiB are on their way to others, and {state.traces.limit >> 20:,} are allowed "
            "together. Try again in a while, or raise HIDDEN_STATE_TRACE_MEMORY_LIMIT_MEBIBYTES.",
            status=503,
        )
    state.traces.hold(owner, size)


class Sent(Response):
    """A file being sent as fast as it is received; then `done` is called, whatever happened.

    Args:
        size: bytes of all pieces after the first; None where only the end tells.
    """

    def __init__(
        self, pieces: Iterator[bytes], name: str, done: Callable[[], None], *, size: int | None, kind: str = BINARY
    ) -> None:
        super().__init__(headers={"Content-Disposition": attachment(name)}, media_type=kind)
        self._pieces, self._done, self._size = pieces, done, size

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            header = next(self._pieces)
            if self._size is None:
                del self.headers["content-length"]  # known at its end only
            else:
                self.headers["content-length"] = str(len(header) + self._size)
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": header, "more_body": True})
            for piece in self._pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            self._done()


def attachment(name: str) -> str:
    """The header that names a file to save (RFC 6266): in ASCII and, if that is not its exact name, also in UTF-8."""
    plain = "".join(one if one.isascii() and one.isprintable() and one not in '"\\%' else "_" for one in name)
    exact = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'attachment; filename="{plain}"{exact}'
