"""`models.training.zoo_training`: the same grid for all, one seed to tune, the middle one ships, and trainings that are
there are not made again."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from models import CheckpointError, Diverged
from models.network.evaluation import bits_per_character
from models.storage.checkpoint import load_model, read_card
from models.training import zoo_training
from models.training.corpora import Corpus
from models.training.examination import examine
from models.training.recipes import Recipe
from models.training.settings import Settings
from models.training.trainer import RESUME_FILE, Progress
from models.training.training_record import NAME, TrainingRecord
from models.training.zoo_training import GRID, RESULT, SEEDS, TOLERANCE, Run, Workshop
from tests.support.texts import prose

CORPUS = Corpus("own", prose(12_000, seed=4), "made up")
HASTY = Settings(cell="lstm", units=4, epochs=0.6, streams=4, segment=64, warmup=2, min_count=1, validations=3)
RECIPE = Recipe("tiny", "Tiny", "For a test.", "own", HASTY)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Everything of `RECIPE` trained."""
    workshop = Workshop(tmp_path_factory.mktemp("runs"))
    for run in workshop.tuning(RECIPE):
        assert workshop.make(run, CORPUS) is not None
    for run in workshop.counting(RECIPE, CORPUS):
        assert workshop.make(run, CORPUS) is not None
    return workshop


def planted(workshop: Workshop, figures: list[tuple[float, float]]) -> None:
    """Results of the tuning that nobody trained: (validation bits, saturated share)."""
    for run, (bits, saturated) in zip(workshop.tuning(RECIPE), figures, strict=True):
        home = workshop.home(run)
        home.mkdir(parents=True, exist_ok=True)
        found = {"validation_bits": bits, "saturated": saturated}
        facts = {"settings": run.settings.__dict__, "corpus": CORPUS.sha256, "found": found}
        (home / RESULT).write_text(json.dumps(facts), encoding="utf-8")


@pytest.mark.parametrize(
    ("figures", "chosen"),
    [
        ([(2.5, 0.1), (2.3, 0.9), (2.4, 0.0), (2.6, 0.0)], 1),
        ([(2.5, 0.1), (2.3, 0.9), (2.3 + TOLERANCE * 0.9, 0.4), (2.6, 0.0)], 2),
        ([(2.5, 0.1), (2.3, 0.9), (2.3 + TOLERANCE * 1.1, 0.4), (2.6, 0.0)], 1),
        ([(2.300, 0.4), (2.299, 0.4), (2.305, 0.4), (2.6, 0.0)], 1),
    ],
)
def test_of_those_that_are_as_good_the_least_saturated_is_chosen(
    tmp_path: Path, figures: list[tuple[float, float]], chosen: int
) -> None:
    workshop = Workshop(tmp_path)
    planted(workshop, figures)
    assert workshop.chosen(RECIPE, CORPUS) == workshop.tuning(RECIPE)[chosen]
    counting = workshop.counting(RECIPE, CORPUS)
    assert [run.seed for run in counting] == list(SEEDS)
    assert {(run.learning_rate, run.penalty) for run in counting} == {GRID[chosen]}


def test_nothing_is_chosen_before_all_are_finished(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    with pytest.raises(
        CheckpointError, match=r"tiny-0\.005-0-seed-0 is not finished .* train-zoo --only tiny --resume"
    ):
        workshop.chosen(RECIPE, CORPUS)


def test_a_result_is_what_is_measured_of_its_weights(finished: Workshop) -> None:
    run = finished.counting(RECIPE, CORPUS)[1]
    result = finished.result(run, CORPUS)
    assert result is not None
    lm = load_model(finished.home(run))
    assert result["found"] == examine(lm, CORPUS).as_dict()
    assert result["training_bits"] == round(
        bits_per_character(lm, lm.vocabulary.encode(CORPUS.text[: round(0.9 * 12_000)]))[0], 4
    )
    assert finished.result(run, replace(CORPUS, text=CORPUS.text[1:])) is None, "another text"
    longer = replace(run, recipe=replace(RECIPE, settings=replace(HASTY, epochs=0.9)))
    assert finished.result(longer, CORPUS) is None, "other settings"


def test_what_is_there_is_not_trained_again_unless_anew(finished: Workshop) -> None:
    run = finished.counting(RECIPE, CORPUS)[0]
    before = (finished.home(run) / RESULT).stat().st_mtime_ns

    def never(progress: Progress) -> None:
        raise AssertionError("it is trained again")

    assert finished.make(run, CORPUS, never) == finished.result(run, CORPUS)
    assert (finished.home(run) / RESULT).stat().st_mtime_ns == before
    with pytest.raises(AssertionError, match="trained again"):
        Workshop(finished.folder, resume=False).make(run, CORPUS, never)
    assert finished.make(run, CORPUS) is not None  # as it was, for the tests that follow


def test_a_training_that_was_cut_short_is_gone_on_with(finished: Workshop, tmp_path: Path) -> None:
    run = finished.counting(RECIPE, CORPUS)[0]
    workshop = Workshop(tmp_path)

    def stop(progress: Progress) -> None:
        if progress.step == 9:
            raise KeyboardInterrupt

    assert workshop.make(run, CORPUS, stop) is None
    assert (workshop.home(run) / RESUME_FILE).exists()
    assert workshop.result(run, CORPUS) is None
    steps: list[int] = []
    again = workshop.make(run, CORPUS, lambda progress: steps.append(progress.step))
    assert steps[0] == 10
    whole = finished.result(run, CORPUS)
    assert again is not None
    assert whole is not None
    assert again["found"] == whole["found"]


def test_what_was_trained_elsewhere_is_taken_from_the_record_and_only_what_ships_is_trained_again(
    finished: Workshop, tmp_path: Path
) -> None:
    record = TrainingRecord(tmp_path / "zoo" / NAME)
    for run in [*finished.tuning(RECIPE), *finished.counting(RECIPE, CORPUS)]:
        result = finished.result(run, CORPUS)
        assert result is not None
        record.add(run.name, {**result, "seconds": 0.0})
        record.add(run.name, result)  # the last line counts
    elsewhere = Workshop(tmp_path / "runs", record=record)
    for run in [*elsewhere.tuning(RECIPE), *elsewhere.counting(RECIPE, CORPUS)]:
        assert elsewhere.result(run, CORPUS) == finished.result(run, CORPUS)
        assert elsewhere.result(run, replace(CORPUS, text=CORPUS.text[1:])) is None, "another text"
    with pytest.raises(CheckpointError, match="only the result is recorded"):
        elsewhere.ship(RECIPE, CORPUS, tmp_path / "zoo")
    again = elsewhere.to_train_again(RECIPE, CORPUS)
    assert again is not None
    assert Workshop(tmp_path / "runs").make(again, CORPUS) is not None
    assert elsewhere.to_train_again(RECIPE, CORPUS) is None
    card = elsewhere.ship(RECIPE, CORPUS, tmp_path / "zoo")
    there = finished.ship(RECIPE, CORPUS, tmp_path / "other")
    assert card.protocol is not None
    assert card.protocol == there.protocol
    (trained,) = (tmp_path / "runs").iterdir()
    assert trained.name.endswith(f"seed-{next(run.seed for run in card.protocol.seeds if run.shipped)}")
    weights = [
        (folder / "tiny" / "weights.safetensors").read_bytes() for folder in (tmp_path / "zoo", tmp_path / "other")
    ]
    assert weights[0] == weights[1], "the same seed gives the same weights"


def test_a_training_whose_weights_are_gone_can_be_chosen_but_must_be_made_again_to_ship(
    finished: Workshop, tmp_path: Path
) -> None:
    shutil.copytree(finished.folder, tmp_path / "runs")
    workshop = Workshop(tmp_path / "runs")
    for run in [*workshop.tuning(RECIPE), *workshop.counting(RECIPE, CORPUS)]:
        (workshop.home(run) / "weights.safetensors").unlink()
    again = workshop.to_train_again(RECIPE, CORPUS)
    assert again is not None
    assert workshop.make(again, CORPUS) is not None
    assert workshop.to_train_again(RECIPE, CORPUS) is None
    assert (
        workshop.ship(RECIPE, CORPUS, tmp_path / "zoo").protocol
        == finished.ship(RECIPE, CORPUS, tmp_path / "a").protocol
    )


def test_layers_that_differ_go_the_same_way(tmp_path: Path) -> None:
    mixed = replace(HASTY, cell=("gru", "lstm"), units=(4, 3), layers=2, penalty=0.01, reset=0.5)
    workshop = Workshop(tmp_path, record=TrainingRecord(tmp_path / NAME))
    run = Run(replace(RECIPE, settings=mixed), 0.01, 0.01, 1)

    def stop(progress: Progress) -> None:
        if progress.step == 9:
            raise KeyboardInterrupt

    assert workshop.make(run, CORPUS, stop) is None
    result = workshop.make(run, CORPUS)
    assert result is not None
    assert (
        result == workshop.result(run, CORPUS) == Workshop(tmp_path / "no", record=workshop.record).result(run, CORPUS)
    )
    whole = Workshop(tmp_path / "whole").make(run, CORPUS)
    assert whole is not None
    assert result["found"] == whole["found"], "the same bits, interrupted or not"
    assert read_card(workshop.home(run)).stack.words == "4 + 3"


def test_each_finished_training_is_noted(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path / "runs", record=TrainingRecord(tmp_path / NAME))
    run = workshop.tuning(RECIPE)[0]
    result = workshop.make(run, CORPUS)
    (line,) = (tmp_path / NAME).read_text().splitlines()
    assert json.loads(line) == {"run": run.name, **result}  # type: ignore[dict-item]
    assert workshop.make(run, CORPUS) == result
    assert len((tmp_path / NAME).read_text().splitlines()) == 1, "it was there"


def test_the_seed_in_the_middle_ships_and_the_card_holds_them_all(finished: Workshop, tmp_path: Path) -> None:
    card = finished.ship(RECIPE, CORPUS, tmp_path)
    assert read_card(tmp_path / "tiny") == card
    assert card.protocol is not None
    seeds = card.protocol.seeds
    assert [run.seed for run in seeds] == list(SEEDS)
    bits = sorted(run.validation_bits for run in seeds)
    (shipped,) = [run for run in seeds if run.shipped]
    assert shipped.validation_bits == bits[1]
    assert card.protocol.spread == (bits[0], bits[2])
    assert card.training["seed"] == shipped.seed
    assert card.measured["validation"].bits_per_character == shipped.validation_bits
    assert card.measured["test"].bits_per_character == shipped.test_bits
    lm = load_model(tmp_path / "tiny")
    assert examine(lm, CORPUS).validation_bits == shipped.validation_bits
    tuned = card.protocol.tuned
    assert [(run.learning_rate, run.penalty) for run in tuned] == list(GRID)
    assert [(r.learning_rate, r.penalty) for r in tuned if r.chosen] == [
        (card.training["learning_rate"], card.training["penalty"])
    ]
    assert {path.name for path in (tmp_path / "tiny").iterdir()} == {
        "card.json", "weights.safetensors", "step-0.safetensors",
    }  # fmt: skip


def test_a_recipe_to_train_once_is_trained_with_its_own_settings_and_a_single_seed(tmp_path: Path) -> None:
    recipe = replace(RECIPE, once=True, settings=replace(HASTY, learning_rate=0.007, penalty=0.02))
    workshop = Workshop(tmp_path / "runs")
    assert workshop.tuning(recipe) == []
    (run,) = workshop.counting(recipe, CORPUS)
    assert run.settings == replace(recipe.settings, seed=SEEDS[0])
    assert workshop.make(run, CORPUS) is not None
    protocol = workshop.ship(recipe, CORPUS, tmp_path).protocol
    assert protocol is not None
    assert protocol.tuned == []
    assert [(seed.seed, seed.shipped) for seed in protocol.seeds] == [(SEEDS[0], True)]
    assert protocol.spread is None


# ── what diverges ──


def test_a_setting_that_diverges_is_a_result_that_is_not_chosen_and_the_card_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zoo_training, "GRID", ((1e5, 0.0), (1e-2, 0.0)))
    longer = replace(RECIPE, settings=replace(HASTY, epochs=2.0))
    workshop = Workshop(tmp_path / "runs")
    wild, tame = workshop.tuning(longer)
    told = workshop.make(wild, CORPUS)
    assert told is not None
    assert "diverged: at update" in told["diverged"]
    assert str(tmp_path) not in told["diverged"], "it stands on a card that goes elsewhere"
    kept = load_model(workshop.home(wild))
    assert told["found"] == examine(kept, CORPUS).as_dict(), "it is of the weights until then"

    def never(progress: Progress) -> None:
        raise AssertionError("it is trained again")

    assert workshop.make(wild, CORPUS, never) == told
    assert workshop.make(tame, CORPUS) is not None
    assert workshop.chosen(longer, CORPUS) == tame
    monkeypatch.setattr(zoo_training, "TOLERANCE", 1e9)
    assert workshop.chosen(longer, CORPUS) == tame, "not even where it was as good until then"
    for run in workshop.counting(longer, CORPUS):
        workshop.make(run, CORPUS)
    protocol = workshop.ship(longer, CORPUS, tmp_path / "zoo").protocol
    assert protocol == read_card(tmp_path / "zoo" / "tiny").protocol
    assert protocol is not None
    assert [(run.diverged, run.chosen) for run in protocol.tuned] == [(told["diverged"], False), (None, True)]

    monkeypatch.setattr(zoo_training, "GRID", ((1e5, 0.0),))
    with pytest.raises(Diverged, match="Every setting of the grid diverged for tiny, so none can be chosen"):
        workshop.chosen(longer, CORPUS)


def test_a_seed_that_diverged_ranks_last_and_never_ships(finished: Workshop, tmp_path: Path) -> None:
    workshop = Workshop(Path(shutil.copytree(finished.folder, tmp_path / "runs")))
    runs = workshop.counting(RECIPE, CORPUS)
    results = {run.seed: workshop.result(run, CORPUS) for run in runs}
    ranked = sorted(runs, key=lambda run: results[run.seed]["found"]["validation_bits"])  # type: ignore[index]

    def diverge(run: Run) -> None:
        (workshop.home(run) / RESULT).write_text(json.dumps({**results[run.seed], "diverged": "It did."}))  # type: ignore[dict-item]

    diverge(ranked[0])
    card = workshop.ship(RECIPE, CORPUS, tmp_path / "zoo")
    assert card.training["seed"] == ranked[2].seed, "in the middle of second, third and the one that diverged"
    assert card.protocol is not None
    assert {run.seed: run.diverged for run in card.protocol.seeds if run.diverged} == {ranked[0].seed: "It did."}
    diverge(ranked[1])
    with pytest.raises(Diverged, match=f"Most trainings of tiny diverged.* That of seed {ranked[0].seed}: It did"):
        workshop.ship(RECIPE, CORPUS, tmp_path / "zoo")
