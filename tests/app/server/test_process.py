"""`app.server.process`: where the server can listen, and what is said where it cannot."""

from __future__ import annotations

import errno
import os
import socket
from typing import Any

import pytest

from app.server import process
from app.settings import Settings, SettingsError


def refused(monkeypatch: pytest.MonkeyPatch, number: int, host: str = "127.0.0.1", port: int = 80) -> str:
    """What is said where the system refuses with `number`."""

    class Refusing(socket.socket):
        def bind(self, _: Any) -> None:
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(process, "Listener", Refusing)
    with pytest.raises(SettingsError) as error:
        process._bind(Settings(host=host, port=port))
    return str(error.value)


@pytest.mark.parametrize(
    ("number", "cause", "remedy"),
    [
        (errno.EADDRINUSE, "Another program uses the port", "HIDDEN_STATE_PORT"),
        (errno.EACCES, "privileged programs", "HIDDEN_STATE_PORT"),
        (errno.EPERM, "privileged programs", "HIDDEN_STATE_PORT"),
        (errno.EADDRNOTAVAIL, "not one of this machine's", "HIDDEN_STATE_HOST"),
        (errno.EAFNOSUPPORT, "no addresses of that kind", "HIDDEN_STATE_HOST"),
        (errno.ENOBUFS, "", "HIDDEN_STATE_HOST"),
    ],
)
def test_each_refusal_of_the_system_is_said_with_its_own_cause(
    monkeypatch: pytest.MonkeyPatch, number: int, cause: str, remedy: str
) -> None:
    said = refused(monkeypatch, number)
    assert said.startswith(f"The server cannot listen on 127.0.0.1:80: {os.strerror(number)}. ")
    assert cause in said
    assert remedy in said
    assert ("Another program" in said) == (number == errno.EADDRINUSE)


def test_an_address_of_the_other_kind_is_written_as_in_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "cannot listen on [::1]:80: " in refused(monkeypatch, errno.EACCES, "::1")


@pytest.mark.parametrize("host", ["nowhere.invalid", "two words", "a" * 300, "x..y"])
def test_a_name_that_does_not_resolve_is_said_to_be_one(host: str) -> None:
    with pytest.raises(SettingsError) as error:
        process._bind(Settings(host=host, port=0))
    assert "no address is known by that name" in str(error.value)
    assert "HIDDEN_STATE_HOST" in str(error.value)
    assert "port" not in str(error.value)


def test_it_listens_where_it_was_told_to_and_on_no_other_address() -> None:
    for host in ("127.0.0.1", "localhost"):
        with process._bind(Settings(host=host, port=0)) as listener:
            assert listener.getsockname()[0] in ("127.0.0.1", "::1")
            assert listener.proto == socket.IPPROTO_TCP
