"""`app.server.connections`: how many, how long, how large; against the real server with small bounds."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest

from app.http.security_headers import HEADERS
from app.server import connections
from app.server.connections import HEADERS_LIMIT_BYTES, Connection
from app.settings import Settings
from models.cells import CELLS
from tests.support.paths import ROOT
from tests.support.patience import wait_for
from tests.support.served_app import Server, raw_answer, running, upgrade
from tests.support.socket_client import Talk, panel

IDLE = 60.0
"""Seconds by the server's clock, which the tests put forward: on a slow machine nothing ends before its time."""


@pytest.fixture(scope="module")
def hasty(settings_of: Callable[..., Settings]) -> Iterator[Server]:
    """A server that ends idle connections soon and takes few."""
    with running(settings_of(idle_timeout_seconds=IDLE, connection_limit=8)) as server:
        yield server


def check_error(status: int, headers: dict[str, str], body: bytes, expected: int, code: str) -> str:
    assert status == expected
    error = json.loads(body)
    assert set(error) == {"type", "code", "message", "revision"}
    assert error["code"] == code
    for name, value in HEADERS.items():
        assert headers[name.lower()] == value
    return str(error["message"])


def dial(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=20)


def idle_for(server: Server, times: float) -> None:
    """Let `times` the idle time go by in steps in which the server can look at its connections."""
    for _ in range(round(8 * times)):
        server.pass_time(IDLE / 8)


def until_ended(line: socket.socket) -> bytes:
    """All that comes until the server ends the connection."""
    came = b""
    with suppress(ConnectionResetError):
        while chunk := line.recv(1 << 16):
            came += chunk
    return came


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"], ids=["nothing", "half"])
def test_a_connection_that_sends_no_request_is_ended(hasty: Server, sent: bytes) -> None:
    with dial(hasty) as line:
        line.sendall(sent)
        idle_for(hasty, 2)
        assert until_ended(line) == b""


def test_a_head_that_comes_byte_by_byte_is_no_progress(hasty: Server) -> None:
    with dial(hasty) as line:
        line.sendall(b"GET / HTTP/1.1\r\nX: ")
        with suppress(OSError):  # it is ended while bytes are still sent
            for _ in range(20):
                line.sendall(b"x")
                idle_for(hasty, 1 / 8)
        assert until_ended(line) == b""


def test_a_body_that_stops_coming_is_ended_and_one_that_comes_slowly_is_waited_for(hasty: Server) -> None:
    body = b'{"model": "tiny-rnn", "text": "abc"}'
    head = (
        b"POST /api/trace HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    )
    with dial(hasty) as line:
        line.sendall(head + body[:5])
        idle_for(hasty, 2)
        assert until_ended(line) == b""
    with dial(hasty) as line:
        line.sendall(head)
        for k in range(4):
            idle_for(hasty, 1 / 2)
            line.sendall(body[9 * k : 9 * k + 9])
        assert until_ended(line).startswith(b"HTTP/1.1 200 OK")


def test_an_answer_that_nobody_takes_is_given_up_with_its_memory(settings_of: Callable[..., Settings]) -> None:
    text = "x" * 60_000
    with running(settings_of(idle_timeout_seconds=IDLE, trace_memory_limit_mebibytes=20)) as server:
        with dial(server) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            body = json.dumps({"model": "tiny-lstm", "text": text}).encode()
            line.sendall(
                b"POST /api/trace HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n" % len(body) + body
            )
            assert line.recv(12) == b"HTTP/1.1 200"
            assert httpx.get(f"{server.url}/healthz").json()["traces_bytes"] > 20 << 20 >> 1
            answer = httpx.post(f"{server.url}/api/trace", json={"model": "tiny-lstm", "text": text})
            message = check_error(answer.status_code, dict(answer.headers), answer.content, 503, "too_many_traces")
            assert "HIDDEN_STATE_TRACE_MEMORY_LIMIT_MEBIBYTES" in message
            idle_for(server, 2)
            wait_for(lambda: httpx.get(f"{server.url}/healthz").json()["traces_bytes"] == 0)
        assert httpx.post(f"{server.url}/api/trace", json={"model": "tiny-lstm", "text": text}).status_code == 200
        assert server.faults() == []


def test_a_session_that_takes_nothing_is_ended_and_its_place_is_free(settings_of: Callable[..., Settings]) -> None:
    """The page's pictures fill every buffer on the way; then nothing moves any more."""
    settings = settings_of(idle_timeout_seconds=IDLE, ping_interval_seconds=IDLE, column_limit=100_000)
    with running(settings) as server:
        line = dial(server)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.sendall(upgrade("127.0.0.1"))
        assert line.recv(12) == b"HTTP/1.1 101"
        panels = [panel("tiny-lstm", name, layer) for name in CELLS["lstm"].names() for layer in (0, 1)]
        view = {"type": "view", "panels": panels, "window": [0, 100_000]}
        for message in (view, {"type": "text", "revision": 0, "text": "ab" * 50_000}):  # 14 MB of pictures
            line.sendall(client_frame(json.dumps(message).encode()))
        wait_for(lambda: idle_for(server, 1 / 4) or server.state.sessions == 0)
        line.close()


def client_frame(payload: bytes) -> bytes:
    """A text message of a browser, masked with zeros."""
    return bytes([0x81, 0x80 | 127]) + len(payload).to_bytes(8, "big") + bytes(4) + payload


def test_a_socket_that_is_silent_but_there_stays_open(hasty: Server) -> None:
    with Talk(hasty) as talk:
        for _ in range(12):
            idle_for(hasty, 1 / 4)
            for _ in range(2):  # what the server asked before is answered before this
                assert talk.socket.ping().wait(20)
        talk.send(type="view", panels=[panel("tiny-rnn", "hidden")], window=[0, 10])
        talk.send(type="text", revision=0, text="a")
        talk.until(lambda message: message["type"] == "columns")


def test_a_connection_too_many_is_refused_in_the_one_shape_and_a_place_that_becomes_free_is_given(
    settings_of: Callable[..., Settings],
) -> None:
    with running(settings_of(connection_limit=3)) as server:
        with ExitStack() as stack:
            for _ in range(3):
                stack.enter_context(dial(server))
            request = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
            message = check_error(*raw_answer(server, request), 503, "too_many_connections")
            assert "HIDDEN_STATE_CONNECTION_LIMIT" in message
            status, headers, body = raw_answer(server, upgrade("127.0.0.1"))
            check_error(status, headers, body, 503, "too_many_connections")
        wait_for(lambda: not server.uvicorn.server_state.connections)
        assert httpx.get(f"{server.url}/healthz").status_code == 200


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="not run: this system counts no open files")
def test_with_few_open_files_idle_connections_stop_no_answers_and_fill_no_log(tmp_path: Path) -> None:
    """A process of its own with 128 descriptors; 300 connections at once that say nothing; others are answered all
    along, and the loops are compiled meanwhile, which opens files too."""
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128)); "
        "from app.settings import read_settings; from app.server.process import serve; "
        "from rich.console import Console; "
        "serve(read_settings(port=0, host='127.0.0.1'), Console())"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}  # nothing is compiled yet
    run = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        port = int(run.stdout.readline().decode().split("127.0.0.1:")[1].split()[0])
        url = f"http://127.0.0.1:{port}/healthz"
        assert httpx.get(url, timeout=60).status_code == 200
        with ExitStack() as stack:
            for _ in range(300):  # none waits for the one before it
                silent = stack.enter_context(socket.socket())
                silent.setblocking(False)
                silent.connect_ex(("127.0.0.1", port))
            answers = [httpx.get(url, timeout=20).status_code for _ in range(10)]
        assert set(answers) <= {200, 503}
        wait_for(lambda: httpx.get(url, timeout=20).status_code == 200)  # the places of the silent are free again
    finally:
        run.terminate()
        _, complained = run.communicate(timeout=30)
    assert len(complained) < 5_000, complained[:2000]
    assert b"connections" in complained
    assert b"Too many open files" not in complained


def test_the_limit_of_open_files_bounds_that_of_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    kept = connections.RESERVED_FILES
    changed: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: changed.append(limits))
    for limits, found, raised in [
        ((10_000, 10_000), 512, []),
        ((256, 256), 256 - kept, [(256, 256)]),
        ((256, 100_000), 512, [(512 + kept, 100_000)]),
        ((256, resource.RLIM_INFINITY), 512, [(512 + kept, resource.RLIM_INFINITY)]),
        ((resource.RLIM_INFINITY, resource.RLIM_INFINITY), 512, []),
        ((20, 20), 1, [(20, 20)]),
    ]:
        monkeypatch.setattr(resource, "getrlimit", lambda _, limits=limits: limits)
        changed.clear()
        assert connections.affordable(512) == found
        assert changed == raised


def test_cookies_of_other_programs_on_this_machine_keep_no_socket_from_opening(server: Server) -> None:
    cookies = "; ".join(f"other{k}={'c' * 900}" for k in range(60))
    with Talk(server, additional_headers={"Cookie": cookies}) as talk:
        assert talk.hello["type"] == "hello"
    assert httpx.get(f"{server.url}/explore", headers={"Cookie": cookies}).status_code == 200


@pytest.mark.parametrize(
    "extra",
    [{"X-Long": "x" * 9_000}, {f"X-{k}": "x" for k in range(150)}, {"Origin": "http://" + "x" * 8_100}],
    ids=["a long line", "many lines", "a long origin"],
)
def test_a_socket_request_that_is_too_large_is_answered(server: Server, extra: dict[str, str]) -> None:
    check_error(*raw_answer(server, upgrade("127.0.0.1", **extra)), 431, "headers_too_large")


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"GET / HTTP/1.1\r\nX: " + b"x" * (HEADERS_LIMIT_BYTES + 100_000), 431, "headers_too_large"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "bad_request"),
        (b"GET / HTTP/1.1\r\n\r\n", 400, "bad_request"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "bad_request"),
        (b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 400, None),
    ],
    ids=["too large", "TLS", "no host", "two hosts", "no key"],
)
def test_what_is_no_request_is_answered_and_the_server_goes_on(
    server: Server, sent: bytes, status: int, code: str | None
) -> None:
    server.log.clear()
    found, headers, body = raw_answer(server, sent)
    if code is None:
        assert found == status
    else:
        check_error(found, headers, body, status, code)
    assert server.faults() == []
    assert httpx.get(f"{server.url}/healthz").status_code == 200


def test_the_log_says_only_now_and_then_that_connections_are_refused(
    settings_of: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Connection, "_said", -connections.SAID_EVERY_SECONDS)
    with running(settings_of(connection_limit=1)) as server, dial(server):
        for _ in range(5):
            raw_answer(server, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        said = [record for record in server.log if "connections are in use" in record.getMessage()]
    assert len(said) == 1
