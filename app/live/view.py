"""What is in view, and how: the same for all models of a session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from models.echo.levels import HIGHEST, LOWEST
from models.recording.overview import GRAIN, Grain

from ..wire import frames
from .protocol import Panel, Show, Window
from .sent_columns import Bounds, EchoKey, Look


@dataclass
class View:
    """What is in view, and how.

    Attributes:
        length: of the text.
        ranges: of the signals in view, for each panel; None for one without.
        overview: how many columns are available for the overview of the whole text; 0 for none.
        stopped: whether the page has cancelled the reading.
        interrupted: whether a message has arrived that must be handled before anything else is done.
    """

    revision: int = -1
    length: int = 0
    window: Window = field(default_factory=lambda: Window(start=0, stop=0))
    per: int = 1
    show: Show = "mean"
    scale: float | Literal["largest"] | None = None
    difference: float | None = None
    overview: int = 0
    stopped: bool = False
    interrupted: bool = False
    ranges: dict[Panel, Bounds | None] = field(default_factory=dict)
    echo: EchoKey | None = None
    """The echo that the panels show; None for values."""
    passing: bool = False
    """Whether the pointer is only moving across that echo."""
    reach: Callable[[], float] = lambda: 1.0
    """The largest absolute value that any panel without a range shows."""
    text: Callable[[int, int], str] = lambda start, stop: ""
    """The characters start … stop − 1 of the text."""
    grain: Grain = GRAIN
    """How finely the recordings are cut."""

    def look(self, panel: Panel) -> Look:
        """How a panel's columns are drawn: over its own range, or over one for all panels that have none."""
        if self.echo is not None:
            return Look((LOWEST, HIGHEST), self.per, "extreme", self.echo)
        show: Show = self.show if self.per > 1 else "extreme"  # one character a column: its value
        if panel.against is not None:  # no value of these is saturated
            return Look(self._difference(panel), self.per, "extreme" if show == "saturated" else show)
        if show == "saturated":
            return Look((0.0, 1.0), self.per, show)
        known = self.ranges[panel]
        if known is not None:
            return Look(known, self.per, show)
        if self.scale is None:
            return Look(frames.decade_range(self.reach()), self.per, show, logarithmic=True)
        if self.scale == "largest":
            return Look(frames.symmetric_range(self.reach()), self.per, show)
        return Look((-self.scale, self.scale), self.per, show)

    def _difference(self, panel: Panel) -> Bounds:
        """A difference of two values may be as large as their range is wide."""
        known = self.ranges[panel]
        if self.difference is not None:
            return -self.difference, self.difference
        if known is None:
            chosen = self.scale if isinstance(self.scale, float) else self.reach()
            return frames.symmetric_range(2 * chosen)
        return known[0] - known[1], known[1] - known[0]

    def overview_look(self) -> Look:
        """How the overview's columns are drawn: as few steps each as the available columns allow."""
        per = 1
        while self.length > per * self.overview:
            per *= 2
        return Look((0.0, 0.0), per)
