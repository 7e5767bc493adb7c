"""The server as a process: uvicorn with this project's limits."""

from __future__ import annotations

import socket

import uvicorn
from rich.console import Console
from rich.text import Text

from .library import Library
from .server import create_app
from .settings import Settings, SettingsError


def configure(settings: Settings, library: Library | None = None) -> uvicorn.Config:
    """uvicorn's configuration of the application, whatever socket it is to listen on; see `create_app`."""
    return uvicorn.Config(
        create_app(settings, library),
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level if settings.log_level != "info" else "warning",
        ws_max_size=settings.message_limit_bytes,
        ws_ping_interval=settings.ping_interval_seconds,
        ws_ping_timeout=settings.ping_interval_seconds,
        ws_per_message_deflate=False,  # states compress by less than 12 %, and it costs 30 ms a MB
        timeout_graceful_shutdown=5,
    )


def serve(settings: Settings, console: Console) -> None:
    """Serve until stopped.

    Raises:
        SettingsError: if the port is taken or the address is not this machine's.
    """
    # Read first, so that what is wrong with a model is said before the address, not behind it.
    config = configure(settings, Library(settings.model_folders, settings.device))
    listener = _bind(settings)
    host, port = listener.getsockname()[:2]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    address = Text(f"http://{shown}:{port}", style="bold")
    console.print(Text.assemble("Hidden State is at ", address, "  (Ctrl-C stops it)"))
    uvicorn.Server(config).run(sockets=[listener])


def _bind(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Named as TCP, so that asyncio turns Nagle's algorithm off: else the second of two frames waits 40 ms for the page
    # to acknowledge the first.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen()  # so that who reads the address may connect at once, and waits until the server is up
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"The server cannot listen on {settings.host}:{settings.port}: {error.strerror}. "
            "Another program may use the port: choose one with HIDDEN_STATE_PORT=8080."
        ) from None
    listener.set_inheritable(True)
    return listener
