"""One session: a text, a view of it, and what is still to be computed and sent. It knows no socket.

The shell around it hands in messages with `apply`, which is cheap, and calls `work` on a thread of the pool
until it has nothing left to do. One call of `work` reads at most one block of one model, so that whatever arrives
in between is heard: newest wins, and sessions take turns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models import RequestError
from models.cells.base import Signal
from models.ordering import by_similarity

from . import frames
from .held import Bounds, Held
from .library import Library
from .protocol import (
    Arrange,
    Cancel,
    Column,
    Columns,
    Edit,
    Inspect,
    Order,
    Panel,
    Progress,
    Request,
    Text,
    View,
    Window,
)
from .run import Run

Outgoing = bytes | Progress


@dataclass(frozen=True)
class Limits:
    """What one session may ask for."""

    characters: int
    columns: int
    panels: int


class Session:
    """See the module. `apply` and `work` must not run at the same time; they may run on different threads."""

    def __init__(self, library: Library, limits: Limits) -> None:
        self._library = library
        self._limits = limits
        self.text = ""
        self.revision = -1
        self.window = Window(start=0, stop=0)
        self._panels: dict[Panel, Held] = {}
        self._runs: dict[str, Run] = {}
        self._scale: float | None = None
        self._stopped = False
        self._inspected: dict[tuple[str, int], int] = {}
        self._arranged: dict[Panel, None] = {}  # in the order of asking, each once

    # ── what comes in ────────────────────────────────────────────────────────────────────────────────

    def apply(self, request: Request) -> None:
        """Take in one message.

        Raises:
            RequestError, UnknownModel: if it cannot be done; nothing has changed then.
        """
        match request:
            case Text():
                self._check_length(len(request.text))
                self._check_window(request.window)
                self._replace(0, len(self.text), request.text, request.revision)
                self._panels = {panel: Held() for panel in self._panels}
                self._move(request.window)
            case Edit():
                self._edit(request)
            case View():
                self._look(request)
            case Inspect():
                self._inspected = {(panel.model, panel.layer): request.step for panel in self._panels}
            case Arrange():
                panel = Panel(model=request.model, layer=request.layer, signal=request.signal)
                self._signal(panel)
                if panel not in self._panels:
                    raise RequestError(
                        "not_in_view",
                        f"{panel.model} {panel.layer}.{panel.signal} is not in view. Open a panel of it first.",
                    )
                self._arranged[panel] = None
            case Cancel():
                self._stopped = True

    def _edit(self, edit: Edit) -> None:
        if edit.revision <= self.revision:
            return  # the page repeats itself; the edit is in the text already
        if edit.revision != self.revision + 1:
            raise _out_of_sync(
                f"Revision {edit.revision} does not follow {self.revision}, the last that the server has"
            )
        if edit.at + edit.remove > len(self.text):
            raise _out_of_sync(
                f"The edit removes characters {edit.at} to {edit.at + edit.remove} of a text that has {len(self.text)}"
            )
        self._check_length(len(self.text) - edit.remove + len(edit.insert))
        self._check_window(edit.window)
        self._replace(edit.at, edit.remove, edit.insert, edit.revision)
        self._move(edit.window)

    def _look(self, view: View) -> None:
        self._check_window(view.window)
        if len(view.panels) > self._limits.panels:
            raise RequestError(
                "too_many_panels",
                f"{len(view.panels)} panels are more than the {self._limits.panels} that one session may look at. "
                "Close some.",
            )
        for panel in view.panels:
            self._signal(panel)
        self._panels = {panel: self._panels.get(panel, Held()) for panel in view.panels}
        self._scale = view.scale
        names = {panel.model for panel in view.panels}
        self._runs = {name: run for name, run in self._runs.items() if name in names}
        self._arranged = {panel: None for panel in self._arranged if panel in self._panels}
        self._inspected = {place: step for place, step in self._inspected.items() if place[0] in names}
        self._stopped = False
        self._move(view.window)

    def _replace(self, at: int, remove: int, insert: str, revision: int) -> None:
        self.text = self.text[:at] + insert + self.text[at + remove :]
        self.revision = revision
        self._stopped = False
        for run in self._runs.values():
            run.edit(at, remove, insert)
        for held in self._panels.values():
            held.cut(at)

    def _move(self, window: Window | None) -> None:
        if window is not None:
            self.window = window
            for held in self._panels.values():
                held.clip(window.start, window.stop)

    def _check_length(self, characters: int) -> None:
        if characters > self._limits.characters:
            raise RequestError(
                "text_too_long",
                f"The text would have {characters:,} characters; this server reads at most "
                f"{self._limits.characters:,}. "
                "Shorten it, or raise HIDDEN_STATE_TEXT_LIMIT_CHARACTERS.",
                status=413,
            )

    def _check_window(self, window: Window | None) -> None:
        if window is not None and window.stop - window.start > self._limits.columns:
            raise RequestError(
                "window_too_wide",
                f"A window of {window.stop - window.start:,} columns is wider than the {self._limits.columns:,} "
                "that are sent at once. Zoom in.",
            )

    def _signal(self, panel: Panel) -> Signal:
        """The declaration of the signal that a panel shows."""
        cell, layers = self._library.cell(panel.model)
        if panel.layer >= layers:
            raise RequestError(
                "unknown_layer", f"{panel.model} has no layer {panel.layer}; its layers are 0 to {layers - 1}."
            )
        for signal in cell.signals:
            if signal.name == panel.signal:
                return signal
        raise RequestError(
            "unknown_signal", f"{panel.model} has no signal {panel.signal!r}. It has: {', '.join(cell.names())}."
        )

    # ── what goes out ────────────────────────────────────────────────────────────────────────────────

    def work(self) -> list[Outgoing] | None:
        """Do the next piece of work. Returns what to send, possibly nothing; None when all is done."""
        if self.revision < 0:
            return None
        for name in {panel.model: None for panel in self._panels}:
            if name not in self._runs:
                self._runs[name] = Run(self._library.get(name), self.text)
                return []
        outgoing: list[Outgoing] = [*self._columns(), *self._column(), *self._order()]
        if outgoing:
            return outgoing
        unread = [run for run in self._runs.values() if not run.complete]
        if not unread:
            return None
        if self._stopped:
            return self._halt(unread)
        run = min(unread, key=lambda run: run.steps)  # the one furthest behind, so that all panels fill together
        run.read()
        news = run.news(self.revision)
        return [*self._columns(), *([news] if news else [])]

    def _columns(self) -> list[bytes]:
        """A frame for every panel of which the page lacks something that has been read."""
        bounds = self._bounds()
        out = []
        for panel, held in self._panels.items():
            run = self._runs[panel.model]
            lacks = held.missing(self.window.start, min(self.window.stop, run.steps), bounds[panel])
            news = held.told != (self.revision, run.steps) and run.complete
            if lacks or news:
                out.append(self._frame(panel, held, lacks or (held.stop, held.stop), bounds[panel]))
        return out

    def _frame(self, panel: Panel, held: Held, columns: tuple[int, int], bounds: Bounds) -> bytes:
        run = self._runs[panel.model]
        start, stop = columns
        bits, scored = run.recording.bits_per_character()
        held.sent(start, stop, bounds)
        held.told = (self.revision, run.steps)
        message = Columns(
            revision=self.revision,
            model=panel.model,
            layer=panel.layer,
            signal=panel.signal,
            start=start,
            stop=stop,
            steps=run.steps,
            length=len(self.text),
            low=bounds[0],
            high=bounds[1],
            bits_per_character=bits if scored else None,
            scored=scored,
        )
        values = run.recording.signal(panel.layer, panel.signal, start, stop)
        cells = frames.quantise(values, *bounds)
        return frames.encode(message, {"cells": cells, "surprise": run.recording.surprise(start, stop)})

    def _bounds(self) -> dict[Panel, Bounds]:
        """The range that each panel's colours stand for: its own, or one for all panels that have none."""
        ranges = {panel: self._signal(panel).range for panel in self._panels}
        shared = (-self._scale, self._scale) if self._scale else self._reach(ranges)
        return {panel: known or shared for panel, known in ranges.items()}

    def _reach(self, ranges: dict[Panel, Bounds | None]) -> Bounds:
        """The range that holds all that the unbounded panels have read."""
        largest = [
            self._runs[panel.model].recording.largest(panel.layer, panel.signal)
            for panel, known in ranges.items()
            if known is None
        ]
        return frames.symmetric_range(max(largest, default=1.0))

    def _column(self) -> list[bytes]:
        """The exact values at the step that was asked for, of each model that has read it."""
        out = []
        for (model, layer), step in list(self._inspected.items()):
            run = self._runs[model]
            if step < run.steps:
                signals, following = run.recording.column(layer, step)
                message = Column(revision=self.revision, model=model, layer=layer, step=step)
                tensors = {"signals": signals.astype(np.float32), "log_probabilities": following.astype(np.float32)}
                out.append(frames.encode(message, tensors))
            if step < run.steps or step >= len(self.text):
                del self._inspected[model, layer]
        return out

    def _order(self) -> list[bytes]:
        """The next order that was asked for, over the window once that has been read; one a piece of work."""
        end = min(self.window.stop, len(self.text))
        for panel in self._arranged:
            run = self._runs[panel.model]
            if not self._stopped and run.steps < end:
                continue
            del self._arranged[panel]
            values = run.recording.signal(panel.layer, panel.signal, self.window.start, self.window.stop)
            message = Order(revision=self.revision, model=panel.model, layer=panel.layer, signal=panel.signal)
            return [frames.encode(message, {"order": by_similarity(values)})]
        return []

    def _halt(self, unread: list[Run]) -> list[Outgoing] | None:
        """After a cancel: say once where each model stopped."""
        halted = [run for run in unread if not run.halted]
        for run in halted:
            run.halted = True
        return [run.progress(self.revision, stopped=True) for run in halted] or None


def _out_of_sync(fault: str) -> RequestError:
    return RequestError("out_of_sync", f"{fault}. Send the whole text.", status=409)
