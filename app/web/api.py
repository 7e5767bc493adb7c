"""REST: the same science for scripts."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Request
from pydantic import AfterValidator, BaseModel, ConfigDict
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from models import CheckpointError, RequestError
from models.network.trace import Trace, run
from models.studies.recoverability import shipped
from models.text.lines import unix_lines
from models.text.words import counted

from .. import __version__
from ..http.errors import errors
from .hello import described
from .services import State

log = logging.getLogger("hidden_state")
router = APIRouter(responses=errors(403, 500))
SAFETENSORS = "application/octet-stream"


class TraceRequest(BaseModel):
    """Which model reads which text."""

    model_config = ConfigDict(extra="forbid", strict=True)

    model: str
    text: Annotated[str, AfterValidator(unix_lines)]
    """CR LF and CR are read as "\\n", as in every text."""
    format: Literal["safetensors", "npz"] = "safetensors"
    """Of the file; NPZ is what `numpy.load` reads."""


def _state(request: Request) -> State:
    state: State = request.app.state.hidden_state
    return state


@router.get("/healthz")
async def health(request: Request) -> dict[str, Any]:
    """Whether the server answers, and what it is."""
    state = _state(request)
    return {
        "status": "ok",
        "version": __version__,
        "models": len(state.library.entries),
        "sessions": state.sessions,
        "recordings_bytes": state.budget.used,
        "traces_bytes": state.traces.used,
        "threads_replaced": state.pool.replaced,
    }


@router.get("/api/models")
async def models(request: Request) -> list[dict[str, Any]]:
    """Every model: id, cell, units, layers, parameters, corpus, bits per character, signals, vocabulary, which
    instruments have no answer about it."""
    return described(_state(request).library)


@router.get("/api/recoverability")
async def recoverability(request: Request) -> dict[str, Any]:
    """The curves that ship, by model: `trained` and `untrained`, each with lags, accuracy and chance; their origin."""
    entries = _state(request).library.entries

    def work() -> dict[str, Any]:
        found = {}
        for name, entry in entries.items():
            try:
                probes = shipped(entry.folder)
            except CheckpointError as error:  # one model's broken file must not cost the others their curves
                log.warning("Left out: %s", error)
                continue
            if probes is not None:
                found[name] = probes.model_dump()
        return found

    return await _state(request).pool.run(work)


@router.post(
    "/api/trace",
    response_class=Response,
    responses={
        200: {"content": {SAFETENSORS: {}}, "description": "A safetensors or NPZ file."},
        **errors(400, 404, 413, 422, 503),
    },
)
async def trace(request: Request, asked: TraceRequest) -> Response:
    """A file with a float32 tensor per `"{layer}.{signal}"`, `log_probabilities` and `surprise`.

    The text stands in the metadata of a safetensors file, and as `code_points` in an NPZ file.
    """
    state = _state(request)
    if len(asked.text) > state.settings.text_limit_characters:
        raise RequestError(
            "text_too_long",
            f"The text has {counted(len(asked.text), 'character')}; this server reads at most "
            f"{state.settings.text_limit_characters:,}. "
            "Send a shorter one, raise HIDDEN_STATE_TEXT_LIMIT_CHARACTERS, or use `hidden-state trace`, "
            "which has no limit.",
            status=413,
        )
    card = state.library.find(asked.model).entry.card
    numbers = sum(sum(layer.widths) for layer in card.stack)
    size = 4 * len(asked.text) * (numbers + len(card.vocabulary) + 1)
    owner = object()
    _admit(state, owner, size)

    def work() -> Trace:
        model = state.library.get(asked.model)
        return replace(run(model.lm, asked.text, reader=model.reader), model=model.name)

    try:
        found = await state.pool.run(work)
    except BaseException:
        state.traces.hold(owner, 0)
        raise
    name = asked.model.replace("@", "-step-").replace("~", "-")
    return _Sent(found, f"{name}.{asked.format}", lambda: state.traces.hold(owner, 0))


def _admit(state: State, owner: object, size: int) -> None:
    """Count `size` bytes as used by `owner`, from now until its answer has been received.

    Raises:
        RequestError: if the answer is too large, or too many are already being sent.
    """
    settings = state.settings
    if size > settings.trace_limit_mebibytes << 20:
        raise RequestError(
            "trace_too_large",
            f"The trace would have {size >> 20:,} MiB; this server sends at most {settings.trace_limit_mebibytes:,}. "
            "Send a shorter text, or raise HIDDEN_STATE_TRACE_LIMIT_MEBIBYTES.",
            status=413,
        )
    used = state.traces.used
    if used and used + size > state.traces.limit:
        raise RequestError(
            "too_many_traces",
            f"Traces of {used >> 20:,} MiB are on their way to others, and {state.traces.limit >> 20:,} are allowed "
            "together. Try again in a while, or raise HIDDEN_STATE_TRACE_MEMORY_LIMIT_MEBIBYTES.",
            status=503,
        )
    state.traces.hold(owner, size)


class _Sent(Response):
    """A trace being sent: piece by piece, as fast as it is received; then `done` is called, whatever happened."""

    media_type = SAFETENSORS

    def __init__(self, trace: Trace, name: str, done: Callable[[], None]) -> None:
        super().__init__(headers={"Content-Disposition": attachment(name)})
        self._trace, self._done, self._npz = trace, done, name.endswith(".npz")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            pieces = self._trace.npz_pieces() if self._npz else self._trace.pieces()
            header = next(pieces)
            if self._npz:
                del self.headers["content-length"]  # known at its end only
            else:
                size = len(header) + sum(tensor.nbytes for tensor in self._trace.tensors().values())
                self.headers["content-length"] = str(size)
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": header, "more_body": True})
            for piece in pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            self._done()


def attachment(name: str) -> str:
    """The header that names a file to save (RFC 6266): in ASCII and, if that is not its exact name, also in UTF-8."""
    plain = "".join(one if one.isascii() and one.isprintable() and one not in '"\\%' else "_" for one in name)
    exact = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'attachment; filename="{plain}"{exact}'
