"""`app.http.hosts`: under which names the server answers, over real HTTP and on the socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from app.http.hosts import KnownHosts, host_name
from app.http.security_headers import HEADERS
from app.settings import Settings
from tests.support.served_app import Server, raw_answer, running, upgrade

FOREIGN = [
    "evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example", "evil-localhost", "",
    "192.0.2.7", "[2001:db8::7]:80", "127.0.0.1:80:80", "127.0.0.1@evil.example", "a b", "[::1", "localhost:x",
    "0x7f.1", "127.0.0.1, evil.example",
]  # fmt: skip
OWN = ["127.0.0.1", "127.0.0.1:1", "LOCALHOST:8000", "localhost.", "class.localhost:80", "[::1]:8000", "127.1.2.3"]


@pytest.mark.parametrize("path", ["/", "/api/models", "/static", "/healthz", "/nothing"])
@pytest.mark.parametrize("host", FOREIGN)
def test_what_is_asked_of_another_name_is_refused(server: Server, host: str, path: str) -> None:
    answer = httpx.get(f"{server.url}{path}", headers={"Host": host}, follow_redirects=False)
    assert answer.status_code == 403
    error = answer.json()
    assert (error["type"], error["code"], error["revision"]) == ("error", "foreign_host", None)
    assert "HIDDEN_STATE_ALLOWED_HOSTS" in error["message"]
    assert "location" not in answer.headers
    for name, value in HEADERS.items():
        assert answer.headers[name] == value


@pytest.mark.parametrize("host", OWN)
def test_its_own_names_are_answered_on_any_port(server: Server, host: str) -> None:
    assert httpx.get(f"{server.url}/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", FOREIGN)
def test_a_socket_under_another_name_does_not_open_whatever_its_origin(server: Server, host: str) -> None:
    server.log.clear()
    for origin in ({"Origin": f"http://{host}"}, {"Origin": "null"}, {}):
        status, _, body = raw_answer(server, upgrade(host, **origin))
        assert status == 403
        assert json.loads(body)["code"] == "foreign_host"
    assert server.state.sessions == 0
    assert server.faults() == []


def test_a_socket_under_its_own_name_opens_for_its_own_page_only(server: Server) -> None:
    own = f"127.0.0.1:{server.port}"
    status, _, body = raw_answer(server, upgrade(own, Origin="http://evil.example"))
    assert (status, json.loads(body)["code"]) == (403, "foreign_origin")
    status, _, body = raw_answer(server, upgrade(own, Origin="null"))
    assert status == 403


def test_a_name_from_the_setting_is_answered_and_no_other(settings_of: Callable[..., Settings]) -> None:
    with running(settings_of(allowed_hosts=["RNN.example.org"])) as server:
        for host, status in (("rnn.example.org:80", 200), ("example.org", 403), ("a.rnn.example.org", 403)):
            assert httpx.get(f"{server.url}/healthz", headers={"Host": host}).status_code == status


def asked(bound: str, host: list[str], *allowed: str, here: str = "127.0.0.1") -> bool:
    """Whether a server bound to `bound` lets a request through that came to its address `here`."""
    reached: list[Any] = []

    async def app(*_: Any) -> None:
        reached.append(True)

    async def send(message: Any) -> None:
        assert message["type"].startswith("http.response.")

    scope = {"type": "http", "server": (here, 8000), "headers": [(b"host", one.encode()) for one in host]}
    asyncio.run(KnownHosts(app, bound, allowed)(scope, send, send))
    return bool(reached)


def test_the_address_that_the_connection_came_to_is_the_servers_own() -> None:
    assert asked("192.168.1.5", ["192.168.1.5:8000"], here="192.168.1.5")
    assert not asked("192.168.1.5", ["192.168.1.6:8000"], here="192.168.1.5")
    assert asked("pc.lan", ["PC.lan:8000"], here="192.168.1.5")
    assert asked("127.0.0.1", ["127.0.0.1"], here="::ffff:127.0.0.1")


def test_a_server_on_all_addresses_is_known_by_any_address_but_by_no_foreign_name() -> None:
    for bound in ("0.0.0.0", "::"):
        assert asked(bound, ["203.0.113.9:80"], here="172.17.0.2"), "published under an address that it cannot see"
        assert asked(bound, ["[2001:db8::7]"])
        assert not asked(bound, ["evil.example"])
        assert not asked(bound, [""])


def test_a_star_allows_every_name_and_no_name_or_two_are_none() -> None:
    assert asked("127.0.0.1", ["evil.example"], "*")
    assert not asked("127.0.0.1", [])
    assert not asked("127.0.0.1", ["127.0.0.1", "evil.example"])


@pytest.mark.parametrize(
    ("host", "name"),
    [("A.b:80", "a.b"), ("a.b.", "a.b"), ("[::1]:8", "::1"), ("[::1]", "::1"), ("::1", None), ("[::1]8", None)],
)
def test_the_name_of_a_host_is_read_without_its_port(host: str, name: str | None) -> None:
    assert host_name(host) == name
