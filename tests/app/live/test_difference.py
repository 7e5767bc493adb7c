"""Panels that show a difference: whatever is typed and looked at, it is the difference of two traces."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.compute.memory_budget import Budget
from app.compute.model_library import Library
from app.live import reading, run
from app.live.protocol import parse
from app.live.session import Limits, Session
from app.wire import frames
from models import RequestError, UnknownModel
from models.equations.scale import symmetric
from models.network import trace
from models.recording.overview import LEVELS, Grain
from tests.support.columns_by_hand import assert_columns, regular
from tests.support.page_twin import Page
from tests.support.socket_client import read_frame
from tests.support.texts import LETTERS, prose

LIMITS = Limits(characters=300, columns=60, panels=4)
PAIRS = {
    ("tiny-lstm~0.forget_gate.2=0@11", 1, "hidden"): "tiny-lstm",
    ("tiny-lstm~0.forget_gate.2=0@11", 1, "cell"): "tiny-lstm@0",
    ("tiny-gru", 0, "update_gate"): "tiny-gru~reset.7@3",
    ("tiny-rnn@0", 0, "hidden"): None,
}
"""What each panel is compared with."""


@pytest.fixture(autouse=True)
def small_pieces() -> Iterator[None]:
    with (
        mock.patch.object(run, "PIECE_SECONDS", 1e-9),
        mock.patch.object(reading, "FRAME_SECONDS", 0.0),
    ):
        yield


class Line:
    """A page and its session; what goes up and down is carried over at once, or when the session works."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.session = Session(library, LIMITS, Budget(1 << 40), Grain(8, 4))
        self.down: deque[bytes] = deque()
        self.difference: float | None = None
        self.page = Page(self._up)

    def _up(self, message: dict[str, Any]) -> None:
        if message["type"] == "view":
            message["difference"] = self.difference
            for panel in message["panels"]:
                panel["against"] = PAIRS[panel["model"], panel["layer"], panel["signal"]]
        self.session.apply(parse(json.dumps(message)))

    def work(self, pieces: int = 10**9) -> None:
        while pieces and (piece := self.session.next()) is not None:
            self.down.extend(item for item in piece.do() if isinstance(item, bytes))
            pieces -= 1

    def deliver(self) -> None:
        while self.down:
            message, tensors = read_frame(self.down.popleft())
            if message["type"] == "columns":
                key = message["model"], message["layer"], message["signal"]
                assert message.get("against") == PAIRS[key]
                self.page.take(message, tensors)

    def values(self, name: str, layer: int, signal: str) -> np.ndarray[Any, Any]:
        model = self.library.get(name)
        return trace.run(model.lm, self.page.text, reader=model.reader)[f"{layer}.{signal}"].numpy()

    def check(self) -> None:
        """The page shows, in full, the differences of fresh runs over its text."""
        page = self.page
        for (model, layer, signal), picture in page.pictures.items():
            other = PAIRS[model, layer, signal]
            if other is None:
                continue
            assert picture.steps == len(page.text)
            stop = min(page.window[1], len(page.text))
            assert sorted(picture.columns) == list(range(page.window[0], stop, page.per))
            if not picture.columns:
                continue
            values = self.values(model, layer, signal) - self.values(other, layer, signal)
            low, high = picture.bounds
            declared = self.library.stack(model)[layer].cell.signal(signal)
            width = None if declared.range is None else declared.range[1] - declared.range[0]
            assert low == -high
            if self.difference is not None:
                assert high == self.difference
            elif width is not None:
                assert high == width
            cells = np.stack([picture.columns[step][0] for step in sorted(picture.columns)])
            if page.per == 1:
                np.testing.assert_array_equal(cells, frames.quantise(values[page.window[0] : stop], low, high))
                continue
            level = (high - low) / LEVELS
            shown = low + cells.astype(np.float64) * level
            groups = regular(page.window[0], stop, page.per)
            assert_columns(
                shown, values, groups, page.show, replace(declared, scale=symmetric()), 0.501 * level, (low, high)
            )


some_panels = st.lists(st.sampled_from(list(PAIRS)), min_size=1, max_size=4, unique=True)
action = st.one_of(
    st.tuples(st.just("edit"), st.floats(0, 1), st.integers(0, 30), st.text(st.sampled_from(LETTERS), max_size=30)),
    st.tuples(st.just("type"), st.text(st.sampled_from(LETTERS), min_size=1, max_size=3)),
    st.tuples(
        st.just("view"), some_panels, st.integers(0, 10), st.sampled_from([1, 1, 2, 4, 16]),
        st.sampled_from(["extreme", "mean", "lowest"]), st.sampled_from([None, 0.5]),
    ),
    st.tuples(st.just("work"), st.integers(1, 8)),
)  # fmt: skip


@settings(max_examples=40)
@given(start=st.integers(0, 150), shown=some_panels, script=st.lists(action, max_size=10))
def test_whatever_is_done_the_page_ends_with_the_differences_of_fresh_runs(
    library: Library, start: int, shown: list[Any], script: list[Any]
) -> None:
    line = Line(library)
    page = line.page
    page.view(shown, (0, 60))
    page.say_text(prose(start))
    for what, *how in script:
        match what:
            case "edit":
                at = int(how[0] * len(page.text))
                page.edit(at, min(how[1], len(page.text) - at), how[2])
            case "type":
                page.edit(len(page.text), 0, how[0])
            case "view":
                keys, first, per, show, line.difference = how
                page.view(keys, (first * per, (first + 60) * per), per=per, show=show)
            case "work":
                line.work(how[0])
                line.deliver()
    line.work()
    line.deliver()
    line.check()


def test_of_differences_none_is_saturated_so_the_extremes_are_shown(library: Library) -> None:
    line = Line(library)
    (held,) = [key for key, other in PAIRS.items() if other == "tiny-lstm"]
    line.page.view([held], (0, 60), per=2, show="saturated")
    line.page.say_text(prose(40))
    line.work()
    message, _ = read_frame(line.down[-1])
    assert (message["show"], message["low"], message["high"]) == ("extreme", -2.0, 2.0)


def test_a_model_is_compared_only_with_one_of_the_same_build(library: Library) -> None:
    session = Session(library, LIMITS, Budget(1 << 40), Grain(8, 4))

    def view(**panel: Any) -> None:
        shown = [{"layer": 0, "signal": "hidden", **panel}]
        session.apply(parse(json.dumps({"type": "view", "panels": shown, "window": [0, 9]})))

    view(model="tiny-gru", against="tiny-gru@0")
    with pytest.raises(RequestError, match="differ in cell, units or layers"):
        view(model="tiny-gru", against="tiny-rnn")
    with pytest.raises(UnknownModel):
        view(model="tiny-gru", against="tiny")


def test_a_panel_no_longer_compared_lets_go_of_the_other_run(library: Library) -> None:
    line = Line(library)
    held = ("tiny-gru", 0, "update_gate")
    line.page.view([held], (0, 60))
    line.page.say_text(prose(200))
    line.work()
    both = line.session.nbytes
    with mock.patch.dict(PAIRS, {held: None}):
        line.page.view([held], (0, 60))
        line.work()
        assert line.session.nbytes < both
    assert line.session.close() < both
