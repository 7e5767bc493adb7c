"""The recall curves that ship: accuracy against the delay, for every model, teaching and seed.

They were measured by `hidden-state train-recall`, which writes `models/zoo/recall.json`;
`models/tasks/delayed_recall.py` defines the task and the measure. Here they are only read and summarised.

S  seeds    K  delays, 1 … 200
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from ...errors import CheckpointError, NotMeasurable
from ...storage.card import Facts
from ...zoo import FOLDER

FILE = FOLDER / "recall.json"


class Trained(Facts):
    """One trained network: its training and its result.

    Attributes:
        model: the architecture's id.
        teaching: "mixed": delays 1 … `longest` from the first update; "growing": short delays first.
        validation_accuracy: mean over the delays 1 … `longest`, on separate episodes.
        diverged: why the training ended early, if it did. The result is that of the best weights until then.
    """

    model: str
    teaching: str
    longest: int
    learning_rate: float
    seed: int
    updates_done: int
    validation_accuracy: float
    diverged: str | None = None


class TuningRun(Trained):
    """A training run to choose the learning rate."""

    chosen: bool


class RecallRun(Trained):
    """A training whose curve counts.

    Attributes:
        best_update: the update whose weights were kept.
        longest_taught: the longest delay that the teaching reached.
        accuracy: on test episodes, at the delays 1 … 200.
        shipped: the id of its weights in the zoo, if they ship.
    """

    best_update: int
    longest_taught: int
    characters_read: int
    seconds: float
    shipped: str | None
    accuracy: list[float]


class Shape(Facts):
    """What is compared: a cell, its size, and its name."""

    title: str
    cell: str
    units: int


class Architecture(Shape):
    """What the networks of one id have in common."""

    id: str
    parameters: int


class Summary(Facts):
    """The runs of one architecture under one teaching, over their seeds.

    Attributes:
        median, lowest, highest: of the accuracy, at each delay.
        reach_median, reach_lowest, reach_highest: of the longest delay up to which the accuracy stays at the criterion
            or above, see `reach`; the number of delays itself means "at least".
    """

    model: str
    teaching: str
    longest: int
    seeds: list[int]
    learning_rate: float
    median: list[float]
    lowest: list[float]
    highest: list[float]
    reach_median: float
    reach_lowest: int
    reach_highest: int


class RecallCurves(Facts):
    """All measurements of recall, and their conditions.

    Attributes:
        example: an episode, of delay 4.
        chance: the accuracy of guessing.
        criterion: half-way between chance and 1.
        episodes: how many were measured at each delay.
        teachings: the name of each.
        settings: the training settings that all have in common.
    """

    keys: str
    noise: str
    mark: str
    example: str
    chance: float
    criterion: float
    delays: list[int]
    episodes: int
    test_seed: int
    teachings: dict[str, str]
    settings: dict[str, Any]
    models: list[Architecture]
    runs: list[RecallRun]
    tuning: list[TuningRun]
    machine: str
    date: str
    measured_with: str

    def of(self, model: str, teaching: str, longest: int | None = None) -> list[RecallRun]:
        """The runs of one architecture under one teaching, seed by seed; `longest` is 200 by default.

        Raises:
            NotMeasurable: if there are none.
        """
        longest = longest or self.delays[-1]
        found = [r for r in self.runs if (r.model, r.teaching, r.longest) == (model, teaching, longest)]
        if not found:
            raise NotMeasurable(
                f"No curves of {model!r} taught {teaching!r} up to a delay of {longest} ship with the project. "
                "Choose one of those in `RecallCurves.runs`, or measure a model of your own with `hidden-state recall`."
            )
        return sorted(found, key=lambda run: run.seed)

    def accuracy(self, model: str, teaching: str, longest: int | None = None) -> NDArray[np.float64]:
        """The curves of `of`, (S, K)."""
        return np.array([run.accuracy for run in self.of(model, teaching, longest)])

    def summary(self, model: str, teaching: str, longest: int | None = None) -> Summary:
        runs = self.of(model, teaching, longest)
        accuracy = self.accuracy(model, teaching, longest)  # (S, K)
        reached = [reach(run.accuracy, self.criterion) for run in runs]
        return Summary(
            model=model,
            teaching=teaching,
            longest=runs[0].longest,
            seeds=[run.seed for run in runs],
            learning_rate=runs[0].learning_rate,
            median=[round(float(a), 4) for a in np.median(accuracy, axis=0)],
            lowest=accuracy.min(axis=0).tolist(),
            highest=accuracy.max(axis=0).tolist(),
            reach_median=float(np.median(reached)),
            reach_lowest=min(reached),
            reach_highest=max(reached),
        )

    def summaries(self) -> list[Summary]:
        """One for each architecture, teaching and longest delay, in the order of the runs."""
        return [self.summary(*key) for key in dict.fromkeys((r.model, r.teaching, r.longest) for r in self.runs)]


def reach(accuracy: Iterable[float], criterion: float) -> int:
    """The longest delay up to which `accuracy`, given at the delays 1, 2, 3, …, stays at `criterion` or above.

    0 if it is already below at delay 1.
    """
    longest = 0
    for value in accuracy:
        if value < criterion:
            break
        longest += 1
    return longest


def read_curves(path: Path = FILE) -> RecallCurves:
    """The curves that ship.

    Raises:
        CheckpointError: if the file is missing or is not what `hidden-state train-recall` writes.
    """
    try:
        return RecallCurves.model_validate_json(path.read_bytes())
    except OSError:
        raise CheckpointError(
            f"There are no curves of recall: {path} cannot be read. Run `hidden-state train-recall`."
        ) from None
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(map(str, fault["loc"])) or "the file"
        raise CheckpointError(
            f"{path} holds no curves of recall: {place}: {fault['msg'].rstrip('.')}. Run `hidden-state train-recall`."
        ) from None
