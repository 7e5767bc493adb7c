"""`models.training.recipes`: what is wrong in a recipe is said with the model and the key; and a long warm-up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from models import BadSettings
from models.training.corpora import Corpus
from models.training.recipes import Recipe, make, zoo_recipes
from models.training.settings import Settings
from models.training.settings_check import warm_up_doubt
from models.training.trainer import Trainer
from models.training.zoo_training import GRID, SEEDS, TUNING_SEED, Workshop
from tests.support.texts import prose

RIGHT = 'title = "Small"\ndescription = "A small one."\ncorpus = "shakespeare"\n'


def recipes(tmp_path: Path, table: str) -> list[Recipe]:
    path = tmp_path / "recipes.toml"
    path.write_text(table, encoding="utf-8")
    return zoo_recipes(path)


def test_a_recipe_is_what_its_table_states(tmp_path: Path) -> None:
    (recipe,) = recipes(tmp_path, f'[small]\n{RIGHT}cell = ["gru", "lstm"]\nunits = [8, 4]\nepochs = 3\nonce = true')
    assert recipe == Recipe(
        "small",
        "Small",
        "A small one.",
        "shakespeare",
        Settings(cell=("gru", "lstm"), units=(8, 4), epochs=3),
        once=True,
    )


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('[small]\ntitle = "Small"\ncorpus = "x"', "The recipe of small has no 'description'"),
        (
            f"[small]\n{RIGHT}unit = 8",
            "The recipe of small has a key 'unit', which is no setting. Did you mean 'units'",
        ),
        (f"[small]\n{RIGHT}zzz = 8", "The recipe of small has a key 'zzz', which is no setting. There are: title"),
        (f'[small]\n{RIGHT}units = "8"', "The recipe of small has units = '8': a whole number, or a list of them,"),
        (f"[small]\n{RIGHT}units = []", r"The recipe of small has units = \[\]: a whole number"),
        (f"[small]\n{RIGHT}epochs = true", "The recipe of small has epochs = True: a number is expected"),
        (f"[small]\n{RIGHT}warmup = 1.5", "The recipe of small has warmup = 1.5: a whole number is expected"),
        (f"[small]\n{RIGHT}layers = 1.5", "The recipe of small has layers = 1.5: a whole number is expected"),
        (f"[small]\n{RIGHT}cell = 3", "The recipe of small has cell = 3: a cell's name, or a list"),
        (f'[small]\n{RIGHT}once = "no"', "The recipe of small has once = 'no': true or false is expected"),
        (
            "[small]\ntitle = 3\ndescription = ''\ncorpus = ''",
            "The recipe of small has title = 3: a string is expected",
        ),
        (f'[small]\n{RIGHT}cell = "gruu"', "The recipe of small cannot be trained by. There is no cell 'gruu'"),
        (f"[small]\n{RIGHT}dropout = 2", "The recipe of small cannot be trained by. The setting dropout cannot be 2"),
        ("units = 8", "The recipes have 'units' outside a table"),
        ("[small", "recipes.toml is not TOML: .*Correct it there"),
    ],
)
def test_what_is_wrong_in_a_recipe_is_said_with_the_model_and_the_key(tmp_path: Path, table: str, words: str) -> None:
    with pytest.raises(BadSettings, match=words) as refused:
        recipes(tmp_path, table)
    assert str(refused.value).endswith(".")


def test_a_warm_up_as_long_as_the_training_is_doubted() -> None:
    assert warm_up_doubt(100, 101) is None
    assert warm_up_doubt(0, 1) is None
    assert "warm-up of 1,000 updates" in (warm_up_doubt(1000, 1000) or "")
    assert "rises to 25 % of its highest" in (warm_up_doubt(400, 100) or "")


@pytest.mark.parametrize("longer", [0, 1, 50])
def test_a_training_that_never_leaves_its_warm_up_says_so_and_goes_on(tmp_path: Path, longer: int) -> None:
    corpus = Corpus("own", prose(2000), "made up")
    settings = Settings(cell="rnn", units=4, epochs=1, streams=2, segment=64, validations=1, warmup=1)
    updates = Trainer(corpus, settings).steps
    said: list[str] = []
    for warmup in (updates - 1, updates + longer):
        recipe = Recipe("small", "Small", "", "own", Settings(**{**vars(settings), "warmup": warmup}))
        make(recipe, corpus, tmp_path / str(warmup), note=said.append)
    assert len(said) == 1
    assert f"The warm-up of {updates + longer} updates" in said[0]
    assert f"which has {updates}" in said[0]


def test_every_recipe_is_tuned_on_the_same_grid_with_a_seed_of_its_own() -> None:
    assert len(GRID) == len(set(GRID)) == 4
    assert TUNING_SEED not in SEEDS
    assert len(SEEDS) >= 3
    workshop = Workshop(Path("nowhere"))
    for recipe in zoo_recipes():
        if recipe.once:
            continue
        runs = workshop.tuning(recipe)
        assert [(run.learning_rate, run.penalty) for run in runs] == list(GRID)
        for run in runs:
            assert run.settings.seed == TUNING_SEED
            assert run.settings.epochs == pytest.approx(recipe.settings.epochs / 3)
            assert replace(
                run.settings, **{k: getattr(recipe.settings, k) for k in (
                    "seed", "epochs", "validations", "learning_rate", "penalty")}
            ) == recipe.settings  # fmt: skip
        counting = replace(runs[0], seed=2).settings
        assert (counting.epochs, counting.validations) == (recipe.settings.epochs, recipe.settings.validations)
