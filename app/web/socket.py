"""The live socket: a thin shell that carries messages between a page and its session."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from contextlib import suppress
from urllib.parse import urlsplit

from starlette.responses import JSONResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from models import HiddenStateError, RequestError

from ..compute.memory_budget import WORTH_GIVING_BACK, give_back
from ..live.protocol import CloseCode, Edit, Error, Request, Text, parse
from ..live.reading import Outgoing
from ..live.session import Session
from .hello import hello
from .services import State

log = logging.getLogger("hidden_state")

OPENED = "opened"
"""In the address of the socket: a model that came with a session file, and that `hello` then tells of."""
MOST_OPENED = 64


async def live(websocket: WebSocket) -> None:
    """`WS /ws`: one session, from `hello` until the page goes away."""
    state: State = websocket.app.state.hidden_state
    origin = websocket.headers.get("origin")
    if not _welcome(origin, websocket.headers.get("host"), state.settings.allowed_origins):
        error = Error(
            code="foreign_origin",
            message=f"Pages of {origin} may not open a session here. "
            "Open the page that this server serves, or name that origin in HIDDEN_STATE_ALLOWED_ORIGINS.",
        )
        await websocket.send_denial_response(JSONResponse(error.model_dump(), status_code=403))
        # uvicorn logs an error if this returns before it has noticed that the connection is over
        await asyncio.sleep(0)
        return
    await websocket.accept()
    limit = state.settings.session_limit
    with state.place() as place:
        if not place:
            error = Error(
                code="too_many_sessions",
                message=f"All {limit} sessions of this server are in use. Close another page of it, try again "
                "in a while, or raise HIDDEN_STATE_SESSION_LIMIT.",
            )
            with suppress(WebSocketDisconnect):
                await websocket.send_text(error.model_dump_json())
                await websocket.close(CloseCode.TOO_MANY_SESSIONS, CloseCode.TOO_MANY_SESSIONS.meaning)
            return
        with suppress(WebSocketDisconnect):
            await websocket.send_text(hello(state, websocket.query_params.getlist(OPENED)[:MOST_OPENED]))
            await _Line(websocket, Session(state.library, state.session_limits, state.budget), state).run()


def _welcome(origin: str | None, host: str | None, allowed: list[str]) -> bool:
    """Whether `origin` may open a session: the server's own pages, those allowed, and scripts, which send none."""
    if origin is None or origin in allowed:
        return True
    try:
        return urlsplit(origin).netloc == host
    except ValueError:  # "http://[" is not an address
        return False


FULL = 64
"""How many messages of one page may wait; a faster page is slowed down by the connection's own flow control."""
LONG = 10_000
"""Characters: processing as many takes long enough to be kept off the event loop."""


class _Line:
    """One connection. `listen` always awaits the next message; `drive` works until there is nothing left to do."""

    def __init__(self, websocket: WebSocket, session: Session, state: State) -> None:
        self._websocket = websocket
        self._session = session
        self._state = state
        self._inbox: deque[Request | Error] = deque()
        self._wake = asyncio.Event()
        self._heard = asyncio.Event()
        self._busy: dict[asyncio.Task[list[Outgoing]], str] = {}
        """The pieces of work in progress, and their models."""
        self._applying: asyncio.Task[None] | None = None
        self._giving: asyncio.Task[None] | None = None
        """The task that returns freed memory to the system."""

    async def run(self) -> None:
        """Serve the page until it goes away; then raises WebSocketDisconnect."""
        driver = asyncio.create_task(self._drive())
        listener = asyncio.create_task(self._listen())
        try:
            done, _ = await asyncio.wait({driver, listener}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._session.interrupt()
            for task in (driver, listener):
                task.cancel()
            under_way = [*self._busy, *([self._applying] if self._applying else [])]
            await asyncio.gather(driver, listener, *under_way, return_exceptions=True)
            held = self._session.close()
            self._state.pool.forget(self)
            if held >= WORTH_GIVING_BACK:
                await self._state.pool.run(give_back, urgent=False)

    async def _listen(self) -> None:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code") or 1005)
            raw = message.get("text")
            try:
                if raw is None:
                    raise RequestError("bad_message", "A binary message came; messages to the server are JSON text.")
                self._post(parse(raw))
            except RequestError as error:
                self._post(Error(code=error.code, message=str(error)))
            self._session.interrupt()
            self._wake.set()
            while len(self._inbox) >= FULL or sum(_length(one) for one in self._inbox) > self._most:
                self._heard.clear()
                await self._heard.wait()

    @property
    def _most(self) -> int:
        """Characters that may wait together: one text of maximum length, and some more."""
        return self._state.settings.text_limit_characters

    def _post(self, message: Request | Error) -> None:
        """Put a message into the inbox. A whole text makes the texts and edits that wait before it pointless."""
        if isinstance(message, Text):
            self._inbox = deque(waiting for waiting in self._inbox if not isinstance(waiting, Text | Edit))
        self._inbox.append(message)

    async def _drive(self) -> None:
        while True:
            if not self._inbox:  # otherwise a fault would leave some messages unprocessed
                await self._wake.wait()
            try:
                await self._work()
            except WebSocketDisconnect:
                raise
            except Exception as fault:
                await self._tell(fault)
            finally:
                self._heard.set()

    async def _work(self) -> None:
        """Alternate between processing messages and doing work, until nothing is left of either."""
        while True:
            self._wake.clear()
            if self._inbox:
                while self._busy:  # the work in progress belongs to the previous text
                    await self._harvest()
                for _ in range(len(self._inbox)):
                    await self._take(self._inbox.popleft())
                    await asyncio.sleep(0)  # other connections share this loop
                    if not self._inbox:
                        break
                self._session.interrupt(bool(self._inbox))
                self._heard.set()
            while len(self._busy) < self._state.pool.threads:
                piece = self._session.next(self._busy.values())
                if piece is None:
                    break
                work = self._state.pool.run(piece.do, self, urgent=piece.urgent)
                self._busy[asyncio.create_task(work)] = piece.model
            if self._busy:
                await self._harvest()
            elif not self._inbox:
                return

    async def _harvest(self) -> None:
        """Await the next piece of work and send its result."""
        done, _ = await asyncio.wait(self._busy, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            model, fault = self._busy.pop(task), task.exception()
            if fault is not None:
                self._session.failed(model)
                await self._tell(fault)
                continue
            for item in task.result():
                await self._send(item if isinstance(item, bytes) else item.model_dump_json())

    async def _tell(self, fault: BaseException) -> None:
        """Report a failed piece of work to the page and, if it was unexpected, to the log."""
        if isinstance(fault, HiddenStateError):
            return await self._complain(fault.code, str(fault))
        log.error("A session failed at its work", exc_info=fault)
        await self._complain("internal", "The server failed at this; its log says why. Change the text to try again.")

    async def _take(self, message: Request | Error) -> None:
        if isinstance(message, Error):
            await self._complain(message.code, message.message)
            return
        before = self._session.nbytes
        try:
            if _length(message) < LONG:
                self._session.apply(message)
            else:
                work = self._state.pool.run(lambda: self._session.apply(message), self)
                self._applying = asyncio.create_task(work)
                await asyncio.shield(self._applying)  # if the page goes away meanwhile, `run` waits for it
        except HiddenStateError as error:
            await self._complain(error.code, str(error))
        if before - self._session.nbytes >= WORTH_GIVING_BACK:
            self._giving = asyncio.create_task(self._state.pool.run(give_back, urgent=False))

    async def _complain(self, code: str, message: str) -> None:
        revision = self._session.revision if self._session.revision >= 0 else None
        await self._send(Error(code=code, message=message, revision=revision).model_dump_json())

    async def _send(self, item: bytes | str) -> None:
        try:
            if isinstance(item, bytes):
                await self._websocket.send_bytes(item)
            else:
                await self._websocket.send_text(item)
        except RuntimeError:  # so uvicorn says that it has closed the connection itself
            raise WebSocketDisconnect(1006) from None


def _length(message: Request | Error) -> int:
    """How many characters a message carries."""
    match message:
        case Text():
            return len(message.text)
        case Edit():
            return len(message.insert)
    return 0
