"""A text of many blocks over the real socket: it fills while it is read, and everything else goes on meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from app.settings import Settings
from app.wire import frames
from models.network.trace import Trace
from tests.support.columns_by_hand import assert_columns, regular
from tests.support.page_twin import Page
from tests.support.patience import wait_for
from tests.support.served_app import Server, running
from tests.support.socket_client import Talk, panel
from tests.support.texts import prose

LENGTH = 60_000
TEXT = prose(LENGTH, 3)
THREE = [("tiny-rnn", 0, "hidden"), ("tiny-gru", 0, "update_gate"), ("tiny-lstm", 1, "hidden")]


@pytest.fixture(autouse=True)
def a_block_a_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a text of many blocks takes many pieces of work on any machine."""
    monkeypatch.setattr("app.live.run.PIECE_SECONDS", 1e-9)


@pytest.fixture(autouse=True)
def no_faults(server: Server) -> Any:
    server.log.clear()
    yield
    assert server.faults() == []


class Client:
    """A page at the end of a real connection; `heard` is all that came."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.page = Page(lambda message: talk.send(**message))
        self.heard: list[dict[str, Any]] = []

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while True:
            item = self.talk.next()
            message = item[0] if isinstance(item, tuple) else item
            if isinstance(item, tuple):
                self.page.take(*item)
            self.heard.append(message)
            if wanted(message):
                return message

    def until_done(self) -> None:
        """Until every panel and the overview show all of the text as it is now."""

        def done(_: dict[str, Any]) -> bool:
            page, length = self.page, len(self.page.text)
            columns = len(range(page.window[0], min(page.window[1], length), page.per))
            strips = [len(strip.columns) * strip.per >= length for strip in page.strips.values()] if page.room else []
            return all(p.steps == length and len(p.columns) == columns for p in page.pictures.values()) and all(strips)

        self.until(done)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.heard if message["type"] == kind]


def check(server: Server, page: Page) -> None:
    """Wide columns of the whole text and the overview against the models' own traces."""
    for (model, layer, signal), picture in page.pictures.items():
        lm = server.state.library.get(model).lm
        trace: Trace = lm.trace(page.text)
        declared, steps = lm.cell.signal(signal), sorted(picture.columns)
        low, high = picture.bounds
        cells = np.stack([picture.columns[step][0] for step in steps])
        shown = low + cells.astype(np.float64) * (high - low) / 254
        groups = regular(steps[0], min(page.window[1], len(page.text)), page.per)
        values = trace[f"{layer}.{signal}"].numpy()
        assert_columns(shown, values, groups, page.show, declared, (high - low) / 254 * 0.52)
        assert picture.bits == pytest.approx(trace.bits_per_character, rel=1e-6)
        strip = page.strips[model]
        for step, mean in strip.columns.items():
            bits = trace.surprise.numpy()[step : step + strip.per]
            assert mean == pytest.approx(np.nanmean(bits, dtype=np.float64), rel=1e-5)


def check_exactly(server: Server, page: Page) -> None:
    """Columns of one character."""
    for (model, layer, signal), picture in page.pictures.items():
        trace: Trace = server.state.library.get(model).lm.trace(page.text)
        steps = sorted(picture.columns)
        assert steps == list(range(page.window[0], min(page.window[1], len(page.text))))
        expected = frames.quantise(trace[f"{layer}.{signal}"].numpy()[steps], *picture.bounds)
        np.testing.assert_array_equal(np.stack([picture.columns[step][0] for step in steps]), expected)
        np.testing.assert_array_equal([picture.columns[step][1] for step in steps], trace.surprise.numpy()[steps])


def test_the_picture_of_a_long_text_fills_from_its_start_while_it_is_read(server: Server) -> None:
    with Talk(server) as talk:
        client = Client(talk)
        client.page.view(THREE, (0, 65_536), per=64, room=500)
        client.page.say_text(TEXT)
        client.until_done()
    check(server, client.page)
    for model, _, _ in THREE:
        spans = [(m["from"], m["to"], m["steps"]) for m in client.of("columns") if m["model"] == model]
        assert spans[0][0] == 0
        assert spans[0][2] < LENGTH, "the first picture comes before all is read"
        assert len(spans) > 2
        assert [start for start, _, _ in spans[1:]] == [stop for _, stop, _ in spans[:-1]], "each column once, in order"
        steps = [m["steps"] for m in client.of("progress") if m["model"] == model]
        assert steps == sorted(steps)


def test_a_window_at_the_end_comes_when_it_is_reached_and_one_at_the_start_at_once(server: Server) -> None:
    with Talk(server) as talk:
        client = Client(talk)
        client.page.view(THREE[:1], (LENGTH - 300, LENGTH))
        client.page.say_text(TEXT)
        client.page.view(THREE[:1], (0, 300))
        client.until(lambda m: m["type"] == "columns" and m["to"] == 300)
        client.page.view(THREE[:1], (LENGTH - 300, LENGTH))
        client.until_done()
        check_exactly(server, client.page)


@pytest.mark.parametrize("show", ["mean", "saturated", "highest"])
def test_zooming_out_of_a_text_that_has_been_read_reads_nothing_again(server: Server, show: str) -> None:
    with Talk(server) as talk:
        client = Client(talk)
        client.page.view(THREE, (0, 100))
        client.page.say_text(TEXT[:20_000])
        client.until_done()
        for per in (4, 64, 512, 1024):
            client.heard.clear()
            span = min(20_480, 500 * per)
            client.page.view(THREE, (0, span), per=per, show=show, room=300)
            client.until_done()
            assert all(message["steps"] == 20_000 for message in client.of("progress"))
            check(server, client.page)


def test_an_edit_at_the_start_while_the_text_is_still_being_read(server: Server) -> None:
    with Talk(server) as talk:
        client = Client(talk)
        client.page.view(THREE, (0, 65_536), per=64, room=500)
        client.page.say_text(TEXT)
        client.until(lambda m: m["type"] == "columns" and 0 < m["steps"] < LENGTH)
        client.page.edit(0, 1, "A new start. ")
        client.until(lambda m: m["type"] == "columns" and m["revision"] == 1)
        client.page.edit(40_000, 0, "and a word further on ")
        client.until_done()
        for start in (0, 39_800, len(client.page.text) - 400):
            client.page.view(THREE, (start, start + 500))
            client.until_done()
            check_exactly(server, client.page)


def test_typing_goes_on_while_the_text_is_being_read(server: Server) -> None:
    with Talk(server) as talk:
        client = Client(talk)
        client.page.view(THREE, (0, 500))
        client.page.say_text(TEXT)
        for k, character in enumerate("typed meanwhile"):
            client.page.edit(k, 0, character)
            seen = client.until(lambda m: m["type"] == "columns" and m["revision"] == client.page.revision)
            assert seen["revision"] == k + 1
        client.until_done()
        check_exactly(server, client.page)


def test_how_far_an_edit_was_felt_is_told_once_for_each_model(server: Server) -> None:
    """The untrained twin forgets soon: it is not read to its end again."""
    panels = [("tiny-rnn", 0, "hidden"), ("tiny-rnn@0", 0, "hidden")]
    with Talk(server) as talk:
        client = Client(talk)
        client.page.view(panels, (0, 500))
        client.page.say_text(TEXT[:20_000])
        client.until_done()
        assert client.of("reach") == []
        at, new = 10_000, "x"
        client.page.edit(at, 1, new)
        while len(client.of("reach")) < 2:
            client.until(lambda m: m["type"] == "reach")
        client.page.edit(len(client.page.text), 0, "!")
        client.until_done()
    assert len(client.of("reach")) == 2, "not again after typing at the end"
    for reach in client.of("reach"):
        lm = server.state.library.get(reach["model"]).lm
        old = lm.trace(TEXT[:20_000])["0.hidden"].numpy()
        now = lm.trace(TEXT[:at] + new + TEXT[at + 1 : 20_000])["0.hidden"].numpy()
        felt = np.flatnonzero((old != now).any(axis=1))
        assert (reach["revision"], reach["at"], reach["exact"]) == (1, at, True)
        assert reach["to"] == felt[-1] + 1
        assert reach["converged"] == (reach["to"] < 20_000)
        assert at <= reach["seen"] <= reach["to"]
    assert {reach["model"]: reach["converged"] for reach in client.of("reach")}["tiny-rnn@0"]


@pytest.mark.parametrize("how", ["view", "edit"])
def test_cancel_stops_a_long_reading_and_the_next_view_or_edit_goes_on(server: Server, how: str) -> None:
    with Talk(server) as talk:
        client = Client(talk)
        client.page.view(THREE, (0, 65_536), per=64, room=100)
        client.page.say_text(TEXT * 10)
        client.until(lambda m: m["type"] == "columns" and m["steps"] > 0)
        talk.send(type="cancel")
        stopped: dict[str, int] = {}
        while len(stopped) < len(THREE):
            told = client.until(lambda m: m["type"] == "progress" and m["stopped"])
            stopped[told["model"]] = told["steps"]
        assert max(stopped.values()) < 10 * LENGTH
        if how == "view":
            client.page.again()
        else:
            client.page.edit(10 * LENGTH, 0, "!")
        client.until(lambda m: m.get("steps", 0) > stopped.get(m.get("model", ""), 0) and not m.get("stopped"))
        client.page.say_text(TEXT)
        client.until_done()
    check(server, client.page)


def test_two_pages_with_long_texts_at_once_each_get_their_own(server: Server) -> None:
    with Talk(server) as one, Talk(server) as two:
        clients = [Client(one), Client(two)]
        for client, text in zip(clients, (TEXT, TEXT[::-1]), strict=True):
            client.page.view(THREE, (0, 65_536), per=64, room=100)
            client.page.say_text(text)
        for client in clients:
            client.until_done()
            check(server, client.page)


def test_a_text_as_long_as_any_may_be_is_read_and_one_longer_is_refused(settings_of: Callable[..., Settings]) -> None:
    with running(settings_of(text_limit_characters=30_000)) as server, Talk(server) as talk:
        assert talk.hello["limits"]["characters"] == 30_000
        client = Client(talk)
        client.page.view(THREE[:2], (0, 32_768), per=64, room=100)
        client.page.say_text("€" + TEXT[:29_999])
        client.until_done()
        talk.send(type="edit", revision=1, at=30_000, remove=0, insert="x")
        error = client.until(lambda m: m["type"] == "error")
        assert (error["code"], error["revision"]) == ("text_too_long", 0)
        assert "30,001" in error["message"]
        assert "30,000" in error["message"]
        talk.send(type="text", revision=1, text="x" * 30_001)
        assert client.until(lambda m: m["type"] == "error")["code"] == "text_too_long"
        client.page.edit(0, 1, "mended")  # the page minds its own limit: this one is 30,005 long
        assert client.until(lambda m: m["type"] == "error")["code"] == "text_too_long"
        client.page.say_text(TEXT[:30_000])
        client.until_done()
        check(server, client.page)
        assert server.faults() == []


def test_all_memory_of_a_page_that_goes_away_in_the_midst_of_reading_is_given_back(server: Server) -> None:
    with Talk(server) as talk:
        talk.send(type="view", panels=[panel(model, signal, layer) for model, layer, signal in THREE], window=[0, 100])
        talk.send(type="text", revision=0, text=TEXT * 5)
        talk.until(lambda m: m["type"] == "columns" and m["steps"] > 0)
        assert server.state.budget.used > 0
    wait_for(lambda: server.state.sessions == 0)
    assert server.state.budget.used == 0
