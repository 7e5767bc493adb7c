"""REST: the same science for scripts."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import AfterValidator, BaseModel, ConfigDict
from starlette.responses import Response

from models import CheckpointError, RequestError
from models.network.trace import Trace, run
from models.studies.recoverability import shipped
from models.text.lines import unix_lines
from models.text.words import counted

from .. import __version__
from ..http.errors import errors
from .hello import described
from .sending import BINARY, Sent, admit
from .services import State

log = logging.getLogger("hidden_state")
router = APIRouter(responses=errors(403, 500))


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
        200: {"content": {BINARY: {}}, "description": "A safetensors or NPZ file."},
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
    admit(state, owner, size)

    def work() -> Trace:
        model = state.library.get(asked.model)
        return replace(run(model.lm, asked.text, reader=model.reader), model=model.name)

    try:
        found = await state.pool.run(work)
    except BaseException:
        state.traces.hold(owner, 0)
        raise
    name = asked.model.replace("@", "-step-").replace("~", "-")
    pieces = found.npz_pieces() if asked.format == "npz" else found.pieces()
    exact = None if asked.format == "npz" else sum(tensor.nbytes for tensor in found.tensors().values())
    return Sent(pieces, f"{name}.{asked.format}", lambda: state.traces.hold(owner, 0), size=exact)
