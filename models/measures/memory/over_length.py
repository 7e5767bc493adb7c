"""Over length: does a model get worse after reading for long? Bits, saturation and ‖h‖ by the steps since a reset.

Many readings start from the zero state, at starts spread evenly over the text, and continue for N characters. Their
results are averaged over spans of a quarter of an octave; the curves are median and quartiles over readings.

**Worse** is decided by a statistical test. Some parts of a text are harder than others, so lengths are compared on the
same characters: where two readings overlap, one reads a character late and the other early. Late and early
are *classes* of half an octave, [8, 11), [11, 16), [16, 23), …; a later class is worse than an earlier one if the mean
difference is above `RELEVANT` bits and above the critical value of Student's t for a family-wise error of `LEVEL` over
all pairs of classes (Bonferroni), its standard error by batches of neighbouring characters, each as long as a late
reading is in its class. A model degrades at the beginning of the first class that is worse than one before it.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from ...errors import NotMeasurable
from ...network.head import surprise_of
from ...recording.recording import Recording
from ...text.words import counted
from ..batches import ALIKE, batch_error, batches, mean_of
from ..positions import layer_of
from ..progress import subtask

FIRST = 8
"""Characters read before the first class: with less context every model predicts worse."""
FINENESS = 4
"""Spans per octave in the curves."""
CLASSES = 2
"""Classes per octave in the test."""
SPACING = 32
"""The fewest characters between two starts."""
WINDOWS = 16
"""The fewest starts within the length of one reading, if the amount of work allows them."""
STEPS = 400_000
"""Roughly how many characters all readings of a model read together: a second or two for 128 units."""
LEAST = 8 * FIRST
"""The length of a text that is long enough for several classes."""
READING = 0.9
"""Roughly the share of the work spent on the readings."""
RELEVANT = 0.01
"""Bits: a smaller difference is irrelevant, however certain."""
LEVEL = 0.01
"""The probability, at most, of reporting degradation in a model that has none."""

Curve = NDArray[np.float64]
Steps = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Quartiles:
    """Over the readings, for each of S spans, (S,) each."""

    low: Curve
    median: Curve
    high: Curve
    mean: Curve

    @staticmethod
    def of(values: Curve) -> Quartiles:
        """From (readings, S); a reading whose value in a span is NaN is left out of that span."""
        columns = [column[np.isfinite(column)] for column in values.T]
        quantiles = [np.quantile(c, [0.25, 0.5, 0.75]) if len(c) else np.full(3, np.nan) for c in columns]
        low, median, high = np.array(quantiles).T
        return Quartiles(low, median, high, mean_of(values))


@dataclass(frozen=True, slots=True)
class OverLength:
    """The effect of up to N characters since the last reset, by m, the number of characters read since then.

    Attributes:
        length: N.
        edges: (S + 1,) the m at which the spans begin, and N.
        bits: surprise of the character after m others.
        saturation: share of the layer's units at which `signal` is saturated after m characters; NaN where saturation
            does not apply to it.
        norm: ‖·‖₂ of that signal.
        readings: how many there were.
        classes: (C + 1,) the m at which the compared classes begin, and N.
        worse: (C,) bits by which each class is worse than an earlier one: of those that the test finds better, the one
            with the largest margin; NaN where there is none.
        degrades: the beginning of the first class that is worse than an earlier one; None if none is.
        detectable: bits, the smallest difference of the last class to an earlier one that would have been detected; NaN
            where the noise is unknown.
    """

    length: int
    layer: int
    signal: str
    edges: Steps
    bits: Quartiles
    saturation: Quartiles
    norm: Quartiles
    readings: int
    classes: Steps
    worse: Curve
    degrades: int | None
    detectable: float


def over_length(
    recording: Recording,
    *,
    length: int = 1000,
    readings: int | None = None,
    layer: int | None = None,
    signal: str = "hidden",
) -> Generator[float, None, OverLength]:
    """Measure on everything read so far.

    Args:
        length: N, at most half of the text, so that the same characters are read both late and early.
        readings: how many; by default as many as `STEPS` allows, and at most one every `SPACING` characters.
        layer: the last by default.

    Yields:
        the share of the work that is done.

    Raises:
        NotMeasurable: if the text is too short, or there is no such layer or signal.
    """
    layer = layer_of(recording, layer)
    _check(recording, layer, signal)
    length = min(length, recording.steps // 2)
    starts = starts_of(recording.steps, length, max(4, STEPS // length) if readings is None else readings)
    edges, classes = spans_of(length, FINENESS), classes_of(length)
    found = np.empty((3, len(starts), len(edges) - 1))
    ages = Ages(starts, length, classes)
    reader, activations = recording.reader, recording.reader.allocate(length)
    ends = reader.stack[layer].cell.signal(signal).saturated
    for n, start in enumerate(starts):
        ids = recording.ids[start : start + length]
        reader.read(ids, reader.start(), activations, at=int(start))
        bits = surprise_of(activations.predictions[: length - 1], ids[1:])  # (N − 1,), m = 1 … N − 1
        values = activations.signal(layer, signal)[: length - 1].astype(np.float64)
        saturated = np.full(len(values), np.nan)
        if ends is not None:
            saturated = ((values < ends[0]) | (values > ends[1])).mean(axis=1)
        for k, one in enumerate((bits, saturated, np.sqrt(np.einsum("th,th->t", values, values)))):
            found[k, n] = _averages(one, edges)
        ages.add(int(start), bits)
        yield READING * (n + 1) / len(starts)
    worse, detectable = yield from subtask(ages.compare(), READING, 1.0)
    late = np.flatnonzero(np.isfinite(worse))
    return OverLength(
        length=length,
        layer=layer,
        signal=signal,
        edges=edges,
        bits=Quartiles.of(found[0]),
        saturation=Quartiles.of(found[1]),
        norm=Quartiles.of(found[2]),
        readings=len(starts),
        classes=classes,
        worse=worse,
        degrades=int(classes[late[0]]) if len(late) else None,
        detectable=detectable,
    )


def _check(recording: Recording, layer: int, signal: str) -> None:
    if recording.steps < LEAST:
        raise NotMeasurable(
            f"The text has {counted(recording.steps, 'character')}, too few to read them late and early: "
            f"{LEAST} are the least. Type or paste more."
        )
    names = recording.reader.stack[layer].cell.names()
    if signal not in names:
        raise NotMeasurable(f"This cell has no signal {signal!r}: it has {', '.join(names)}. Choose one of them.")


def spans_of(length: int, fineness: int) -> Steps:
    """Edges of spans from 1 to `length`, `fineness` of them per octave."""
    steps = np.round(2.0 ** (np.arange(fineness * int(np.ceil(np.log2(length))) + 1) / fineness)).astype(np.int64)
    return np.append(np.unique(steps[steps < length]), length)


def classes_of(length: int) -> Steps:
    """Edges of classes from `FIRST` to `length`; a remainder of less than half a class joins the one before."""
    edges = spans_of(length, CLASSES)
    edges = edges[edges >= FIRST]
    if len(edges) > 3 and 2 * (edges[-1] - edges[-2]) < edges[-2] - edges[-3]:
        edges = np.delete(edges, -2)
    return edges


def starts_of(steps: int, length: int, count: int) -> Steps:
    """Where about `count` readings of `length` begin in a text.

    Evenly spread, if they then overlap well; otherwise in evenly spread clusters.
    """
    last = steps - length
    even = np.linspace(0, last, max(1, min(count, last // SPACING + 1))).round().astype(np.int64)
    spacing = max(SPACING, length // WINDOWS, 2 * length // count)
    if len(even) < 2 or last / (len(even) - 1) <= 2 * spacing:
        return np.unique(even)
    within = np.arange(0, min(2 * length, last + 1), spacing)
    clusters = max(1, count // len(within))
    first = np.linspace(0, last - within[-1], clusters).round().astype(np.int64)
    return np.unique(first[:, None] + within)


class Ages:
    """The bits of each character by the class in which it was read, and the test between classes."""

    def __init__(self, starts: Steps, length: int, classes: Steps) -> None:
        covered = np.zeros(int(starts[-1]) + length, bool)
        for start in starts:
            covered[start : start + length] = True
        self._index = np.cumsum(covered) - 1  # the index of a character among those that are read at all
        self._classes = classes
        self._sums = np.zeros((len(classes) - 1, int(covered.sum())))
        self._counts = np.zeros_like(self._sums)

    def add(self, start: int, bits: NDArray[np.floating]) -> None:
        """One reading from `start` on: `bits` of the characters after m = 1, 2, … others."""
        values, known = np.nan_to_num(bits, nan=0.0), np.isfinite(bits)
        for k, (low, high) in enumerate(pairwise(self._classes)):
            at = self._index[start + low : start + high]
            self._sums[k, at] += values[low - 1 : high - 1]
            self._counts[k, at] += known[low - 1 : high - 1]

    def compare(self) -> Generator[float, None, tuple[Curve, float]]:
        """Returns (`worse`, `detectable`), as `OverLength` has them."""
        with np.errstate(invalid="ignore"):
            bits = self._sums / self._counts  # NaN where a character was not read in a class
        worse, margin, detectable = np.full(len(bits), np.nan), np.zeros(len(bits)), np.nan
        pairs = list(combinations(range(len(bits)), 2))
        for done, (early, late) in enumerate(pairs, 1):
            apart = (bits[late] - bits[early])[:, None]
            # A batch is as long as a reading in the late class: whatever one reading carries along is counted once.
            least = max(ALIKE, int(self._classes[late + 1] - self._classes[late]))
            count = len(batches(apart, least)[0])
            difference, error = float(mean_of(apart)[0]), float(batch_error(apart, least)[0])
            needed = max(RELEVANT, float(stdtrit(count - 1, 1 - LEVEL / len(pairs))) * error) if count > 1 else np.nan
            if difference - needed > margin[late]:
                worse[late], margin[late] = difference, difference - needed
            if late == len(bits) - 1:
                detectable = float(np.fmin(detectable, needed))
            yield done / len(pairs)
        return worse, detectable


def _averages(values: NDArray[np.floating], edges: Steps) -> Curve:
    """Means of values (N − 1,) at m = 1 … N − 1 over spans of m, (S,); NaN for an empty span."""
    sums = np.add.reduceat(np.nan_to_num(values.astype(np.float64), nan=0.0), edges[:-1] - 1)
    counts = np.add.reduceat(np.isfinite(values).astype(np.float64), edges[:-1] - 1)
    with np.errstate(invalid="ignore"):
        means: Curve = sums / counts
    return means
