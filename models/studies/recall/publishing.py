"""From finished recall runs to what ships: model folders with cards, and one file with the curves of all seeds."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from ...errors import CheckpointError
from ...storage.checkpoint import Card, RecallMeasured, weights_file, write_card
from ...tasks.delayed_recall import CHANCE, CRITERION, KEYS, LONGEST, MARK, NOISE, TEST_SEED, VOCABULARY, episode
from ...training import corpora
from ...training.recipes import corpus_card, load_model_pair, measure, time_scales
from ...zoo import FOLDER
from .curves import Architecture, RecallCurves, RecallRun, Trained, TuningRun, reach, read_curves
from .tuning import (
    ARCHITECTURES,
    CONDITIONS,
    SEEDS,
    TEACHINGS,
    Condition,
    Result,
    Run,
    Study,
    Workshop,
    shipped_run,
    study,
)

CURVES = "recall.json"
AnyRun = TypeVar("AnyRun", bound=Trained)

SHIPPED: dict[tuple[str, Condition], str] = {
    **{(model, ("mixed", LONGEST)): model for model in ARCHITECTURES},
    ("recall-rnn", ("growing", LONGEST)): "recall-rnn-growing",
    **{(f"recall-{cell}", ("penalised", 10)): f"recall-short-{cell}" for cell in ("rnn", "gru", "lstm")},
}
"""The id in the zoo of the middle run of an architecture and a condition."""

TITLES = {
    "recall-rnn-growing": "Vanilla RNN · 32, short delays first",
    "recall-short-rnn": "Vanilla RNN · 32, taught up to 10",
    "recall-short-gru": "GRU · 32, taught up to 10",
    "recall-short-lstm": "LSTM · 32, taught up to 10",
}
DESCRIPTIONS = {
    "recall-rnn": "The plain cell, asked for delays of 1 … 200 from the first update on, which it never learnt: "
    "its curve shows teaching that failed, not forgetting.",
    "recall-gru": "Two gates, asked for delays of 1 … 200 from the first update on.",
    "recall-lstm": "Three gates and a cell state, asked for delays of 1 … 200 from the first update on.",
    "recall-rnn-wide": "The plain cell with as many parameters as the LSTM of 32 units, taught like it.",
    "recall-rnn-growing": "The same plain cell of 32 units, led from short delays to long ones.",
    "recall-short-rnn": "The plain cell, taught delays of 1 … 10 only, its states kept small: beyond, its curve falls.",
    "recall-short-gru": "Two gates, taught delays of 1 … 10 only, its states kept small: beyond, its curve falls.",
    "recall-short-lstm": "Three gates and a cell state, taught delays of 1 … 10 only, its states kept small: beyond, "
    "its curve falls.",
}


def make_recall(
    workshop: Workshop,
    *,
    zoo: Path = FOLDER,
    models: Iterable[str] = ARCHITECTURES,
    seeds: Sequence[int] = SEEDS,
    conditions: Sequence[Condition] = CONDITIONS,
) -> RecallCurves:
    """Tune and train `models` under `conditions`, write those that ship into `zoo`, and the curves into `recall.json`.

    Curves of other models and other conditions in that file stay there.

    Raises:
        CheckpointError: if those others were trained with other settings, so that they are not comparable.
    """
    chosen = [model for model in ARCHITECTURES if model in set(models)]
    settings = _settings(workshop)
    others = _others(zoo / CURVES, len(chosen) == len(ARCHITECTURES) and len(conditions) == len(CONDITIONS), settings)
    studies = [study(workshop, model, seeds, conditions) for model in chosen]
    for done in studies:
        for condition, results in done.results.items():
            if (done.model, condition) in SHIPPED:
                _ship(workshop, shipped_run(results), SHIPPED[done.model, condition], zoo)
    curves = _curves(workshop, studies, settings)
    if others is not None:
        curves = _together(curves, others)
    (zoo / CURVES).write_text(curves.model_dump_json() + "\n", encoding="utf-8")
    return curves


def _settings(workshop: Workshop) -> dict[str, Any]:
    """What all runs have in common; the rest is stored with each run."""
    own = ("cell", "units", "learning_rate", "growing", "seed", "longest", "penalty")
    return {name: value for name, value in asdict(workshop.common).items() if name not in own}


def _others(path: Path, everything: bool, settings: dict[str, Any]) -> RecallCurves | None:
    """The curves already in `path`; None if there are none, or if all are computed again."""
    if everything or not path.exists():
        return None
    others = read_curves(path)
    if others.settings != settings:
        raise CheckpointError(
            f"The curves in {path} come from other settings of the training, so new ones cannot stand beside them. "
            "Train all models, without --only."
        )
    return others


def _curves(workshop: Workshop, studies: list[Study], settings: dict[str, Any]) -> RecallCurves:
    """The new curves, as they will appear in the file."""
    runs, tuning, architectures = [], [], []
    every: list[Result] = []
    for done in studies:
        for condition, results in done.results.items():
            name = SHIPPED.get((done.model, condition))
            middle = shipped_run(results)
            runs += [_run(result, name if result is middle else None) for result in results]
            tuning += [_tuning(result, result is done.tuned[condition][0]) for result in done.tuned[condition]]
            every += results
        shape = ARCHITECTURES[done.model].model_dump()
        architectures.append(Architecture(id=done.model, **shape, parameters=every[-1]["parameters"]))
    return RecallCurves(
        keys=KEYS,
        noise=NOISE,
        mark=MARK,
        example=episode(KEYS[2], "qwe"),
        chance=CHANCE,
        criterion=CRITERION,
        delays=list(range(1, LONGEST + 1)),
        episodes=workshop.episodes,
        test_seed=TEST_SEED,
        teachings=TEACHINGS,
        settings=settings,
        models=architectures,
        runs=runs,
        tuning=tuning,
        machine=every[-1]["machine"],
        date=max(result["date"] for result in every),
        measured_with="hidden-state train-recall",
    )


def _run(result: Result, shipped: str | None) -> RecallRun:
    return RecallRun(**{name: result[name] for name in RecallRun.model_fields if name in result}, shipped=shipped)


def _tuning(result: Result, chosen: bool) -> TuningRun:
    return TuningRun(**{name: result[name] for name in TuningRun.model_fields if name in result}, chosen=chosen)


def _together(new: RecallCurves, others: RecallCurves) -> RecallCurves:
    """`new`, and those of `others` that are not replaced, in the order of the architectures and conditions."""
    made = {(run.model, run.teaching, run.longest) for run in new.runs}
    fresh = {model.id for model in new.models}
    order = list(ARCHITECTURES)

    def rank(run: Trained) -> tuple[int, int]:
        return order.index(run.model), CONDITIONS.index((run.teaching, run.longest))

    def kept(runs: Sequence[AnyRun]) -> list[AnyRun]:
        return [run for run in runs if (run.model, run.teaching, run.longest) not in made]

    models = [*new.models, *(model for model in others.models if model.id not in fresh)]
    return new.model_copy(
        update={
            "models": sorted(models, key=lambda model: order.index(model.id)),
            "runs": sorted([*new.runs, *kept(others.runs)], key=rank),
            "tuning": sorted([*new.tuning, *kept(others.tuning)], key=rank),
        }
    )


def _ship(workshop: Workshop, result: Result, name: str, zoo: Path) -> None:
    """Copy the weights of a run into the zoo, and write their card."""
    home = workshop.home(Run(**{key: result[key] for key in ("model", "teaching", "learning_rate", "seed", "longest")}))
    folder = zoo / name
    folder.mkdir(parents=True, exist_ok=True)
    for step in (None, 0):
        shutil.copyfile(weights_file(home, step), weights_file(folder, step))
    corpus = corpora.load("recall")
    shape = ARCHITECTURES[result["model"]]
    card = Card(
        id=name,
        title=TITLES.get(name, shape.title),
        description=DESCRIPTIONS[name],
        cell=shape.cell,
        units=shape.units,
        layers=1,
        parameters=result["parameters"],
        vocabulary=VOCABULARY.characters,
        corpus=corpus_card(corpus),
        training=_training(result),
        measured={},
        recall=RecallMeasured(
            longest=len(result["accuracy"]),
            accuracy=round(sum(result["accuracy"]) / len(result["accuracy"]), 4),
            reach=reach(result["accuracy"], CRITERION),
            criterion=CRITERION,
            chance=CHANCE,
            episodes=workshop.episodes,
            measured_with=f"hidden-state recall {name}",
        ),
        measured_with=f"hidden-state evaluate {name} {corpus.name} --split validation",
    )
    write_card(folder, card)
    trained, untrained = load_model_pair(folder)
    found = {"measured": measure(trained, corpus), "untrained": measure(untrained, corpus)}
    write_card(folder, card.model_copy(update={**found, "time_scales": time_scales(trained, untrained, corpus)}))


def _training(result: Result) -> dict[str, Any]:
    """How a shipped model was trained, as stated on its card."""
    settings = {key: value for key, value in result["settings"].items() if key not in ("cell", "units", "growing")}
    facts = ("updates_done", "best_update", "longest_taught", "characters_read", "seconds", "machine", "date")
    return {
        "teaching": TEACHINGS[result["teaching"]],
        **settings,
        **{name: result[name] for name in facts},
        "finished": "diverged" not in result,
        **{name: result[name] for name in ("diverged",) if name in result},
    }
