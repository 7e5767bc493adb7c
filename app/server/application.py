"""The assembled application."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import torch
from fastapi import FastAPI
from starlette.templating import Jinja2Templates

from models.precompile import warm

from .. import __version__
from ..compute.model_library import Library
from ..http import errors
from ..http.body_limit import BodyLimit
from ..http.hosts import KnownHosts
from ..http.security_headers import Headers, Heads
from ..offline import api as offline_api
from ..session_file import api as session_api
from ..settings import Settings, read_settings
from ..web import api, lessons, lessons_api, pages, recall_api, take_away_api
from ..web.assets import folder
from ..web.services import State
from ..web.socket import live

log = logging.getLogger("hidden_state")


def create_app(
    settings: Settings | None = None, library: Library | None = None, given: dict[str, bytes] | None = None
) -> FastAPI:
    """The application; its models are found, not yet loaded, and its threads run from start-up to shutdown.

    Args:
        library: the models offered; by default they are searched for at start-up.
        given: sessions to show, by the word in the address that opens one.
    """
    settings = settings or read_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        torch.set_num_threads(1)  # the pool's threads are the parallelism
        state = State.of(settings, library, given)
        app.state.hidden_state = state
        threading.Thread(target=_warm, name="warm", daemon=True).start()
        try:
            yield
        finally:
            state.pool.close()
            state.library.opened.close()

    app = FastAPI(
        title="Hidden State",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.templates = Jinja2Templates(folder("templates"))
    app.add_middleware(BodyLimit, most=settings.message_limit_bytes)
    app.add_middleware(Heads)
    app.add_middleware(Headers)
    app.add_middleware(KnownHosts, bound=settings.host, allowed=settings.allowed_hosts)
    errors.install(app)
    app.include_router(api.router)
    app.include_router(recall_api.router)
    app.include_router(offline_api.router)
    app.include_router(take_away_api.router)
    app.include_router(session_api.router)
    app.include_router(lessons_api.router)
    app.include_router(pages.router)
    app.include_router(lessons.router)
    app.add_api_websocket_route("/ws", live)
    app.mount("/static", pages.Revalidated(directory=folder("static")), name="static")
    return app


def _warm() -> None:
    """Compile the loops while nothing is requested yet. A failure is retried, and reported, when they are needed."""
    try:
        warm()
    except Exception as fault:  # compiling reads many files, and anything may be wrong with one of them
        log.warning("The loops could not be compiled ahead: %s", " ".join(str(fault).split())[-300:])
