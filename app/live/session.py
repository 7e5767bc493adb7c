"""One session: a text, a view of it, and a reading of the text for each model in view. It does not know the socket.

The shell around it passes in messages with `apply`, and runs the work that `next` picks on threads of the pool
until there is none left. One piece of work is a few milliseconds of one model, so that messages are noticed in
between: newest wins, and sessions take turns.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np

from models import RequestError
from models.cells.base import Signal
from models.echo.replacement import default_replacement
from models.equations.scale import Form
from models.recording.gap_buffer import GapBuffer
from models.recording.overview import GRAIN, Grain
from models.text.vocabulary import code_points
from models.text.words import counted

from ..compute.memory_budget import Budget
from ..compute.model_library import Library
from ..contract.candidate import Candidate
from .protocol import Arrange, Cancel, Dismiss, EchoAsk, Edit, Inspect, Measure, Panel, Request, Text, Window
from .protocol import View as Look
from .reading import Outgoing, Reading
from .run import Run
from .sent_columns import EchoKey, Sorting
from .view import View


@dataclass(frozen=True)
class Limits:
    """What one session may ask for."""

    characters: int
    columns: int
    panels: int


@dataclass(frozen=True)
class Piece:
    """A piece of work for one model. `urgent`: its result belongs into the view."""

    model: str
    urgent: bool
    do: Callable[[], list[Outgoing]]


class Session:
    """See the module. `apply` must not run at the same time as a piece of work; pieces of different models may."""

    def __init__(self, library: Library, limits: Limits, budget: Budget, grain: Grain = GRAIN) -> None:
        self._library = library
        self._limits = limits
        self._budget = budget
        self._text: GapBuffer[np.uint32] = GapBuffer(np.uint32)  # code points
        self._view = View(reach=self._reach, text=self._part, grain=grain)
        self._readings: dict[str, Reading] = {}  # one a model, in the order of the view
        self._echo: EchoAsk | None = None

    @property
    def revision(self) -> int:
        """The revision of the last text or edit; −1 before the first."""
        return self._view.revision

    @property
    def text(self) -> str:
        return _words(self._text[:])

    def interrupt(self, is_so: bool = True) -> None:
        """Ask running work to stop at the next block because a message waits (False: the inbox is empty)."""
        self._view.interrupted = is_so

    def failed(self, model: str) -> None:
        """A piece of work of a model failed; the others go on."""
        if model in self._readings:
            self._readings[model].failed = True

    @property
    def nbytes(self) -> int:
        """Roughly how much memory its recordings use."""
        return sum(one.nbytes for one in self._readings.values())

    def close(self) -> int:
        """The page has gone. Returns how many bytes its recordings used."""
        held = sum(reading.close() for reading in self._readings.values())
        self._readings.clear()
        self._text = GapBuffer(np.uint32)
        return held

    # ── what comes in ────────────────────────────────────────────────────────────────────────────────

    def apply(self, request: Request) -> None:
        """Take in one message.

        Raises:
            RequestError, UnknownModel: if it cannot be done; nothing has then changed.
        """
        match request:
            case Text():
                self._check_length(len(request.text))
                self._check_window(request.window, self._view.per)
                self._replace(0, len(self._text), request.text, request.revision)
                for reading in self._readings.values():
                    reading.look(reading.panels, afresh=True)
                self._move(request.window)
            case Edit():
                self._edit(request)
            case Look():
                self._look(request)
            case Inspect():
                for reading in self._readings.values():
                    reading.frames.inspected = {panel.layer: request.step for panel in reading.panels}
            case Arrange():
                panel = Panel(model=request.model, layer=request.layer, signal=request.signal)
                self._signal(panel)
                asked = self._readings.get(panel.model)
                shown = asked.frames.showing(panel) if asked else None
                if asked is None or shown is None:
                    raise RequestError(
                        "not_in_view",
                        f"{panel.model} {panel.layer}.{panel.signal} is not in view. Open a panel of it first.",
                    )
                self._check_window(request.window, request.per or 1)
                window = request.window or self._view.window
                asked.frames.arranged[shown] = Sorting(window, request.per or self._view.per)
            case Measure():
                self._measure(request)
            case Dismiss():
                for reading in self._readings.values():
                    reading.dismiss(request.id)
                self._close([name for name, reading in self._readings.items() if not reading.wanted])
            case Cancel():
                self._view.stopped = True

    def _edit(self, edit: Edit) -> None:
        if edit.revision <= self.revision:
            return  # the page repeats itself; the edit is already in the text
        length = len(self._text)
        if edit.revision != self.revision + 1:
            raise _out_of_sync(
                f"Revision {edit.revision} does not follow {self.revision}, the last that the server has"
            )
        if edit.at + edit.remove > length:
            raise _out_of_sync(
                f"The edit removes characters {edit.at} to {edit.at + edit.remove} of a text that has {length}"
            )
        self._check_length(length - edit.remove + len(edit.insert))
        self._check_window(edit.window, self._view.per)
        self._replace(edit.at, edit.remove, edit.insert, edit.revision)
        self._move(edit.window)

    def _look(self, look: Look) -> None:
        self._check_window(look.window, look.per)
        if len(look.panels) > self._limits.panels:
            raise RequestError(
                "too_many_panels",
                f"{len(look.panels)} panels are more than the {self._limits.panels} that one session may look at. "
                "Close some.",
            )
        view, scales = self._view, {panel: self._signal(panel).scale for panel in look.panels}
        afresh = (view.per, view.show) != (look.per, look.show)
        view.per, view.show, view.scale, view.overview = look.per, look.show, look.scale, look.overview
        view.difference = look.difference
        self._echo = look.echo
        view.echo = self._echo_key([panel.model for panel in look.panels])
        view.passing = look.echo is not None and look.echo.passing
        view.scales, view.stopped = scales, view.stopped and not look.go_on
        before, self._readings = self._readings, {}
        for name in {panel.model: None for panel in look.panels}:
            reading = before.pop(name) if name in before else self._new_reading(name)
            reading.look([panel for panel in scales if panel.model == name], afresh)
            self._readings[name] = reading
        for name, reading in before.items():
            reading.look([], afresh)
            self._readings[name] = reading
        self._close([name for name, reading in before.items() if not reading.wanted])
        self._move(look.window)

    def _measure(self, asked: Measure) -> None:
        """Ask an instrument about a model, which need not be in view: an untrained twin, for instance."""
        candidate = Candidate.of(self._library.find(asked.model))  # raises if there is none
        if asked.model not in self._readings:
            if len(self._readings) >= 2 * self._limits.panels:
                raise RequestError(
                    "too_many_models",
                    f"{len(self._readings)} models are being read, which is the most that one session may have. "
                    "Close some panels.",
                )
            self._readings[asked.model] = self._new_reading(asked.model)
        self._readings[asked.model].measure(asked, asked.measure.refused(candidate))

    def _new_reading(self, name: str) -> Reading:
        def load(one: str) -> Run:
            return Run(self._library.get(one), self.text, self._view.grain)

        return Reading(name, load, self._view, self._budget)

    def _close(self, names: list[str]) -> None:
        for name in names:
            self._readings.pop(name).close()

    def _replace(self, at: int, remove: int, insert: str, revision: int) -> None:
        self._text.replace(at, remove, code_points(insert))
        self._view.revision, self._view.length, self._view.stopped = revision, len(self._text), False
        for reading in self._readings.values():
            reading.edit(at, remove, insert)
        self._view.echo = self._echo_key([name for name, reading in self._readings.items() if reading.panels])

    def _echo_key(self, models: list[str]) -> EchoKey | None:
        """The request with the other character filled in: the same for all models in view."""
        asked = self._echo
        if asked is None or not models:
            return None
        if asked.others is not None:
            return EchoKey(asked.step, None, asked.others, signed=False)
        instead = asked.instead
        if instead is None:
            alphabets = [self._library.find(name).entry.card.vocabulary for name in models]
            instead = default_replacement(self._part(asked.step, asked.step + 1), alphabets)
        return EchoKey(asked.step, instead, 1, asked.signed)

    def _move(self, window: Window | None) -> None:
        if window is not None:
            self._view.window = window
        for reading in self._readings.values():
            reading.move()

    def _check_length(self, characters: int) -> None:
        if characters > self._limits.characters:
            raise RequestError(
                "text_too_long",
                f"The text would have {counted(characters, 'character')}; this server reads at most "
                f"{self._limits.characters:,}. "
                "Shorten it, or raise HIDDEN_STATE_TEXT_LIMIT_CHARACTERS.",
                status=413,
            )

    def _check_window(self, window: Window | None, per: int) -> None:
        if window is None:
            return
        if window.start % per or window.stop % per:
            raise RequestError(
                "window_askew",
                f"The window [{window.start}, {window.stop}] does not begin and end with a column of {per} characters. "
                f"Use multiples of {per}.",
            )
        columns = (window.stop - window.start) // per
        if columns > self._limits.columns:
            raise RequestError(
                "window_too_wide",
                f"A window of {columns:,} columns is wider than the {self._limits.columns:,} "
                "that are sent at once. Let a column stand for more characters, or zoom in.",
            )

    def _signal(self, panel: Panel) -> Signal:
        """The declaration of the signal that a panel shows."""
        stack = self._library.stack(panel.model)
        if panel.layer >= len(stack):
            raise RequestError(
                "unknown_layer", f"{panel.model} has no layer {panel.layer}; its layers are 0 to {len(stack) - 1}."
            )
        cell = stack[panel.layer].cell
        if panel.against is not None and not self._library.alike(panel.model, panel.against):
            raise RequestError(
                "unlike_models",
                f"{panel.model} and {panel.against} differ in cell, units or layers: no unit of one stands for one of "
                "the other. Compare a model with itself under interventions, or with its untrained twin.",
            )
        for signal in cell.signals:
            if signal.name == panel.signal:
                return signal
        raise RequestError(
            "unknown_signal", f"{panel.model} has no signal {panel.signal!r}. It has: {', '.join(cell.names())}."
        )

    # ── what to do next ──────────────────────────────────────────────────────────────────────────────

    def next(self, busy: Collection[str] = ()) -> Piece | None:
        """The next piece of work, for a model that is not `busy` with one; None if there is none."""
        if self.revision < 0:
            return None
        waiting = [
            (name, one, task)
            for name, one in self._readings.items()
            if name not in busy and (task := one.next_task()) is not None
        ]
        if not waiting:
            return None
        # Work for the view comes first, then the model furthest behind, so that all panels fill together.
        name, _, task = min(waiting, key=lambda one: (not one[2].urgent, one[1].run.steps if one[1].begun else 0))
        return Piece(name, task.urgent, task.do)

    def _part(self, start: int, stop: int) -> str:
        return _words(self._text[start : min(stop, len(self._text))])

    def _reach(self, form: Form) -> float:
        """How far the values go that any panel of this form shows."""
        panels = [panel for panel, scale in self._view.scales.items() if scale.form is form]
        largest = [self._readings[panel.model].largest(panel) for panel in panels]
        return max(largest, default=0.0) or 1.0


def _words(points: np.ndarray[tuple[int], np.dtype[np.uint32]]) -> str:
    return points.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


def _out_of_sync(fault: str) -> RequestError:
    return RequestError("out_of_sync", f"{fault}. Send the whole text.", status=409)
