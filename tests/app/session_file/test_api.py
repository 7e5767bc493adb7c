"""`POST /api/session`, `POST /api/session/open` and `GET /api/session/WORD`, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from app.session_file.content import Session, View, write_session
from app.settings import Settings
from tests.support.served_app import Server, running
from tests.support.session_file.zips import members, zipped
from tests.support.small_models import make_tiny

STEP = {"at": 5, "removed": "", "inserted": ", or"}
ASKED = {
    "view": "models=tiny-gru,tiny-lstm@0&layer=1",
    "text": "To be, or",
    "options": {"other": "x" * 5000, "n": 2, "c": None, "d": True},
    "generated": [[0, 2]],
    "author": "somebody",
    "history": {"done": [STEP], "undone": []},
}


def save(server: Server, **asked: Any) -> httpx.Response:
    return httpx.post(f"{server.url}/api/session", json=asked, timeout=60)


def open_file(server: Server, data: bytes, kind: str = "application/zip") -> httpx.Response:
    return httpx.post(f"{server.url}/api/session/open", content=data, headers={"Content-Type": kind}, timeout=60)


def check_error(answer: httpx.Response, status: int, code: str) -> str:
    error = answer.json()
    assert (answer.status_code, error["type"], error["code"]) == (status, "error", code), error
    assert error["message"].endswith(".")
    return str(error["message"])


def test_a_session_is_saved_and_opened(server: Server) -> None:
    answer = save(server, **ASKED)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="session.hidden-state"'
    back = open_file(server, answer.content)
    assert back.status_code == 200
    assert back.json() == {**ASKED, "models": [], "remarks": []}


def test_line_ends_are_those_of_every_text(server: Server) -> None:
    answer = save(server, view="", text="a\r\nb\rc")
    assert members(answer.content)["text.txt"] == b"a\nb\nc"


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({}, 422, "bad_request"),
        ({"view": "", "text": 7}, 422, "bad_request"),
        ({"view": "", "text": "a", "password": ""}, 422, "bad_request"),
        ({"view": "", "text": "\ud800"}, 422, "bad_request"),
        ({"view": "", "text": "", "author": "\ud800"}, 422, "bad_request"),
        ({"view": "", "text": "", "history": {"done": [{**STEP, "inserted": "\udc00"}]}}, 422, "bad_request"),
        ({"view": "", "text": "a", "history": {"done": [{**STEP, "at": -1}]}}, 422, "bad_request"),
        ({"view": "", "text": "a", "generated": [[1, 2, 3]]}, 422, "bad_request"),
        ({"view": "", "text": "a", "options": {"a": [1]}}, 422, "bad_request"),
    ],
)
def test_what_cannot_be_saved_is_an_error_in_the_one_shape(
    server: Server, asked: dict[str, Any], status: int, code: str
) -> None:
    body = json.dumps(asked).encode()
    answer = httpx.post(f"{server.url}/api/session", content=body, headers={"Content-Type": "application/json"})
    check_error(answer, status, code)


def test_what_cannot_be_opened_is_an_error_in_the_one_shape(server: Server) -> None:
    assert "no zip file" in check_error(open_file(server, b"To be"), 400, "session_broken")
    assert "no session" in check_error(open_file(server, zipped({"a": b"b"})), 400, "session_broken")
    for kind in ("text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""):
        check_error(open_file(server, save(server, **ASKED).content, kind), 400, "bad_request")
    check_error(httpx.get(f"{server.url}/api/session/nobody-knows"), 404, "unknown_session")
    assert not server.faults()


def test_a_file_and_a_text_over_the_limits_are_refused(settings_of: Callable[..., Settings]) -> None:
    large = write_session(Session(View(view=""), "x" * 101))
    with running(settings_of(text_limit_characters=100, message_limit_bytes=4000)) as small:
        assert "at most 100" in check_error(open_file(small, large), 413, "text_too_long")
        assert "at most 100" in check_error(save(small, view="", text="x" * 101), 413, "text_too_long")
        check_error(open_file(small, bytes(4001)), 413, "request_entity_too_large")
        own = check_error(save(small, view="models=tiny-lstm", text="To be"), 413, "session_too_large")
        assert "Close the panels of tiny-lstm" in own
        assert "HIDDEN_STATE_MESSAGE_LIMIT_BYTES" in own


def test_a_model_that_came_along_reads_and_only_those_who_name_it_hear_of_it(
    server: Server, settings_of: Callable[..., Settings], tmp_path: Path
) -> None:
    make_tiny(tmp_path / "monday", "monday", "lstm", 6, 1, seed=3)
    with running(settings_of(model_folders=[tmp_path])) as other:
        saved = save(other, view="models=monday,monday@0", text="To be").content
        there = httpx.post(f"{other.url}/api/trace", json={"model": "monday", "text": "To be"}).content
    found = open_file(server, saved).json()
    (model,) = found["models"]
    name = model["id"]
    assert found["view"] == f"models={name}%2C{name}%400"
    assert (model["title"], model["steps"]) == (f"{name} · MONDAY", [0])
    assert set(model) == set(httpx.get(f"{server.url}/api/models").json()[0])
    here = httpx.post(f"{server.url}/api/trace", json={"model": name, "text": "To be"}).content
    assert here[-200:] == there[-200:]
    assert name not in httpx.get(f"{server.url}/api/models").text
    assert name not in httpx.get(f"{server.url}/models").text
    assert name not in greeted(server, "")
    assert name in greeted(server, f"?opened=nobody&opened={name}")


def greeted(server: Server, query: str) -> list[str]:
    """The ids of the models that the first message of a session names."""
    with connect(f"ws://127.0.0.1:{server.port}/ws{query}", max_size=None, compression=None) as line:
        return [model["id"] for model in json.loads(line.recv())["models"]]
