"""Training on readings: the loss against PyTorch's distributions, gaps, resuming, and that it learns."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.distributions import Normal

from models import BadSettings, CheckpointError, CorpusError, Diverged
from models.network.evaluation import bits_per_reading
from models.series.demand import demand
from models.series.faults import Fault, with_faults
from models.training.series.readings import SeriesMaterial, SeriesTrainer
from models.training.settings import Settings
from tests.support.small_models import SMALL_SERIES, small_series

SERIES = small_series()


def test_streams_follow_the_training_split_and_targets_are_the_next_rows_within_the_resolution() -> None:
    material = SeriesMaterial(SERIES, SMALL_SERIES)
    rows = SERIES.split("train")
    length, streams = material.inputs.shape[:2]
    assert (length, streams) == ((len(rows) - 1) // 4, 4)
    for stream in range(streams):
        at = slice(stream * length, (stream + 1) * length)
        read = material.readings.decode(material.inputs[:, stream].numpy())
        np.testing.assert_allclose(read, rows[at], rtol=1e-4, atol=1e-4)
        wanted = material.readings.decode(material.targets[:, stream].numpy())
        off = np.abs(wanted - rows[at.start + 1 : at.stop + 1])
        assert (off <= 0.501 * SERIES.resolution + 1e-4).all()
    assert not np.array_equal(wanted, rows[at.start + 1 : at.stop + 1])


def test_the_loss_is_that_of_pytorchs_distribution_over_known_readings_in_units_of_the_resolution() -> None:
    material = SeriesMaterial(SERIES, SMALL_SERIES)
    torch.manual_seed(0)
    read_out = torch.randn(5, 4, 4, requires_grad=True)
    targets = torch.randn(5, 4, 2)
    targets[1, 2, 0] = targets[4, :, 1] = math.nan
    mean, spread = read_out.chunk(2, dim=-1)
    known = ~torch.isnan(targets)
    density = Normal(mean, spread.exp()).log_prob(torch.nan_to_num(targets))
    expected = -(density + torch.tensor(material.readings.fineness).log().float())[known].mean()
    found = material.loss(read_out, targets)
    torch.testing.assert_close(found, expected)
    found.backward()
    assert read_out.grad is not None
    assert torch.isfinite(read_out.grad).all()
    assert read_out.grad[1, 2, 0] == read_out.grad[1, 2, 2] == 0
    assert material.loss(read_out, torch.full_like(targets, math.nan)).item() == 0.0


@pytest.mark.parametrize("penalty", [0.0, 0.01])
def test_a_training_that_is_resumed_ends_with_the_same_bits(tmp_path: Path, penalty: float) -> None:
    settings = replace(SMALL_SERIES, penalty=penalty, dropout=0.1, reset=0.2)
    gappy = with_faults(SERIES, (Fault("dropout", 50, 20), Fault("dropout", 200, 3, 1)))
    whole = SeriesTrainer(gappy, settings)
    whole.run()
    first = SeriesTrainer(gappy, settings)
    first.run(until=3)
    first.save(tmp_path)
    rest = SeriesTrainer(gappy, settings)
    rest.resume(tmp_path)
    rest.run()
    for name, value in whole.lm.state_dict().items():
        assert torch.equal(value, rest.lm.state_dict()[name])
    assert whole.best_bits == rest.best_bits
    with pytest.raises(CheckpointError, match="other settings or another text"):
        SeriesTrainer(SERIES, settings).resume(tmp_path)


def test_training_predicts_demand_better_than_the_last_value_does() -> None:
    settings = Settings(units=24, epochs=30.0, streams=8, segment=48, warmup=10, validations=10)
    trainer = SeriesTrainer(demand(120), settings)
    last = trainer.material.baselines[1]
    trainer.run()
    trainer.lm.load_state_dict(trainer.best)
    bits, count = bits_per_reading(trainer.lm, trainer.material.validation)
    assert bits == trainer.best_bits
    rows = trainer.material.series.split("validation")
    errors = (rows[1:] - rows[:-1] - last.mean) / last.deviation
    nats = 0.5 * errors**2 + np.log(last.deviation / trainer.material.series.resolution) + 0.5 * np.log(2 * np.pi)
    assert count == errors.size
    assert bits < nats.mean() / math.log(2) - 0.2


def test_readings_that_repeat_do_not_drive_the_deviation_to_nothing() -> None:
    still = demand(40)
    rows = still.rows.copy()
    rows[:, 0] = np.where(np.arange(len(rows)) % 200 < 190, 1000.0, 1001.0)
    trainer = SeriesTrainer(replace(still, rows=rows), replace(SMALL_SERIES, epochs=20.0))
    trainer.run()
    reader = trainer.lm.reader()
    activations = reader.allocate(90)
    reader.read(trainer.material.validation[:90], reader.start(), activations)
    spread = np.exp(activations.predictions[:, 2]) * trainer.material.readings.deviation[0]
    assert spread.min() > 0.1  # of a resolution of 1


def test_a_training_that_diverges_says_so_in_bits_per_reading() -> None:
    with pytest.raises(Diverged, match=r"bits per reading, and a fixed mean and deviation would cost 8\.\d"):
        SeriesTrainer(SERIES, replace(SMALL_SERIES, learning_rate=1e4, warmup=0, clip=1e9, epochs=50.0)).run()


def test_a_series_or_a_setting_that_cannot_be_trained_with_is_refused() -> None:
    with pytest.raises(CorpusError, match="too few for 300 streams"):
        SeriesTrainer(SERIES, replace(SMALL_SERIES, streams=300))
    with pytest.raises(BadSettings, match="units"):
        SeriesTrainer(SERIES, replace(SMALL_SERIES, units=0))
    rows = SERIES.rows.copy()
    rows[SERIES.span("validation")] = np.nan
    with pytest.raises(CorpusError, match="no reading where it is validated"):
        SeriesTrainer(replace(SERIES, rows=rows), SMALL_SERIES)
    rows[:, 1] = 7.0
    with pytest.raises(CorpusError, match="never changes"):
        SeriesTrainer(replace(SERIES, rows=rows), SMALL_SERIES)
