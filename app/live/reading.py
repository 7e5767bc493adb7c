"""A page's view of one model: its panels, its share of the overview, questions about it, and the reading itself.

`next_task` picks the next piece of work: whatever the page lacks of what has been read, else a bit more reading. Pieces
of different models may run at the same time; they share only the `View`, which nobody changes meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import Enum
from functools import partial

from models.errors import MemoryFull

from ..compute.memory_budget import FLOOR, Budget
from ..contract.instrument import Subject
from .measurement import Measurement
from .model_frames import ModelFrames
from .protocol import Error, Measure, Measuring, Panel, Progress, Reach, Unmeasured
from .run import Run
from .view import View

Outgoing = bytes | Progress | Reach | Measuring | Unmeasured | Error

FRAME_SECONDS = 0.05
"""How often a picture is sent while it fills during reading."""
OVERVIEW_SECONDS = 0.25


class Stage(Enum):
    """The stages in the life of a reading."""

    LOADING = "the model is not loaded yet; what is wanted is only remembered"
    READING = "it reads what there is to be read"
    FULL = "it stopped for want of memory, and stays there until the text or the view is another"


@dataclass(frozen=True)
class Task:
    """A piece of work for one model. `urgent`: its result belongs into the view."""

    urgent: bool
    do: Callable[[], list[Outgoing]]


class Reading:
    """See the module.

    Args:
        load: returns a model by name, with the session's text, ready to read.
        clock: seconds, for how often things are sent.
    """

    def __init__(
        self,
        name: str,
        load: Callable[[str], Run],
        view: View,
        budget: Budget,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.name = name
        self.view = view
        self.stage = Stage.LOADING
        self.failed = False
        """Whether the last piece of work failed, in whatever stage: nothing more is tried until the text, the view or a
        question changes."""
        self.frames = ModelFrames(view, self._hold, clock)
        self.measurements: dict[str, Measurement] = {}
        """Questions to instruments, by name; answered ones stay until they are dismissed."""
        self._load = load
        self._budget = budget
        self._clock = clock
        self._warned = False
        """Whether the page has been told that this text is not read further for lack of memory; another view does not
        change that."""

    @property
    def panels(self) -> Collection[Panel]:
        """The model's panels in view."""
        return self.frames.panels

    @property
    def begun(self) -> bool:
        """Whether the model is loaded."""
        return self.stage is not Stage.LOADING

    def edit(self, at: int, remove: int, insert: str) -> None:
        """The text has changed."""
        if self.begun:
            for run in self.frames.runs:
                run.edit(at, remove, insert)
            self.frames.echoes.cut(at)
            self._hold()  # it may have become smaller
        for measurement in self.measurements.values():
            measurement.end()
        self.frames.cut(at)
        self._warned = False
        self._go_on()

    def look(self, panels: Iterable[Panel], afresh: bool) -> None:
        """These panels are in view; `afresh`: nothing sent before is of use any more."""
        self.frames.look(panels, afresh)
        self._go_on()

    def _go_on(self) -> None:
        """Whatever stopped the reading may be over: try again."""
        self.failed = False
        if self.stage is Stage.FULL:
            self.stage = Stage.READING

    def move(self) -> None:
        """The window has moved."""
        window = self.view.window
        self.frames.clip(window)
        stop = window.stop if self.view.per < self.view.grain.bin else window.start
        for run in self.frames.runs if self.begun else ():
            run.recording.watch(window.start, stop)

    def measure(self, asked: Measure, refused: str | None = None) -> None:
        """Ask an instrument; its previous question is no longer wanted. `refused`: why it does not
        apply."""
        if asked.measure.name in self.measurements:
            self.measurements.pop(asked.measure.name).end()
        self.measurements[asked.measure.name] = Measurement(asked, self._clock, refused)
        self.failed = False

    def dismiss(self, number: int) -> None:
        """The answer to a question is no longer wanted."""
        for name in [name for name, one in self.measurements.items() if one.asked.id == number]:
            self.measurements.pop(name).end()

    @property
    def wanted(self) -> bool:
        """Whether the model is in view, or being measured."""
        return bool(self.frames.panels or self.measurements)

    def close(self) -> int:
        """The model is no longer read. Returns how many bytes its recording used."""
        for measurement in self.measurements.values():
            measurement.end()
        self._budget.hold(self, 0)
        return self.nbytes

    @property
    def nbytes(self) -> int:
        """Roughly how much memory its recordings use."""
        if not self.begun:
            return 0
        return self.frames.echoes.nbytes + sum(run.recording.nbytes for run in self.frames.runs)

    def largest(self, panel: Panel) -> float:
        """How far the values go that the panel has to show."""
        return self.run.largest(panel.layer, panel.signal) if self.begun else 0.0

    # ── what to do next ──────────────────────────────────────────────────────────────────────────────

    def next_task(self) -> Task | None:
        """The next piece of work; None if there is nothing left to do, or the rest has failed."""
        if self.failed:
            return None
        if not self.begun:
            return Task(True, self._begin)
        if (other := self.frames.unloaded) is not None:
            return Task(True, partial(self._join, other))
        waits = self.frames.lacking
        if not waits and self._next_step() is None:
            return None
        read = min(run.steps for run in self.frames.runs)
        return Task(waits or (read < self.frames.seen_steps and self.view.per < self.view.grain.bin), self._work)

    def _begin(self) -> list[Outgoing]:
        """Load the model and give it the text."""
        self.run = self._load(self.name)
        self.frames.begin(self.run)
        self.stage = Stage.READING
        self.move()
        return []

    def _join(self, other: str) -> list[Outgoing]:
        """A model to compare with reads the text a second time, for this comparison alone."""
        self.frames.others[other] = self._load(other)
        self.move()
        return []

    def _work(self) -> list[Outgoing]:
        """Send what the page lacks, else take the next step. Which one is decided only now, since the range of the
        colours follows the largest values of all models."""
        self._note_largest()
        out: list[Outgoing] = [*self.frames.columns(FRAME_SECONDS), *self.frames.answers()]
        if out or self.frames.echo_lags():
            return out
        step = self._next_step()
        return [] if step is None else step()

    def _next_step(self) -> Callable[[], list[Outgoing]] | None:
        """The next task once the page has everything that has been read; None if there is none."""
        if behind := self._behind():
            return partial(self._catch_up, behind)
        measurement = self._measurement()
        if measurement is not None and (self._halted or self.run.steps >= self.frames.seen_steps):
            return partial(self._measure, measurement)
        if not self.run.complete:
            if not self._halted:
                return self._read
            return self._halt if self.frames.overview_lacks() is not None or not self.run.halted else None
        if not self.frames.echoes.measured:
            return self._measure_echo
        return self._felt if self.frames.overview_lacks() is not None or self.run.felt else None

    @property
    def _halted(self) -> bool:
        """Whether reading stops here: the page said so, or memory is full."""
        return self.view.stopped or self.stage is Stage.FULL

    def _overview(self) -> list[bytes]:
        """The overview's next columns, now and then during the reading and at its end."""
        return self.frames.overview_columns(0.0 if self.run.complete or self._halted else OVERVIEW_SECONDS)

    def _behind(self) -> list[Run]:
        """Models to compare with that have read less than the one compared."""
        return [other for other in self.frames.others.values() if other.steps < self.run.steps]

    def _catch_up(self, behind: list[Run]) -> list[Outgoing]:
        for other in behind:
            other.read(self.run.steps, lambda: self.view.interrupted)
        self._hold()
        due = not self._behind() or self.frames.due(FRAME_SECONDS)
        return [*self.frames.columns(FRAME_SECONDS)] if due else []

    def _measurement(self) -> Measurement | None:
        """The next instrument that can work: enough has been read for it, or no more will be."""
        halted = not self.run.complete and self._halted
        for measurement in self.measurements.values():
            ready = self.run.steps >= measurement.needs(self.view.length)
            if not measurement.over and (ready or halted):
                return measurement
        return None

    def _measure(self, measurement: Measurement) -> list[Outgoing]:
        """A piece of an instrument's work, or why it cannot begin. Other due work comes first, so that the page does
        not wait for it."""
        before = self._halt() if self._halted else self._overview()
        needs = measurement.needs(self.view.length)
        if self.run.steps < needs:
            why = (
                f"The reading was stopped at character {self.run.steps:,}, and this needs the first {needs:,}. "
                "Go on reading, or look at a place before that."
            )
            return [*before, measurement.give_up("stopped", why)]
        subject = Subject(self.run, self.view.length, self.view.text)
        return [*before, *measurement.work(subject, self.view.revision)]

    def _measure_echo(self) -> list[Outgoing]:
        """A piece of the search for how long the echo is felt."""
        self.frames.echoes.measure()
        self._hold()
        return [*self._overview()]

    def _read(self) -> list[Outgoing]:
        before, seen, recording = self.run.steps, self.frames.seen_steps, self.run.recording
        recording.memory = recording.nbytes + max(self._budget.left(self), FLOOR) - self.nbytes
        try:
            self.run.read(seen if before < seen else self.view.length, lambda: self.view.interrupted)
        except MemoryFull:
            return self._stop_full()
        finally:
            self._hold()
        self._warned = False
        self._note_largest()
        due = self.run.steps >= seen or self.frames.due(FRAME_SECONDS)
        out: list[Outgoing] = [*self.frames.columns(FRAME_SECONDS)] if due else []
        if not self.run.complete:
            out += self._overview()  # after a key it can wait until the pictures of all models are on their way
        news = self.run.news(self.view.revision)
        return out if news is None else [*out, news]

    def _stop_full(self) -> list[Outgoing]:
        """The reading stops for want of memory. The page is told once for each text."""
        warned, self._warned, self.stage, self.run.halted = self._warned, True, Stage.FULL, True
        stopped = self.run.progress(self.view.revision, stopped=True)
        return [stopped] if warned else [stopped, self._budget_error()]

    def _hold(self) -> None:
        self._budget.hold(self, self.nbytes)

    def _note_largest(self) -> None:
        """For signals without a range: their colour scale covers this value, whatever came into view or was cut off."""
        self.run.note_largest(
            [(panel.layer, panel.signal) for panel in self.frames.panels if self.view.scales[panel].range is None]
        )

    def _felt(self) -> list[Outgoing]:
        """How far the last edit was felt. This requires reading again, so it waits until everything else is done."""
        before = self._overview()
        reach = self.run.reach(self.view.revision) if self.run.felt else None
        return [*before] if reach is None else [*before, reach]

    def _halt(self) -> list[Outgoing]:
        """After a cancel: the overview up to there, and, once, where the model stopped."""
        before = self._overview()
        if self.run.halted or self.run.complete:
            return [*before]
        self.run.halted = True
        return [*before, self.run.progress(self.view.revision, stopped=True)]

    def _budget_error(self) -> Error:
        mebibytes = self._budget.limit >> 20
        return Error(
            code="memory_full",
            message=f"{self.run.name} stopped at character {self.run.steps:,}: the recordings of all sessions fill the "
            f"{mebibytes:,} MiB that they may. Close another page, remove a model or shorten the text and go on, or "
            "raise HIDDEN_STATE_MEMORY_LIMIT_MEBIBYTES. What has been read stays.",
            revision=self.view.revision,
        )
