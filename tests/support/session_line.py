"""A session with a twin of the page at the other end of a line, and what the page must show."""

from __future__ import annotations

import json
import math
from collections import deque
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from app.compute.memory_budget import Budget
from app.compute.model_library import Library
from app.live.protocol import parse
from app.live.session import Limits, Session
from app.wire import frames
from models.figures import spacing
from models.network.trace import Trace, mean_surprise
from models.recording.overview import LEVELS, Grain
from tests.support.columns_by_hand import assert_columns
from tests.support.page_twin import Page, Picture
from tests.support.socket_client import read_frame

BLOCK, BIN = 8, 4
LIMITS = Limits(characters=300, columns=60, panels=4)
HIDDEN = [("tiny-rnn", 0, "hidden"), ("tiny-gru", 0, "hidden"), ("tiny-lstm", 1, "hidden")]
CHOICES = [
    *HIDDEN,
    ("tiny-gru", 0, "update_gate"),
    ("tiny-lstm", 0, "cell"),
    ("tiny-lstm", 1, "cell"),
    ("tiny-lstm", 0, "forget_gate"),
    ("tiny-lstm@0", 0, "cell"),
    ("tiny-rnn@0", 0, "hidden"),
    ("tiny-gru@0", 0, "hidden"),
]
"""The untrained twins forget a character soon, and to the last bit."""


class Line:
    """A page and its session with a line between them: messages lie in both directions until they are carried over."""

    def __init__(self, library: Library, limits: Limits = LIMITS, budget: Budget | None = None) -> None:
        self.library = library
        self.session = Session(library, limits, budget or Budget(1 << 40), Grain(BLOCK, BIN))
        self.up: deque[str] = deque()
        self.down: deque[Any] = deque()
        self.page = Page(lambda message: self.up.append(json.dumps(message)))
        self.seen: list[Any] = []

    def hear(self, messages: int = 10**9) -> None:
        """The session takes in what the page has sent."""
        while self.up and messages:
            self.session.apply(parse(self.up.popleft()))
            messages -= 1

    def work(self, pieces: int = 10**9) -> None:
        while pieces:
            piece = self.session.next()
            if piece is None:
                return
            self.down.extend(piece.do())
            pieces -= 1

    def deliver(self, messages: int = 10**9) -> None:
        """The page gets what the session has sent."""
        while self.down and messages:
            item = self.down.popleft()
            if isinstance(item, bytes):
                item = read_frame(item)
                self.page.take(*item)
            self.seen.append(item)
            messages -= 1

    def settle(self) -> list[Any]:
        """Carry everything over and work until nothing is left; what the page got meanwhile."""
        self.seen = []
        self.hear()
        self.work()
        self.deliver()
        return self.seen

    def steps(self) -> list[int]:
        """How far each model has read."""
        return [one.run.steps if one.begun else 0 for one in self.session._readings.values()]

    def groups(self, model: str, start: int, stop: int, per: int) -> list[range]:
        """The steps of each wide column, by where the blocks of the recording lie."""
        whole, blocks = per >= BLOCK, self.session._readings[model].run.recording._blocks
        edges = [*(block.start for block in blocks), len(self.page.text)]
        bins = [
            range(low, min(low + (BLOCK if whole else BIN), after))
            for first, after in pairwise(edges)
            for low in range(first, after, BLOCK if whole else BIN)
        ]
        out = []
        for begin in range(start, stop, per):
            mine = [one for one in bins if begin <= one.start < begin + per] or [bins[-1]]
            out.append(range(mine[0].start, mine[-1].stop))
        return out


def along_decades(values: np.ndarray, high: float) -> np.ndarray:
    """Where values stand on the symmetric logarithmic scale from −high to high, −1 … 1; docs/protocol.md says it so."""
    return np.asarray([math.copysign(math.log1p(abs(v) / 0.1) / math.log1p(high / 0.1), v) for v in np.ravel(values)])


def trace_of(library: Library, model: str, text: str) -> Trace:
    return library.get(model).lm.trace(text)


def check_panel(line: Line, key: tuple[str, int, str], picture: Picture, groups: list[range]) -> None:
    """Each column of a panel shows what the trace of the page's text says of its group of steps."""
    page, (model, layer, signal) = line.page, key
    declared = line.library.stack(model)[layer].cell.signal(signal)
    trace = trace_of(line.library, model, page.text)
    values = trace[f"{layer}.{signal}"].numpy()
    low, high = picture.bounds
    columns = [picture.columns[step] for step in sorted(picture.columns)]
    cells = np.stack([cells for cells, _, _ in columns])
    logarithmic = picture.scale == "log"
    if page.per == 1 and logarithmic:
        exact = along_decades(values[[steps.start for steps in groups]], high).reshape(cells.shape)
        assert np.abs(cells - (exact + 1) / 2 * LEVELS).max() <= 0.501
    elif page.per == 1:
        np.testing.assert_array_equal(cells, frames.quantise(values[[steps.start for steps in groups]], low, high))
    elif logarithmic:
        shown = cells.astype(np.float64) / LEVELS * 2 - 1
        drawn = partial(along_decades, high=high)
        assert_columns(shown, values, groups, page.show, declared, 1.02 / LEVELS, (low, high), drawn)
    else:
        assert (cells <= LEVELS).all()
        level = (high - low) / LEVELS
        kept = 0.0 if declared.range is None or page.per < BIN else (declared.range[1] - declared.range[0]) / 254
        within = 0.5001 * max(level, kept) if level == kept else 0.5001 * (level + kept)
        if page.show == "mean":
            within += level / 100  # it is kept in 65,536 levels
        shown = low + cells.astype(np.float64) * level
        assert_columns(shown, values, groups, page.show, declared, within, (low, high))
    exact = [range(step, min(step + page.per, len(page.text))) for step in sorted(picture.columns)]
    check_surprise([(mean, peak) for _, mean, peak in columns], trace, exact)


def check_surprise(shown: list[tuple[np.float32, np.float32]], trace: Trace, groups: list[range]) -> None:
    for (mean, peak), steps in zip(shown, groups, strict=True):
        bits = trace.surprise.numpy()[steps.start : steps.stop]
        known = bits[~np.isnan(bits)].astype(np.float64)
        assert mean == pytest.approx(known.mean() if len(known) else np.nan, rel=1e-6, nan_ok=True)
        assert peak == pytest.approx(known.max() if len(known) else np.nan, rel=0, nan_ok=True)


def check_nothing_false(line: Line) -> None:
    """Every column that the page shows is one of its own text; wide ones are looked at when all has settled."""
    page = line.page
    for key, picture in page.pictures.items():
        steps = sorted(picture.columns)
        if not steps:
            continue
        assert page.window[0] <= steps[0]
        assert steps[-1] < min(page.window[1], len(page.text))
        if page.per < BIN:
            check_panel(line, key, picture, [range(k, min(k + page.per, len(page.text))) for k in steps])
    for model, strip in page.strips.items():
        groups = [range(k, min(k + strip.per, len(page.text))) for k in sorted(strip.columns)]
        shown = [strip.columns[steps.start] for steps in groups]
        trace = trace_of(line.library, model, page.text)
        for mean, steps in zip(shown, groups, strict=True):
            bits = trace.surprise.numpy()[steps.start : steps.stop]
            known = bits[~np.isnan(bits)].astype(np.float64)
            assert mean == pytest.approx(known.mean() if len(known) else np.nan, rel=1e-6, nan_ok=True)


def check_whole_picture(line: Line) -> None:
    """The page shows what a fresh run over its text gives, in every panel and in the overview."""
    page, length = line.page, len(line.page.text)
    check_nothing_false(line)
    unbounded = [0.0]
    for model, layer, signal in page.pictures:
        if signal == "cell" and length:
            unbounded.append(float(trace_of(line.library, model, page.text)[f"{layer}.cell"].abs().max()))
    shared = (-page.scale, page.scale) if isinstance(page.scale, float) else spacing.symmetric_range(max(unbounded))
    if page.scale is None:
        shared = next((-high, high) for high in (1.0, 10.0, 100.0, 1000.0) if max(unbounded) <= high)
    for key, picture in page.pictures.items():
        model, layer, signal = key
        start, stop = page.window[0], min(page.window[1], length)
        assert sorted(picture.columns) == list(range(start, stop, page.per))
        assert picture.steps == length
        if picture.columns:
            known = {"cell": shared, "hidden": (-1.0, 1.0), "candidate": (-1.0, 1.0)}
            share = page.per > 1 and page.show == "saturated"
            assert picture.bounds == ((0.0, 1.0) if share else known.get(signal, (0.0, 1.0))), f"{layer}.{signal}"
            assert picture.scale == ("log" if page.scale is None and signal == "cell" and not share else "linear")
            if page.per >= BIN:
                check_panel(line, key, picture, line.groups(model, start, stop, page.per))
        trace = trace_of(line.library, model, page.text)
        assert picture.scored == int((~trace.surprise.isnan()).sum())
        bits = mean_surprise(trace.surprise.numpy())
        assert picture.bits is None if np.isnan(bits) else picture.bits == pytest.approx(bits, rel=1e-9)
    for strip in page.strips.values() if page.room else ():
        per = next(2**k for k in range(40) if length <= page.room * 2**k)
        assert sorted(strip.columns) == list(range(0, length, per))
        assert strip.per == per or not length


def opened(
    library: Library, text: str, panels: list[tuple[str, int, str]], window: tuple[int, int] = (0, 60), **how: Any
) -> Line:
    line = Line(library)
    line.page.view(panels, window, **how)
    line.page.say_text(text)
    line.settle()
    check_whole_picture(line)
    return line


def start_reading(library: Library, text: str, pieces: int = 8) -> Line:
    line = Line(library)
    line.page.view(HIDDEN, (0, 60))
    line.page.say_text(text)
    line.hear()
    line.work(pieces)
    line.deliver()
    line.seen = []
    return line


def ask(line: Line, **message: Any) -> list[Any]:
    line.up.append(json.dumps(message))
    return line.settle()
