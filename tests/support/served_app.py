"""The application served by a thread of this process, with the small models and no others."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from app.server.process import configure
from app.settings import Settings
from tests.support.small_models import without_zoo


class Clock:
    """The time as the server's loop sees it: it goes on as ever, and jumps when a test says so."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


@dataclass
class Server:
    """A running server: where it is, its settings, and all that it logged."""

    settings: Settings
    uvicorn: uvicorn.Server
    port: int
    thread: threading.Thread
    loop: asyncio.AbstractEventLoop
    clock: Clock
    log: list[logging.LogRecord] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def state(self) -> Any:
        return self.uvicorn.config.app.state.hidden_state

    def pass_time(self, seconds: float) -> None:
        """Let that much time go by at once; what is due then has been called when this returns."""
        called = threading.Event()

        def jump() -> None:
            self.clock.ahead += seconds
            self.loop.call_later(0, self.loop.call_soon, called.set)  # behind the timers that are due now

        self.loop.call_soon_threadsafe(jump)
        assert called.wait(20), "the server's loop stands still"

    def faults(self) -> list[str]:
        """What it logged as an error, and not by `hidden_state` on purpose."""
        return [record.getMessage() for record in self.log if record.levelno >= logging.ERROR]

    def stop(self) -> None:
        self.uvicorn.should_exit = True
        self.thread.join(20)
        assert not self.thread.is_alive(), "the server did not stop"


class _Keep(logging.Handler):
    def __init__(self, into: list[logging.LogRecord]) -> None:
        super().__init__(logging.INFO)
        self._into = into

    def emit(self, record: logging.LogRecord) -> None:
        self._into.append(record)


@contextmanager
def running(settings: Settings) -> Iterator[Server]:
    """The real server, as `hidden-state serve` configures it, on a free port."""
    started = threading.Event()
    config = configure(settings)
    server = uvicorn.Server(config)
    began = server.startup
    clock, loops = Clock(), list[asyncio.AbstractEventLoop]()

    async def startup(*args: Any, **kwargs: Any) -> None:
        loops.append(asyncio.get_running_loop())
        loops[0].time = clock  # type: ignore[method-assign]
        await began(*args, **kwargs)
        started.set()

    server.startup = startup  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, name="server", daemon=True)
    with without_zoo():
        thread.start()
        assert started.wait(60), "the server did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    run = Server(settings, server, port, thread, loops[0], clock)
    handler = _Keep(run.log)
    loggers = [logging.getLogger(name) for name in ("uvicorn.error", "hidden_state", "asyncio")]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield run
    finally:
        run.stop()
        for logger in loggers:
            logger.removeHandler(handler)


def raw_answer(server: Server, request: bytes, timeout: float = 20.0) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of what the server answers to these very bytes, until it ends the connection."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=timeout) as line:
        line.sendall(request)
        came = b""
        while chunk := line.recv(1 << 16):
            came += chunk
    head, _, body = came.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    return int(first.split()[1]), {k.lower(): v for k, v in (line.split(": ", 1) for line in lines)}, body


def upgrade(host: str, **headers: str) -> bytes:
    """A request to open the socket, as a browser sends it; underscores in names of headers are hyphens."""
    lines = {
        "Host": host,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return "".join(["GET /ws HTTP/1.1\r\n", *(f"{k}: {v}\r\n" for k, v in lines.items()), "\r\n"]).encode("latin-1")


@pytest.fixture(scope="session")
def settings_of(tiny_models: Path) -> Iterator[Callable[..., Settings]]:
    """Settings of a server with the small models; what the environment says is set aside."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("HIDDEN_STATE_")]:
            patch.delenv(name)

        def make(**changes: Any) -> Settings:
            return Settings(**{"port": 0, "model_folders": [tiny_models], "worker_threads": 2, **changes})

        yield make


@pytest.fixture(scope="session")
def server(settings_of: Callable[..., Settings]) -> Iterator[Server]:
    """A server that many tests share."""
    with running(settings_of()) as run:
        yield run
