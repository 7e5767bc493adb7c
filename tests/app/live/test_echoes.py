"""Panels that show an echo, over the session: whatever is typed and looked at, the page holds what two traces say."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.compute.memory_budget import Budget
from app.compute.model_library import Library
from app.live import echoes, reading, run
from app.live.protocol import parse
from app.live.session import Limits, Session
from models import RequestError, load
from models.echo.levels import largest, magnitude_levels, picture_levels
from models.echo.replacement import default_replacement
from tests.support.socket_client import read_frame
from tests.support.texts import LETTERS, prose

LIMITS = Limits(characters=3000, columns=200, panels=4)
PANELS = [
    ("tiny-rnn", 0, "hidden"),
    ("tiny-gru", 0, "update_gate"),
    ("tiny-lstm", 1, "cell"),
    ("tiny-lstm@0", 1, "hidden"),
]


@pytest.fixture(autouse=True)
def small_pieces() -> Iterator[None]:
    """One span a piece of work, and a frame whenever there is one to send: many borders."""
    with (
        mock.patch.object(run, "PIECE_SECONDS", 1e-9),
        mock.patch.object(echoes, "PIECE_SECONDS", 1e-9),
        mock.patch.object(reading, "FRAME_SECONDS", 0.0),
        mock.patch.object(reading, "OVERVIEW_SECONDS", 0.0),
    ):
        yield


class Twin:
    """A session, and what a page holds of its echoes: by panel and a column's first step the cells and the strength."""

    def __init__(self, library: Library) -> None:
        self.session = Session(library, LIMITS, Budget(64))
        self.text, self.revision = "", 0
        self.window, self.per = (0, 100), 1
        self.held: dict[tuple[str, int, str], dict[int, tuple[np.ndarray, float]]] = {}
        self.facts: dict[tuple[str, int, str], dict[str, Any]] = {}
        self.echo: dict[str, Any] | None = None

    def say(self, **message: Any) -> None:
        self.session.apply(parse(json.dumps(message)))

    def write(self, text: str) -> None:
        self.text, self.revision = text, self.revision + 1
        self.held.clear()
        self.say(type="text", revision=self.revision, text=text, window=list(self.window))

    def edit(self, at: int, remove: int, insert: str) -> None:
        self.text = self.text[:at] + insert + self.text[at + remove :]
        self.revision += 1
        for held in self.held.values():
            for step in [step for step in held if step + self.per > at]:
                del held[step]
        self.say(type="edit", revision=self.revision, at=at, remove=remove, insert=insert, window=list(self.window))

    def view(self, echo: dict[str, Any] | None, window: tuple[int, int], per: int = 1) -> None:
        if (echo, per) != (self.echo, self.per):
            self.held.clear()
        self.echo, self.window, self.per = echo, window, per
        for held in self.held.values():
            for step in [step for step in held if not window[0] <= step < window[1]]:
                del held[step]
        panels = [{"model": model, "layer": layer, "signal": signal} for model, layer, signal in PANELS]
        self.say(type="view", panels=panels, window=list(window), per=per, echo=echo)

    def work(self, pieces: int = 10**6) -> None:
        """Do so many pieces of work, or all there is, and take what comes of it."""
        queue: deque[bytes] = deque()
        for _ in range(pieces):
            piece = self.session.next()
            if piece is None:
                break
            queue.extend(item for item in piece.do() if isinstance(item, bytes))
        else:
            assert pieces < 10**6, "the session never came to rest"
        for frame in queue:
            self._take(*read_frame(frame))

    def _take(self, message: dict[str, Any], tensors: dict[str, np.ndarray]) -> None:
        if message["type"] != "columns" or "echo" not in message or message["revision"] != self.revision:
            return
        key = message["model"], message["layer"], message["signal"]
        facts = message["echo"]
        if self.echo is None or facts["step"] != self.echo["step"] or message["per"] != self.per:
            return
        before = self.facts.get(key)
        same = ("step", "instead", "others", "signed")
        if before is not None and any(before[name] != facts[name] for name in same):
            self.held.pop(key, None)
        self.facts[key] = facts
        held = self.held.setdefault(key, {})
        steps = range(message["from"], message["to"], self.per)
        for step, cells, strength in zip(steps, tensors["cells"], tensors["strength"], strict=True):
            if self.window[0] <= step < self.window[1]:
                held[step] = cells, float(strength)

    def check(self) -> None:
        """Everything in the window is here, and is what two traces say."""
        assert self.echo is not None
        at = self.echo["step"]
        for model, layer, signal in PANELS:
            held, facts = self.held.get((model, layer, signal), {}), self.facts.get((model, layer, signal))
            steps = range(self.window[0], min(self.window[1], len(self.text)), self.per)
            assert sorted(held) == list(steps)
            if not len(steps):
                continue
            assert facts is not None
            lm = self.session._library.get(model).lm
            ours = lm.trace(self.text)[f"{layer}.{signal}"].numpy()
            if at >= len(self.text):
                nothing = 127 if self.echo.get("signed") else 0
                assert all((cells == nothing).all() for cells, _ in held.values())
                continue
            letter = self.echo.get("instead") or default_replacement(self.text[at], [LETTERS])
            assert facts["instead"] == letter
            theirs = lm.trace(self.text[:at] + letter + self.text[at + 1 :])[f"{layer}.{signal}"].numpy()
            values = ours - theirs
            signed = self.echo.get("signed", False)
            shown = picture_levels(magnitude_levels(largest(values, self.per)), signed=signed)
            strength = np.linalg.norm(values.astype(np.float64), axis=1)
            for step in steps:
                cells, strong = held[step]
                assert cells.tobytes() == shown[step // self.per].tobytes()
                np.testing.assert_allclose(strong, strength[step : step + self.per].max(), rtol=1e-4, atol=1e-12)
            assert facts["settled"]
            above = np.flatnonzero(strength >= 0.01 * strength[at])
            expected = int(above[-1]) - at if strength[at] > 0 else -1
            close = np.abs(strength / max(strength[at], 1e-30) - 0.01) < 1e-5
            assert facts["felt"] == expected or close.any()


@given(data=st.data())
@settings(max_examples=30)
def test_whatever_is_typed_and_looked_at_the_page_holds_the_echo(library: Library, data: st.DataObject) -> None:
    twin = Twin(library)
    twin.view({"step": 3}, (0, 100))
    twin.write(prose(data.draw(st.integers(0, 1500)), data.draw(st.integers(0, 9))))
    for _ in range(data.draw(st.integers(1, 6))):
        act = data.draw(st.sampled_from(["edit", "view", "echo", "work"]))
        length = len(twin.text)
        if act == "edit":
            at = data.draw(st.integers(0, length))
            insert = data.draw(st.text(st.sampled_from(LETTERS), max_size=20))
            twin.edit(at, data.draw(st.integers(0, min(30, length - at))), insert)
        elif act == "view":
            per = data.draw(st.sampled_from([1, 1, 4, 64]))
            first = data.draw(st.integers(0, length // per + 2)) * per
            twin.view(twin.echo, (first, first + per * data.draw(st.integers(1, 120))), per)
        elif act == "echo":
            asked: dict[str, Any] = {"step": data.draw(st.integers(0, length + 5))}
            if data.draw(st.booleans()):
                asked["instead"] = data.draw(st.sampled_from(LETTERS))
            asked["signed"] = data.draw(st.booleans())
            twin.view(asked, twin.window, twin.per)
        twin.work(data.draw(st.integers(0, 12)))
    twin.work()
    twin.check()


def test_how_long_it_is_above_rounding_is_sought_once_the_pointer_rests(library: Library) -> None:
    """No column is sent a second time for it."""
    twin = Twin(library)
    twin.write(prose(120))
    twin.view({"step": 30, "passing": True}, (0, 100))
    twin.work()
    assert [facts["settled"] for facts in twin.facts.values()] == [False] * len(PANELS)
    assert [facts["above"] for facts in twin.facts.values()] == [None] * len(PANELS)
    panels = [{"model": model, "layer": layer, "signal": signal} for model, layer, signal in PANELS]
    twin.say(type="view", panels=panels, window=[0, 100], echo={"step": 30})
    held = {key: dict(columns) for key, columns in twin.held.items()}
    twin.held.clear()
    twin.work()
    assert [facts["settled"] for facts in twin.facts.values()] == [True] * len(PANELS)
    assert not any(twin.held.values())
    twin.held = held
    twin.check()


def test_values_come_back_when_the_echo_is_left(library: Library) -> None:
    twin = Twin(library)
    twin.view({"step": 5}, (0, 50))
    twin.write(prose(50))
    twin.work()
    twin.check()
    frames = []
    twin._take = lambda message, tensors: frames.append(message)  # type: ignore[method-assign]
    twin.view(None, (0, 50))
    twin.work()
    assert len([one for one in frames if one["type"] == "columns" and "echo" not in one]) == len(PANELS)


def test_the_mean_over_others_is_that_of_each_models_own_alphabet(library: Library) -> None:
    twin = Twin(library)
    twin.view({"step": 7, "others": 8}, (0, 60))
    twin.write(prose(60))
    twin.work()
    facts = twin.facts["tiny-rnn", 0, "hidden"]
    assert facts["instead"] is None
    assert facts["others"] == 8
    lm = library.get("tiny-rnn").lm
    rest = np.delete(np.arange(len(LETTERS)), LETTERS.index(twin.text[7]))
    chosen = rest[np.arange(8) * len(rest) // 8]
    ours = lm.trace(twin.text)["0.hidden"].numpy()
    texts = [twin.text[:7] + LETTERS[one] + twin.text[8:] for one in chosen]
    mean = np.mean([np.abs(ours - lm.trace(text)["0.hidden"].numpy()) for text in texts], axis=0)
    expected = picture_levels(magnitude_levels(mean), signed=False)
    held = twin.held["tiny-rnn", 0, "hidden"]
    found = np.stack([held[step][0] for step in range(60)])
    assert np.abs(found.astype(int) - expected).max() <= 1


def test_the_exact_values_of_a_step_carry_its_echo(library: Library) -> None:
    twin = Twin(library)
    twin.view({"step": 7, "instead": "q"}, (0, 60))
    twin.write(prose(60))
    twin.work()
    columns = {}
    twin._take = lambda message, tensors: columns.update({message["model"]: tensors})  # type: ignore[method-assign]
    twin.say(type="inspect", step=20)
    twin.work()
    lm = library.get("tiny-gru").lm
    texts = twin.text, twin.text[:7] + "q" + twin.text[8:]
    for row, signal in enumerate(lm.cell.names()):
        ours, theirs = (lm.trace(text)[f"0.{signal}"].numpy()[20] for text in texts)
        assert columns["tiny-gru"]["echo"][row].tobytes() == (ours - theirs).tobytes()


@pytest.mark.parametrize(
    "echo", [{"step": -1}, {"step": 3, "instead": ""}, {"step": 3, "instead": "ab"}, {"step": 3, "others": 1}, {}]
)
def test_an_echo_that_cannot_be_is_refused(echo: dict[str, Any], library: Library) -> None:
    with pytest.raises(RequestError, match="echo"):
        Twin(library).view(echo, (0, 10))


def test_the_default_is_the_same_for_shipped_models() -> None:
    alphabets = [load(name).vocabulary.characters for name in ("recall-rnn", "recall-lstm")]
    assert default_replacement("A", alphabets) == "E"
