"""What a page sees of one model: its panels, its share of the overview, what was asked of it, and the reading itself.

`work` does the next piece: what the page lacks of what has been read, else a bit of reading. The pieces of different
models may be done at the same time; what they share is the `View`, which nobody changes meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from models.recording.overview import BIN
from models.recording.recording import overhang

from ..compute.memory_budget import FLOOR, Budget
from ..instruments.base import Subject
from . import pictures
from .echoes import Echoes
from .measurement import Measurement
from .protocol import Error, Measure, Measuring, Panel, Progress, Reach, Unmeasured
from .run import Run
from .sent_columns import Look, SentColumns, Sorting, Told
from .view import View

Outgoing = bytes | Progress | Reach | Measuring | Unmeasured | Error

FRAME_SECONDS = 0.05
"""How often a picture that fills while the text is being read is sent."""
OVERVIEW_SECONDS = 0.25


class Reading:
    """See the module. Until `begin` it only remembers what is wanted.

    Args:
        clock: seconds, for how often things are sent.
    """

    def __init__(self, view: View, budget: Budget, clock: Callable[[], float] = time.perf_counter) -> None:
        self.view = view
        self.begun = False
        self.failed = False
        """Whether a piece of work went wrong: nothing more is tried until the text or the view is another."""
        self.panels: dict[Panel, SentColumns] = {}
        self.others: dict[str, Run] = {}
        """Those that panels are compared with: each reads the text for this reading alone, as no two pieces of work may
        touch one recording."""
        self.overview = SentColumns()
        self.inspected: dict[int, int] = {}
        """Layer → the step whose exact values were asked for."""
        self.arranged: dict[Panel, Sorting] = {}
        """Those whose order was asked for, in the order of asking, each once, and from what it is to be made."""
        self.measurements: dict[str, Measurement] = {}
        """What instruments were asked, by their names; those that have answered stay until they are dismissed."""
        self._budget = budget
        self._clock = clock
        self._echoes = Echoes(view, clock)
        self._framed = self._overviewed = 0.0
        self._full = self._warned = False  # whether it stopped for want of memory, and has said why

    def begin(self, run: Run) -> list[Outgoing]:
        """The model is loaded and has the text."""
        self.run = run
        self._echoes.begin(run)
        self.begun = True
        self.move()
        return []

    def join(self, run: Run) -> list[Outgoing]:
        """A model to compare with is loaded and has the text."""
        self.others[run.name] = run
        self.move()
        return []

    @property
    def unloaded(self) -> str | None:
        """A model that a panel is compared with, and that is not there yet."""
        return next((p.against for p in self.panels if p.against is not None and p.against not in self.others), None)

    def edit(self, at: int, remove: int, insert: str) -> None:
        """The text has changed."""
        if self.begun:
            for run in (self.run, *self.others.values()):
                run.edit(at, remove, insert)
            self._echoes.cut(at)
            self._hold()  # it may have become less
        for measurement in self.measurements.values():
            measurement.end()
        for held in (*self.panels.values(), self.overview):
            held.cut(at)
        self._full = self._warned = self.failed = False

    def look(self, panels: Iterable[Panel], afresh: bool) -> None:
        """These panels are in view; `afresh`: nothing that was sent is of use any more."""
        self.panels = {panel: SentColumns() if afresh else self.panels.get(panel, SentColumns()) for panel in panels}
        self.arranged = {panel: how for panel, how in self.arranged.items() if panel in self.panels}
        wanted = {panel.against for panel in self.panels}
        self.others = {name: run for name, run in self.others.items() if name in wanted}
        self._echoes.wanted = bool(self.panels)
        if self.view.echo is None:
            self._echoes.drop()
        self._full = self.failed = False

    def move(self) -> None:
        """The window has moved."""
        window = self.view.window
        for held in self.panels.values():
            held.clip(window.start, window.stop)
        stop = window.stop if self.view.per < BIN else window.start
        for run in (self.run, *self.others.values()) if self.begun else ():
            run.recording.watch(window.start, stop)

    def measure(self, asked: Measure, refused: str | None = None) -> None:
        """An instrument is asked; what the same one was asked before is wanted no more. `refused`: why it does not
        apply."""
        if asked.measure.name in self.measurements:
            self.measurements.pop(asked.measure.name).end()
        self.measurements[asked.measure.name] = Measurement(asked, self._clock, refused)
        self.failed = False

    def dismiss(self, number: int) -> None:
        """The answer to a question is wanted no more."""
        for name in [name for name, one in self.measurements.items() if one.asked.id == number]:
            self.measurements.pop(name).end()

    @property
    def wanted(self) -> bool:
        """Whether anybody looks at the model, or measures it."""
        return bool(self.panels or self.measurements)

    def close(self) -> int:
        """The model is not read any more. Returns how many bytes its recording held."""
        for measurement in self.measurements.values():
            measurement.end()
        self._budget.hold(self, 0)
        return self.nbytes

    @property
    def nbytes(self) -> int:
        """About how much memory its recordings hold."""
        if not self.begun:
            return 0
        return self._echoes.nbytes + sum(run.recording.nbytes for run in (self.run, *self.others.values()))

    def showing(self, panel: Panel) -> Panel | None:
        """The panel in view of the same layer and signal, whether it shows that or how it differs."""
        return next((one for one in self.panels if (one.layer, one.signal) == (panel.layer, panel.signal)), None)

    def largest(self, panel: Panel) -> float:
        """The largest absolute value that the panel has to show."""
        return self.run.largest(panel.layer, panel.signal) if self.begun else 0.0

    # ── what is to be done ───────────────────────────────────────────────────────────────────────────

    @property
    def urgent(self) -> bool:
        """Whether the page waits for something that it looks at."""
        if not self.begun or self.unloaded is not None:
            return True
        read = min(run.steps for run in (self.run, *self.others.values()))
        seen = bool(read < self._seen_steps and self.view.per < BIN)
        return seen or self._answerable() or self._lacking() or self._echoes.lags(self._seen_steps)

    @property
    def _seen_steps(self) -> int:
        """Up to which step somebody looks at the model."""
        return min(self.view.window.stop, self.view.length) if self.panels else 0

    def idle(self) -> bool:
        """Whether there is nothing left to do."""
        if self.failed or not self.begun:
            return self.failed
        done = self.run.complete or ((self.view.stopped or self._full) and self.run.halted)
        return (
            done
            and not self._answerable()
            and not self._lacking()
            and not self._echoes.lags(self._seen_steps)
            and (self._echoes.measured or not self.run.complete)
            and not self._behind()
            and self.unloaded is None
            and self._measurement() is None
            and self._overview_lacks() is None
            and not (self.run.complete and self.run.felt)
        )

    def work(self) -> list[Outgoing]:
        """Do the next piece of work. Returns what to send, possibly nothing."""
        self._note_largest()
        out: list[Outgoing] = [*self._columns(), *self._answers()]
        if out or self._echoes.lags(self._seen_steps):
            return out
        if behind := self._behind():
            return self._catch_up(behind)
        halted = self.view.stopped or self._full
        measurement = self._measurement()
        if measurement is not None and (halted or self.run.steps >= self._seen_steps):
            before = [*self._overview(), *(self._halt() if halted else [])]  # the page should not wait for them
            return [*before, *self._measure(measurement)]
        if not self.run.complete:
            return [*self._overview(), *self._halt()] if halted else self._read()
        if not self._echoes.measured:
            self._echoes.measure()
            self._hold()
            return [*self._overview()]
        return [*self._overview(), *self._felt()]

    def _behind(self) -> list[Run]:
        """Models to compare with that have not come as far as the one that is compared."""
        return [other for other in self.others.values() if other.steps < self.run.steps]

    def _catch_up(self, behind: list[Run]) -> list[Outgoing]:
        for other in behind:
            other.read(self.run.steps, lambda: self.view.interrupted)
        self._hold()
        due = not self._behind() or self._clock() - self._framed >= FRAME_SECONDS
        return [*self._columns()] if due else []

    def _measurement(self) -> Measurement | None:
        """The next instrument that can work: as much has been read as it needs, or no more will be."""
        halted = not self.run.complete and (self.view.stopped or self._full)
        for measurement in self.measurements.values():
            ready = self.run.steps >= measurement.needs(self.view.length)
            if not measurement.over and (ready or halted):
                return measurement
        return None

    def _measure(self, measurement: Measurement) -> list[Outgoing]:
        """A piece of an instrument's work, or why it cannot begin."""
        needs = measurement.needs(self.view.length)
        if self.run.steps < needs:
            why = (
                f"The reading was stopped at character {self.run.steps:,}, and this needs the first {needs:,}. "
                "Go on reading, or look at a place before that."
            )
            return [measurement.give_up("stopped", why)]
        subject = Subject(self.run, self.view.length, self.view.text)
        return [*measurement.work(subject, self.view.revision)]

    def _read(self) -> list[Outgoing]:
        if self._budget.full:
            for run in (self.run, *self.others.values()):
                run.recording.forget()
            self._hold()
        if self._budget.full and self.nbytes > FLOOR:
            warned, self._warned, self._full, self.run.halted = self._warned, True, True, True
            stopped = self.run.progress(self.view.revision, stopped=True)
            return [stopped] if warned else [stopped, self._budget_error()]
        self._warned = False
        before, seen = self.run.steps, self._seen_steps
        self.run.read(seen if before < seen else self.view.length, lambda: self.view.interrupted)
        self._hold()
        self._note_largest()
        due = self.run.steps >= seen or self._clock() - self._framed >= FRAME_SECONDS
        out: list[Outgoing] = [*self._columns()] if due else []
        if not self.run.complete:
            out += self._overview()  # after a key it can wait until the pictures of all models are under way
        news = self.run.news(self.view.revision)
        return out if news is None else [*out, news]

    def _hold(self) -> None:
        self._budget.hold(self, self.nbytes)

    def _note_largest(self) -> None:
        """Of the signals without a range: their colours reach as far, whatever came into view or was cut off."""
        self.run.note_largest([(panel.layer, panel.signal) for panel in self.panels if self.view.ranges[panel] is None])

    def _felt(self) -> list[Outgoing]:
        """How far the last edit was felt. It takes some reading again, so it waits until all else is done."""
        reach = self.run.reach(self.view.revision) if self.run.felt else None
        return [] if reach is None else [reach]

    def _halt(self) -> list[Outgoing]:
        """After a cancel: say once where the model stopped."""
        if self.run.halted or self.run.complete:
            return []
        self.run.halted = True
        return [self.run.progress(self.view.revision, stopped=True)]

    def _budget_error(self) -> Error:
        mebibytes = self._budget.limit >> 20
        return Error(
            code="memory_full",
            message=f"{self.run.name} stopped at character {self.run.steps:,}: the recordings of all sessions fill the "
            f"{mebibytes:,} MiB that they may. Close another page, remove a model or shorten the text and go on, or "
            "raise HIDDEN_STATE_MEMORY_LIMIT_MEBIBYTES. What has been read stays.",
            revision=self.view.revision,
        )

    # ── frames ───────────────────────────────────────────────────────────────────────────────────────

    def _seen(self, stop: int, per: int) -> int:
        """Up to which step columns of `per` steps can be sent: whole ones, or to the end of the text."""
        steps = self.run.steps
        return min(stop, steps if self.run.complete else max(steps - overhang(per), 0) // per * per)

    def _other(self, panel: Panel) -> Run | None:
        """What a panel is compared with; None if with nothing."""
        if panel.against is None or self.view.echo is not None:
            return None
        return self.others.get(panel.against)

    def _lacks(self, panel: Panel, held: SentColumns) -> tuple[int, int] | None:
        look, window, other = self.view.look(panel), self.view.window, self._other(panel)
        if look.echo is not None:
            return self._echoes.lacks(look.echo, held, look, self._seen(window.stop, look.per))
        if other is None and panel.against is not None:
            return None
        # Columns narrower than a bin, and differences, may have to be read again: a piece at a time.
        most = self.run.piece if look.per < BIN or other else 1 << 40
        seen = self._seen(window.stop, look.per)
        if other is not None and other.steps < self.run.steps:
            seen = min(seen, other.steps // look.per * look.per)
        return held.next(window.start, seen, look, most)

    def _told(self, panel: Panel) -> Told | None:
        """What the page is told at the end of a panel's reading: (revision, steps); None before it. Of an echo also how
        long it is felt, once that is known."""
        other, echo = self._other(panel), self.view.echo
        if echo is not None:
            return self._echoes.told(echo)
        done = self.run.complete and (panel.against is None or (other is not None and other.complete))
        return (self.view.revision, self.view.length) if done else None

    def _lacking(self) -> bool:
        return any(self._lacks(panel, held) or self._news(panel, held) for panel, held in self.panels.items())

    def _news(self, panel: Panel, held: SentColumns) -> bool:
        """Whether there is something to tell of a panel, though no column may be missing."""
        told = self._told(panel)
        return told is not None and held.told != told

    def _columns(self) -> list[bytes]:
        """A frame for every panel of which the page lacks something that has been read."""
        if self._echoes.lags(self._seen_steps):
            self._echoes.advance(self._seen_steps)
            self._hold()
            if self._echoes.lags(self._seen_steps) and self._clock() - self._framed < FRAME_SECONDS:
                return []  # an echo comes as a whole, unless that takes long
        out = []
        for panel, held in self.panels.items():
            lacks, other = self._lacks(panel, held), self._other(panel)
            if lacks or self._news(panel, held):
                look, span = self.view.look(panel), lacks or (held.stop, held.stop)
                out.append(self._frame(panel, look, span, other))
                held.sent(*span, look)
                steps = min(self.run.steps, other.steps if other else self.run.steps)
                held.told = self._told(panel) or (self.view.revision, steps)
        if out:
            self._framed = self._clock()
        return out

    def _frame(self, panel: Panel, look: Look, span: tuple[int, int], other: Run | None) -> bytes:
        if look.echo is not None:
            return self._echoes.frame(look.echo, panel, look, span)
        return pictures.columns(self.run, self.view, panel, look, span, other.recording if other else None)

    def _overview_lacks(self) -> tuple[int, int] | None:
        if not self.view.overview or not self.panels:
            return None
        look = self.view.overview_look()
        return self.overview.missing(0, self._seen(self.view.length, look.per), look)

    def _overview(self) -> list[bytes]:
        """The overview's next columns, now and then while the reading goes on and at its end."""
        now, lacks = self._clock(), self._overview_lacks()
        resting = self.run.complete or self.view.stopped or self._full
        if lacks is None or (not resting and now - self._overviewed < OVERVIEW_SECONDS):
            return []
        self._overviewed, look = now, self.view.overview_look()
        self.overview.sent(*lacks, look)
        return [pictures.overview(self.run, self.view, look, lacks)]

    # ── answers ──────────────────────────────────────────────────────────────────────────────────────

    def _arrangeable(self) -> Panel | None:
        """The next panel whose order was asked for and can be found: as much has been read as it is made from."""
        for panel, how in self.arranged.items():
            if self.view.stopped or self.run.steps >= min(how.window.stop, self.view.length):
                return panel
        return None

    def _answerable(self) -> bool:
        read = self.run.steps
        asked = any(step < read or step >= self.view.length for step in self.inspected.values())
        return asked or self._arrangeable() is not None

    def _answers(self) -> list[bytes]:
        """The exact values at the step that was asked for, once that has been read, and the next order."""
        out, run = [], self.run
        for layer, step in list(self.inspected.items()):
            if step < run.steps:
                out.append(pictures.column(run, self.view, layer, step, self._echoes.at(step)))
            if step < run.steps or step >= self.view.length:
                del self.inspected[layer]
        panel = self._arrangeable()
        if panel is not None:
            out.append(pictures.order(run, self.view, panel, self.arranged.pop(panel)))
        return out
