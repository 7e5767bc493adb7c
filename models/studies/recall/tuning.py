"""The recall models that ship: tuned alike, trained with several seeds under three teachings, measured.

Every architecture gets the same grid of learning rates, the same number of updates and the same rule of choice, for
each condition separately: "mixed" trains on all delays from the first update, up to 200 or less, "growing" starts with
short ones. What a cell can hold and what it can be taught are two questions, and one teaching alone answers neither.
"penalised" trains on short delays only and keeps the states small, so that no network can store a key by pressing a
unit against the end of its range: untrained delays fade, and the curve falls.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from ...errors import Diverged
from ...storage.checkpoint import save_weights
from ...tasks.delayed_recall import LONGEST, accuracies
from ...training.trainer import machine
from .curves import Shape
from .trainer import RecallProgress, RecallSettings, RecallTrainer

LEARNING_RATES = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
TUNING_SEED = 0
SEEDS = (1, 2, 3, 4, 5)
TEACHINGS = {
    "mixed": "all delays from the first update on",
    "growing": "short delays first, longer ones once those are learnt",
    "penalised": "short delays only, and a penalty that keeps the states small",
}
PENALTY = 0.1
"""The penalty of "penalised". With a tenth of it the vanilla cell still answers most episodes at a delay of 200."""
Condition = tuple[str, int]
"""A teaching, and the longest delay taught."""

CONDITIONS: tuple[Condition, ...] = (
    ("mixed", LONGEST),
    ("growing", LONGEST),
    *(("mixed", longest) for longest in (10, 20, 50, 100)),
    ("penalised", 10),
)
TEST_EPISODES = 1000


ARCHITECTURES = {
    "recall-rnn": Shape(title="Vanilla RNN · 32", cell="rnn", units=32),
    "recall-gru": Shape(title="GRU · 32", cell="gru", units=32),
    "recall-lstm": Shape(title="LSTM · 32", cell="lstm", units=32),
    "recall-rnn-wide": Shape(title="Vanilla RNN · 70", cell="rnn", units=70),
}
"""With seventy units the vanilla cell has as many parameters as the LSTM of 32: 10,116 and 10,148."""

Result = dict[str, Any]
"""The result of a run: its own fields, and those that `measures.recall.RecallRun` names."""


@dataclass(frozen=True)
class Run:
    """One training of one architecture."""

    model: str
    teaching: str
    learning_rate: float
    seed: int
    longest: int = LONGEST

    @property
    def name(self) -> str:
        return f"{self.model}-{self.teaching}-{self.longest}-{self.learning_rate:g}-seed-{self.seed}"

    def settings(self, common: RecallSettings) -> RecallSettings:
        """The settings that all runs have in `common`, and this run's own."""
        architecture = ARCHITECTURES[self.model]
        return replace(
            common,
            cell=architecture.cell,
            units=architecture.units,
            learning_rate=self.learning_rate,
            growing=self.teaching == "growing",
            penalty=PENALTY if self.teaching == "penalised" else 0.0,
            seed=self.seed,
            longest=self.longest,
        )


Watch = Callable[[Run], AbstractContextManager[Callable[[RecallProgress], None]]]


def _unwatched(run: Run) -> AbstractContextManager[Callable[[RecallProgress], None]]:
    return nullcontext(lambda progress: None)


class Workshop:
    """Where runs are made, each in its own folder: weights, the untrained twin, and the result.

    Args:
        folder: holds the runs.
        common: settings of all runs.
        episodes: how many are measured at each delay.
        resume: whether a finished run with the same settings is reused.
        watch: a context manager around each training; its value is called after each update.
    """

    def __init__(
        self,
        folder: Path,
        common: RecallSettings | None = None,
        *,
        episodes: int = TEST_EPISODES,
        resume: bool = False,
        watch: Watch = _unwatched,
    ) -> None:
        self.folder, self.common, self.episodes = folder, common or RecallSettings(), episodes
        self.resume, self.watch = resume, watch

    def home(self, run: Run) -> Path:
        return self.folder / run.name

    def make(self, run: Run) -> Result:
        """Train `run`, measure it, and keep both. A diverged run is kept too, marked as such, with its best weights."""
        settings = run.settings(self.common)
        file = self.home(run) / "run.json"
        if self.resume and file.exists():
            kept: Result = json.loads(file.read_text(encoding="utf-8"))
            if kept["settings"] == asdict(settings) and len(kept["accuracy"]) == LONGEST:
                return kept
        trainer = RecallTrainer(settings, name=run.model)
        save_weights(trainer.lm, self.home(run), step=0)
        diverged = None
        with self.watch(run) as report:
            try:
                trainer.run(report)
            except Diverged as error:
                diverged = str(error)
        save_weights(trainer.lm, self.home(run))
        result = {
            **asdict(run),
            "settings": asdict(settings),
            "parameters": trainer.lm.parameter_count,
            "updates_done": trainer.step,
            "best_update": trainer.best_step,
            "longest_taught": trainer.longest,
            "characters_read": trainer.characters,
            "seconds": round(trainer.seconds, 1),
            "validation_accuracy": round(trainer.best_accuracy, 5),
            "accuracy": [round(float(a), 4) for a in accuracies(trainer.lm, episodes=self.episodes)],
            "machine": machine(),
            "date": date.today().isoformat(),
            **({} if diverged is None else {"diverged": diverged}),
        }
        file.write_text(json.dumps(result) + "\n", encoding="utf-8")
        return result

    def tune(self, model: str, condition: Condition) -> list[Result]:
        """A run for each learning rate, the best first: by validation accuracy; of equals, the one finished sooner.

        Those that diverged come last.

        Raises:
            Diverged: if all of them did.
        """
        teaching, longest = condition
        results = [self.make(Run(model, teaching, rate, TUNING_SEED, longest)) for rate in LEARNING_RATES]
        ranked = sorted(results, key=lambda r: ("diverged" in r, -r["validation_accuracy"], r["updates_done"]))
        if "diverged" in ranked[0]:
            raise Diverged(f"{model}, taught {teaching}, diverged at every learning rate. {ranked[0]['diverged']}")
        return ranked


@dataclass
class Study:
    """All runs of one architecture, by condition.

    Attributes:
        tuned: one for each learning rate, the chosen one first.
        results: one for each seed.
    """

    model: str
    tuned: dict[Condition, list[Result]] = field(default_factory=dict)
    results: dict[Condition, list[Result]] = field(default_factory=dict)


def study(
    workshop: Workshop, model: str, seeds: Sequence[int] = SEEDS, conditions: Sequence[Condition] = CONDITIONS
) -> Study:
    """Tune `model` for each of `conditions`, and train it with each of `seeds`."""
    done = Study(model)
    for condition in conditions:
        done.tuned[condition] = workshop.tune(model, condition)
        rate = done.tuned[condition][0]["learning_rate"]
        teaching, longest = condition
        done.results[condition] = [workshop.make(Run(model, teaching, rate, seed, longest)) for seed in seeds]
    return done


def shipped_run(results: Iterable[Result]) -> Result:
    """The middle run: that with the median mean accuracy, the lower of two, of equals the first seed."""
    results = list(results)
    middle = sorted(sum(result["accuracy"]) for result in results)[(len(results) - 1) // 2]
    return min((r for r in results if sum(r["accuracy"]) == middle), key=lambda r: int(r["seed"]))
