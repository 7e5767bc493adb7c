"""The application put together."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import torch
from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.templating import Jinja2Templates
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.warm import warm

from . import __version__, api, errors, pages
from .assets import folder
from .settings import Settings, read_settings
from .socket import live
from .state import State

HEADERS = {
    # Plotly puts style elements and attributes in; nothing else on the page is inline
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class Headers:
    """Puts the security headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application; its models are found, not yet loaded, and its threads run from start-up to shutdown."""
    settings = settings or read_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        torch.set_num_threads(1)  # the pool's threads are the parallelism
        state = State.of(settings)
        app.state.hidden_state = state
        threading.Thread(target=warm, name="warm", daemon=True).start()
        try:
            yield
        finally:
            state.pool.close()

    app = FastAPI(title="Hidden State", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.templates = Jinja2Templates(folder("templates"))
    app.add_middleware(Headers)
    errors.install(app)
    app.include_router(api.router)
    app.include_router(pages.router)
    app.add_api_websocket_route("/ws", live)
    app.mount("/static", pages.Revalidated(directory=folder("static")), name="static")
    return app
