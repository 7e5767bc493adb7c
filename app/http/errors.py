"""Every error in REST is sent in the one error shape; a person with a browser gets it as a page."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from models import HiddenStateError

from ..live.protocol import Error
from .security_headers import HEADERS

log = logging.getLogger("hidden_state")

_STATUS = {"unknown_model": 404, "unknown_signal": 404, "checkpoint": 500}


_RANGES = {
    400: "The Range header cannot be read. Leave it out, or write it as in bytes=0-99.",
    416: "The Range header asks for bytes that the file does not have. Leave it out to get all of it.",
}
_MEANINGS = {
    400: "The request cannot be done.",
    403: "The server is not known by this name.",
    404: "There is nothing of that name.",
    413: "The request, or the answer to it, would be too large.",
    422: "The request was not understood.",
    500: "The server failed; its log says why.",
    503: "The server has too much to do; try again in a while.",
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For the REST description: the error statuses that a route answers with, all in the one shape."""
    return {status: {"model": Error, "description": _MEANINGS[status]} for status in statuses}


def install(app: FastAPI) -> None:
    """Register a handler for each kind of error."""
    app.add_exception_handler(HiddenStateError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def answer(request: Request, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    """The error, in the form that the client asked for."""
    error = Error(code=code, message=message)
    if "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/"):
        templates = request.app.state.templates
        page: Response = templates.TemplateResponse(
            request, "error.html", {"status": status, "message": error.message}, status_code=status, headers=headers
        )
        return page
    return JSONResponse(error.model_dump(), status_code=status, headers=headers)


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
        **(_RANGES if "range" in request.headers else {}),
    }
    if error.headers and "GET" in error.headers.get("Allow", "").split(", "):
        error.headers = {**error.headers, "Allow": "GET, HEAD"}
    code = status.phrase.lower().replace(" ", "_")
    message = messages.get(status, f"{status.phrase}: {error.detail.removesuffix('.')}.")
    return answer(request, status, code, message, dict(error.headers) if error.headers else None)


async def _unexpected(request: Request, error: Exception) -> Response:
    log.exception("A request failed: %s %s", request.method, request.url.path, exc_info=error)
    # this answer is made outside the middleware that adds the headers
    return answer(request, 500, "internal", "The server failed at this; its log says why.", HEADERS)
