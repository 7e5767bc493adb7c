"""`app.web.socket`: the live socket of a real server, talked to over a real connection."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from itertools import count, pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from app.live.protocol import parse
from app.live.session import Session
from app.settings import Settings
from app.web.socket import _Line
from app.wire import frames
from tests.support.page_twin import Page
from tests.support.patience import wait_for
from tests.support.served_app import Server, running
from tests.support.socket_client import Talk, is_done, is_error, look, panel, read_text
from tests.support.socket_spies import before_each_piece, heard
from tests.support.texts import prose

pytestmark = pytest.mark.usefixtures("no_faults")
THREE = [("tiny-rnn", 0, "hidden"), ("tiny-gru", 0, "update_gate"), ("tiny-lstm", 1, "hidden")]


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
    # Turns go by the time that each session has had; here every piece takes one second, however busy the machine is.
    monkeypatch.setattr("app.compute.pool.time", SimpleNamespace(perf_counter=count().__next__))
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
        talk.send(type="text", revision=0, text=prose(300_000))
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
