"""What a picture must show, computed here from the models, the colour stops and nothing else of the page."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from app.wire.frames import quantise
from models import CharLM
from models.cells.base import Signal
from models.figures import colours

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

PARITY = 1e-5
"""Two ways of computing a signal may differ by this much, so that a value on the edge of two levels may take either."""


class Reading:
    """One model's trace of one text, as arrays."""

    def __init__(self, lm: CharLM, text: str) -> None:
        self.lm = lm
        self.text = text
        trace = lm.trace(text)
        self.log_probabilities: Floats = trace.log_probabilities.numpy()
        self.surprise: Floats = trace.surprise.numpy()
        self.bits_per_character = trace.bits_per_character
        self._signals = {name: trace[name].numpy() for name in trace.keys()}  # noqa: SIM118 - Trace is no dict

    def signal(self, layer: int, name: str) -> Floats:
        """(T, H)"""
        return self._signals[f"{layer}.{name}"]

    def declared(self, name: str) -> Signal:
        return next(signal for signal in self.lm.cell.signals if signal.name == name)


Reference = Callable[[str, str], Reading]


def hex_channels(colour: str) -> list[int]:
    return [int(colour[k : k + 2], 16) for k in (1, 3, 5)]


def table(kind: str) -> NDArray[np.float64]:
    """Colour of each byte, (256, 3): the stops joined by straight lines in sRGB, and the colour of no number at 255."""
    stops = colours.GATE if kind == "gate" else colours.SIGNED
    positions = [position for position, _ in stops]
    channels = np.array([hex_channels(colour) for _, colour in stops], float)
    levels = np.linspace(0, 1, 255)
    rows = np.stack([np.interp(levels, positions, channels[:, k]) for k in range(3)], axis=1)
    return np.vstack([rows, [hex_channels(colours.NO_DATA)]])


def bounds(readings: list[tuple[Reading, int, str]]) -> tuple[float, float]:
    """The logarithmic range shared by all panels in view whose signal has none of its own: the next power of ten."""
    largest = [
        float(np.abs(reading.signal(layer, name)).max(initial=0.0))
        for reading, layer, name in readings
        if reading.declared(name).range is None
    ]
    high = 1.0
    while high < max(largest, default=1.0):
        high *= 10
    return -high, high


def level(values: Floats, low: float, high: float, *, logarithmic: bool) -> NDArray[np.uint8]:
    """The byte of each value: on a linear scale from `low` to `high`, or on one logarithmic to either side of 0."""
    if not logarithmic:
        return quantise(values, low, high)
    exact = values.astype(np.float64)
    share = np.sign(exact) * np.log1p(np.abs(exact) / 0.1) / np.log1p(high / 0.1)
    return quantise(share.astype(np.float32), -1.0, 1.0)


def check_pixels(
    pixels: Pixels,
    values: Floats,
    low: float,
    high: float,
    kind: str,
    either: Floats | None = None,
    *,
    logarithmic: bool = False,
) -> None:
    """The first T columns of a picture (H, W, RGBA) are painted with `values` (T, H), the rest with nothing.

    `either`: what each may be instead, where a rounding decides.
    """
    units, width, _ = pixels.shape
    steps = len(values)
    assert values.shape[1] == units, f"{units} rows for {values.shape[1]} units"
    assert steps <= width
    painted = pixels[:, :steps]
    assert (painted[..., 3] == 255).all(), (
        f"columns {np.flatnonzero((painted[..., 3] != 255).any(axis=0))} are not painted"
    )
    assert (pixels[:, steps:] == 0).all(), "something is painted where there is no text"
    colour = table(kind)
    off = np.full((units, steps), np.inf)
    for may_be in (values, values if either is None else either):
        for nudge in (0.0, -PARITY, PARITY):
            wanted = colour[level(may_be.T + np.float32(nudge), low, high, logarithmic=logarithmic)]
            off = np.minimum(off, np.abs(painted[..., :3] - wanted).max(axis=2))
    wrong = np.argwhere(off > 1)
    assert len(wrong) == 0, (
        f"{len(wrong)} of {off.size} cells are off, the first at unit {wrong[0][0]}, column {wrong[0][1]} "
        f"by {off[tuple(wrong[0])]:.0f} levels of a channel"
    )
