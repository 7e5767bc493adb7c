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
