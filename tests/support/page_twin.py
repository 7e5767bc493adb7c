"""A Python twin of the page: it holds what docs/protocol.md asks of a page, and no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

PanelKey = tuple[str, int, str]


@dataclass
class Picture:
    """One panel as the page holds it: by a column's first step its cells, surprise and peak, drawn between `bounds`
    on a `scale`."""

    columns: dict[int, tuple[np.ndarray, np.float32, np.float32]] = field(default_factory=dict)
    bounds: tuple[float, float] | None = None
    scale: str = "linear"
    steps: int = 0
    bits: float | None = None
    scored: int = 0


@dataclass
class Strip:
    """One model's line in the overview: by a column's first step the mean surprise."""

    columns: dict[int, np.float32] = field(default_factory=dict)
    per: int = 1


class Page:
    """What docs/protocol.md asks of a page, and no more. `send` gets each message as a dict."""

    def __init__(self, send: Callable[[dict[str, Any]], None]) -> None:
        self._send = send
        self.text = ""
        self.revision = -1
        self.window = (0, 0)
        self.per = 1
        self.show = "extreme"
        self.scale: float | str | None = "largest"
        self.room = 0
        self.pictures: dict[PanelKey, Picture] = {}
        self.strips: dict[str, Strip] = {}
        self._edits: list[tuple[int, int]] = []  # (revision, at)

    def say_text(self, text: str, window: tuple[int, int] | None = None) -> None:
        self.text = text
        self._changed(0)
        for picture in self.pictures.values():
            picture.columns.clear()
        self._send({"type": "text", "revision": self.revision, "text": text, **self._move(window)})

    def edit(self, at: int, remove: int, insert: str, window: tuple[int, int] | None = None) -> None:
        self.text = self.text[:at] + insert + self.text[at + remove :]
        self._changed(at)
        change = {"revision": self.revision, "at": at, "remove": remove, "insert": insert}
        self._send({"type": "edit", **change, **self._move(window)})

    def view(
        self,
        panels: list[PanelKey],
        window: tuple[int, int],
        scale: float | str | None = "largest",
        *,
        per: int = 1,
        show: str = "extreme",
        room: int = 0,
        go_on: bool = False,
    ) -> None:
        if self.per != per or (per > 1 and self.show != show):
            for picture in self.pictures.values():
                picture.columns.clear()
        self.scale, self.per, self.show, self.room = scale, per, show, room
        self.pictures = {key: self.pictures.get(key) or Picture() for key in panels}
        self.strips = {model: self.strips.get(model) or Strip() for model, _, _ in panels}
        chosen = [{"model": model, "layer": layer, "signal": signal} for model, layer, signal in panels]
        looked = {"scale": scale, "per": per, "show": show, "overview": room, "go_on": go_on}
        self._send({"type": "view", "panels": chosen, **self._move(window), **looked})

    def again(self) -> None:
        """Say the same view once more, and go on reading."""
        same = {"per": self.per, "show": self.show, "room": self.room}
        self.view(list(self.pictures), self.window, self.scale, **same, go_on=True)

    def take(self, message: dict[str, Any], tensors: dict[str, np.ndarray]) -> None:
        """Apply a frame of columns, of panels or of the overview."""
        if message["type"] == "columns":
            self._take_columns(message, tensors)
        elif message["type"] == "overview":
            self._take_overview(message, tensors["surprise"])

    def _take_columns(self, message: dict[str, Any], tensors: dict[str, np.ndarray]) -> None:
        picture = self.pictures.get((message["model"], message["layer"], message["signal"]))
        if picture is None:
            return  # a panel that has been closed since
        per, cut = message["per"], self._cut(message)
        if per == self.per and (per == 1 or message["show"] == self.show):  # else made before the last zoom
            bounds, scale = (message["low"], message["high"]), message["scale"]
            if (picture.bounds, picture.scale) != (bounds, scale):
                picture.columns.clear()
                picture.bounds, picture.scale = bounds, scale
            parts = zip(tensors["cells"], tensors["surprise"], tensors["peak"], strict=True)
            for step, column in zip(range(message["from"], message["to"], per), parts, strict=True):
                if self.window[0] <= step < self.window[1] and step + per <= cut:
                    picture.columns[step] = column
        picture.steps = int(min(message["steps"], cut))
        picture.bits, picture.scored = message["bits_per_character"], message["scored"]

    def _take_overview(self, message: dict[str, Any], surprise: np.ndarray) -> None:
        strip = self.strips.get(message["model"])
        if strip is None:
            return
        if strip.per != message["per"]:
            strip.columns, strip.per = {}, message["per"]
        for step, mean in zip(range(message["from"], message["to"], strip.per), surprise, strict=True):
            if step + strip.per <= self._cut(message):
                strip.columns[step] = mean

    def _cut(self, message: dict[str, Any]) -> float:
        """The first step that was edited after a frame was made."""
        return min((at for revision, at in self._edits if revision > message["revision"]), default=float("inf"))

    def _changed(self, at: int) -> None:
        self.revision += 1
        self._edits.append((self.revision, at))
        for picture in self.pictures.values():
            picture.steps = min(picture.steps, at)
            picture.columns = {step: one for step, one in picture.columns.items() if step + self.per <= at}
        for strip in self.strips.values():
            strip.columns = {step: one for step, one in strip.columns.items() if step + strip.per <= at}

    def _move(self, window: tuple[int, int] | None) -> dict[str, Any]:
        if window is None:
            return {}
        self.window = window
        for picture in self.pictures.values():
            kept = {step: column for step, column in picture.columns.items() if window[0] <= step < window[1]}
            picture.columns = kept
        return {"window": list(window)}
