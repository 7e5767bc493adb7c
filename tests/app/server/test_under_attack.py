"""The server under attack, on this machine only and for a bounded time: it goes on, and loses nothing.

`ATTACK=full` in the environment makes it as large as it once was by hand, however long that takes: 17,000 messages,
1,600 requests.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from app.settings import Settings
from tests.support.paths import ROOT
from tests.support.patience import wait_for
from tests.support.served_app import Server, running
from tests.support.small_models import TINY
from tests.support.socket_client import Talk, panel, read_frame

pytestmark = pytest.mark.slow

FULL = os.environ.get("ATTACK") == "full"
MESSAGES, REQUESTS = (17_000, 1_600) if FULL else (6_000, 800)
ENOUGH_SECONDS = 7_200.0 if FULL else 60.0
JUNK: list[Any] = [
    None, True, -1, 0, 1, 2**31, 2**53, 2**64, 1e308, -0.5, "", "a", "x" * 5_000, "\ud800", "tiny-rnn", "tiny-lstm@0",
    "tiny-gru~zero@1", "nobody", "hidden", "0", [], [0, 5], [5, 0], [None], {}, {"model": "tiny-rnn"}, float("nan"),
]  # fmt: skip
KEYS = [
    "type", "revision", "at", "remove", "insert", "text", "panels", "window", "per", "show", "model", "layer", "signal",
    "step", "id", "measure", "name", "start", "stop", "first", "last", "lags", "surplus", "overview", "scale",
]  # fmt: skip
SOUND: list[dict[str, Any]] = [
    {"type": "view", "panels": [panel("tiny-rnn", "hidden")], "window": [0, 20]},
    {"type": "text", "revision": 0, "text": "To be"},
    {"type": "edit", "revision": 1, "at": 2, "remove": 1, "insert": "x"},
    {"type": "inspect", "step": 1},
    {"type": "arrange", "model": "tiny-rnn", "layer": 0, "signal": "hidden"},
    {"type": "measure", "id": 1, "model": "tiny-gru", "measure": {"name": "forgetting", "step": 1, "lags": 3}},
    {"type": "dismiss", "id": 1},
    {"type": "cancel"},
]


def hostile(draw: random.Random) -> str | bytes:
    """A message: a sound one with something wrong, one made of junk, or what is no message at all."""
    kind = draw.random()
    if kind < 0.1:
        return draw.choice([b"", b"\x00" * 50, bytes(draw.randrange(256) for _ in range(40))])
    if kind < 0.2:
        return draw.choice(["", "{", "[" * 3_000, "null", "NaN", '"text"', "{}" * 9, '{"type": "text"', "\x00", "😀"])
    message = dict(draw.choice(SOUND)) if kind < 0.8 else {}
    for _ in range(draw.randrange(1, 5)):
        message[draw.choice(KEYS)] = draw.choice(JUNK)
    if draw.random() < 0.2 and message:
        del message[draw.choice(list(message))]
    return json.dumps(message)


def sound(server: Server) -> bool:
    """Whether a new page gets its picture."""
    with Talk(server) as talk:
        talk.send(**SOUND[0])
        talk.send(type="text", revision=0, text="Good day")
        _, (message, _) = talk.until(lambda item: item["type"] == "columns")
        return bool(message["steps"] == 8)


def test_thousands_of_hostile_messages_are_answered_or_ended_and_are_no_fault(
    settings_of: Callable[..., Settings],
) -> None:
    draw, sent, lines, ended = random.Random(0), 0, 0, time.monotonic() + ENOUGH_SECONDS
    with running(settings_of()) as server:
        while sent < MESSAGES and time.monotonic() < ended:
            with connect(f"ws://127.0.0.1:{server.port}/ws", max_size=None, compression=None) as line:
                lines += 1
                hello = json.loads(line.recv(timeout=20))
                assert hello["type"] == "hello"
                try:
                    for _ in range(200):
                        line.send(hostile(draw))
                        sent += 1
                    line.send(json.dumps({**SOUND[0], "panels": [panel("the-last", "hidden")]}))
                    answered = False
                    while not answered:
                        came = line.recv(timeout=20)
                        if isinstance(came, str):
                            error = json.loads(came)
                            assert error.get("code") != "internal", error
                            assert len(came) < 20_000
                            answered = "the-last" in error.get("message", "")
                except ConnectionClosed:
                    pass  # it may end a connection, and goes on for others
        print(f"{sent:,} hostile messages over {lines:,} connections")
        assert sent >= (MESSAGES if FULL else 1_000), "too slow to say anything"
        assert server.faults() == []
        assert sound(server)
        wait_for(lambda: server.state.sessions == 0)
        assert server.state.budget.used == 0


def test_generated_requests_are_answered_as_described_and_in_one_shape(server: Server) -> None:
    draw, ended, statuses = random.Random(1), time.monotonic() + ENOUGH_SECONDS, Counter[int]()
    server.log.clear()
    with httpx.Client(base_url=server.url, timeout=30) as http:
        described = http.get("/openapi.json").json()["paths"]
        for k in range(REQUESTS):
            if time.monotonic() > ended:
                assert k > 100
                assert not FULL
                break
            path = draw.choice(
                [*described, "/", "/models", "/static/main.js", "/nothing", "/api/%00", "/static/%2e%2e/x"]
            )
            method = draw.choice(["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
            body: Any = {draw.choice(["model", "text", "x"]): draw.choice(JUNK) for _ in range(draw.randrange(4))}
            content = draw.choice(
                [json.dumps(body).encode(), b"", b"{", b"\xff", json.dumps(draw.choice(JUNK)).encode()]
            )
            kind = draw.choice(["application/json", "application/json", "text/plain", "multipart/form-data", ""])
            extra = draw.choice([{}, {"Range": "bytes=9-1"}, {"Accept": "text/html"}, {"If-None-Match": '"'}])
            answer = http.request(method, path, content=content, headers={"Content-Type": kind, **extra})
            asked = f"{method} {path} {content[:80]!r} {extra}"
            statuses[answer.status_code] += 1
            assert answer.status_code < 500, asked
            if path in described and method.lower() in described[path]:
                assert str(answer.status_code) in described[path][method.lower()]["responses"], asked
            if answer.status_code >= 400 and method != "HEAD" and "Accept" not in extra:
                assert set(answer.json()) == {"type", "code", "message", "revision"}, asked
    print(f"{statuses.total():,} requests, answered {dict(sorted(statuses.items()))}")
    assert server.faults() == []
    assert sound(server)


def test_bytes_that_are_no_http_leave_the_server_as_it_was(server: Server) -> None:
    draw = random.Random(2)
    heads = [b"GET / HTTP/1.1\r\n", b"POST /api/trace HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", b""]
    for _ in range(200):
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
            line.sendall(draw.choice(heads) + bytes(draw.randrange(256) for _ in range(draw.randrange(300))))
    assert sound(server)


def serve(port: int, models: Path) -> tuple[subprocess.Popen[str], str]:
    """A server as a process of its own, and its address."""
    run = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve"],
        cwd=ROOT,
        env={
            **os.environ, "HIDDEN_STATE_PORT": str(port), "HIDDEN_STATE_HOST": "127.0.0.1",
            "HIDDEN_STATE_MODEL_FOLDERS": str(models),
        },
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert run.stdout is not None
    found = re.search(r"http://(127\.0\.0\.1:\d+)", run.stdout.readline())
    assert found
    return run, found[1]


def picture(address: str, revision: int, text: str) -> np.ndarray:
    """What a page is shown of a text, opening the socket anew as a page does that lost it."""
    with connect(f"ws://{address}/ws", max_size=None, compression=None) as line:
        line.recv(timeout=60)
        for message in (SOUND[0], {"type": "text", "revision": revision, "text": text}):
            line.send(json.dumps(message))
        while True:
            came = line.recv(timeout=60)
            if isinstance(came, bytes):
                message, tensors = read_frame(came)
                if message["type"] == "columns" and message["steps"] == len(text):
                    return tensors["cells"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="not run: this system has no SIGKILL")
def test_a_server_that_is_killed_and_started_again_shows_the_same(tiny_models: Path) -> None:
    """The page keeps its text; the server keeps nothing that a start cannot bring back."""
    port, seen = 0, []
    for _ in range(3):
        run, address = serve(port, tiny_models)
        port = int(address.rsplit(":", 1)[1])
        try:
            seen.append(picture(address, 7, "To be, or not"))
            ids = {model["id"] for model in httpx.get(f"http://{address}/api/models").json()}
            assert set(TINY) <= ids
        finally:
            run.send_signal(signal.SIGKILL)
            run.wait(20)
            run.stdout.close()
    assert all(np.array_equal(one, seen[0]) for one in seen)
