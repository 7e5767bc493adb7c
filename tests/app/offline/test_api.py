"""`POST /api/page`, over real HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from app.offline.export import MOST_CHARACTERS
from tests.support.served_app import Server


def post(server: Server, **asked: Any) -> httpx.Response:
    return httpx.post(f"{server.url}/api/page", json=asked, timeout=60)


def test_a_page_comes_as_a_file(server: Server) -> None:
    answer = post(server, models=["tiny-gru", "tiny-lstm@0"], text="To be")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="hidden-state.html"'
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert '<meta name="view" content="models=tiny-gru%2Ctiny-lstm%400">' in answer.text
    assert '"text":"To be"' in answer.text


def test_a_view_comes_by_its_address(server: Server) -> None:
    answer = post(server, address="#models=tiny-lstm:1:cell&echo=2:x&text=old", text="new words")
    assert answer.status_code == 200
    assert "models=tiny-lstm%3A1%3Acell&amp;echo=2%3Ax" in answer.text
    assert '"text":"new words"' in answer.text


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({}, 422, "bad_request"),
        ({"models": ["tiny-gru"], "address": "#models=tiny-gru"}, 422, "bad_request"),
        ({"models": []}, 422, "bad_request"),
        ({"models": "tiny-gru"}, 422, "bad_request"),
        ({"models": ["gpt"]}, 404, "unknown_model"),
        ({"models": ["/etc"]}, 404, "unknown_model"),
        ({"models": ["tiny-gru~zero@1"]}, 400, "interventions"),
        ({"address": "#text=a"}, 400, "no_models"),
        ({"models": ["tiny-gru"], "text": "x" * (MOST_CHARACTERS + 1)}, 413, "text_too_long"),
    ],
)
def test_what_cannot_be_is_an_error_in_the_one_shape(
    server: Server, asked: dict[str, Any], status: int, code: str
) -> None:
    answer = post(server, **asked)
    error = answer.json()
    assert (answer.status_code, error["type"], error["code"]) == (status, "error", code)
    assert error["message"].endswith(".")
