"""The commands that serve the page: `hidden-state serve`, and `open` for a session file in a browser."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from models import HiddenStateError
from models.text.names import shown

from ..session_file.opening import too_large
from ..settings import read_settings
from .shared.terminal import out

Host = Annotated[str | None, typer.Option(help="Address to listen on (default: HIDDEN_STATE_HOST or 127.0.0.1).")]
Port = Annotated[int | None, typer.Option(help="Port to listen on (default: HIDDEN_STATE_PORT or 8000).")]
Device = Annotated[str | None, typer.Option(help="Where models read (default: HIDDEN_STATE_DEVICE or cpu).")]


def serve(host: Host = None, port: Port = None, device: Device = None) -> None:
    """Serve the page."""
    from ..server.process import serve as run_server

    run_server(read_settings(host=host, port=port, device=device), out)


def open_session(
    file: Annotated[Path, typer.Argument(help="A session file, as “Save session” writes it: session.hidden-state.")],
    host: Host = None,
    port: Port = None,
    device: Device = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
) -> None:
    """Serve the page, and open a browser at the session in FILE: its view, text, history and models."""
    from ..server.process import serve as run_server

    settings = read_settings(host=host, port=port, device=device)
    try:
        if (size := file.stat().st_size) > settings.message_limit_bytes:
            raise too_large(size, settings)
        data = file.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: the path contains a NUL
        reason = getattr(error, "strerror", None) or error
        raise HiddenStateError(f"{shown(str(file))} cannot be read: {reason}. Check the path.") from None
    run_server(settings, out, session=data, browse=None if no_browser else webbrowser.open)
