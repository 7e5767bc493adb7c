"""Heart beats have the properties that the paper states: intervals, where each wave lies and which sign it has; and
what is labelled is there."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from models import CorpusError
from models.series import heartbeats as module
from models.series.heartbeats import ANGLES, HEIGHTS, RATE, WIDTHS, heartbeats, integrate, rr_intervals
from models.series.series import Series


def peaks(series: Series, least: float = 0.7) -> np.ndarray:
    """The rows of the R peaks: the largest reading of each stretch above `least` mV."""
    v = series.rows[:, 0]
    above = np.flatnonzero(v > least)
    groups = np.split(above, np.flatnonzero(np.diff(above) > 10) + 1)
    return np.array([group[np.argmax(v[group])] for group in groups])


@pytest.fixture(scope="module")
def calm() -> Series:
    """Beats exactly a second apart."""
    return heartbeats(1.0, deviation=0.0)


def test_intervals_have_the_mean_and_the_deviation_that_were_asked_for() -> None:
    found = np.diff(peaks(heartbeats(10, seed=3, mean=0.9, deviation=0.04))) / RATE
    assert len(found) > 600
    assert abs(found.mean() - 0.9) < 0.005
    assert abs(found.std() - 0.04) < 0.006


def test_intervals_vary_at_the_two_frequencies_of_the_paper() -> None:
    rr = rr_intervals(2048, 1.0, 0.05, np.random.default_rng(0))
    power = np.abs(np.fft.rfft(rr - rr.mean())) ** 2
    frequency = np.fft.rfftfreq(len(rr), 1.0)

    def within(low: float, high: float) -> float:
        return float(power[(frequency >= low) & (frequency < high)].sum())

    slow, breath = within(0.06, 0.14), within(0.21, 0.29)
    assert slow / breath == pytest.approx(module.RATIO, rel=0.05)
    assert slow + breath > 0.999 * within(0.0, 0.5)


def test_every_wave_has_its_place_and_its_sign(calm: Series) -> None:
    r = peaks(calm)
    assert np.array_equal(np.diff(r), np.full(len(r) - 1, RATE))
    beat = np.mean([calm.rows[at - 50 : at + 50, 0] for at in r[2:-2]], axis=0)  # from -π to π
    extremes = [at for at in range(1, 99) if (beat[at] - beat[at - 1]) * (beat[at + 1] - beat[at]) <= 0]
    for name, angle, height in zip("PQRST", ANGLES, HEIGHTS, strict=True):
        place = 50 + angle / (2 * math.pi) * RATE
        nearest = min(extremes, key=lambda at: abs(at - place))
        assert abs(nearest - place) <= (5 if name in "PT" else 2), name
        chord = (
            (beat[nearest - 4] + beat[nearest + 4]) / 2
            if name in "QRS"
            else (beat[nearest - 9] + beat[nearest + 9]) / 2
        )
        assert np.sign(beat[nearest] - chord) == np.sign(height), name


def test_voltages_span_what_the_paper_scales_them_to() -> None:
    v = heartbeats(5, seed=1).rows
    assert v.min() == pytest.approx(-0.4, abs=0.05)
    assert v.max() == pytest.approx(1.2, abs=0.05)
    steps = v / module.RESOLUTION
    assert np.abs(steps - np.round(steps)).max() < 1e-6


def test_the_equations_are_solved_as_scipy_solves_them() -> None:
    beats = 6
    intervals = np.full(beats, 0.8)
    z, _ = integrate(
        300, 0.01, 4, intervals, ANGLES, np.tile(HEIGHTS, (beats, 1)), np.tile(WIDTHS, (beats, 1)), 0.005, 0.25
    )

    def slope(t: float, at: np.ndarray) -> list[float]:
        x, y, w = at
        alpha, omega, theta = 1 - math.hypot(x, y), 2 * math.pi / 0.8, math.atan2(y, x)
        off = (theta - ANGLES + math.pi) % (2 * math.pi) - math.pi
        pull = float((HEIGHTS * off * np.exp(-(off**2) / (2 * WIDTHS**2))).sum())
        return [
            alpha * x - omega * y,
            alpha * y + omega * x,
            -pull - (w - 0.005 * math.sin(2 * math.pi * 0.25 * t)),
        ]

    times = np.arange(1, 301) * 0.01
    expected = solve_ivp(slope, (0, 3), [-1.0, 0.0, 0.0], t_eval=times, rtol=1e-9, atol=1e-11, max_step=0.005).y[2]
    assert np.abs(z - expected).max() < 2e-4 * np.ptp(expected)


def test_a_missing_beat_is_really_missing_and_the_beat_after_it_comes_in_time() -> None:
    whole = heartbeats(3, seed=5, deviation=0.0)
    gappy = heartbeats(3, seed=5, deviation=0.0, missing=2)
    assert [label.kind for label in gappy.labels] == ["missing", "missing"]
    kept, every = peaks(gappy), peaks(whole)
    assert len(kept) == len(every) - 2
    for label in gappy.labels:
        inside = every[(every >= label.start) & (every < label.stop)]
        assert len(inside) == 1
        assert not np.isin(inside, kept).any()
        assert np.ptp(gappy.rows[label.start : label.stop, 0]) < 0.3  # the baseline alone
    assert set(kept) < set(every)


def test_a_premature_beat_comes_early_and_a_pause_makes_up_for_it() -> None:
    series = heartbeats(3, seed=2, deviation=0.0, premature=2)
    whole = peaks(heartbeats(3, seed=2, deviation=0.0))
    for label in series.labels:
        assert label.kind == "premature"
        early = label.start + int(np.argmax(series.rows[label.start : label.stop, 0]))
        before = whole[whole < label.start].max()
        assert abs(early - before - module.EARLY * RATE) <= 3
    last = series.labels[-1].stop + RATE
    late, expected = peaks(series), whole[whole > last]
    assert np.array_equal(late[late > last], expected)


def test_the_same_seed_gives_the_same_beats_and_another_gives_others() -> None:
    one, same, other = (heartbeats(0.5, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.rows, same.rows)
    assert one.sha256 == same.sha256 != other.sha256


@pytest.mark.parametrize(
    "asked", [{"minutes": 0.0}, {"minutes": 1, "missing": 30}, {"premature": -1}, {"mean": 0.01}, {"deviation": 0.9}]
)
def test_what_cannot_be_generated_is_refused_with_a_sentence(asked: dict[str, float]) -> None:
    with pytest.raises(CorpusError, match=r"Choose .*\.$"):
        heartbeats(**asked)  # type: ignore[arg-type]
