"""A page without a browser: one session of the live socket, for programs that measure the server."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from websockets.sync.client import ClientConnection, connect

from app.content.example_texts import SAMPLES

MODELS = ("shakespeare-rnn", "shakespeare-gru", "shakespeare-lstm")


def prose(characters: int, seed: int = 0) -> str:
    """So many characters: the words of the samples, in a random order that is always the same."""
    words = " ".join(sample.text for sample in SAMPLES if sample.corpus == "shakespeare").split(" ")
    choose = random.Random(seed)
    out: list[str] = []
    length = 0
    while length < characters:
        out.append(choose.choice(words))
        length += len(out[-1]) + 1
    return (" ".join(out) + " ")[:characters]


class Page:
    """One open session: three models, one panel each."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.revision = -1
        self.length = 0
        self._socket.recv()  # hello

    def view(self, start: int, stop: int, per: int = 1, overview: int = 0) -> None:
        panels = [{"model": model, "layer": 0, "signal": "hidden"} for model in MODELS]
        self._send(type="view", panels=panels, window=[start, stop], per=per, overview=overview)

    def text(self, text: str) -> None:
        self.revision, self.length = self.revision + 1, len(text)
        self._send(type="text", revision=self.revision, text=text)

    def insert(self, at: int, words: str, window: tuple[int, int]) -> None:
        self.revision, self.length = self.revision + 1, self.length + len(words)
        self._send(type="edit", revision=self.revision, at=at, remove=0, insert=words, window=list(window))

    def measure(self, **measure: Any) -> None:
        """Ask an instrument about each model."""
        for number, model in enumerate(MODELS):
            self._send(type="measure", id=number, model=model, measure=measure)

    def _send(self, **message: Any) -> None:
        self._socket.send(json.dumps(message))

    def until(self, done: Callable[[dict[str, Any]], bool], kind: str = "columns") -> float:
        """Receive until each model has sent a frame of a `kind` that is `done`. Returns the seconds it took."""
        began, missing = time.perf_counter(), set(MODELS)
        while missing:
            frame = self._socket.recv(timeout=120)
            if isinstance(frame, str):
                message = json.loads(frame)
                if message["type"] in ("error", "unmeasured"):
                    raise RuntimeError(message["message"])
                continue
            header = int.from_bytes(frame[:8], "little")
            message = json.loads(json.loads(frame[8 : 8 + header])["__metadata__"]["message"])
            if message["type"] == kind and message["revision"] == self.revision and done(message):
                missing.discard(message["model"])
        return time.perf_counter() - began

    def until_shown(self, stop: int) -> float:
        """Until the columns before step `stop` are there."""
        return self.until(lambda frame: bool(frame["to"] >= stop))

    def until_measured(self) -> float:
        """Until the instrument has answered for every model."""
        return self.until(lambda frame: True, "measured")

    def until_read(self) -> float:
        """Until every model has read the whole text."""
        return self.until(lambda frame: bool(frame["steps"] == self.length))


@contextmanager
def page(url: str) -> Iterator[Page]:
    """A new session of the server at `url`."""
    with connect(f"{url.replace('http', 'ws')}/ws", max_size=None, compression=None) as socket:
        yield Page(socket)
