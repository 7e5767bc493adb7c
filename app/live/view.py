"""What is in view, and how: the same for all models of a session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from models.echo.levels import HIGHEST, LOWEST
from models.equations.scale import Form, Scale
from models.figures.spacing import decade_range, spread, symmetric_range
from models.recording.overview import GRAIN, Grain

from .protocol import Panel, Show, Window
from .sent_columns import EchoKey, Look


@dataclass
class View:
    """What is in view, and how.

    Attributes:
        length: of the text.
        scales: of the signals in view, for each panel.
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
    scales: dict[Panel, Scale] = field(default_factory=dict)
    echo: EchoKey | None = None
    """The echo that the panels show; None for values."""
    passing: bool = False
    """Whether the pointer is only moving across that echo."""
    reach: Callable[[Form], float] = lambda form: 1.0
    """How far the values go that panels of this form show, see `Levels.largest`: the same for all of them."""
    text: Callable[[int, int], str] = lambda start, stop: ""
    """The characters start … stop − 1 of the text."""
    grain: Grain = GRAIN
    """How finely the recordings are cut."""

    def look(self, panel: Panel) -> Look:
        """How a panel's columns are drawn: over its own range, or over one for all panels of a form that has none."""
        if self.echo is not None:
            return Look((LOWEST, HIGHEST), self.per, "extreme", self.echo)
        show: Show = self.show if self.per > 1 else "extreme"  # one character a column: its value
        declared = self.scales[panel]
        if show == "saturated" and (panel.against is not None or declared.saturation is None):
            show = "extreme"  # saturation applies to no difference, and not to every signal
        if panel.against is not None:
            return self._difference(declared, show)
        if show == "saturated":
            return Look((0.0, 1.0), self.per, show)
        largest = 1.0 if declared.range is not None else self.reach(declared.form)
        bounds, spacing = spread(declared, largest, self.scale)
        return Look(bounds, self.per, show, spacing=spacing)

    def _difference(self, declared: Scale, show: Show) -> Look:
        """A difference of two values may be as large as their range is wide; of factors, it is seen only by powers of
        ten."""
        if self.difference is not None:
            return Look((-self.difference, self.difference), self.per, show)
        if declared.range is not None:
            low, high = declared.range
            return Look((low - high, high - low), self.per, show)
        if declared.form is Form.LOGARITHMIC:
            return Look(decade_range(self.reach(declared.form)), self.per, show, spacing="log")
        chosen = self.scale if isinstance(self.scale, float) else self.reach(declared.form)
        wide = chosen if declared.form is Form.HALF_LINE else 2 * chosen
        return Look(symmetric_range(wide), self.per, show)

    def overview_look(self) -> Look:
        """How the overview's columns are drawn: as few steps each as the available columns allow."""
        per = 1
        while self.length > per * self.overview:
            per *= 2
        return Look((0.0, 0.0), per)
