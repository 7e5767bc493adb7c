"""The recall models that ship and their curves: as stated, tuned alike, measurable again; and the way they are made."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models import CheckpointError, Diverged, NotMeasurable, catalogue, load
from models.storage.checkpoint import load_model
from models.studies.recall import tuning
from models.studies.recall.curves import FILE, RecallCurves, RecallRun, TuningRun, reach, read_curves
from models.studies.recall.publishing import SHIPPED, make_recall
from models.studies.recall.trainer import RecallSettings, RecallTrainer
from models.studies.recall.tuning import (
    ARCHITECTURES,
    CONDITIONS,
    LEARNING_RATES,
    PENALTY,
    SEEDS,
    TEACHINGS,
    TUNING_SEED,
    Condition,
    Workshop,
    shipped_run,
)
from models.tasks.delayed_recall import CRITERION, LONGEST, TEST_SEED, accuracies

CURVES = read_curves()
every_shipped = pytest.mark.parametrize(("condition", "name"), SHIPPED.items(), ids=SHIPPED.values())


def shipped(name: str) -> RecallRun:
    (run,) = [run for run in CURVES.runs if run.shipped == name]
    return run


def test_every_architecture_has_every_seed_under_every_teaching() -> None:
    assert [model.id for model in CURVES.models] == list(ARCHITECTURES)
    for model in ARCHITECTURES:
        for condition in CONDITIONS:
            assert [run.seed for run in CURVES.of(model, *condition)] == list(SEEDS)
    assert len(CURVES.runs) == len(ARCHITECTURES) * len(SEEDS) * len(CONDITIONS)
    assert {teaching for teaching, _ in CONDITIONS} == set(CURVES.teachings)
    for run in CURVES.runs:
        assert len(run.accuracy) == len(CURVES.delays) == LONGEST
        counts = np.array(run.accuracy) * CURVES.episodes
        assert np.abs(counts - counts.round()).max() < 1e-6, "an accuracy is a share of the episodes"


def test_every_architecture_was_tuned_on_the_same_grid_and_the_best_was_taken() -> None:
    for model in ARCHITECTURES:
        for condition in CONDITIONS:
            tuned = [run for run in CURVES.tuning if (run.model, run.teaching, run.longest) == (model, *condition)]
            assert sorted(run.learning_rate for run in tuned) == sorted(LEARNING_RATES)
            assert {run.seed for run in tuned} == {TUNING_SEED}
            assert not {TUNING_SEED} & set(SEEDS)
            (chosen,) = [run for run in tuned if run.chosen]
            assert chosen.validation_accuracy == max(run.validation_accuracy for run in tuned)
            rates = {run.learning_rate for run in CURVES.of(model, *condition)}
            assert rates == {chosen.learning_rate}


def test_all_had_the_same_updates_and_the_wide_vanilla_cell_the_parameters_of_the_lstm() -> None:
    assert all(run.updates_done <= CURVES.settings["updates"] for run in [*CURVES.runs, *CURVES.tuning])
    sizes = {model.id: (model.units, model.parameters) for model in CURVES.models}
    assert sizes["recall-rnn"][0] == sizes["recall-gru"][0] == sizes["recall-lstm"][0]
    assert sizes["recall-rnn-wide"][1] == pytest.approx(sizes["recall-lstm"][1], rel=0.01)


@every_shipped
def test_what_ships_is_the_run_in_the_middle_and_its_card_says_what_its_curve_says(
    condition: tuple[str, Condition], name: str
) -> None:
    model, (teaching, longest) = condition
    runs = CURVES.of(model, teaching, longest)
    means = [sum(run.accuracy) for run in runs]
    run = shipped(name)
    assert run in runs
    assert sum(run.accuracy) == np.median(means)
    card = catalogue()[name].card
    assert card.recall is not None
    assert card.recall.accuracy == pytest.approx(np.mean(run.accuracy), abs=1e-4)
    assert card.recall.reach == reach(run.accuracy, CURVES.criterion)
    assert (card.training["seed"], card.training["learning_rate"]) == (run.seed, run.learning_rate)
    assert card.training["teaching"] == TEACHINGS[teaching]
    assert card.training["updates_done"] == run.updates_done
    (shape,) = [one for one in CURVES.models if one.id == model]
    assert (card.cell, card.units, card.parameters) == (shape.cell, shape.units, shape.parameters)


@every_shipped
def test_a_shipped_model_measured_again_has_its_shipped_curve(condition: tuple[str, Condition], name: str) -> None:
    delays = [1, 2, 3, 5, 10, 20, 50]
    measured = accuracies(load(name), delays, episodes=CURVES.episodes, seed=CURVES.test_seed)
    stated = [shipped(name).accuracy[k - 1] for k in delays]
    # the same episodes; another processor may round an episode in a thousand to the other side
    assert measured == pytest.approx(stated, abs=2 / CURVES.episodes)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_taught_short_delays_with_small_states_a_curve_falls_and_taught_otherwise_it_does_not(cell: str) -> None:
    curves = CURVES.accuracy(f"recall-{cell}", "penalised", 10)  # (S, K)
    assert (curves[:, :10] > 0.99).all(), "what was taught was learnt, with every seed"
    assert np.median(curves[:, 199]) < 0.8
    for curve in curves:
        assert curve[199] < curve[9] - 0.1
    assert np.median(CURVES.accuracy(f"recall-{cell}", "mixed", 10)[:, 99]) > 0.8
    card = catalogue()[f"recall-short-{cell}"].card
    assert (card.training["penalty"], card.training["longest"]) == (PENALTY, 10)
    assert "1 … 10 only" in card.description
    run = shipped(f"recall-short-{cell}")
    assert run.accuracy[9] > 0.99
    assert run.accuracy[199] < 0.8
    state = "0.cell" if cell == "lstm" else "0.hidden"
    text = "Cqwertyuiop?C\n" * 20
    small, large = (load(name).trace(text)[state].abs().mean() for name in (card.id, f"recall-{cell}"))
    assert small < large


def test_the_teaching_failed_that_is_said_to_have_failed() -> None:
    assert CURVES.accuracy("recall-rnn", "mixed").max(axis=1).min() < 0.7
    assert "failed" in catalogue()["recall-rnn"].card.description


@pytest.mark.slow
@every_shipped
def test_other_episodes_give_the_same_curve_within_chance(condition: tuple[str, Condition], name: str) -> None:
    count = 1000
    measured = accuracies(load(name), episodes=count, seed=TEST_SEED + 1)
    stated = np.array(shipped(name).accuracy)
    pooled = (measured + stated) / 2
    error = np.sqrt(pooled * (1 - pooled) * (1 / count + 1 / CURVES.episodes))
    assert (np.abs(measured - stated) <= 5 * error + 1 / count).all()


def test_the_untrained_twins_guess() -> None:
    for name in SHIPPED.values():
        measured = accuracies(load(name, step=0), [2, 20, 60], episodes=1000)
        assert measured == pytest.approx([CURVES.chance] * 3, abs=0.06)


def test_the_summary_is_the_median_and_the_range_over_the_seeds() -> None:
    for one in CURVES.summaries():
        curves = np.array([run.accuracy for run in CURVES.of(one.model, one.teaching, one.longest)])  # (S, K)
        ranked = np.sort(curves, axis=0)
        assert one.lowest == ranked[0].tolist()
        assert one.highest == ranked[-1].tolist()
        assert one.median == pytest.approx(ranked[len(ranked) // 2])
        reached = sorted(reach(curve, CURVES.criterion) for curve in curves)
        assert (one.reach_lowest, one.reach_highest) == (reached[0], reached[-1])
        assert one.reach_median == reached[len(reached) // 2]
        assert len(one.seeds) == len(curves) % 2 * len(curves), "an odd number, so that the median is one of them"


@pytest.mark.parametrize(
    ("accuracy", "longest"), [([], 0), ([0.5], 0), ([0.6, 0.5, 0.9], 1), ([CRITERION] * 3, 3), ([1, 1, 0.56, 1], 2)]
)
def test_the_reach_ends_where_the_accuracy_first_falls_below(accuracy: list[float], longest: int) -> None:
    assert reach(accuracy, CRITERION) == longest
    assert CRITERION == 0.5625


def test_curves_that_do_not_ship_are_refused_with_a_remedy() -> None:
    with pytest.raises(NotMeasurable, match=r"'recall-lstm' taught 'shouting' up to a delay of 200"):
        CURVES.of("recall-lstm", "shouting")
    with pytest.raises(NotMeasurable, match=r"hidden-state recall"):
        CURVES.summary("recall-lstm", "mixed", 7)


def test_a_file_that_is_missing_or_broken_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"cannot be read\. Run `hidden-state train-recall`\."):
        read_curves(tmp_path / "none.json")
    facts = json.loads(FILE.read_text(encoding="utf-8"))
    facts["runs"][3]["accuracy"] = "good"
    (tmp_path / "bad.json").write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"runs\.3\.accuracy"):
        read_curves(tmp_path / "bad.json")


def test_of_several_runs_the_one_in_the_middle_ships() -> None:
    def result(seed: int, accuracy: float) -> dict[str, object]:
        return {"seed": seed, "accuracy": [accuracy, accuracy]}

    assert shipped_run([result(1, 0.9), result(2, 0.1), result(3, 0.5)])["seed"] == 3
    assert shipped_run([result(1, 0.9), result(2, 0.1)])["seed"] == 2
    assert shipped_run([result(seed, 1.0) for seed in (3, 1, 2)])["seed"] == 1
    assert shipped_run([result(7, 0.3)])["seed"] == 7


HASTY = RecallSettings(updates=2, rows=2, validations=1, validation_episodes=2, warmup=1)


@pytest.mark.slow
def test_one_call_tunes_trains_measures_and_writes_all_that_ships(tmp_path: Path) -> None:
    zoo = tmp_path / "zoo"
    zoo.mkdir()
    workshop = Workshop(tmp_path / "runs", HASTY, episodes=10)
    first = make_recall(workshop, zoo=zoo, models=["recall-rnn-wide"], seeds=[1, 2, 3])
    assert {path.name for path in zoo.iterdir()} == {"recall-rnn-wide", "recall.json"}
    assert {run.shipped for run in first.runs} == {None, "recall-rnn-wide"}
    assert len(first.tuning) == len(LEARNING_RATES) * len(CONDITIONS)
    (run,) = [run for run in first.runs if run.shipped]
    again = accuracies(load_model(zoo / "recall-rnn-wide"), episodes=10)
    assert again == pytest.approx(run.accuracy, abs=1e-9)

    made = {path: path.stat().st_mtime_ns for path in (tmp_path / "runs").glob("*/run.json")}
    resumed = Workshop(tmp_path / "runs", HASTY, episodes=10, resume=True)
    both = make_recall(resumed, zoo=zoo, models=["recall-rnn", "recall-rnn-wide"], seeds=[1])
    assert {path: path.stat().st_mtime_ns for path in made} == made, "what was there was not trained again"
    assert [model.id for model in both.models] == ["recall-rnn", "recall-rnn-wide"]
    assert (zoo / "recall-rnn-growing" / "card.json").exists()

    added = make_recall(resumed, zoo=zoo, models=["recall-rnn"], seeds=[1])
    assert added == both == read_curves(zoo / "recall.json")
    only = make_recall(resumed, zoo=zoo, models=["recall-rnn"], seeds=[1], conditions=[("penalised", 10)])
    assert only == both, "the curves of other conditions stay"
    assert (zoo / "recall-short-rnn" / "card.json").exists()
    other = Workshop(tmp_path / "others", replace(HASTY, rows=3), episodes=10)
    with pytest.raises(CheckpointError, match="other settings"):
        make_recall(other, zoo=zoo, models=["recall-rnn"], seeds=[1])


WILD = 2e37
"""A learning rate after whose first update a readout of 32 units overflows."""


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_training_whose_loss_is_no_number_ends_with_the_best_until_then(cell: str) -> None:
    trainer = RecallTrainer(replace(HASTY, cell=cell, updates=50, learning_rate=WILD, longest=5))
    fresh = {name: value.clone() for name, value in trainer.lm.state_dict().items()}
    seen: list[int] = []
    with pytest.raises(Diverged, match=r"at update \d of 50 .* Lower the learning rate \(now 2e\+37\)"):
        trainer.run(lambda progress: seen.append(progress.step))
    assert len(seen) < 5, "it does not go on with what cannot be mended"
    assert trainer.best_step == 0
    assert all(torch.equal(value, fresh[name]) for name, value in trainer.lm.state_dict().items())
    assert 0 <= trainer.best_accuracy <= 1


def test_a_rate_that_diverges_is_not_chosen_and_does_not_end_the_protocol(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "LEARNING_RATES", (WILD, 1e-3))
    workshop = Workshop(tmp_path, replace(HASTY, updates=3), episodes=2)
    best, worst = workshop.tune("recall-gru", ("mixed", 10))
    assert (best["learning_rate"], worst["learning_rate"]) == (1e-3, WILD)
    assert "diverged" not in best
    assert worst["diverged"].startswith("The training diverged")
    told = TuningRun(**{name: worst[name] for name in TuningRun.model_fields if name in worst}, chosen=False)
    assert told.diverged == worst["diverged"]
    monkeypatch.setattr(tuning, "LEARNING_RATES", (WILD,))
    with pytest.raises(Diverged, match="recall-gru, taught mixed, diverged at every learning rate"):
        workshop.tune("recall-gru", ("mixed", 10))


def test_the_file_of_curves_is_small() -> None:
    assert FILE.stat().st_size < 300_000
    assert isinstance(CURVES, RecallCurves)
