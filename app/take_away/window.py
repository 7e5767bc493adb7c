"""What the pictures show, as exact numbers: of each panel its signal in the window, of each model the surprise."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from models import NotMeasurable, RequestError
from models.echo.echo import Echo
from models.echo.replacement import default_replacement
from models.measures.memory.edit_sensitivity import others
from models.recording.difference import difference
from models.recording.recording import Recording

from ..compute.memory_budget import FLOOR, Budget
from ..compute.model_library import Library, LoadedModel
from ..live.protocol import EchoAsk, Panel, UnixText
from ..wire.message import Index


class WindowRequest(BaseModel):
    """A text, and what is looked at of it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: UnixText
    panels: Annotated[list[Panel], Field(min_length=1, max_length=64)]
    start: Index
    stop: Index
    """The steps start … stop − 1."""
    echo: EchoAsk | None = None
    """Panels show the echo of this step instead of values."""

    def check(self, library: Library) -> None:
        """
        Raises:
            RequestError: if there are no such steps, no such signal, or a difference of unlike models; and what
                `Library.find` raises.
        """
        if self.start >= self.end:
            raise RequestError(
                "bad_request",
                f"There is no step from {self.start:,} to before {self.stop:,}: the text has {len(self.text):,}. "
                "Ask for others.",
                status=422,
            )
        for panel in self.panels:
            names = library.stack(panel.model).names
            if f"{panel.layer}.{panel.signal}" not in names:
                raise RequestError(
                    "unknown_signal",
                    f"{panel.model} has no signal {panel.layer}.{panel.signal}. It has: {', '.join(names)}.",
                    status=404,
                )
            if panel.against is not None and not library.alike(panel.model, panel.against):
                raise RequestError(
                    "unlike_models",
                    f"{panel.model} and {panel.against} have different layers, so there is no difference unit by unit. "
                    "Choose two networks of the same shape.",
                    status=422,
                )
        if self.echo is not None and self.echo.step >= len(self.text):
            raise RequestError(
                "bad_request",
                f"There is no character {self.echo.step:,} to have an echo: the text has {len(self.text):,}.",
                status=422,
            )

    @property
    def end(self) -> int:
        """The step after the last that there is."""
        return min(self.stop, len(self.text))

    @property
    def steps(self) -> int:
        return self.end - self.start

    @property
    def models(self) -> tuple[str, ...]:
        """Those of the panels, each once."""
        return tuple(dict.fromkeys(panel.model for panel in self.panels))

    def size(self, library: Library) -> int:
        """Bytes of the numbers."""
        widths = [library.stack(panel.model)[panel.layer].width(panel.signal) for panel in self.panels]
        return 4 * self.steps * (sum(widths) + len(self.models))

    # ── numbers ──────────────────────────────────────────────────────────────────────────────────────

    def numbers(self, library: Library, budget: Budget) -> dict[str, NDArray[np.float32]]:
        """`"{model}/{layer}.{signal}"` (T, H) for each panel, `"{model}/surprise"` (T,) for each model."""
        until = self.end if self.echo is None else max(self.end, self.echo.step + 1)
        readings = _Readings(self.text, until, library, budget)
        try:
            found = {self.name_of(panel): self._values(panel, readings, library) for panel in self.panels}
            bits = {f"{name}/surprise": readings.of(name).surprise(self.start, self.end) for name in self.models}
            return {name: np.array(values, np.float32) for name, values in (found | bits).items()}
        finally:
            readings.close()

    def name_of(self, panel: Panel) -> str:
        """What its array is called."""
        plain = f"{panel.model}/{panel.layer}.{panel.signal}"
        if self.echo is not None:
            return f"{plain} echo of {self.echo.step}"
        return plain if panel.against is None else f"{plain} minus {panel.against}"

    def _values(self, panel: Panel, readings: _Readings, library: Library) -> NDArray[Any]:
        recording, stop = readings.of(panel.model), self.end
        if self.echo is not None:
            echo = Echo(recording, self.echo.step, self._instead(library, panel.model))
            while echo.advance(stop):
                pass
            return echo.signal(panel.layer, panel.signal, self.start, stop)
        if panel.against is None:
            return recording.signal(panel.layer, panel.signal, self.start, stop)
        return difference(recording, readings.of(panel.against), panel.layer, panel.signal, self.start, stop)

    def _instead(self, library: Library, model: str) -> NDArray[np.int32]:
        """The ids that take the place of the character whose echo is shown."""
        assert self.echo is not None
        vocabulary = library.get(model).vocabulary
        character = self.text[self.echo.step]
        if self.echo.others is not None:
            return others(len(vocabulary), int(vocabulary.encode(character)[0]), self.echo.others)
        return vocabulary.encode(self.replacement(library))

    def replacement(self, library: Library) -> str:
        """The character in the place of the one whose echo is shown.

        Raises:
            NotMeasurable: if there is none.
        """
        assert self.echo is not None
        if self.echo.instead is not None:
            return self.echo.instead
        alphabets = [library.find(name).entry.card.vocabulary for name in self.models]
        try:
            return default_replacement(self.text[self.echo.step], alphabets)
        except ValueError as error:
            raise NotMeasurable(str(error)) from None


class _Readings:
    """The models' recordings of a text up to a step, each read when it is first asked for."""

    def __init__(self, text: str, until: int, library: Library, budget: Budget) -> None:
        self._text, self._until, self._library, self._budget = text, until, library, budget
        self._read: dict[str, Recording] = {}
        self._owners: list[Hashable] = []

    def of(self, name: str) -> Recording:
        if name not in self._read:
            owner = object()
            self._owners.append(owner)
            self._read[name] = self._reading(self._library.get(name), owner)
        return self._read[name]

    def _reading(self, model: LoadedModel, owner: Hashable) -> Recording:
        recording = Recording(model.reader, memory=max(self._budget.left(owner), FLOOR))
        recording.edit(0, 0, model.vocabulary.encode(self._text[: self._until]))
        while recording.read():
            self._budget.hold(owner, recording.nbytes)
        return recording

    def close(self) -> None:
        """Give the memory back."""
        for owner in self._owners:
            self._budget.hold(owner, 0)
