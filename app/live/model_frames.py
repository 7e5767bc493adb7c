"""The frames of one model that the page has and lacks: columns of panels and of the overview, exact values, orders.

It knows what has been sent, so that nothing is sent twice, and makes the frames; `Reading` decides what is read and
when.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from . import pictures
from .echoes import Echoes
from .protocol import Panel, Window
from .run import Run
from .sent_columns import Look, Reported, SentColumns, Sorting
from .view import View


class ModelFrames:
    """See the module. Until `begin` it only records what is wanted.

    Args:
        grown: called where an echo may have allocated more memory.
        clock: seconds, for how often things are sent.
    """

    run: Run

    def __init__(self, view: View, grown: Callable[[], None], clock: Callable[[], float] = time.perf_counter) -> None:
        self.view = view
        self.panels: dict[Panel, SentColumns] = {}
        self.others: dict[str, Run] = {}
        """Those that panels are compared with: each reads the text for this model alone, as no two pieces of work may
        touch one recording."""
        self.overview = self._nothing()
        self.inspected: dict[int, int] = {}
        """Layer → the step whose exact values were requested."""
        self.arranged: dict[Panel, Sorting] = {}
        """Panels whose order was requested, in the order of requests, each once, and what it is computed from."""
        self.echoes = Echoes(view, clock)
        self._grown = grown
        self._clock = clock
        self._framed = self._overviewed = 0.0

    def _nothing(self) -> SentColumns:
        return SentColumns(grain=self.view.grain)

    def begin(self, run: Run) -> None:
        """The model is loaded and has the text."""
        self.run = run
        self.echoes.begin(run)

    def cut(self, at: int) -> None:
        """The text has changed from step `at` on."""
        for held in (*self.panels.values(), self.overview):
            held.cut(at)

    def look(self, panels: Iterable[Panel], afresh: bool) -> None:
        """These panels are in view; `afresh`: nothing that was sent is of use any more."""
        before = {} if afresh else self.panels
        self.panels = {panel: before.get(panel) or self._nothing() for panel in panels}
        self.arranged = {panel: how for panel, how in self.arranged.items() if panel in self.panels}
        wanted = {panel.against for panel in self.panels}
        self.others = {name: run for name, run in self.others.items() if name in wanted}
        self.echoes.wanted = bool(self.panels)
        if self.view.echo is None:
            self.echoes.drop()

    def clip(self, window: Window) -> None:
        """The window has moved."""
        for held in self.panels.values():
            held.clip(window.start, window.stop)

    def showing(self, panel: Panel) -> Panel | None:
        """The panel in view of the same layer and signal, whether it shows values or a difference."""
        return next((one for one in self.panels if (one.layer, one.signal) == (panel.layer, panel.signal)), None)

    @property
    def runs(self) -> tuple[Run, ...]:
        """The model and those that it is compared with, each on the text."""
        return (self.run, *self.others.values())

    @property
    def unloaded(self) -> str | None:
        """A model that a panel is compared with and that is not loaded yet."""
        return next((p.against for p in self.panels if p.against is not None and p.against not in self.others), None)

    @property
    def seen_steps(self) -> int:
        """Up to which step the model is in view."""
        return min(self.view.window.stop, self.view.length) if self.panels else 0

    def echo_lags(self) -> bool:
        """Whether the echo in view needs more comparing before its frames are complete."""
        return self.echoes.lags(self.seen_steps)

    @property
    def lacking(self) -> bool:
        """Whether there is anything in view or requested that could be sent."""
        columns = any(self._lacks(panel, held) or self._news(panel, held) for panel, held in self.panels.items())
        return columns or self._answerable() or self.echo_lags()

    def due(self, every: float) -> bool:
        """Whether the last columns were sent at least `every` seconds ago."""
        return self._clock() - self._framed >= every

    # ── columns ──────────────────────────────────────────────────────────────────────────────────────

    def _seen(self, stop: int, per: int) -> int:
        """Up to which step columns of `per` steps can be sent: whole ones, or to the end of the text."""
        steps = self.run.steps
        return min(stop, steps if self.run.complete else max(steps - self.view.grain.overhang(per), 0) // per * per)

    def _other(self, panel: Panel) -> Run | None:
        """What a panel is compared with, if anything."""
        if panel.against is None or self.view.echo is not None:
            return None
        return self.others.get(panel.against)

    def _lacks(self, panel: Panel, held: SentColumns) -> tuple[int, int] | None:
        look, window, other = self.view.look(panel), self.view.window, self._other(panel)
        if look.echo is not None:
            return self.echoes.lacks(look.echo, held, look, self._seen(window.stop, look.per))
        if other is None and panel.against is not None:
            return None
        # Columns narrower than a bin, and differences, may have to be read again: a piece at a time.
        most = self.run.piece if look.per < self.view.grain.bin or other else 1 << 40
        seen = self._seen(window.stop, look.per)
        if other is not None and other.steps < self.run.steps:
            seen = min(seen, other.steps // look.per * look.per)
        return held.next(window.start, seen, look, most)

    def _reported(self, panel: Panel) -> Reported | None:
        """The final report on a panel's reading: (revision, steps); None before the end. For an echo also how long it
        is felt, once that is known."""
        other, echo = self._other(panel), self.view.echo
        if echo is not None:
            return self.echoes.reported(echo)
        done = self.run.complete and (panel.against is None or (other is not None and other.complete))
        return (self.view.revision, self.view.length) if done else None

    def _news(self, panel: Panel, held: SentColumns) -> bool:
        """Whether there is something to report about a panel, even if no column is missing."""
        reported = self._reported(panel)
        return reported is not None and held.reported != reported

    def columns(self, every: float) -> list[bytes]:
        """A frame for every panel of which the page lacks something that has been read. For an echo that is still being
        compared, none until the last columns are `every` seconds old."""
        if self.echo_lags():
            self.echoes.advance(self.seen_steps)
            self._grown()
            if self.echo_lags() and not self.due(every):
                return []  # an echo is sent as a whole, unless that takes long
        out = []
        for panel, held in self.panels.items():
            lacks, other = self._lacks(panel, held), self._other(panel)
            if lacks or self._news(panel, held):
                look, span = self.view.look(panel), lacks or (held.stop, held.stop)
                out.append(self._frame(panel, look, span, other))
                held.sent(*span, look)
                steps = min(self.run.steps, other.steps if other else self.run.steps)
                held.reported = self._reported(panel) or (self.view.revision, steps)
        if out:
            self._framed = self._clock()
        return out

    def _frame(self, panel: Panel, look: Look, span: tuple[int, int], other: Run | None) -> bytes:
        if look.echo is not None:
            return self.echoes.frame(look.echo, panel, look, span)
        return pictures.columns(self.run, self.view, panel, look, span, other.recording if other else None)

    def overview_lacks(self) -> tuple[int, int] | None:
        """Which steps of the overview could be sent but were not."""
        if not self.view.overview or not self.panels:
            return None
        look = self.view.overview_look()
        return self.overview.missing(0, self._seen(self.view.length, look.per), look)

    def overview_columns(self, every: float) -> list[bytes]:
        """The overview's next columns, unless the last ones are less than `every` seconds old."""
        now, lacks = self._clock(), self.overview_lacks()
        if lacks is None or now - self._overviewed < every:
            return []
        self._overviewed, look = now, self.view.overview_look()
        self.overview.sent(*lacks, look)
        return [pictures.overview(self.run, self.view, look, lacks)]

    # ── answers ──────────────────────────────────────────────────────────────────────────────────────

    def _arrangeable(self) -> Panel | None:
        """The next panel whose order was requested and can be computed, because enough has been read."""
        for panel, how in self.arranged.items():
            if self.view.stopped or self.run.steps >= min(how.window.stop, self.view.length):
                return panel
        return None

    def _answerable(self) -> bool:
        read = self.run.steps
        asked = any(step < read or step >= self.view.length for step in self.inspected.values())
        return asked or self._arrangeable() is not None

    def answers(self) -> list[bytes]:
        """The exact values at the requested step, once it has been read, and the next order."""
        out, run = [], self.run
        for layer, step in list(self.inspected.items()):
            if step < run.steps:
                out.append(pictures.column(run, self.view, layer, step, self.echoes.at(step)))
            if step < run.steps or step >= self.view.length:
                del self.inspected[layer]
        panel = self._arrangeable()
        if panel is not None:
            out.append(pictures.order(run, self.view, panel, self.arranged.pop(panel)))
        return out
