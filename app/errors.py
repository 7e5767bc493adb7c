"""Whatever goes wrong in REST leaves in the one error shape; a person with a browser gets it as a page."""

from __future__ import annotations

import logging
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from models import HiddenStateError

from .headers import HEADERS
from .protocol import Error

log = logging.getLogger("hidden_state")

_STATUS = {"unknown_model": 404, "unknown_signal": 404, "checkpoint": 500}


def install(app: FastAPI) -> None:
    """Register a handler for each kind of error."""
    app.add_exception_handler(HiddenStateError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def answer(request: Request, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    """The error, in the form that the client asked for."""
    if "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/"):
        templates = request.app.state.templates
        page: Response = templates.TemplateResponse(
            request, "error.html", {"status": status, "message": message}, status_code=status, headers=headers
        )
        return page
    return JSONResponse(Error(code=code, message=message).model_dump(), status_code=status, headers=headers)


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, HiddenStateError)
    status = getattr(error, "status", None) or _STATUS.get(error.code, 400)
    return answer(request, status, error.code, str(error))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fault = error.errors()[0]
    place = ".".join(str(part) for part in fault["loc"] if part != "body") or "the body"
    return answer(request, 422, "bad_request", f"The request was not understood: {place}: {fault['msg']}.")


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    messages = {
        404: f"There is nothing at {request.url.path}. The page is at /, the list of models at /api/models.",
        405: f"{request.method} is not possible at {request.url.path}.",
    }
    code = status.phrase.lower().replace(" ", "_")
    message = messages.get(status, f"{status.phrase}: {error.detail.removesuffix('.')}.")
    return answer(request, status, code, message, dict(error.headers) if error.headers else None)


async def _unexpected(request: Request, error: Exception) -> Response:
    log.exception("A request failed: %s %s", request.method, request.url.path, exc_info=error)
    # this answer is made outside of the middleware that puts the headers on
    return answer(request, 500, "internal", "The server failed at this; its log says why.", HEADERS)
