"""A client of the live socket, and what it sends and reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
from safetensors.numpy import load as load_tensors
from websockets.sync.client import ClientConnection, connect

from tests.support.served_app import Server


def read_frame(frame: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The message and the tensors of a binary frame."""
    length = int.from_bytes(frame[:8], "little")
    header = json.loads(frame[8 : 8 + length])
    return json.loads(header["__metadata__"]["message"]), load_tensors(frame)


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


def is_error(message: dict[str, Any]) -> bool:
    return message["type"] == "error"


def is_done(message: dict[str, Any]) -> bool:
    return message["type"] == "columns" and message["steps"] == message["length"]


def look(talk: Talk, *panels: tuple[str, int, str], window: tuple[int, int] = (0, 100)) -> None:
    talk.send(type="view", panels=[panel(model, signal, layer) for model, layer, signal in panels], window=window)


def read_text(talk: Talk, text: str, revision: int = 0) -> dict[str, np.ndarray]:
    """What one panel of a small model holds once `text` has been read."""
    look(talk, ("tiny-gru", 0, "hidden"))
    talk.send(type="text", revision=revision, text=text)
    before, last = talk.until(is_done)
    parts = [item for item in [*before, last] if isinstance(item, tuple)]
    return {name: np.concatenate([tensors[name] for _, tensors in parts]) for name in ("cells", "surprise")}
