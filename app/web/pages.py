"""The pages, and the files that they load."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

from .. import __version__
from ..compute.model_library import corpus_labels, description_of
from ..content.first_minute import first_minute
from .script_imports import imported
from .services import State

SEEN = "first-minute"
"""The cookie set by the page of the first minute: later visits begin in the laboratory."""

router = APIRouter(include_in_schema=False)


class Revalidated(StaticFiles):
    """Files served as written; browsers ask each time whether they changed, and get 304 if not."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def shaped(message: Message) -> None:
            """Starlette answers an invalid `Range` in plain text: turn that into an error like all others."""
            if message["type"] == "http.response.start" and message["status"] in (400, 416):
                kept = {"Content-Range": MutableHeaders(scope=message).get("content-range", "")}
                raise HTTPException(message["status"], headers={name: value for name, value in kept.items() if value})
            await send(message)

        await super().__call__(scope, receive, shaped)


def render(request: Request, template: str, **context: object) -> HTMLResponse:
    """A page made from one of the templates."""
    state: State = request.app.state.hidden_state
    shared = {"version": __version__, "plotly_url": state.plotly.url, "imported": imported}
    page: HTMLResponse = request.app.state.templates.TemplateResponse(request, template, {**shared, **context})
    return page


@router.get("/")
async def home(request: Request) -> Response:
    """The first minute on a first visit, the laboratory afterwards. Browsers keep what follows the `#`."""
    state: State = request.app.state.hidden_state
    visited = SEEN in request.cookies or first_minute(state.library) is None
    answer: Response = RedirectResponse("/explore", 302) if visited else render(request, "first.html")
    answer.headers["Cache-Control"] = "no-store"  # the next visit gets a different answer
    answer.headers["Vary"] = "Cookie"
    return answer


@router.get("/first")
async def first(request: Request) -> HTMLResponse:
    """The first minute, whoever has seen it."""
    return render(request, "first.html")


@router.get("/explore")
async def explore(request: Request) -> HTMLResponse:
    """The laboratory; with `?lab` as it stands in a lesson, beside the words."""
    state: State = request.app.state.hidden_state
    return render(request, "explore.html", limits=state.session_limits, in_lesson="lab" in request.query_params)


@router.get("/models")
async def models(request: Request) -> HTMLResponse:
    state: State = request.app.state.hidden_state
    library = state.library
    cards = [
        entry.card.model_copy(update={"description": description_of(entry.card)}) for entry in library.entries.values()
    ]
    return render(
        request,
        "models.html",
        models=cards,
        corpora=corpus_labels(library.entries),
        left_out=[one.public for one in library.left_out],
    )


@router.get("/assets/{name}")
async def asset(request: Request, name: str) -> Response:
    """plotly.js: its name changes with its content, so it may be cached for ever."""
    script = request.app.state.hidden_state.plotly
    if name != script.name:
        raise HTTPException(404)
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if zipped:
        headers["Content-Encoding"] = "gzip"
    body = script.compressed if zipped else script.plain
    return Response(body, media_type="text/javascript", headers=headers)
