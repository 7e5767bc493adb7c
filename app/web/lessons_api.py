"""REST: what a question of a lesson asks about a pupil's text, and what a claim states, measured on the spot."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.responses import StreamingResponse

from models import HiddenStateError, RequestError
from models.text.lines import unix_lines
from models.text.words import counted

from ..http.errors import errors
from ..lessons.blocks import Ask, in_words
from ..lessons.measuring import Measuring, Meter, answer_of
from ..lessons.parser import Placed
from ..wire.message import Index
from .lessons import find
from .services import State

log = logging.getLogger("hidden_state")
router = APIRouter(responses=errors(403, 500))

PIECE_SECONDS = 0.02
TELL_SECONDS = 0.15
"""How often progress is reported."""
LINES = "application/x-ndjson"


class AnswerRequest(BaseModel):
    """Which question or claim of which lesson, and the text that it is about."""

    model_config = ConfigDict(extra="forbid", strict=True)

    lesson: Annotated[str, Field(max_length=100)]
    ask: Annotated[str, Field(max_length=100)] | None = None
    claim: Annotated[str, Field(max_length=100)] | None = None
    """In place of `ask`."""
    text: Annotated[str, AfterValidator(unix_lines)] = ""
    cursor: Index | None = None
    """The step at the lab's cursor."""


@router.post(
    "/api/lessons/answer",
    response_class=StreamingResponse,
    responses={200: {"content": {LINES: {}}, "description": "JSON lines."}, **errors(404, 413, 422)},
)
async def answer(request: Request, asked: AnswerRequest) -> StreamingResponse:
    """JSON lines while it is measured: `{"share": 0.4}`, and at the end one of

        {"value": 37.0, "words": "37", "choice": 1 or null, "after": HTML}
        {"code", "message"}   why there is no answer

    Whoever closes the connection ends the work.
    """
    state: State = request.app.state.hidden_state
    most = state.settings.text_limit_characters
    if len(asked.text) > most:
        raise RequestError(
            "text_too_long",
            f"The text has {counted(len(asked.text), 'character')}; this server reads at most {most:,}. Shorten it.",
            status=413,
        )
    placed = await state.pool.run(lambda: _placed(state, asked))
    source = placed.block.answer if isinstance(placed.block, Ask) else placed.block.source
    work = Meter(state.library, state.budget).measure(source, asked.text, asked.cursor)
    return StreamingResponse(_lines(state, placed, work), media_type=LINES, headers={"Cache-Control": "no-store"})


def _placed(state: State, asked: AnswerRequest) -> Placed:
    if (asked.ask is None) == (asked.claim is None):
        raise RequestError("bad_request", "Name an `ask` or a `claim` of the lesson, one of them.", status=422)
    lesson = find(state, asked.lesson)
    known = lesson.asks if asked.claim is None else lesson.claims
    name = asked.ask or asked.claim or ""
    if name not in known:
        raise RequestError(
            "unknown_question",
            f"The lesson {lesson.id} asks and claims nothing named {name!r}. Load its page again: it may have changed.",
            status=404,
        )
    return known[name]


class _Work:
    """A measurement in pieces, on whichever thread has time. It can be ended at any moment, also while a piece runs."""

    def __init__(self, measuring: Measuring) -> None:
        self._measuring = measuring
        self._lock = threading.Lock()

    def piece(self) -> float | list[float]:
        """Work for a moment: the share that is done, or the numbers that were found."""
        began, share = time.monotonic(), 0.0
        with self._lock:
            try:
                while time.monotonic() - began < PIECE_SECONDS:
                    share = next(self._measuring)
            except StopIteration as done:
                found: list[float] = done.value or []
                return found
        return float(share)

    def end(self) -> None:
        """Free what it holds, once the piece that runs is done."""
        with self._lock:
            self._measuring.close()


async def _lines(state: State, placed: Placed, measuring: Measuring) -> AsyncIterator[bytes]:
    """The lines of an answer; the work ends with them, or when nobody reads on."""
    work, owner = _Work(measuring), object()
    told = time.monotonic()
    try:
        while True:
            share = await state.pool.run(work.piece, owner, urgent=False)
            if not isinstance(share, float):
                yield _line(_answer(placed, share))
                return
            if time.monotonic() - told >= TELL_SECONDS:
                told = time.monotonic()
                yield _line({"share": round(share, 3)})
    except HiddenStateError as error:
        yield _line({"code": error.code, "message": str(error)})
    except Exception as fault:
        log.error("A lesson's question failed", exc_info=fault)
        yield _line({"code": "internal", "message": "The server failed at this; its log says why."})
    finally:
        state.pool.forget(owner)
        # Whoever hung up does so while a piece runs: the event loop does not wait for it.
        asyncio.get_running_loop().run_in_executor(None, work.end)


def _answer(placed: Placed, numbers: list[float]) -> dict[str, Any]:
    block = placed.block
    if not isinstance(block, Ask):
        return {"value": numbers[0], "words": in_words(numbers[0], block.format), "choice": None, "after": ""}
    value = answer_of(block.answer, numbers)
    choice = block.choice(value)
    return {"value": value, "words": in_words(value, block.format), "choice": choice, "after": placed.after}


def _line(words: dict[str, Any]) -> bytes:
    return json.dumps(words, ensure_ascii=False).encode() + b"\n"
