"""`app.web.socket`: the live socket of a real server, talked to over a real connection."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.live.protocol import CloseCode, parse
from app.live.session import Piece, Session
from app.settings import Settings
from app.web.socket import _Line
from app.wire import frames
from tests.support.page_twin import Page
from tests.support.paths import ROOT
from tests.support.patience import wait_for
from tests.support.served_app import Server, running
from tests.support.socket_client import Talk, panel
from tests.support.texts import prose

DOCUMENT = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
THREE = [("tiny-rnn", 0, "hidden"), ("tiny-gru", 0, "update_gate"), ("tiny-lstm", 1, "hidden")]


def is_error(message: dict[str, Any]) -> bool:
    return message["type"] == "error"


def is_done(message: dict[str, Any]) -> bool:
    return message["type"] == "columns" and message["steps"] == message["length"]


def look(talk: Talk, *panels: tuple[str, int, str], window: tuple[int, int] = (0, 100)) -> None:
    talk.send(type="view", panels=[panel(model, signal, layer) for model, layer, signal in panels], window=window)


def read_text(talk: Talk, text: str, revision: int = 0) -> dict[str, np.ndarray]:
    """What one panel of a small model holds once `text` has been read."""
    look(talk, ("tiny-gru", 0, "hidden"))
    talk.send(type="text", revision=revision, text=text)
    before, last = talk.until(is_done)
    parts = [item for item in [*before, last] if isinstance(item, tuple)]
    return {name: np.concatenate([tensors[name] for _, tensors in parts]) for name in ("cells", "surprise")}


def before_each_piece(monkeypatch: pytest.MonkeyPatch, happens: Callable[[Session], None]) -> None:
    """Let something happen on the thread on which a piece of work is about to be done."""
    following = Session.next

    def next_piece(session: Session, busy: Collection[str] = ()) -> Piece | None:
        piece = following(session, busy)
        if piece is None:
            return None

        def do() -> Any:
            happens(session)
            return piece.do()

        return replace(piece, do=do)

    monkeypatch.setattr(Session, "next", next_piece)


def heard(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every message that comes to lie with a server from now on."""
    messages: list[Any] = []
    post = _Line._post

    def noted(line: _Line, message: Any) -> None:
        post(line, message)
        messages.append(message)

    monkeypatch.setattr(_Line, "_post", noted)
    return messages


@pytest.fixture(autouse=True)
def no_faults(server: Server) -> Any:
    """No test of the shared server may leave an error in its log."""
    server.log.clear()
    yield
    assert server.faults() == []


# ── hello ────────────────────────────────────────────────────────────────────────────────────────────


def fields(*after: str) -> set[str]:
    """The names within the braces that follow `after` in the document's listing of `hello`."""
    text = DOCUMENT.split("## `hello` in full", 1)[1]
    for marker in after:
        text = text.split(marker, 1)[1]
    inner = text[: re.search(r"\}\]?(?=\n)", text).end()]
    inner = re.sub(r"signals: \[\{.*?\}\]", "signals", inner, flags=re.S)
    inner = re.sub(r"\[\[.*?\]\s*,\s*…\]|\"[^\"]*\"|\[[^{}\[\]]*\]|\||null|: \d+", "", inner)
    return set(re.findall(r"\b[a-z_]+\b", inner))


def test_hello_comes_first_and_is_complete(server: Server) -> None:
    with Talk(server) as talk:
        hello = talk.hello
    assert hello["type"] == "hello"
    assert hello["protocol"] == 3
    row = next(line for line in DOCUMENT.splitlines() if line.startswith("| `hello`"))
    assert set(hello) - {"type"} == set(re.findall(r"`(\w+)`", row)) - {"hello"}
    for model in hello["models"]:
        assert set(model) == fields("models: [{")
        for signal in model["signals"]:
            assert set(signal) == fields("signals: [{")
    assert set(hello["limits"]) == fields("limits: ")
    assert set(hello["colours"]) == fields("colours: ")
    for sample in hello["samples"]:
        assert set(sample) == fields("samples: [{")
    assert hello["close_codes"] == {str(code.value): code.meaning for code in CloseCode}


def test_hello_states_the_limits_that_hold(server: Server) -> None:
    settings = server.settings
    with Talk(server) as talk:
        limits = talk.hello["limits"]
    assert limits == {
        "characters": settings.text_limit_characters,
        "columns": settings.column_limit,
        "panels": settings.panel_limit,
        "sessions": settings.session_limit,
        "message_bytes": settings.message_limit_bytes,
    }


def test_the_colours_of_hello_run_from_0_to_1_and_no_data_stands_in_neither_scale(server: Server) -> None:
    with Talk(server) as talk:
        colours = talk.hello["colours"]
    for scale in (colours["signed"], colours["gate"]):
        positions = [position for position, _ in scale]
        assert positions == sorted(set(positions))
        assert (positions[0], positions[-1]) == (0, 1)
        assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for _, colour in scale)
        assert colours["none"] not in [colour for _, colour in scale]


# ── a session ────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_typed_comes_back_as_the_picture_of_its_trace(server: Server) -> None:
    library = server.state.library
    with Talk(server) as talk:
        page = Page(lambda message: talk.send(**message))
        page.view(THREE, (0, 300))
        page.say_text(prose(150))
        page.edit(70, 5, "something else", window=(20, 220))
        page.edit(len(page.text), 0, "€ and more")
        while any(picture.steps < len(page.text) for picture in page.pictures.values()):
            item = talk.next()
            if isinstance(item, tuple):
                page.take(*item)
    for (model, layer, signal), picture in page.pictures.items():
        trace = library.get(model).lm.trace(page.text)
        assert sorted(picture.columns) == list(range(20, len(page.text)))
        expected = frames.quantise(trace[f"{layer}.{signal}"].numpy()[20:], *picture.bounds)
        np.testing.assert_array_equal(np.stack([picture.columns[k][0] for k in sorted(picture.columns)]), expected)
        assert picture.bits == pytest.approx(trace.bits_per_character, rel=1e-6)


def test_an_inspected_step_comes_as_exact_numbers(server: Server) -> None:
    text = prose(60)
    with Talk(server) as talk:
        look(talk, ("tiny-lstm", 1, "hidden"))
        talk.send(type="text", revision=0, text=text)
        talk.send(type="inspect", step=59)
        _, (message, tensors) = talk.until(lambda m: m["type"] == "column")
    lm = server.state.library.get("tiny-lstm").lm
    trace = lm.trace(text)
    assert (message["layer"], message["step"]) == (1, 59)
    for row, name in zip(tensors["signals"], lm.cell.names(), strict=True):
        np.testing.assert_array_equal(row, trace[f"1.{name}"][59].numpy())
    np.testing.assert_array_equal(tensors["log_probabilities"], trace.log_probabilities[59].numpy())


@pytest.mark.parametrize(
    "raw", ["no JSON", "{}", '{"type": "text"}', b"\x00\x01", '{"type": "edit", "window": ["a", 1]}']
)
def test_a_bad_message_is_answered_and_the_session_goes_on(server: Server, raw: str | bytes) -> None:
    with Talk(server) as talk:
        before = read_text(talk, "hello")
        talk.socket.send(raw)
        _, error = talk.until(is_error)
        assert set(error) == {"type", "code", "message", "revision"}
        assert (error["code"], error["revision"]) == ("bad_message", 0)
        after = read_text(talk, "hello", revision=1)
    np.testing.assert_array_equal(before["cells"], after["cells"])


def test_an_error_before_the_first_text_has_no_revision(server: Server) -> None:
    with Talk(server) as talk:
        talk.send(type="nonsense")
        _, error = talk.until(is_error)
    assert error["revision"] is None


def test_a_request_that_cannot_be_done_is_answered_and_the_session_goes_on(server: Server) -> None:
    with Talk(server) as talk:
        look(talk, ("nobody", 0, "hidden"))
        _, error = talk.until(is_error)
        assert error["code"] == "unknown_model"
        assert "tiny-gru" in error["message"]
        talk.send(type="text", revision=4, text="x" * (server.settings.text_limit_characters + 1))
        assert talk.until(is_error)[1]["code"] == "text_too_long"
        assert len(read_text(talk, "hello")["cells"]) == 5


def test_messages_sent_in_one_go_are_all_heard(server: Server) -> None:
    with Talk(server) as talk:
        page = Page(lambda message: talk.send(**message))
        page.view(THREE[:1], (0, 100))
        page.say_text("")
        for character in prose(80):
            page.edit(len(page.text), 0, character)
        while page.pictures[THREE[0]].steps < 80:
            item = talk.next()
            if isinstance(item, tuple):
                page.take(*item)
        assert sorted(page.pictures[THREE[0]].columns) == list(range(80))


# ── who may come in ──────────────────────────────────────────────────────────────────────────────────


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


# ── ends ─────────────────────────────────────────────────────────────────────────────────────────────


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


# ── turns ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_keystroke_in_one_session_is_served_between_the_pieces_of_anothers_long_text(
    settings_of: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One thread computes. The order in which pieces of work are done says who waited for whom."""
    done: list[tuple[int, int]] = []  # (session, its revision) for each piece of work
    halfway, keystroke_sent = threading.Event(), threading.Event()

    def noted(session: Session) -> None:
        done.append((id(session), session.revision))
        if len(session.text) > 1000 and sum(1 for who, _ in done if who == id(session)) == 10:
            halfway.set()
            keystroke_sent.wait(10)

    before_each_piece(monkeypatch, noted)
    monkeypatch.setattr("app.live.run.PIECE_SECONDS", 1e-9)  # a block a piece
    with running(settings_of(worker_threads=1)) as server, Talk(server) as long, Talk(server) as short:
        read_text(short, "hello")
        mine = done[0][0]
        look(long, *THREE, window=(0, 0))
        long.send(type="text", revision=0, text=prose(20_000))
        assert halfway.wait(20)
        came = heard(monkeypatch)
        short.send(type="edit", revision=1, at=5, remove=0, insert="x")
        wait_for(lambda: came)  # the message lies with the server; the only thread is at work for the other session
        keystroke_sent.set()
        _, (message, _) = short.until(is_done)
        assert message["length"] == 6
        long.until(is_done)
    served = [place for place, (who, revision) in enumerate(done) if who == mine and revision == 1]
    others = [place for place, (who, _) in enumerate(done) if who != mine]
    assert len(others) > 60, "the long text takes many pieces of work"
    between = [sum(1 for place in others if first < place < second) for first, second in pairwise(served)]
    assert max(between, default=0) <= 1, "the two sessions take turns"
    assert others[9] < served[0] < others[12], "the keystroke waited for the piece under way, and no more"


def test_a_newer_message_is_heard_between_the_blocks_of_its_own_session(server: Server) -> None:
    with Talk(server) as talk:
        look(talk, *THREE, window=(0, 10))
        talk.send(type="text", revision=0, text=prose(20_000))
        talk.until(lambda message: message["type"] == "columns")
        talk.send(type="text", revision=1, text="short")
        before, _ = talk.until(lambda message: is_done(message) and message["revision"] == 1)
    finished = [
        m for m, *_ in (item for item in before if isinstance(item, tuple)) if m["revision"] == 0 and is_done(m)
    ]
    assert finished == [], "the long text was given up"


def test_a_page_that_asks_faster_than_it_is_served_waits_its_turn(server: Server) -> None:
    """A flood of whole texts: the last one wins, another session is served, and nothing is lost behind it."""
    with Talk(server) as flood, Talk(server) as other:
        flood.send(type="view", panels=[panel("tiny-gru", "hidden")], window=[0, 50])
        for revision in range(300):
            flood.send(type="text", revision=revision, text=f"{revision} and so on " * 400)
        other.send(type="view", panels=[panel("tiny-rnn", "hidden")], window=[0, 10])
        other.send(type="text", revision=0, text="hello")
        other.until(lambda message: message["type"] == "columns" and message["steps"] == 5)
        flood.send(type="edit", revision=300, at=0, remove=0, insert="x", window=[0, 50])
        wanted = len("299 and so on " * 400) + 1
        flood.until(lambda message: message["type"] == "columns" and message["steps"] == wanted)


def test_a_whole_text_makes_what_waits_before_it_pointless_but_no_view_or_question() -> None:
    line = _Line(None, None, None)  # type: ignore[arg-type]
    for raw in (
        {"type": "text", "revision": 0, "text": "a"},
        {"type": "view", "panels": [], "window": [0, 1]},
        {"type": "edit", "revision": 1, "at": 0, "remove": 0, "insert": "b"},
        {"type": "inspect", "step": 0},
        {"type": "text", "revision": 5, "text": "c"},
    ):
        line._post(parse(json.dumps(raw)))
    assert [(m.type, getattr(m, "revision", None)) for m in line._inbox] == [
        ("view", None),
        ("inspect", None),
        ("text", 5),
    ]
