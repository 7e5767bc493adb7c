"""How connections of the socket begin and end: who may come in, and what is said when it is over."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.live.protocol import CloseCode
from app.live.session import Session
from app.settings import Settings
from tests.support.patience import wait_for
from tests.support.served_app import Server, running
from tests.support.socket_client import Talk, is_done, is_error, look, panel, read_text
from tests.support.socket_spies import before_each_piece, heard
from tests.support.texts import prose

pytestmark = pytest.mark.usefixtures("no_faults")
THREE = [("tiny-rnn", 0, "hidden"), ("tiny-gru", 0, "update_gate"), ("tiny-lstm", 1, "hidden")]


@pytest.mark.parametrize(
    "origin", ["http://example.org", "null", "http://127.0.0.1:1", "http://[", "http://127.0.0.1.example.org", "é"]
)
def test_a_page_of_another_site_is_refused_before_the_socket_opens(server: Server, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        Talk(server, additional_headers={"Origin": origin})
    response = refused.value.response
    assert response.status_code == 403
    error = json.loads(response.body)
    assert set(error) == {"type", "code", "message", "revision"}
    assert error["code"] == "foreign_origin"
    assert "HIDDEN_STATE_ALLOWED_ORIGINS" in error["message"]
    assert server.state.sessions == 0


def test_the_servers_own_page_and_a_script_without_an_origin_are_welcome(server: Server) -> None:
    for options in ({}, {"additional_headers": {"Origin": server.url}}):
        with Talk(server, **options) as talk:
            assert talk.hello["type"] == "hello"


def test_an_allowed_origin_is_welcome_and_others_are_not(settings_of: Callable[..., Settings]) -> None:
    with running(settings_of(allowed_origins="https://school.example, https://b.example/")) as server:
        for origin in ("https://school.example", "https://b.example"):
            with Talk(server, additional_headers={"Origin": origin}) as talk:
                assert talk.hello["type"] == "hello"
        with pytest.raises(InvalidStatus):
            Talk(server, additional_headers={"Origin": "http://school.example"})


def test_too_many_sessions_are_told_so_and_a_place_is_free_again_after_any_kind_of_end(
    settings_of: Callable[..., Settings],
) -> None:
    with running(settings_of(session_limit=2)) as server:
        first, second = Talk(server), Talk(server)
        for talk in (first, second):
            assert talk.next()["type"] == "hello"
        for _ in range(2):
            third = Talk(server)
            error = third.next()
            assert (error["type"], error["code"]) == ("error", "too_many_sessions")
            assert "HIDDEN_STATE_SESSION_LIMIT" in error["message"]
            with pytest.raises(ConnectionClosed) as closed:
                third.next()
            assert closed.value.rcvd.code == CloseCode.TOO_MANY_SESSIONS == 4429
        assert server.state.sessions == 2

        first.socket.close()
        wait_for(lambda: server.state.sessions == 1)
        with Talk(server) as again:
            assert again.hello["type"] == "hello"
        wait_for(lambda: server.state.sessions == 1)

        look(second, THREE[0])
        second.send(type="text", revision=0, text=prose(20_000))
        abrupt(second)
        wait_for(lambda: server.state.sessions == 0)
        with Talk(server) as again:
            assert again.hello["type"] == "hello"
        assert server.faults() == []


def abrupt(talk: Talk) -> None:
    """End the connection with a reset, as a machine that goes down does."""
    talk.socket.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    talk.socket.socket.shutdown(socket.SHUT_RD)
    talk.socket.socket.close()


def test_a_message_above_the_limit_ends_the_connection_with_1009_also_in_the_midst_of_reading(
    settings_of: Callable[..., Settings],
) -> None:
    with running(settings_of(message_limit_bytes=30_000)) as server:
        for _ in range(3):
            with Talk(server) as talk:
                look(talk, *THREE, window=(0, 2000))
                talk.send(type="text", revision=0, text=prose(20_000))
                talk.until(lambda message: message["type"] == "columns")
                talk.send(type="text", revision=1, text="x" * 30_000)
                with pytest.raises(ConnectionClosed) as closed:
                    talk.until(lambda message: False)
            assert closed.value.rcvd.code == CloseCode.MESSAGE_TOO_BIG == 1009
            wait_for(lambda: server.state.sessions == 0)
        assert server.faults() == []


def test_a_server_that_shuts_down_while_it_reads_says_so_and_leaves_no_error(
    settings_of: Callable[..., Settings],
) -> None:
    with running(settings_of()) as server:
        with Talk(server) as talk:
            look(talk, *THREE)
            talk.send(type="text", revision=0, text=prose(20_000))
            talk.until(lambda message: message["type"] == "columns")
            stopper = threading.Thread(target=server.stop)
            stopper.start()
            with pytest.raises(ConnectionClosed) as closed:
                talk.until(lambda message: False)
            stopper.join()
        assert closed.value.rcvd.code == CloseCode.SHUTTING_DOWN == 1012
        assert server.faults() == []


def test_a_fault_of_the_server_is_told_as_internal_logged_and_the_session_goes_on(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:

    def broken(session: Session) -> None:
        if session.revision == 1:
            raise ZeroDivisionError("made by the test")

    before_each_piece(monkeypatch, broken)
    with Talk(server) as talk:
        read_text(talk, "hello")
        talk.send(type="edit", revision=1, at=0, remove=0, insert="x")
        _, error = talk.until(is_error)
        assert (error["code"], error["revision"]) == ("internal", 1)
        assert "made by the test" not in error["message"]
        talk.send(type="edit", revision=2, at=0, remove=0, insert="y")
        _, (message, _) = talk.until(is_done)
        assert message["length"] == 7
    (record,) = [record for record in server.log if record.levelname == "ERROR"]
    assert record.exc_info[0] is ZeroDivisionError
    server.log.clear()


def test_after_a_fault_in_taking_in_one_message_those_behind_it_are_heard(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply = Session.apply
    all_sent = threading.Event()

    def broken(session: Session, request: Any) -> None:
        if request.type == "arrange":
            raise ZeroDivisionError("made by the test")
        apply(session, request)

    def held_up(session: Session) -> None:
        if session.revision == 1:
            all_sent.wait(10)

    monkeypatch.setattr(Session, "apply", broken)
    before_each_piece(monkeypatch, held_up)
    with Talk(server) as talk:
        read_text(talk, "hello")
        came = heard(monkeypatch)
        talk.send(type="edit", revision=1, at=0, remove=0, insert="x")
        talk.send(type="arrange", **panel("tiny-gru", "hidden"))
        talk.send(type="edit", revision=2, at=0, remove=0, insert="y")
        wait_for(lambda: len(came) == 3)  # the last two lie with the server while the first edit is at work
        all_sent.set()
        _, error = talk.until(is_error)
        assert error["code"] == "internal"
        _, (message, _) = talk.until(lambda m: is_done(m) and m["revision"] == 2)
        assert message["length"] == 7
    server.log.clear()
