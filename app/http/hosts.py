"""The names that the server answers to.

A hostile page can have its own name point to 127.0.0.1 (DNS rebinding); its requests then arrive with that name as
`Host`, and the browser takes them for requests of one site to itself. So the name must be one that this server is
known by.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ..live.protocol import Error
from .security_headers import HEADERS

ANY = "*"
"""As an allowed name: every name, for a server behind a proxy that checks it."""
WILDCARDS = ("0.0.0.0", "::")
"""Addresses that mean every address of the machine."""


def host_name(host: str) -> str | None:
    """The name or address in a `Host` header, in lower case and without the port; None if it is invalid.

    >>> host_name("LocalHost:8000"), host_name("[::1]:8000"), host_name("a b")
    ('localhost', '::1', None)
    """
    if host.startswith("["):
        name, bracket, port = host[1:].partition("]")
        if not bracket or _address(name) is None or (port and not port.startswith(":")):
            return None
        port = port[1:]
    else:
        name, _, port = host.partition(":")
    if not name or any(letter in name for letter in " \t/\\@?#,") or (port and not (port.isascii() and port.isdigit())):
        return None
    return name.lower().removesuffix(".")


class KnownHosts:
    """Refuses requests to any name but this server's, with 403, on the socket too.

    Its names are loopback names and addresses, the address that the connection came to, and `allowed`. A server that
    listens on every address answers to any address: it may be published under one that it cannot see, and the attack
    needs a name.
    """

    def __init__(self, app: ASGIApp, bound: str, allowed: Iterable[str] = ()) -> None:
        self._app = app
        self._everywhere = bound in WILDCARDS
        self._names = {"localhost", bound.lower(), *(name.lower() for name in allowed)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        hosts = Headers(scope=scope).getlist("host")
        if ANY in self._names or (len(hosts) == 1 and self._knows(host_name(hosts[0]), scope)):
            await self._app(scope, receive, send)
            return
        await _refusal(hosts[0] if hosts else "")(scope, receive, send)
        # uvicorn logs an error if a socket's request returns before it has noticed that the connection is over
        await asyncio.sleep(0)

    def _knows(self, name: str | None, scope: Scope) -> bool:
        if name is None:
            return False
        if name in self._names or name.endswith(".localhost"):
            return True
        address = _address(name)
        if address is None:
            return False
        here = _address((scope.get("server") or ("",))[0] or "")
        return self._everywhere or address.is_loopback or address == here


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _refusal(host: str) -> Response:
    error = Error(
        code="foreign_host",
        message=f"This server is not known as {host!r}. Open it under the address that it printed when it started, or "
        "name that host in HIDDEN_STATE_ALLOWED_HOSTS.",
    )
    return JSONResponse(error.model_dump(), status_code=403, headers=HEADERS)
