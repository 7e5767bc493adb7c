"""REST: what a reader takes away of a view: its numbers as a file, and lines of Python that give them."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Request
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from models import RequestError
from models.text.words import counted
from models.zoo import FOLDER

from ..http.errors import errors
from ..instruments import Instrument
from ..live.protocol import UnixText
from ..take_away.files import DIGITS, Format, pieces
from ..take_away.pictures import parts
from ..take_away.script import Part, script
from ..take_away.window import WindowRequest
from .sending import BINARY, Sent, admit
from .services import State

router = APIRouter(responses=errors(403, 500))
CSV = "text/csv; charset=utf-8"
PYTHON = "text/x-python"


class NumbersRequest(WindowRequest):
    """What is looked at, and what kind of file its numbers are wanted in."""

    format: Format = "npz"


class Asked(BaseModel):
    """A question to an instrument about a model, as on the socket."""

    model_config = ConfigDict(extra="forbid", strict=True)

    model: str
    measure: Instrument


class MeasuresRequest(BaseModel):
    """What instruments have been asked about a text."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: UnixText
    questions: Annotated[list[Asked], Field(min_length=1, max_length=64)]


@router.post(
    "/api/numbers",
    response_class=Response,
    responses={200: {"content": {BINARY: {}, CSV: {}}, "description": "A file."}, **errors(400, 404, 413, 422, 503)},
)
async def numbers(request: Request, asked: NumbersRequest) -> Response:
    """A file with `"{model}/{layer}.{signal}"` for each panel, a row a step, and `"{model}/surprise"`, in bits.

    The text of the window stands in the metadata of a safetensors file, and as `code_points` in an NPZ file; both have
    the `start`. A CSV file has a column for each number.
    """
    state: State = request.app.state.hidden_state
    _check_length(state, asked.text)
    asked.check(state.library)
    size = asked.size(state.library)
    owner = object()
    admit(state, owner, size * DIGITS // 4 if asked.format == "csv" else size, "window")

    def work() -> dict[str, NDArray[np.float32]]:
        return asked.numbers(state.library, state.budget)

    try:
        found = await state.pool.run(work)
    except BaseException:
        state.traces.hold(owner, 0)
        raise
    sent = pieces(asked.format, found, asked.text[asked.start : asked.end], asked.start)
    exact = sum(array.nbytes for array in found.values()) if asked.format == "safetensors" else None
    kind = CSV if asked.format == "csv" else BINARY
    return Sent(sent, f"hidden-state-window.{asked.format}", lambda: state.traces.hold(owner, 0), size=exact, kind=kind)


SCRIPT: dict[int | str, dict[str, Any]] = {200: {"content": {PYTHON: {}}, "description": "A script."}}


@router.post("/api/python/instruments", response_class=Response, responses={**SCRIPT, **errors(400, 404, 413, 422)})
async def python_of_instruments(request: Request, asked: MeasuresRequest) -> Response:
    """A script with the public functions of `hidden_state` that gives the numbers of these answers.

    A text of more than 2,000 characters is not in it: the script reads it from a file, and says so.
    """
    state: State = request.app.state.hidden_state
    found = [(state.library.find(one.model).name, one.measure.as_python()) for one in asked.questions]
    return _script(state, found, asked.text)


@router.post("/api/python/pictures", response_class=Response, responses={**SCRIPT, **errors(400, 404, 413, 422)})
async def python_of_pictures(request: Request, asked: WindowRequest) -> Response:
    """The same for what the pictures show: of each panel the numbers of the window, and the surprise."""
    state: State = request.app.state.hidden_state
    asked.check(state.library)
    return _script(state, parts(asked, state.library), asked.text)


def _script(state: State, found: list[Part], text: str) -> Response:
    _check_length(state, text)
    entries = {name: state.library.find(name).entry for name, _ in found}
    opened = [name for name, entry in entries.items() if state.library.opened.get(entry.card.id) is not None]
    own = any(entry.folder.parent != FOLDER and name not in opened for name, entry in entries.items())
    made = script(found, text, own_models=own, opened=opened)
    return Response(made, media_type=f"{PYTHON}; charset=utf-8", headers={"Cache-Control": "no-store"})


def _check_length(state: State, text: str) -> None:
    most = state.settings.text_limit_characters
    if len(text) > most:
        raise RequestError(
            "text_too_long",
            f"The text has {counted(len(text), 'character')}; this server reads at most {most:,}. "
            "Send a shorter one, or raise HIDDEN_STATE_TEXT_LIMIT_CHARACTERS.",
            status=413,
        )
