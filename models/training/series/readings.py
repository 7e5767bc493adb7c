"""What a series model is trained on: rows of readings in streams, their negative log-likelihood, bits per reading.

A sensor rounds to its resolution Δ. A density could then grow without bound where readings repeat: the network would
win bits by claiming to know them exactly. So noise, uniform over ±Δ/2 and drawn once, is added to the targets of the
training split (not to what is read, nor to the held-out splits); with it the likelihood of the density is no better
than that of the rounded readings (Theis, van den Oord and Bethge 2016, "A note on the evaluation of generative
models").

B  streams    T  steps    C  channels
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from ...errors import CorpusError
from ...network.codec import Readings
from ...network.evaluation import bits_per_reading
from ...network.head import WIDEST
from ...network.series_model import SeriesModel
from ...series.baselines import Baseline, baseline_bits, fitted
from ...series.series import Series
from ...storage.series_card import series_parameter_count
from ...text.words import counted
from ..material import Material, streams
from ..settings import Settings
from ..settings_check import check_parameters, check_settings
from ..trainer import Training

DITHER_SEED = 0


class SeriesMaterial(Material[SeriesModel]):
    """A series. Mean and deviation of its channels are those of the training split.

    Attributes:
        baselines: fitted to the training split.

    Raises:
        CorpusError: if the series is too short for the settings, or a channel never changes.
        BadSettings: if the network is too large for this machine.
    """

    item = "reading"
    guess_words = "a fixed mean and deviation"

    def __init__(self, series: Series, settings: Settings) -> None:
        self.name, self.sha256, self.series = series.name, series.sha256, series
        training = series.split("train")
        self.baselines: tuple[Baseline, ...] = fitted(training, series.resolution, series.seasons)
        fixed = self.baselines[0]
        self.readings = Readings(series.names, fixed.mean, fixed.deviation, series.resolution)
        check_parameters(settings, series_parameter_count(settings.stack, len(series.channels)))
        try:
            self.validation = self.readings.encode(series.split("validation"))
            items = self.readings.encode(training)
        except ValueError as fault:
            raise CorpusError(f"{series.name} cannot be trained on. {fault}") from None
        if (len(items) - 1) // settings.streams < 2:
            raise CorpusError(
                f"{series.name} has {counted(len(series), 'row')}, too few for "
                f"{counted(settings.streams, 'stream')} of training. Use a longer series or fewer streams."
            )
        if np.isnan(self.validation[1:]).all():
            raise CorpusError(
                f"{series.name} has no reading where it is validated: from row {series.span('validation').start:,} on "
                "all are missing. Use a series that is read throughout."
            )
        dither = np.random.default_rng(DITHER_SEED).uniform(-0.5, 0.5, items.shape) * self.readings.fineness
        targets = torch.from_numpy((items + dither).astype(np.float32))
        self.inputs, self.targets = streams(torch.from_numpy(items[:-1]), targets[1:], settings.streams)
        self._guess = float(np.nanmean(baseline_bits(self.baselines, 0, training, series.resolution)))
        self._offset = torch.from_numpy(np.log(self.readings.fineness).astype(np.float32))

    @property
    def guess(self) -> float:
        return self._guess

    @property
    def digest(self) -> str | None:
        return None

    def fresh(self, settings: Settings, name: str) -> SeriesModel:
        return SeriesModel(settings.stack, self.readings, dropout=settings.dropout, name=name)

    def begin(self, model: SeriesModel) -> None:
        """Always from the fresh network."""

    def loss(self, read_out: Tensor, targets: Tensor) -> Tensor:
        mean, spread = read_out.chunk(2, dim=-1)  # (T, B, C)
        spread = spread.clamp(-WIDEST, WIDEST)
        known = ~torch.isnan(targets)
        off = (torch.nan_to_num(targets) - mean) * torch.exp(-spread)
        nats = 0.5 * off.square() + spread + 0.5 * math.log(2 * math.pi) - self._offset.to(spread)
        return (nats * known).sum() / known.sum().clamp(min=1)

    def bits(self, model: SeriesModel) -> float:
        return bits_per_reading(model, self.validation)[0]


class SeriesTrainer(Training[SeriesModel]):
    """The training of a series model.

    Raises:
        CorpusError: if the series is too short for the settings, or a channel never changes.
        BadSettings: if a setting is invalid, or the network is too large for this machine.
    """

    material: SeriesMaterial

    def __init__(self, series: Series, settings: Settings, *, device: str = "cpu", name: str = "unnamed") -> None:
        check_settings(settings)
        super().__init__(SeriesMaterial(series, settings), settings, device=device, name=name)
