"""Limits of connections: how many there are, how long one may keep the server waiting, how large its headers are.

uvicorn reads HTTP; this module limits it. A connection too many is answered and closed at once, so that the process
never runs out of open files; one that sends no request, or accepts nothing of its answer, is closed after a while; and
invalid HTTP is answered in the one shape of errors.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from contextlib import suppress
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..http.security_headers import HEADERS
from ..live.protocol import Error
from ..settings import PREFIX, Settings

if sys.platform != "win32":
    import resource

log = logging.getLogger("hidden_state")

BACKLOG = 128
"""Connections that wait in the system until they are accepted."""
BITE = 8
"""Connections accepted from the system at a time (one batch)."""
BITES = 4
"""How many batches may be accepted before the first connection of the first one can be closed: asyncio accepts them
in one round of its loop, makes their transports in the next, notifies the protocol in the third, and closes in the
fourth."""
LINGERING = 16
"""Refused connections that stay open for a moment, so that the client can read why."""
RESERVED_FILES = BITE * BITES + LINGERING + 48
"""Open files other than connections within the limit: connections not refused yet, those that linger, and the process's
own files: about a dozen at rest, and weights, pages and compiled loops while they are read."""
HEADERS_LIMIT_BYTES = 256 << 10
"""Cookies of 127.0.0.1 are shared by all its ports: other programs there may have left many."""
LINE_LIMIT_BYTES = 8000
"""Longest line of a socket's request; the websockets library reads lines of 8 KiB and silently closes above."""
LINES_LIMIT = 120
"""Most lines of a socket's request; that library reads 128."""
LINGER_SECONDS = 1.0
SAID_EVERY_SECONDS = 60.0
"""How often the log says that connections are refused."""


def affordable(limit: int) -> int:
    """`limit`, or as many connections as the process's open files allow, with some to spare.

    A soft limit is raised as far as is needed and allowed.
    """
    if sys.platform == "win32":
        return limit
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limit + RESERVED_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        raised = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
            soft = raised
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return limit
    found = max(1, soft - RESERVED_FILES)
    log.warning(
        "The system lets this process have %d open files: it takes %d connections at a time, not %d.",
        soft, found, limit,
    )  # fmt: skip
    return found


def connections_of(settings: Settings) -> type[H11Protocol]:
    """The protocol of connections limited by `settings`."""
    bounds = {"limit": affordable(settings.connection_limit), "idle": settings.idle_timeout_seconds}
    return type("BoundedConnection", (Connection,), bounds)


class Listener(socket.socket):
    """Lets `BACKLOG` connections wait, however few asyncio accepts at a time: it has one number for both."""

    def listen(self, backlog: int = BACKLOG, /) -> None:
        super().listen(BACKLOG)


class Connection(H11Protocol):
    """A connection with limits."""

    limit: int
    """Connections at a time."""
    idle: float
    """Seconds without progress after which a connection is closed."""
    _said = -SAID_EVERY_SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._received = 0
        self._seen: tuple[int, int] = (0, 0)
        self._progress = self.loop.time()
        self._upgraded = self._ended = False
        self._watching = self.loop.call_later(self.idle / 4, self._watch)
        if len(self.connections) > self.limit:
            self._refuse()

    def connection_lost(self, exc: Exception | None) -> None:
        self._watching.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._ended:
            return  # it has already been answered
        self._received += len(data)
        super().data_received(data)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self.headers = [(name, value) for name, value in self.headers if name != b"cookie"]  # nothing here reads one
        longest = max([len(event.target), *(len(name) + len(value) for name, value in self.headers)])
        if longest > LINE_LIMIT_BYTES or len(self.headers) > LINES_LIMIT:
            self._answer(431, "headers_too_large", _TOO_LARGE)
            return
        self._upgraded = True
        super().handle_websocket_upgrade(event)
        if not getattr(self.transport.get_protocol(), "handshake_initiated", True):
            self._answer(400, "bad_request", _NOT_HTTP)

    def send_400_response(self, msg: str) -> None:
        """The input is not valid HTTP."""
        fault = sys.exc_info()[1]
        status = fault.error_status_hint if isinstance(fault, h11.RemoteProtocolError) else 400
        if status == 431:
            self._answer(431, "headers_too_large", _TOO_LARGE)
        else:
            self._answer(400, "bad_request", _NOT_HTTP)

    def _refuse(self) -> None:
        now = self.loop.time()
        if now - Connection._said >= SAID_EVERY_SECONDS:
            Connection._said = now
            log.warning("All %d connections are in use; another one was refused.", self.limit)
        self._answer(
            503,
            "too_many_connections",
            f"All {self.limit:,} connections of this server are in use. Close another page of it, try again in a "
            f"while, or raise {PREFIX}CONNECTION_LIMIT.",
            {"Retry-After": "5"},
        )

    def _answer(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        """Send an answer without a request, then close."""
        body = Error(code=code, message=message).model_dump_json().encode()
        lines = {
            **HEADERS,
            **(headers or {}),
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Connection": "close",
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        reason = {400: "Bad Request", 431: "Request Header Fields Too Large", 503: "Service Unavailable"}[status]
        self.transport.write(f"HTTP/1.1 {status} {reason}\r\n{head}\r\n".encode("latin-1") + body)
        self._ended = True
        if len(self.connections) <= self.limit + LINGERING:  # keep reading: else the system resets the connection
            self.loop.call_later(LINGER_SECONDS, self.transport.close)
        else:
            self.transport.close()

    def _watch(self) -> None:
        """Close the connection if there has been no progress for too long: here, or on the socket that it became."""
        waiting = self.transport.get_write_buffer_size()
        if self.transport.is_closing() and not waiting:
            return
        seen = (self._received if self._asked else 0, waiting)
        if seen != self._seen or not (waiting or self._is_late):
            self._seen, self._progress = seen, self.loop.time()
        elif self.loop.time() - self._progress >= self.idle:
            self.transport.abort()
            return
        self._watching = self.loop.call_later(self.idle / 4, self._watch)

    @property
    def _asked(self) -> bool:
        """Whether the head of a request has arrived; until then single bytes do not count as progress."""
        cycle: Any = self.cycle
        return cycle is not None and not cycle.response_complete

    @property
    def _is_late(self) -> bool:
        """Whether it is the client's turn, not that of the server or of a socket, which has its own pings."""
        return not self._upgraded and (not self._asked or self.cycle.more_body)


_TOO_LARGE = (
    f"The headers of the request are longer than the {HEADERS_LIMIT_BYTES:,} bytes that this server reads "
    f"({LINE_LIMIT_BYTES:,} in a line of a socket's request). Delete the cookies of this address and try again."
)
_NOT_HTTP = "What came is no HTTP request that this server can read. Ask for http://, not https://."
