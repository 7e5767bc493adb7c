"""What the page holds of one panel, so that it is sent what it lacks and nothing twice.

static/core/columns.js keeps the other half of this account; both follow the same three rules: a window keeps
the columns that lie in it, an edit at `a` takes away those from `a` on, a new range of colours takes away all.
"""

from __future__ import annotations

from dataclasses import dataclass

Bounds = tuple[float, float]


@dataclass
class Held:
    """Columns start … stop − 1 of the window, drawn with `bounds` as the ends of the colour scale.

    Attributes:
        told: (revision, steps read) of the last frame, None before the first.
    """

    start: int = 0
    stop: int = 0
    bounds: Bounds | None = None
    told: tuple[int, int] | None = None

    def clip(self, start: int, stop: int) -> None:
        """The window is now start … stop − 1."""
        self.start, self.stop = max(self.start, start), min(self.stop, stop)
        if self.start >= self.stop:
            self.start = self.stop = start

    def cut(self, at: int) -> None:
        """The text has changed from `at` on."""
        self.stop = max(min(self.stop, at), self.start)

    def missing(self, start: int, stop: int, bounds: Bounds) -> tuple[int, int] | None:
        """Which of the columns start … stop − 1, now to be drawn with `bounds`, the page lacks; None if none.

        When it lacks some on both sides of what it holds, the answer is all of them: one frame, not two.
        """
        if start >= stop:
            return None
        if self.bounds != bounds or self.start == self.stop or (start < self.start and self.stop < stop):
            return start, stop
        if start < self.start:
            return start, self.start
        if self.stop < stop:
            return self.stop, stop
        return None

    def sent(self, start: int, stop: int, bounds: Bounds) -> None:
        """Columns start … stop − 1 went out."""
        if self.bounds != bounds or self.start == self.stop:
            self.start, self.stop = start, stop
        elif start < stop:
            self.start, self.stop = min(self.start, start), max(self.stop, stop)
        self.bounds = bounds
