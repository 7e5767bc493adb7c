"""What the page has of one panel, so that it is sent what it lacks and nothing twice.

static/picture/columns.js keeps the other half of this account; both follow the same three rules: a window keeps the
columns in it, an edit at `a` discards the column that contains `a` and those after it, and a new look (range of
colours, characters per column, what a column shows) discards all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from models.figures.spacing import Bounds, Spacing
from models.recording.overview import GRAIN, Grain

from .protocol import Show, Window


class EchoKey(NamedTuple):
    """Which echo: the step whose character is replaced, and by what.

    `instead` is that character, None for the mean over `others` characters of a model's own vocabulary.
    """

    step: int
    instead: str | None
    others: int
    signed: bool


class Look(NamedTuple):
    """How columns are drawn: `bounds` are the ends of the colour scale, `spacing` is how values lie between them, `per`
    the steps per column."""

    bounds: Bounds
    per: int = 1
    show: Show = "extreme"
    echo: EchoKey | None = None
    spacing: Spacing = "linear"


@dataclass(frozen=True)
class Sorting:
    """The columns from which an order of units is computed: those of a window, `per` steps each."""

    window: Window
    per: int


Reported = tuple[int, int] | tuple[int, int, tuple[EchoKey, bool]]
"""The last report to the page about a panel: (revision, steps read), and for an echo which one it is and whether its
lengths are final."""


@dataclass
class SentColumns:
    """Steps start … stop − 1 of the window, as columns drawn with `look`.

    Attributes:
        reported: of the last frame, None before the first.
        grain: how finely the recording is cut.
    """

    start: int = 0
    stop: int = 0
    look: Look | None = None
    reported: Reported | None = None
    grain: Grain = GRAIN

    def clip(self, start: int, stop: int) -> None:
        """The window is now start … stop − 1."""
        self.start, self.stop = max(self.start, start), min(self.stop, stop)
        if self.start >= self.stop:
            self.start = self.stop = start

    def cut(self, at: int) -> None:
        """The text has changed from `at` on.

        The page drops the column that contains `at`, and the server also one before it that may depend on it.
        """
        per = self.look.per if self.look else 1
        self.stop = max(min(self.stop, (at - self.grain.overhang(per)) // per * per), self.start)

    def missing(self, start: int, stop: int, look: Look) -> tuple[int, int] | None:
        """Which of the steps start … stop − 1, to be drawn with `look` from now on, the page lacks; None if none.

        If it lacks some on both sides of what it has, the answer is those before.
        """
        if start >= stop:
            return None
        if self.look != look or self.start == self.stop:
            return start, stop
        if start < self.start:
            return start, self.start
        if self.stop < stop:
            return self.stop, stop
        return None

    def next(self, start: int, stop: int, look: Look, most: int) -> tuple[int, int] | None:
        """The part of `missing` to make at once: at most `most` steps, next to what the page has."""
        lacks = self.missing(start, stop, look)
        if lacks is None:
            return None
        first, last = lacks
        reach = max(most // look.per, 1) * look.per
        if self.look == look and self.start < self.stop and last == self.start:
            return max(first, last - reach), last
        return first, min(last, first + reach)

    def sent(self, start: int, stop: int, look: Look) -> None:
        """Steps start … stop − 1 were sent."""
        if self.look != look or self.start == self.stop:
            self.start, self.stop = start, stop
        elif start < stop:
            self.start, self.stop = min(self.start, start), max(self.stop, stop)
        self.look = look
