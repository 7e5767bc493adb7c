"""`app.web.pages`, `app.server.application`: the pages, the files they load, and the headers on every answer."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from plotly.offline import get_plotlyjs

from app.http.security_headers import HEADERS
from app.server.application import create_app
from app.settings import Settings
from app.web.assets import folder
from models import catalogue
from tests.support.served_app import Server
from tests.support.small_models import TINY

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
STATIC = folder("static")


@pytest.fixture(scope="module")
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def plotly_url(http: httpx.Client) -> str:
    return re.search(r"/assets/plotly-[0-9a-f]{16}\.js", http.get("/explore").text)[0]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/first",
        "/explore",
        "/lessons",
        "/models",
        "/healthz",
        "/api/models",
        "/static/main.js",
        "/nothing",
        "/api/trace",
    ],
)
def test_every_answer_carries_the_security_headers(http: httpx.Client, path: str) -> None:
    answer = http.get(path)
    for name, value in HEADERS.items():
        assert answer.headers.get_list(name) == [value]


def test_the_policy_lets_in_nothing_from_elsewhere_and_no_inline_script() -> None:
    rules = dict(rule.strip().split(" ", 1) for rule in HEADERS["Content-Security-Policy"].split(";"))
    assert rules["default-src"] == "'self'"
    assert "script-src" not in rules
    assert rules["object-src"] == rules["base-uri"] == "'none'"
    assert not re.search(r"https?:|\*|unsafe-eval", HEADERS["Content-Security-Policy"])
    for needed in ("data:", "blob:"):
        assert needed in rules["img-src"]


@pytest.mark.parametrize("path", ["/first", "/explore", "/explore?lab", "/lessons", "/models"])
def test_a_page_is_html_and_loads_only_files_that_this_server_has(http: httpx.Client, path: str) -> None:
    answer = http.get(path, headers=BROWSER)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    loaded = re.findall(r'(?:src|href)="([^"#]+)"', answer.text)
    assert loaded
    for url in loaded:
        assert url.startswith("/"), url
        assert http.get(url).status_code == 200, url
    assert "<script>" not in answer.text, "the policy lets no inline script run"


def test_the_page_of_models_names_each_with_what_it_is(http: httpx.Client) -> None:
    text = http.get("/models").text
    for name in TINY:
        assert name in text


def test_the_page_of_models_shows_every_model_that_ships() -> None:
    """Those tuned and trained with three seeds, those trained once, those without a protocol."""

    async def get() -> httpx.Response:
        app = create_app(Settings())
        transport = httpx.ASGITransport(app=app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
        ):
            return await client.get("/models")

    answer = asyncio.run(get())
    assert answer.status_code == 200
    cards = {name: entry.card for name, entry in catalogue(()).items()}
    for name in cards:
        assert f"models={name}," in answer.text
    once = [card for card in cards.values() if card.protocol is not None and not card.protocol.tuned]
    assert len(once) > 0
    for card in once:
        how = f"learning rate {card.training['learning_rate']:g} and penalty {card.training['penalty']:g}"
        assert f"Trained once, with seed 1, {how}" in answer.text
    assert answer.text.count("Trained once, with seed 1") == len(once)


def test_a_person_with_a_browser_gets_an_error_as_a_page(http: httpx.Client) -> None:
    answer = http.get("/nothing/<script>alert(1)</script>", headers=BROWSER)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "There is nothing at" in answer.text
    assert "<script>alert" not in answer.text
    assert answer.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]


def test_an_error_below_api_is_json_for_a_browser_too(http: httpx.Client) -> None:
    assert http.get("/api/nothing", headers=BROWSER).json()["code"] == "not_found"


@pytest.mark.parametrize("path", sorted(p.relative_to(STATIC).as_posix() for p in STATIC.rglob("*.*")))
def test_a_file_is_served_as_written_and_asked_for_again_each_time(http: httpx.Client, path: str) -> None:
    answer = http.get(f"/static/{path}")
    assert answer.status_code == 200
    assert answer.content == (STATIC / path).read_bytes()
    assert answer.headers["cache-control"] == "no-cache"
    kinds = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    assert answer.headers["content-type"].split(";")[0] == kinds[Path(path).suffix]


def test_a_file_that_has_not_changed_is_304(http: httpx.Client) -> None:
    first = http.get("/static/main.js")
    again = http.get("/static/main.js", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["cache-control"] == "no-cache"
    other = http.get("/static/main.js", headers={"If-None-Match": '"another"'})
    assert other.status_code == 200


def test_plotly_comes_compressed_under_a_name_of_its_content_and_may_be_kept_for_ever(
    http: httpx.Client, plotly_url: str
) -> None:
    with http.stream("GET", plotly_url, headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert gzip.decompress(raw).decode() == get_plotlyjs()
    assert len(raw) < len(get_plotlyjs()) / 2


def test_plotly_comes_plain_to_who_cannot_unpack_it(http: httpx.Client, plotly_url: str) -> None:
    answer = http.get(plotly_url, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert answer.content.decode() == get_plotlyjs()
