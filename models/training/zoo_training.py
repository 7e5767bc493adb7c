"""One fair protocol for every model that ships: the same grid for every cell, one seed to tune, three that count.

For each recipe:

1. **Tune.** Every setting of `GRID` (learning rate, penalty) is trained with `TUNING_SEED` for a third of the recipe's
   length. Among those whose validation bits are within `TOLERANCE` of the best, the one with the fewest saturated
   hidden values is chosen: a difference as small as that between two seeds does not justify a saturated network.
2. **Train** with the chosen setting and each of `SEEDS`, at full length. The tuning seed is used for nothing else.
3. **Ship** the middle run by validation bits. Its card records all seeds and all tuning runs (`Protocol`).

A recipe that is too long for this is trained `once`: with the settings it states and the first of `SEEDS`. Its card
lists that one seed and nothing tuned.

A training that diverges is a result too, recorded on the card with the best weights until then. It is neither chosen
nor shipped.

Each training is a folder of `Workshop.folder` with a `result.json` once it is finished; it is resumed if it was
interrupted, and reused if it is finished with the same settings. Nothing else is shared: they can run in parallel.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import CheckpointError, Diverged
from ..network.evaluation import bits_per_character
from ..storage.card import CARD, Card, Protocol, SeedRun, TuningRun, read_card, write_card
from ..storage.checkpoint import load_model, weights_file
from .corpora import Corpus
from .examination import HELD_OUT, examine
from .recipes import Recipe, make
from .settings import Settings
from .trainer import RESUME_FILE, Progress, machine
from .training_record import TrainingRecord

LEARNING_RATES = (5e-3, 1e-2)
PENALTIES = (0.0, 1e-2)
GRID = tuple((rate, penalty) for rate in LEARNING_RATES for penalty in PENALTIES)
TUNING_SEED = 0
TUNING_SHARE = 1 / 3
TOLERANCE = 0.01
"""Bits per character: roughly the difference between two seeds of one setting."""
SEEDS = (1, 2, 3)
RESULT = "result.json"

Result = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """One training: its recipe, rate, penalty and seed, and whether it is for tuning."""

    recipe: Recipe
    learning_rate: float
    penalty: float
    seed: int

    @property
    def tunes(self) -> bool:
        return self.seed == TUNING_SEED

    @property
    def name(self) -> str:
        return f"{self.recipe.id}-{self.learning_rate:g}-{self.penalty:g}-seed-{self.seed}"

    @property
    def settings(self) -> Settings:
        own = replace(self.recipe.settings, learning_rate=self.learning_rate, penalty=self.penalty, seed=self.seed)
        if not self.tunes:
            return own
        share = TUNING_SHARE
        return replace(own, epochs=own.epochs * share, validations=max(1, round(own.validations * share)))


@dataclass(frozen=True)
class Workshop:
    """Where the trainings are stored, each in its own folder.

    Attributes:
        record: where results are noted beside their folders, and looked up where those are gone.
        resume: whether existing trainings with the same settings are reused, or resumed.
    """

    folder: Path
    resume: bool = True
    record: TrainingRecord | None = None

    def home(self, run: Run) -> Path:
        return self.folder / run.name

    def result(self, run: Run, corpus: Corpus) -> Result | None:
        """The result of `run`, if it is finished here with its current settings and text."""
        path = self.home(run) / RESULT
        if path.exists():
            kept: Result = json.loads(path.read_text(encoding="utf-8"))
            if kept["settings"] == run.settings.as_json() and kept["corpus"] == corpus.sha256:
                return kept
        return None if self.record is None else self.record.find(run.name, run.settings, corpus.sha256)

    def _here(self, run: Run, corpus: Corpus) -> Result | None:
        """The same, if its weights are in the folder."""
        home = self.home(run)
        files = home / RESULT, home / CARD, *(weights_file(home, step) for step in (None, 0))
        return self.result(run, corpus) if all(one.exists() for one in files) else None

    def make(
        self, run: Run, corpus: Corpus, report: Callable[[Progress], None] = lambda progress: None
    ) -> Result | None:
        """Train and examine `run`, unless that is done. None if Ctrl-C interrupted it: it can be resumed.

        A diverged run is finished: its result says so, and examines the best weights so far.
        """
        home = self.home(run)
        if self.resume and (done := self._here(run, corpus)) is not None:
            return done
        going_on = self.resume and (home / RESUME_FILE).exists()
        if not going_on and home.exists():
            shutil.rmtree(home)
        try:
            card = make(replace(run.recipe, settings=run.settings), corpus, home, resume=going_on, report=report)
        except Diverged:
            card = read_card(home)
        diverged = card.training.get("diverged")
        if not card.training["finished"] and diverged is None:
            return None
        lm = load_model(home)
        training = lm.vocabulary.encode(corpus.split("train")[:HELD_OUT])
        result: Result = {
            "settings": run.settings.as_json(),
            "corpus": corpus.sha256,
            "found": examine(lm, corpus).as_dict(),
            "training_bits": round(bits_per_character(lm, training)[0], 4),
            "test_bits": card.measured["test"].bits_per_character,
            "seconds": card.training["seconds"],
            "machine": machine(),
            "date": card.training["date"],
            **({} if diverged is None else {"diverged": diverged}),
        }
        (home / RESULT).write_text(json.dumps(result) + "\n", encoding="utf-8")
        if self.record is not None:
            self.record.add(run.name, result)
        return result

    # ── the three steps ───────────────────────────────────────────────────────────────────────────────

    def tuning(self, recipe: Recipe) -> list[Run]:
        """Step 1; nothing is tuned for a recipe that is trained once."""
        return [] if recipe.once else [Run(recipe, rate, penalty, TUNING_SEED) for rate, penalty in GRID]

    def chosen(self, recipe: Recipe, corpus: Corpus) -> Run:
        """The best run of `tuning`.

        Raises:
            CheckpointError: if some of them are not finished.
            Diverged: if all of them diverged.
        """
        if recipe.once:
            return Run(recipe, recipe.settings.learning_rate, recipe.settings.penalty, SEEDS[0])
        every = [(run, self._finished(run, corpus)) for run in self.tuning(recipe)]
        results = [(run, result["found"]) for run, result in every if "diverged" not in result]
        if not results:
            raise Diverged(
                f"Every setting of the grid diverged for {recipe.id}, so none can be chosen. Lower its clip, or the "
                f"learning rates of the grid. The last: {every[-1][1]['diverged']}"
            )
        best = min(found["validation_bits"] for _, found in results)
        close = [(run, found) for run, found in results if found["validation_bits"] <= best + TOLERANCE]
        return min(close, key=lambda one: (one[1]["saturated"], one[1]["validation_bits"]))[0]

    def counting(self, recipe: Recipe, corpus: Corpus, seeds: Sequence[int] = SEEDS) -> list[Run]:
        """Step 2."""
        chosen = self.chosen(recipe, corpus)
        return [replace(chosen, seed=seed) for seed in (seeds[:1] if recipe.once else seeds)]

    def to_train_again(self, recipe: Recipe, corpus: Corpus, seeds: Sequence[int] = SEEDS) -> Run | None:
        """The run that is to ship, if only its result is recorded: without its weights it cannot.

        Raises:
            CheckpointError, Diverged: as `ship` does.
        """
        middle = self._middle(recipe, corpus, seeds)
        return middle if self._here(middle, corpus) is None else None

    def _middle(self, recipe: Recipe, corpus: Corpus, seeds: Sequence[int]) -> Run:
        runs = self.counting(recipe, corpus, seeds)
        results = {run: self._finished(run, corpus) for run in runs}

        def rank(run: Run) -> tuple[bool, float, int]:
            """Diverged runs come last, whatever their bits were before."""
            return "diverged" in results[run], results[run]["found"]["validation_bits"], run.seed

        middle = sorted(runs, key=rank)[(len(runs) - 1) // 2]
        if (why := results[middle].get("diverged")) is not None:
            raise Diverged(
                f"Most trainings of {recipe.id} diverged, so there is none in the middle to ship. "
                f"That of seed {middle.seed}: {why}"
            )
        return middle

    def ship(self, recipe: Recipe, corpus: Corpus, zoo: Path, seeds: Sequence[int] = SEEDS) -> Card:
        """Step 3: copy the weights of the middle run into `zoo`, and write their card.

        Raises:
            CheckpointError: if some of the runs are not finished, or the weights of the middle one are not here.
            Diverged: if the middle run diverged: then most of them did.
        """
        runs = self.counting(recipe, corpus, seeds)
        results = [self._finished(run, corpus) for run in runs]
        middle = runs.index(self._middle(recipe, corpus, seeds))
        if self._here(runs[middle], corpus) is None:
            raise CheckpointError(
                f"Of {runs[middle].name}, which is to ship, only the result is recorded. Run hidden-state train-zoo "
                f"--only {recipe.id} --resume, which trains it again."
            )
        home, folder = self.home(runs[middle]), zoo / recipe.id
        folder.mkdir(parents=True, exist_ok=True)
        for step in (None, 0):
            shutil.copyfile(weights_file(home, step), weights_file(folder, step))
        protocol = Protocol(
            tuning_seed=TUNING_SEED,
            tuned=[
                TuningRun(
                    learning_rate=run.learning_rate,
                    penalty=run.penalty,
                    validation_bits=found["validation_bits"],
                    saturated=found["saturated"],
                    chosen=(run.learning_rate, run.penalty) == (runs[0].learning_rate, runs[0].penalty),
                    diverged=result.get("diverged"),
                )
                for run in self.tuning(recipe)
                for result in [self._finished(run, corpus)]
                for found in [result["found"]]
            ],
            seeds=[
                SeedRun(
                    seed=run.seed,
                    training_bits=result["training_bits"],
                    test_bits=result["test_bits"],
                    shipped=k == middle,
                    diverged=result.get("diverged"),
                    **result["found"],
                )
                for k, (run, result) in enumerate(zip(runs, results, strict=True))
            ],
        )
        card = read_card(home).model_copy(update={"protocol": protocol})
        write_card(folder, card)
        return card

    def _finished(self, run: Run, corpus: Corpus) -> Result:
        result = self.result(run, corpus)
        if result is None:
            raise CheckpointError(
                f"The training {run.name} is not finished in {self.folder}. "
                f"Run hidden-state train-zoo --only {run.recipe.id} --resume."
            )
        return result
