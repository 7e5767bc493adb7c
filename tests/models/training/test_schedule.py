"""`models.training.schedule`: the learning rate along a training."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from models.training.schedule import learning_rate


def test_it_rises_evenly_to_the_highest_and_falls_as_a_cosine_to_a_fiftieth() -> None:
    rates = [learning_rate(step, 1100, highest=0.5, warmup=100) for step in range(1101)]
    assert rates[0] == pytest.approx(0.005)
    assert rates[99] == rates[100] == 0.5
    assert rates[600] == pytest.approx(0.5 * (0.02 + 0.98 / 2))
    assert rates[1100] == pytest.approx(0.01)
    assert all(math.isclose(b - a, 0.005) for a, b in pairwise(rates[:100]))
    assert rates[100:] == sorted(rates[100:], reverse=True)


def test_a_training_no_longer_than_its_warm_up_has_a_rate_too() -> None:
    assert learning_rate(3, 3, highest=1.0, warmup=0) == pytest.approx(0.02)
    assert learning_rate(5, 5, highest=1.0, warmup=5) == 1.0
