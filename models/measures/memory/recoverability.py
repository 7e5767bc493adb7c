"""Recoverability: how well a linear probe reads the character k steps back off the hidden state.

The probe is scikit-learn's multinomial logistic regression on h_t, fitted separately for each k and scored on text that
it was not fitted on. Three things make the figures of different models, lags and lengths of text comparable:

Whitening. h is turned and stretched so that on the fitting part its directions are uncorrelated and of variance 1.
What the probe can read then does not depend on the basis or the scale in which a network stores it. Directions that
vary less than `FLOOR` of the widest are left out: there float32 rounds.

Penalty. It is ½‖w‖² / C with C = `TRUST`·(F − 1) / n, where F compares how much the averages of h differ
between the characters k steps back with how much they would differ by chance (the F ratio of an analysis of variance,
pooled over the directions). F = 1 is chance. A probe with one C for all lags regularises too strongly where the
character is easy to read, and learns noise where it is not, which brings it well below chance. At F ≤ 1 the probe
always names the most frequent character.

Tuning. If time allows, the penalty is chosen for each k separately: from the C above to weaker penalties by factors of
four (or, if that is worse, to stronger ones) as long as the probe, fitted on the first three quarters of the fitting
part, names more of the last quarter; then it is fitted on the whole part, until the gradient is 30 times smaller.

Bits. What the probe's probabilities say of the character beyond its frequency: the mean over the held-out characters of
log₂ p(character | h) / p(character), where p(character) are the frequencies of the fitting part, each p as
(n·p + 1) / (n + V) so that a character that never occurred there does not cost without end. Negative: it misleads.

Warm start. The solver starts from the most frequent character, so lags with nothing to read cost a step or two.

T  characters    H  units    K  lags    D  directions    n  characters fitted on    V  symbols
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from ...cells.base import Array
from ...errors import NotMeasurable
from ...network.language_model import CharLM
from ...recording.recording import Recording
from ...text.vocabulary import Ids
from ...text.words import counted
from .. import drain

States = NDArray[np.float32]
LAGS = tuple(range(1, 101))
GAP = max(LAGS)
"""Steps left out at the start of each part, so that no character is in both, as a state's own or as one k back."""
FITTED = 0.8
"""Share of a single text that the probe is fitted on."""
SHORTEST = 2_000
"""A text of this many characters leaves 300 to score on, enough for an accuracy to ±3 % (one standard error)."""
TRUST = 30.0
FLOOR = 1e-5
TOLERANCE = 3e-3
"""The solver stops once no component of the mean loss's gradient is larger."""
CLOSE = 1e-4
"""The same for a tuned probe."""
HELD_IN = 0.75
"""Share of the fitting part that a tuned probe is fitted on while its penalty is chosen; the rest decides."""
GRADE, GRADES = 4.0, 6
"""The factor between the penalties a tuned probe tries, and the most steps, as long as more of the rest is named."""
WORTH = 0.01
"""A tuned probe remains the rough one unless that beats always naming the most frequent character by this share."""

Work = Generator[float, None, "Recoverability"]


@dataclass(frozen=True)
class Part:
    """A stretch of text, read without interruption: the hidden state after each character (T, H), and its id (T,)."""

    hidden: Array
    ids: Ids


@dataclass(frozen=True)
class Recoverability:
    """What the probe achieved.

    Attributes:
        lags: k, K of them.
        accuracy: (K,) share of the held-out characters that the probe names correctly.
        chance: the accuracy of always naming the most frequent character of the fitting part.
        trained_on: states that the probe was fitted on, at each lag, without those whose character k back is unknown.
        held_out: states that it was scored on, likewise.
        bits: (K,) what the probe's probabilities tell of a held-out character beyond its frequency, bits.
    """

    lags: tuple[int, ...]
    accuracy: NDArray[np.float64]
    chance: float
    trained_on: int
    held_out: int
    bits: NDArray[np.float64]

    @property
    def standard_error(self) -> NDArray[np.float64]:
        """(K,) standard error of the accuracy, treating the held-out characters as independent."""
        return np.sqrt(self.accuracy * (1 - self.accuracy) / self.held_out)

    def half(self) -> int:
        """The lag up to which the accuracy is at least one half; 0 if it is not at the first."""
        below = np.flatnonzero(self.accuracy < 0.5)
        return self.lags[below[0] - 1] if len(below) and below[0] > 0 else 0 if len(below) else self.lags[-1]

    def fades(self, within: float = 0.01) -> int | None:
        """The first lag from which the accuracy stays this close to chance; None if the last does not."""
        above = np.flatnonzero(self.accuracy > self.chance + within)
        if not len(above):
            return self.lags[0]
        return self.lags[above[-1] + 1] if above[-1] + 1 < len(self.lags) else None


def probe(hidden: Array, ids: Ids, symbols: int, lags: Sequence[int] = LAGS, *, tuned: bool = False) -> Recoverability:
    """`probing`, run to the end."""
    return drain(probing(hidden, ids, symbols, lags, tuned=tuned))


def probing(hidden: Array, ids: Ids, symbols: int, lags: Sequence[int] = LAGS, *, tuned: bool = False) -> Work:
    """Fit on the first `FITTED` of a text, score on the rest.

    Args:
        hidden: (T, H), the state after each character.
        ids: (T,), the characters; `symbols` and above is a character that the model does not know.
        lags: ascending, of 1 … `GAP`.
        tuned: choose the penalty of each lag on held-out text, and converge; takes ten times as long.

    Yields:
        The share of the work that is done, after each lag.

    Raises:
        NotMeasurable: if the text is too short, or too much of it unknown, or a state is not finite.
    """
    if len(ids) < SHORTEST:
        raise NotMeasurable(
            f"The text has {counted(len(ids), 'character')}, too few to fit a probe and to score it on others. "
            f"Give {SHORTEST:,} or more."
        )
    cut = round(FITTED * len(ids))
    fitting, scoring = Part(hidden[:cut], ids[:cut]), Part(hidden[cut:], ids[cut:])
    return (yield from probing_apart(fitting, scoring, symbols, lags, tuned=tuned))


def read_off(lm: CharLM, recording: Recording, longest: int | None = None) -> Work:
    """As `probing`, on the last layer's hidden state over what a recording has read, or over the first `longest`
    characters of it: the time grows with them."""
    steps = recording.steps if longest is None else min(recording.steps, longest)
    hidden = recording.signal(lm.layers - 1, "hidden", 0, steps)  # (T, H)
    return (yield from probing(hidden, recording.ids[:steps], len(lm.vocabulary)))


def probing_apart(
    fitting: Part, scoring: Part, symbols: int, lags: Sequence[int] = LAGS, *, tuned: bool = False
) -> Work:
    """As `probing`, on two texts: fitted on one, scored on the other."""
    if not all(1 <= lag <= GAP for lag in lags):
        raise ValueError(f"Lags are of 1 … {GAP}.")
    _check(fitting, scoring, symbols)
    yield 0.0
    learn, score = _whitened(fitting.hidden[GAP:], scoring.hidden[GAP:])  # (n, D), (m, D)
    accuracy, bits = np.empty(len(lags)), np.empty(len(lags))
    for at, lag in enumerate(lags):
        yield (at + 1) / (len(lags) + 1)
        back, asked = (part.ids[GAP - lag : len(part.ids) - lag] for part in (fitting, scoring))
        known, scored = _all_or(back < symbols), _all_or(asked < symbols)
        read = _read(learn[known], back[known], score[scored], tuned)
        accuracy[at] = (read.named == asked[scored]).mean()
        bits[at] = read.bits(asked[scored], symbols)
    most = np.bincount(fitting.ids[fitting.ids < symbols]).argmax()
    chance = float((scoring.ids[scoring.ids < symbols] == most).mean())
    return Recoverability(tuple(lags), accuracy, chance, len(learn), len(score), bits)


def _all_or(mask: NDArray[np.bool_]) -> NDArray[np.bool_] | slice:
    """An index of the true elements of `mask`; if that is everything, one that copies nothing."""
    return slice(None) if mask.all() else mask


def _check(fitting: Part, scoring: Part, symbols: int) -> None:
    for part, least in ((fitting, FITTED * SHORTEST - GAP), (scoring, (1 - FITTED) * SHORTEST - GAP)):
        if not np.isfinite(part.hidden).all():
            raise NotMeasurable("The hidden state is not finite everywhere: a number overflowed. Give another text.")
        known = int((part.ids[: len(part.ids) - GAP] < symbols).sum())
        if known < round(least):
            raise NotMeasurable(
                f"The model knows only {counted(known, 'character')} where {round(least):,} are needed to fit and to "
                "score a probe. Give a longer text, or one in the model's own alphabet."
            )


def _whitened(learn: Array, score: Array) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """States (n, H) and (m, H) along the directions (D) in which the first vary, whitened there."""
    scaler = StandardScaler().fit(learn.astype(np.float64))
    if not scaler.var_.any():  # a state that never changes has no directions
        return np.empty((len(learn), 0), np.float32), np.empty((len(score), 0), np.float32)
    turn = PCA(whiten=True, svd_solver="covariance_eigh").fit(scaler.transform(learn.astype(np.float64)))
    spread = np.sqrt(turn.explained_variance_)
    kept = spread > FLOOR * spread[0]
    first, second = (turn.transform(scaler.transform(h.astype(np.float64)))[:, kept] for h in (learn, score))
    return first.astype(np.float32), second.astype(np.float32)


@dataclass(frozen=True)
class _Answers:
    """What a probe says of m states: its probabilities (m, classes), or None for the frequencies, whatever the state.

    Attributes:
        classes: the characters that occur where it was fitted, ascending.
        counts: how often each does.
    """

    classes: Ids
    counts: NDArray[np.intp]
    probabilities: NDArray[np.floating] | None

    @property
    def named(self) -> Ids:
        """The most probable character of each state; a single one where the state says nothing."""
        scores = self.counts[None] if self.probabilities is None else self.probabilities
        named: Ids = self.classes[scores.argmax(axis=1)]
        return named

    def bits(self, asked: Ids, symbols: int) -> float:
        """See the module, of the true characters (m,)."""
        if self.probabilities is None:
            return 0.0
        total = int(self.counts.sum())
        at = np.searchsorted(self.classes, asked).clip(max=len(self.classes) - 1)
        occurs = self.classes[at] == asked
        said = np.where(occurs, self.probabilities[np.arange(len(asked)), at], 0.0)
        usual = np.where(occurs, self.counts[at] / total, 0.0)
        smoothed = [np.log2((total * one.astype(np.float64) + 1) / (total + symbols)) for one in (said, usual)]
        return float((smoothed[0] - smoothed[1]).mean())


def _read(learn: States, characters: Ids, score: States, tuned: bool) -> _Answers:
    """What a probe fitted to states (n, D) and their characters (n,) says of each of (m, D)."""
    known, which, counts = np.unique(characters, return_inverse=True, return_counts=True)
    excess = min(_variance_ratio(learn, which, counts) - 1, len(learn))  # no variance within: C must stay finite
    if excess <= 0:
        return _Answers(known, counts, None)
    trust = TRUST * excess / len(learn)
    chosen = _chosen(learn, characters, trust) if tuned else None
    fit = _started(learn, characters, trust if chosen is None else chosen, TOLERANCE if chosen is None else CLOSE)
    return _Answers(known, counts, fit.predict_proba(score))


def _started(learn: States, characters: Ids, trust: float, tolerance: float) -> LogisticRegression:
    """A probe fitted to states (n, D), starting from always naming the most frequent character."""
    known, counts = np.unique(characters, return_counts=True)
    fit = LogisticRegression(C=trust, tol=tolerance, max_iter=1000, warm_start=True)
    begin = np.log(counts / len(learn)).astype(np.float32)
    rows = begin - begin.mean() if len(known) > 2 else begin[1:] - begin[:1]  # with two characters, one row decides
    fit.classes_, fit.intercept_ = known, rows  # where a warm start begins
    fit.coef_ = np.zeros((len(rows), learn.shape[1]), np.float32)
    return fit.fit(learn, characters)


def _chosen(learn: States, characters: Ids, trust: float) -> float | None:
    """The C of the grades around `trust` that names most of the last states (n, D); None where nothing can be read."""
    cut = round(HELD_IN * len(learn))
    first, last = (learn[:cut], characters[:cut]), (learn[cut:], characters[cut:])
    known, counts = np.unique(first[1], return_counts=True)
    if len(known) < 2 or not len(last[1]):
        return None
    floor = float((last[1] == known[counts.argmax()]).mean())
    fit = _started(*first, trust, TOLERANCE)
    if fit.score(*last) <= floor + WORTH:
        return None
    fit.tol = CLOSE
    best, chosen = float(fit.fit(*first).score(*last)), trust
    for factor in (GRADE, 1 / GRADE):
        fit.C = trust
        for _ in range(GRADES):
            fit.C *= factor
            named = float(fit.fit(*first).score(*last))
            if named <= best:
                break
            best, chosen = named, fit.C
        if chosen != trust:
            break
    return chosen


def _variance_ratio(states: States, which: NDArray[np.intp], counts: NDArray[np.intp]) -> float:
    """F: variance of states (n, D) between groups over that within them, pooled over D; 0 if undefined."""
    n, groups = len(states), len(counts)
    if groups < 2 or n <= groups or not states.shape[1]:
        return 0.0
    member = np.zeros((groups, n), np.float32)
    member[which, np.arange(n)] = 1
    sums = (member @ states).astype(np.float64)  # (groups, D)
    overall = float((sums.sum(axis=0) ** 2).sum()) / n
    between = float(((sums**2).sum(axis=1) / counts).sum()) - overall
    within = float(np.square(states).sum(dtype=np.float64)) - overall - between
    return (between / (groups - 1)) / (within / (n - groups)) if within > 0 else np.inf
