"""REST: a session as a file, and back."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import AfterValidator
from starlette.responses import Response

from models import RequestError
from models.text.lines import unix_lines

from ..http.errors import errors
from ..web.sending import attachment
from ..web.services import State
from .content import History, Session, View
from .opening import SUFFIX, as_json, opened, saved

ZIP = "application/zip"
JSON = "application/json"

router = APIRouter(responses=errors(403, 500))


class SessionRequest(View):
    """A view, with its text and its history."""

    text: Annotated[str, AfterValidator(unix_lines)]
    history: History = History()


def _state(request: Request) -> State:
    state: State = request.app.state.hidden_state
    return state


@router.post(
    "/api/session",
    response_class=Response,
    responses={
        200: {"content": {ZIP: {}}, "description": "The session, as a file."},
        **errors(400, 413, 422),
    },
)
async def save(request: Request, asked: SessionRequest) -> Response:
    """A session file: the view, all of the text, what can be undone, and the models that only this server has."""
    state = _state(request)
    view = View(**{name: getattr(asked, name) for name in View.model_fields})

    def work() -> bytes:
        return saved(Session(view, asked.text, asked.history), state.library, state.settings)

    made = await state.pool.run(work)
    headers = {"Content-Disposition": attachment(f"session{SUFFIX}"), "Cache-Control": "no-store"}
    return Response(made, media_type=ZIP, headers=headers)


@router.post(
    "/api/session/open",
    response_class=Response,
    responses={
        200: {"content": {JSON: {}}, "description": "What the page shows."},
        **errors(400, 413),
    },
    openapi_extra={"requestBody": {"required": True, "content": {ZIP: {"schema": {"type": "string"}}}}},
)
async def open_file(request: Request) -> Response:
    """What is in a session file: the same fields as `POST /api/session` takes; `models` that came with it, as
    `GET /api/models` lists them; `remarks` on models that are others here."""
    # A page of another site could send any other type without asking this server first.
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != ZIP:
        raise RequestError("bad_request", f"A session file is sent as {ZIP}. Name that as the Content-Type.")
    state = _state(request)
    data = await request.body()

    def work() -> bytes:
        shown: dict[str, Any] = opened(data, state.library, state.settings)
        return as_json(shown)

    return _shown(await state.pool.run(work))


@router.get(
    "/api/session/{word}",
    response_class=Response,
    responses={200: {"content": {JSON: {}}, "description": "What the page shows."}, **errors(404, 422)},
)
async def given(request: Request, word: str) -> Response:
    """The session that `hidden-state open` was given, by the word in the address that it opens; as
    `POST /api/session/open` answers."""
    found = _state(request).given.get(word)
    if found is None:
        raise RequestError(
            "unknown_session",
            "The session of this address is not here any more: the server was started anew. Run `hidden-state open` "
            "again, or open the file with “Open …”.",
            status=404,
        )
    return _shown(found)


def _shown(content: bytes) -> Response:
    return Response(content, media_type=JSON, headers={"Cache-Control": "no-store"})
