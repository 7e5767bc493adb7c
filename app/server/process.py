"""The server as a process: uvicorn with this project's limits."""

from __future__ import annotations

import errno
import secrets
import socket
import threading
from collections.abc import Callable

import uvicorn
from rich.console import Console
from rich.text import Text

from ..compute.model_library import Library
from ..session_file.opening import as_json, opened
from ..settings import Settings, SettingsError
from .application import create_app
from .connections import BITE, HEADERS_LIMIT_BYTES, Listener, connections_of


def configure(
    settings: Settings, library: Library | None = None, given: dict[str, bytes] | None = None
) -> uvicorn.Config:
    """uvicorn's configuration of the application, for any listening socket; see `create_app`."""
    return uvicorn.Config(
        create_app(settings, library, given),
        host=settings.host,
        port=settings.port,
        http=connections_of(settings),
        backlog=BITE,
        h11_max_incomplete_event_size=HEADERS_LIMIT_BYTES,
        log_level=settings.log_level if settings.log_level != "info" else "warning",
        ws_max_size=settings.message_limit_bytes,
        ws_ping_interval=settings.ping_interval_seconds,
        ws_ping_timeout=settings.ping_interval_seconds,
        ws_per_message_deflate=False,  # states compress by less than 12 %, at a cost of 30 ms per MB
        timeout_graceful_shutdown=5,
    )


def serve(
    settings: Settings,
    console: Console,
    *,
    session: bytes | None = None,
    browse: Callable[[str], object] | None = None,
) -> None:
    """Serve until stopped.

    Args:
        session: a session file, for which an address of its own is printed.
        browse: opens an address in a browser: that of the session, else that of the server.

    Raises:
        SettingsError: if it cannot listen there: port taken, address not of this machine, name unknown.
        RequestError: if the session file is broken, from a newer version, or too large.
        OutputError: if its models cannot be kept.
    """
    # Load first, so that problems with a model are reported before the address, not after it.
    library = Library(settings.model_folders, settings.device)
    word = secrets.token_urlsafe(16)
    given = {} if session is None else {word: as_json(opened(session, library, settings))}
    library.opened.never_drop()
    config = configure(settings, library, given)
    listener = _bind(settings)
    host, port = listener.getsockname()[:2]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}"
    console.print(Text.assemble("Hidden State is at ", (address, "bold"), "  (Ctrl-C stops it)"))
    if session is not None:
        address = f"{address}/explore?session={word}"
        console.print(Text.assemble("The session is at ", (address, "bold")))
    if browse is not None:
        threading.Thread(target=browse, args=(address,), name="browse", daemon=True).start()
    uvicorn.Server(config).run(sockets=[listener])


def _bind(settings: Settings) -> socket.socket:
    host, port = settings.host, settings.port
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no host's name"
        raise SettingsError(
            f"The server cannot listen on {host}: no address is known by that name ({reason}). "
            "Name one of this machine's with HIDDEN_STATE_HOST: 127.0.0.1 for itself only, 0.0.0.0 for all."
        ) from None
    # Declared as TCP, so that asyncio turns Nagle's algorithm off: else the second of two frames waits 40 ms for the
    # page to acknowledge the first.
    listener = None
    try:
        listener = Listener(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()  # so that whoever reads the address can connect at once, and waits until the server is up
    except OSError as error:
        if listener is not None:
            listener.close()
        shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        raise SettingsError(f"The server cannot listen on {shown}: {error.strerror}. {_remedy(error)}") from None
    listener.set_inheritable(True)
    return listener


def _remedy(error: OSError) -> str:
    """What the person starting the server can do about it."""
    match error.errno:
        case errno.EADDRINUSE:
            return "Another program uses the port: choose another one with HIDDEN_STATE_PORT=8080."
        case errno.EACCES | errno.EPERM:
            return (
                "The system keeps this port for privileged programs, as it usually does below 1024: "
                "choose another one with HIDDEN_STATE_PORT=8080."
            )
        case errno.EADDRNOTAVAIL:
            return (
                "The address is not one of this machine's: set HIDDEN_STATE_HOST to 127.0.0.1 for this machine only, "
                "or to 0.0.0.0 to let other machines in."
            )
        case errno.EAFNOSUPPORT:
            return "This machine has no addresses of that kind: set HIDDEN_STATE_HOST to 127.0.0.1."
    return "Choose another address with HIDDEN_STATE_HOST, or another port with HIDDEN_STATE_PORT."
