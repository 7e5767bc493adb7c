"""What the page holds of one panel, so that it is sent what it lacks and nothing twice.

static/picture/columns.js keeps the other half of this account; both follow the same three rules: a window keeps
the columns that lie in it, an edit at `a` takes away the one that holds `a` and those behind it, a new look (range of
colours, characters a column, what a column shows) takes away all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from models.recording.overview import GRAIN, Grain

from .protocol import Show, Window

Bounds = tuple[float, float]


class EchoKey(NamedTuple):
    """Which echo: the step whose character is another one, and what is put in its place.

    `instead` is that character, None for the mean over `others` characters of a model's own vocabulary.
    """

    step: int
    instead: str | None
    others: int
    signed: bool


class Look(NamedTuple):
    """How columns are drawn: `bounds` are the ends of the colour scale, `per` the steps that one stands for."""

    bounds: Bounds
    per: int = 1
    show: Show = "extreme"
    echo: EchoKey | None = None
    logarithmic: bool = False


@dataclass(frozen=True)
class Sorting:
    """From which columns an order of units is made: those of a window, `per` steps each."""

    window: Window
    per: int


Told = tuple[int, int] | tuple[int, int, tuple[EchoKey, bool]]
"""What a page was told last of a panel: (revision, steps read), and of an echo which it is and whether its lengths are
final."""


@dataclass
class SentColumns:
    """Steps start … stop − 1 of the window, as columns drawn with `look`.

    Attributes:
        told: of the last frame, None before the first.
        grain: how finely the recording is cut.
    """

    start: int = 0
    stop: int = 0
    look: Look | None = None
    told: Told | None = None
    grain: Grain = GRAIN

    def clip(self, start: int, stop: int) -> None:
        """The window is now start … stop − 1."""
        self.start, self.stop = max(self.start, start), min(self.stop, stop)
        if self.start >= self.stop:
            self.start = self.stop = start

    def cut(self, at: int) -> None:
        """The text has changed from `at` on.

        The page lets go of the column that holds `at`, and the server also of one before it that may show as much.
        """
        per = self.look.per if self.look else 1
        self.stop = max(min(self.stop, (at - self.grain.overhang(per)) // per * per), self.start)

    def missing(self, start: int, stop: int, look: Look) -> tuple[int, int] | None:
        """Which of the steps start … stop − 1, now to be drawn with `look`, the page lacks; None if none.

        When it lacks some on both sides of what it holds, the answer is those before.
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
        """As much of `missing` as is to be made at once: at most `most` steps, next to what is held."""
        lacks = self.missing(start, stop, look)
        if lacks is None:
            return None
        first, last = lacks
        reach = max(most // look.per, 1) * look.per
        if self.look == look and self.start < self.stop and last == self.start:
            return max(first, last - reach), last
        return first, min(last, first + reach)

    def sent(self, start: int, stop: int, look: Look) -> None:
        """Steps start … stop − 1 went out."""
        if self.look != look or self.start == self.stop:
            self.start, self.stop = start, stop
        elif start < stop:
            self.start, self.stop = min(self.start, start), max(self.stop, stop)
        self.look = look
