"""Standard errors by batches: on draws whose true error is known, neighbours alike or not."""

from __future__ import annotations

import numpy as np
import pytest

from models.measures.batches import BATCHES, RESAMPLES, Resampled, batch_error, mean_of


def alike(rows: int, columns: int, coefficient: float, seed: int = 0) -> np.ndarray:
    """A series (rows, columns) in which neighbours have this correlation, and variance 1."""
    draw = np.random.default_rng(seed)
    values = np.empty((rows, columns))
    values[0] = draw.normal(size=columns)
    for k in range(1, rows):
        values[k] = coefficient * values[k - 1] + np.sqrt(1 - coefficient**2) * draw.normal(size=columns)
    return values


@pytest.mark.parametrize("coefficient", [0.0, 0.9])
def test_it_is_how_much_the_mean_differs_from_draw_to_draw(coefficient: float) -> None:
    """Each column is a draw of its own: the spread of their means is the error that each of them should state."""
    values = alike(4000, 400, coefficient)
    true = np.std(mean_of(values), ddof=1)
    stated = np.sqrt(np.mean(batch_error(values) ** 2))
    assert stated == pytest.approx(true, rel=0.15)
    naive = 1 / np.sqrt(4000)
    assert (stated > 3 * naive) == (coefficient > 0.5)  # what neighbours share is counted once


def test_a_resampled_mean_scatters_as_the_error_says() -> None:
    values = alike(2000, 1, 0.5, seed=3)
    means = np.array(list(Resampled(values).means()))
    assert means.shape == (RESAMPLES, 1)
    assert np.std(means, ddof=1) == pytest.approx(batch_error(values)[0], rel=0.25)
    assert np.mean(means) == pytest.approx(values.mean(), abs=batch_error(values)[0] / 3)


def test_few_rows_are_batches_of_their_own() -> None:
    values = np.random.default_rng(1).normal(size=(BATCHES - 1, 3))
    np.testing.assert_allclose(batch_error(values), values.std(axis=0, ddof=1) / np.sqrt(len(values)))
    assert np.isnan(batch_error(values[:1])).all()
    assert list(Resampled(values[:1]).means()) == []


def test_what_is_no_number_is_not_counted() -> None:
    values = np.random.default_rng(2).normal(size=(600, 2))
    values[::3, 1] = np.nan
    np.testing.assert_allclose(mean_of(values), [values[:, 0].mean(), np.nanmean(values[:, 1])])
    kept = values[np.isfinite(values[:, 1]), 1:]
    assert batch_error(values)[1] == pytest.approx(batch_error(kept)[0], rel=0.2)
    assert np.isnan(mean_of(np.full((4, 1), np.nan))[0])


def test_batches_can_be_made_long() -> None:
    values = alike(100, 1, 0.0)
    halves = values.reshape(2, 50).mean(axis=1)
    assert batch_error(values, 50)[0] == pytest.approx(np.std(halves, ddof=1) / np.sqrt(2))
    assert np.isnan(batch_error(values, 51)).all()
