"""The echo of a character: how the state differs from what it would be had another character stood at one step.

L layers, S signals of a layer, N of all layers, H units, R replacements. For each replacement the text is read a second
time from step a on, by the very loop that reads the text itself, so both sides have the bits of a fresh run.

difference at t   s_t − s′_t, exact, for every signal; with several replacements the mean of |s_t − s′_t| over them
strength at t     ‖s_t − s′_t‖₂ over the units of a layer; with several replacements its mean, which is the *edit*
                  measure of docs/measures/forgetting.md
felt              the last lag k at which the strength is at least 1 % of that at lag 0

Nothing is stored for every step but strengths of the first `FARTHEST` lags: the state of the second run is kept at the
borders of spans, and whatever is looked at is computed again from there. A wide column shows its largest difference,
from the exact extremes of bins.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cells.base import Array
from ..network.codec import Items
from ..network.reader import Activations
from ..network.state import State, fork, size
from ..recording.recording import Recording
from .levels import largest, magnitude_levels, picture_levels
from .loops import subtract

SPAN = 512
"""Steps a span, at most: spans end at multiples of it, so that bins lie alike for every echo of a text."""
FARTHEST = 20_000
"""Lags within which it is found how long an echo is felt."""
FELT = 0.01
"""An echo is felt while its strength is at least this share of that at lag 0."""


@dataclass(slots=True, eq=False)
class _Span:
    """Steps start … stop − 1 as compared so far."""

    start: int
    stop: int
    states: list[State]
    """Of the R second runs, before `start`."""
    strength: NDArray[np.float32]
    """(N, T), in the order of the stack's names."""
    peaks: tuple[NDArray[np.int16], ...] | None = None
    """For each layer (S, n, H), the level of each bin's largest difference with its sign; made when asked for."""


class Echo:
    """See the module. It looks on at a recording, which must have read step `at`; it compares in pieces.

    Args:
        recording: the text as it is. Call `cut` after an edit of it after `at`; one at or before `at` ends an echo.
        at: the step whose character is another one.
        others: (R,) items to put in its place, one after the other.
        kept: how many spans' differences stay at hand.
        after: an echo of the same recording that nobody wants any more; its memory is used again.
    """

    def __init__(
        self, recording: Recording, at: int, others: Items, *, kept: int = 6, after: Echo | None = None
    ) -> None:
        if not 0 <= at < recording.steps:
            raise IndexError(f"Step {at} has not been read; {recording.steps} have.")
        self.recording, self.at = recording, at
        self.others: Items = np.asarray(others, recording.reader.codec.dtype)
        self.steps = at
        """Steps before this one have been compared."""
        reader = recording.reader
        self._stack, self._bin = reader.stack, recording.grain.bin
        self.scratch: Activations = reader.allocate(SPAN) if after is None else after.scratch
        """What a second run computes, until it is compared; whoever reads on from an echo may use it."""
        self._kept = kept
        start = recording.state_at(at)
        self._front: list[State] = [fork(start) for _ in self.others]
        self._spans: list[_Span] = []
        self._near: OrderedDict[int, list[Array]] = OrderedDict()
        """Differences of the spans touched last, by their start: for each layer (S, SPAN, H)."""
        self._spare: list[list[Array]] = [] if after is None else [*after._near.values(), *after._spare]

    @property
    def nbytes(self) -> int:
        """About how much memory it uses."""
        near = sum(layer.nbytes for layers in (*self._near.values(), *self._spare) for layer in layers)
        span = self._spans[len(self._spans) // 2] if self._spans else None
        if span is None:
            return near
        peaks = sum(layer.nbytes for layer in span.peaks or ())
        states = sum(size(state) for state in span.states)
        return near + len(self._spans) * (states + peaks + span.strength.nbytes)

    @property
    def single(self) -> bool:
        """Whether there is one replacement, so that differences have a sign."""
        return len(self.others) == 1

    @property
    def farthest(self) -> int:
        """The step up to which it is found how long the echo is felt."""
        return min(len(self.recording), self.at + FARTHEST)

    def cut(self, at: int) -> None:
        """The text has changed from step `at` on, which lies after the replaced character."""
        if at >= self.steps:
            return
        while self._spans and self._spans[-1].stop > at:
            span = self._spans.pop()
            self._near.pop(span.start, None)
            self._front, self.steps = span.states, span.start

    def advance(self, until: int) -> bool:
        """Compare on to the end of a span, of what has been read, or to step `until`. Returns whether it has."""
        until = min(until, self.recording.steps, (self.steps // SPAN + 1) * SPAN)
        if until <= self.steps:
            return False
        if self.steps > self.at and self._spans[-1].stop % SPAN and self._spans[-1].start not in self._near:
            self._differences(self._spans[-1])  # it was let go of while it was being filled
        span = self._spans[-1] if self._spans and self._spans[-1].stop % SPAN else None
        if span is None:
            states = [fork(state) for state in self._front]
            none = np.empty((len(self._stack.names), 0), np.float32)
            span = _Span(self.steps, self.steps, states, none)
            self._spans.append(span)
        near = self._buffer(span.start)
        strength = self._compare(self._front, self.steps, until, near, self.steps - span.start)
        span.strength = np.concatenate([span.strength, strength], axis=1)
        span.stop, span.peaks = until, None
        self.steps = until
        return True

    # ── what was found ───────────────────────────────────────────────────────────────────────────────

    def signal(self, layer: int, name: str, start: int, stop: int) -> Array:
        """The differences of a signal at steps start … stop − 1, (stop − start, H) or as wide as it is: zero before the
        replaced one."""
        stop = max(min(stop, self.steps), start)
        here = self._stack[layer]
        out = np.zeros((stop - start, here.width(name)), self.recording.reader.dtype)
        index = here.cell.names().index(name)
        for span, low, high in self._within(start, stop):
            values = self._differences(span)[layer][index, :, : here.width(name)]
            out[low - start : high - start] = values[low - span.start : high - span.start]
        return out

    def at_step(self, layer: int, step: int) -> Array:
        """The differences of all signals of a layer at one step that has been compared, (S, H)."""
        here = self._stack[layer]
        out = np.zeros((len(here.cell.signals), here.units), self.recording.reader.dtype)
        for span, low, _ in self._within(step, min(step + 1, self.steps)):
            out[:] = self._differences(span)[layer][:, low - span.start]
        return out

    def levels(
        self, layer: int, name: str, start: int, stop: int, per: int, *, signed: bool = False
    ) -> NDArray[np.uint8]:
        """The picture of steps start … stop − 1 in columns of `per` steps, (⌈(stop − start) / per⌉, H): levels of the
        logarithmic scale, see `levels`; a column shows its largest difference.

        `start` is a multiple of `per`. With several replacements `signed` says nothing.
        """
        stop = max(min(stop, self.steps), start)
        signed = signed and self.single
        if per < self._bin:
            values = self.signal(layer, name, start, stop)
            shown = values if per == 1 or not len(values) else largest(values, per)
            return picture_levels(magnitude_levels(shown), signed=signed)
        here = self._stack[layer]
        index, columns = here.cell.names().index(name), np.zeros((-(-(stop - start) // per), here.units), np.int16)
        width = self._bin
        for span, low, high in self._within(start, stop):
            first = span.start // width * width
            begin = low // width * width
            peaks = self._peaks(span)[layer][index][(begin - first) // width : -(-(high - first) // width)]
            places = (np.arange(begin, high, width) - start) // per
            for place in np.unique(places):
                among = np.concatenate([columns[place][None], peaks[places == place]])
                columns[place] = np.take_along_axis(among, np.abs(among).argmax(axis=0)[None], axis=0)[0]
        return picture_levels(columns[:, : here.width(name)], signed=signed)

    def strength(self, layer: int, name: str, start: int, stop: int, per: int) -> NDArray[np.float32]:
        """The largest strength in each column, as for `levels`, (⌈(stop − start) / per⌉,): 0 before the replaced
        character."""
        stop = max(min(stop, self.steps), start)
        values = np.zeros(stop - start, np.float32)
        row = self._stack.row(layer, name)
        for span, low, high in self._within(start, stop):
            values[low - start : high - start] = span.strength[row, low - span.start : high - span.start]
        if per == 1 or not len(values):
            return values
        return np.asarray(np.maximum.reduceat(values, np.arange(0, len(values), per)))

    def first(self, layer: int, name: str) -> float:
        """The strength at lag 0; 0 before it has been compared."""
        return float(self._spans[0].strength[self._stack.row(layer, name), 0]) if self._spans else 0.0

    def felt(self, layer: int, name: str) -> int:
        """The last lag at which the strength is at least 1 % of that at lag 0, as far as has been compared; −1 if there
        is none: the replacement changes nothing in this signal."""
        row, threshold = self._stack.row(layer, name), FELT * self.first(layer, name)
        if threshold == 0:
            return -1
        for span in reversed(self._spans):
            above = np.flatnonzero(span.strength[row] >= threshold)
            if len(above):
                return int(span.start + above[-1] - self.at)
        return -1

    # ── spans ────────────────────────────────────────────────────────────────────────────────────────

    def _within(self, start: int, stop: int) -> list[tuple[_Span, int, int]]:
        """The spans that share steps with start … stop − 1, each with the first of them and the one after the last."""
        start = max(start, self.at)
        if start >= stop:
            return []
        first = start // SPAN - self.at // SPAN
        last = (stop - 1) // SPAN - self.at // SPAN
        return [(span, max(start, span.start), min(stop, span.stop)) for span in self._spans[first : last + 1]]

    def _buffer(self, start: int) -> list[Array]:
        if start not in self._near:
            if len(self._near) >= self._kept:
                self._spare.append(self._near.popitem(last=False)[1])
            self._near[start] = self._spare.pop() if self._spare else self._new_buffer()
        self._near.move_to_end(start)
        return self._near[start]

    def _new_buffer(self) -> list[Array]:
        shapes = [(len(layer.cell.signals), SPAN, layer.units) for layer in self._stack]
        return [np.empty(shape, self.recording.reader.dtype) for shape in shapes]

    def _differences(self, span: _Span) -> list[Array]:
        """A span's differences, computed again if they are not at hand."""
        if span.start in self._near:
            self._near.move_to_end(span.start)
            return self._near[span.start]
        near = self._buffer(span.start)
        self._compare([fork(state) for state in span.states], span.start, span.stop, near, 0)
        return near

    def _peaks(self, span: _Span) -> tuple[NDArray[np.int16], ...]:
        if span.peaks is None:
            first = span.start % self._bin  # bins lie at multiples of self._bin of the text
            steps = span.stop - span.start
            span.peaks = tuple(
                np.stack([magnitude_levels(largest(values[:steps], self._bin, first)) for values in layer])
                for layer in self._differences(span)
            )
        return span.peaks

    def _compare(self, states: list[State], start: int, stop: int, into: list[Array], row: int) -> NDArray[np.float32]:
        """Read steps start … stop − 1 once for each replacement, from `states`, which are left at the end; put the
        differences into rows `row` and on. Returns the strengths, (N, T)."""
        reader, steps = self.recording.reader, stop - start
        text = self.recording.ids[start:stop].copy()
        places = self._stack.places
        total = np.zeros((len(places), steps), np.float64)
        apart = np.empty(steps)
        for turn, (other, state) in enumerate(zip(self.others, states, strict=True)):
            if start == self.at:
                text[0] = other
            reader.read(text, state, self.scratch, predict=False, at=start)
            for first, layers in self.recording.activations(start, stop):
                rows = slice(first - start, first - start + layers[0].shape[1])
                for n, (k, s) in enumerate(places):
                    ours, theirs = layers[k][s], self.scratch.layers[k][s, rows]
                    place = into[k][s, row : row + steps][rows]
                    subtract(ours, theirs, place if self.single else theirs, apart[rows])
                    total[n, rows] += apart[rows]
                    if not self.single:
                        np.abs(theirs, out=theirs)
                        np.add(place if turn else 0, theirs, out=place)
        if not self.single:
            for layer in into:
                layer[:, row : row + steps] /= len(self.others)
        return (total / len(self.others)).astype(np.float32)
