"""What the tests of the application share: small models, a server, a client, and a Python twin of the page."""

from __future__ import annotations

import json
import logging
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import uvicorn
from conftest import LETTERS
from safetensors.numpy import load as load_tensors
from websockets.sync.client import ClientConnection, connect

from app.server.process import configure
from app.settings import Settings
from models import CharLM, Vocabulary, zoo
from models.storage.checkpoint import Card, CorpusCard, Measured, save_weights, write_card

TINY = {"tiny-rnn": ("rnn", 6, 1), "tiny-gru": ("gru", 5, 1), "tiny-lstm": ("lstm", 4, 2)}
"""Cell, units and layers of each small model."""


def make_tiny(
    folder: Path, name: str, cell: str, units: int, layers: int, seed: int = 0, characters: str = LETTERS
) -> None:
    """A random model in the form of a trained one, its untrained twin beside it."""
    torch.manual_seed(seed)
    for step in (0, None):
        lm = CharLM(cell, Vocabulary(characters), units, layers, name=name)
        with torch.no_grad():
            for parameter in lm.parameters():
                parameter.mul_(0.4 if step == 0 else 3.0)  # one forgets soon, one uses its whole range
        save_weights(lm, folder, step)
    bits = Measured(bits_per_character=2.5, nats_per_character=1.7329, characters=100)
    corpus = CorpusCard(name="prose", description="", licence="", characters=1000, sha256="", split="")
    card = Card(
        id=name, title=name.upper(), description="A small one.", cell=cell, units=units, layers=layers,
        parameters=lm.parameter_count, vocabulary=characters, corpus=corpus, training={"finished": True},
        measured={"validation": bits}, measured_with="",
    )  # fmt: skip
    write_card(folder, card)


# ── frames ───────────────────────────────────────────────────────────────────────────────────────────


def read_frame(frame: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The message and the tensors of a binary frame."""
    length = int.from_bytes(frame[:8], "little")
    header = json.loads(frame[8 : 8 + length])
    return json.loads(header["__metadata__"]["message"]), load_tensors(frame)


# ── a server and a client of it ──────────────────────────────────────────────────────────────────────


@dataclass
class Server:
    """A running server: where it is, its settings, and all that it logged."""

    settings: Settings
    uvicorn: uvicorn.Server
    port: int
    thread: threading.Thread
    log: list[logging.LogRecord] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def state(self) -> Any:
        return self.uvicorn.config.app.state.hidden_state

    def faults(self) -> list[str]:
        """What it logged as an error, and not by `hidden_state` on purpose."""
        return [record.getMessage() for record in self.log if record.levelno >= logging.ERROR]

    def stop(self) -> None:
        self.uvicorn.should_exit = True
        self.thread.join(20)
        assert not self.thread.is_alive(), "the server did not stop"


class _Keep(logging.Handler):
    def __init__(self, into: list[logging.LogRecord]) -> None:
        super().__init__(logging.INFO)
        self._into = into

    def emit(self, record: logging.LogRecord) -> None:
        self._into.append(record)


@contextmanager
def without_zoo() -> Iterator[None]:
    """Within it the catalogue has no models of its own, so that tests do not depend on them."""
    with tempfile.TemporaryDirectory() as empty, pytest.MonkeyPatch.context() as patch:
        patch.setattr(zoo, "FOLDER", Path(empty))
        yield


@contextmanager
def running(settings: Settings) -> Iterator[Server]:
    """The real server, as `hidden-state serve` configures it, on a free port."""
    started = threading.Event()
    config = configure(settings)
    server = uvicorn.Server(config)
    began = server.startup

    async def startup(*args: Any, **kwargs: Any) -> None:
        await began(*args, **kwargs)
        started.set()

    server.startup = startup  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, name="server", daemon=True)
    with without_zoo():
        thread.start()
        assert started.wait(60), "the server did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    run = Server(settings, server, port, thread)
    handler = _Keep(run.log)
    loggers = [logging.getLogger(name) for name in ("uvicorn.error", "hidden_state", "asyncio")]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield run
    finally:
        run.stop()
        for logger in loggers:
            logger.removeHandler(handler)


def raw_answer(server: Server, request: bytes, timeout: float = 20.0) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of what the server answers to these very bytes, until it ends the connection."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=timeout) as line:
        line.sendall(request)
        came = b""
        while chunk := line.recv(1 << 16):
            came += chunk
    head, _, body = came.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    return int(first.split()[1]), {k.lower(): v for k, v in (line.split(": ", 1) for line in lines)}, body


def upgrade(host: str, **headers: str) -> bytes:
    """A request to open the socket, as a browser sends it; underscores in names of headers are hyphens."""
    lines = {
        "Host": host,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return "".join(["GET /ws HTTP/1.1\r\n", *(f"{k}: {v}\r\n" for k, v in lines.items()), "\r\n"]).encode("latin-1")


class Talk:
    """A client of the socket: messages as dicts, binary frames as `(message, tensors)`."""

    def __init__(self, server: Server, **options: Any) -> None:
        connection = connect(f"ws://127.0.0.1:{server.port}/ws", max_size=None, compression=None, **options)
        self.socket: ClientConnection = connection.__enter__()

    def __enter__(self) -> Talk:
        self.hello = self.next()
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, **message: Any) -> None:
        self.socket.send(json.dumps(message))

    def next(self, timeout: float = 20.0) -> Any:
        raw = self.socket.recv(timeout=timeout)
        return json.loads(raw) if isinstance(raw, str) else read_frame(raw)

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> tuple[list[Any], Any]:
        """All that comes before the first message that is `wanted`, and that one."""
        before: list[Any] = []
        while True:
            item = self.next()
            if wanted(item[0] if isinstance(item, tuple) else item):
                return before, item
            before.append(item)


def panel(model: str, signal: str, layer: int = 0) -> dict[str, Any]:
    return {"model": model, "layer": layer, "signal": signal}


# ── the page's twin ──────────────────────────────────────────────────────────────────────────────────

PanelKey = tuple[str, int, str]


@dataclass
class Picture:
    """One panel as the page holds it: by a column's first step its cells, surprise and peak, drawn between `bounds`
    on a `scale`."""

    columns: dict[int, tuple[np.ndarray, np.float32, np.float32]] = field(default_factory=dict)
    bounds: tuple[float, float] | None = None
    scale: str = "linear"
    steps: int = 0
    bits: float | None = None
    scored: int = 0


@dataclass
class Strip:
    """One model's line in the overview: by a column's first step the mean surprise."""

    columns: dict[int, np.float32] = field(default_factory=dict)
    per: int = 1


class Page:
    """What docs/protocol.md asks of a page, and no more. `send` gets each message as a dict."""

    def __init__(self, send: Callable[[dict[str, Any]], None]) -> None:
        self._send = send
        self.text = ""
        self.revision = -1
        self.window = (0, 0)
        self.per = 1
        self.show = "extreme"
        self.scale: float | str | None = "largest"
        self.room = 0
        self.pictures: dict[PanelKey, Picture] = {}
        self.strips: dict[str, Strip] = {}
        self._edits: list[tuple[int, int]] = []  # (revision, at)

    def say_text(self, text: str, window: tuple[int, int] | None = None) -> None:
        self.text = text
        self._changed(0)
        for picture in self.pictures.values():
            picture.columns.clear()
        self._send({"type": "text", "revision": self.revision, "text": text, **self._move(window)})

    def edit(self, at: int, remove: int, insert: str, window: tuple[int, int] | None = None) -> None:
        self.text = self.text[:at] + insert + self.text[at + remove :]
        self._changed(at)
        change = {"revision": self.revision, "at": at, "remove": remove, "insert": insert}
        self._send({"type": "edit", **change, **self._move(window)})

    def view(
        self,
        panels: list[PanelKey],
        window: tuple[int, int],
        scale: float | str | None = "largest",
        *,
        per: int = 1,
        show: str = "extreme",
        room: int = 0,
        go_on: bool = False,
    ) -> None:
        if self.per != per or (per > 1 and self.show != show):
            for picture in self.pictures.values():
                picture.columns.clear()
        self.scale, self.per, self.show, self.room = scale, per, show, room
        self.pictures = {key: self.pictures.get(key) or Picture() for key in panels}
        self.strips = {model: self.strips.get(model) or Strip() for model, _, _ in panels}
        chosen = [{"model": model, "layer": layer, "signal": signal} for model, layer, signal in panels]
        looked = {"scale": scale, "per": per, "show": show, "overview": room, "go_on": go_on}
        self._send({"type": "view", "panels": chosen, **self._move(window), **looked})

    def again(self) -> None:
        """Say the same view once more, and go on reading."""
        same = {"per": self.per, "show": self.show, "room": self.room}
        self.view(list(self.pictures), self.window, self.scale, **same, go_on=True)

    def take(self, message: dict[str, Any], tensors: dict[str, np.ndarray]) -> None:
        """Apply a frame of columns, of panels or of the overview."""
        if message["type"] == "columns":
            self._take_columns(message, tensors)
        elif message["type"] == "overview":
            self._take_overview(message, tensors["surprise"])

    def _take_columns(self, message: dict[str, Any], tensors: dict[str, np.ndarray]) -> None:
        picture = self.pictures.get((message["model"], message["layer"], message["signal"]))
        if picture is None:
            return  # a panel that has been closed since
        per, cut = message["per"], self._cut(message)
        if per == self.per and (per == 1 or message["show"] == self.show):  # else made before the last zoom
            bounds, scale = (message["low"], message["high"]), message["scale"]
            if (picture.bounds, picture.scale) != (bounds, scale):
                picture.columns.clear()
                picture.bounds, picture.scale = bounds, scale
            parts = zip(tensors["cells"], tensors["surprise"], tensors["peak"], strict=True)
            for step, column in zip(range(message["from"], message["to"], per), parts, strict=True):
                if self.window[0] <= step < self.window[1] and step + per <= cut:
                    picture.columns[step] = column
        picture.steps = int(min(message["steps"], cut))
        picture.bits, picture.scored = message["bits_per_character"], message["scored"]

    def _take_overview(self, message: dict[str, Any], surprise: np.ndarray) -> None:
        strip = self.strips.get(message["model"])
        if strip is None:
            return
        if strip.per != message["per"]:
            strip.columns, strip.per = {}, message["per"]
        for step, mean in zip(range(message["from"], message["to"], strip.per), surprise, strict=True):
            if step + strip.per <= self._cut(message):
                strip.columns[step] = mean

    def _cut(self, message: dict[str, Any]) -> float:
        """The first step that was edited after a frame was made."""
        return min((at for revision, at in self._edits if revision > message["revision"]), default=float("inf"))

    def _changed(self, at: int) -> None:
        self.revision += 1
        self._edits.append((self.revision, at))
        for picture in self.pictures.values():
            picture.steps = min(picture.steps, at)
            picture.columns = {step: one for step, one in picture.columns.items() if step + self.per <= at}
        for strip in self.strips.values():
            strip.columns = {step: one for step, one in strip.columns.items() if step + strip.per <= at}

    def _move(self, window: tuple[int, int] | None) -> dict[str, Any]:
        if window is None:
            return {}
        self.window = window
        for picture in self.pictures.values():
            kept = {step: column for step, column in picture.columns.items() if window[0] <= step < window[1]}
            picture.columns = kept
        return {"window": list(window)}
