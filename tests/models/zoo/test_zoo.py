"""The models that ship: all there, each as its card says; and how models are found by id."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import pytest

from models import UnknownModel, catalogue, load
from models.network.evaluation import bits_per_character
from models.studies.recall.publishing import SHIPPED
from models.training.recipes import zoo_recipes
from models.zoo import FOLDER, survey
from tests.support.corpora_at_hand import text_at_hand

SHAPES = {
    "shakespeare-rnn": ("rnn", 1, 128),
    "shakespeare-gru": ("gru", 1, 128),
    "shakespeare-lstm": ("lstm", 1, 128),
    "shakespeare-transformer": ("transformer", 2, 64),
    "shakespeare-rnn-wide": ("rnn", 1, 284),
    "shakespeare-rnn-skip": ("leaky", 1, 128),
    "shakespeare-lstm-deep": ("lstm", 2, 256),
    "python-rnn": ("rnn", 2, 128),
    "python-gru": ("gru", 2, 128),
    "python-lstm": ("lstm", 2, 128),
    "python-gru-large": ("gru", 2, 256),
    "python-lstm-large": ("lstm", 2, 256),
    "recall-rnn": ("rnn", 1, 32),
    "recall-gru": ("gru", 1, 32),
    "recall-lstm": ("lstm", 1, 32),
    "recall-rnn-growing": ("rnn", 1, 32),
    "recall-rnn-wide": ("rnn", 1, 70),
    "recall-short-rnn": ("rnn", 1, 32),
    "recall-short-gru": ("gru", 1, 32),
    "recall-short-lstm": ("lstm", 1, 32),
}
RECALL = [name for name in SHAPES if name.startswith("recall")]
SHORT = [name for name in RECALL if "short" in name]
"""Taught rows of 48 characters from the zero state: a long text they need not predict better than when untrained."""


def parameters(cell: str, size: int, units: int, layers: int) -> int:
    """Those below the readout, counted by hand."""
    if cell == "transformer":  # a table; two norms, q k v and o, an MLP four times as wide, with their biases
        return size * units + layers * (12 * units**2 + 13 * units)
    blocks = {"rnn": 1, "leaky": 1, "gru": 3, "lstm": 4}[cell]
    vectors = {"leaky": 1}.get(cell, 0)
    return sum(blocks * units * (i + units + 2) + vectors * units for i in [size] + [units] * (layers - 1))


every_model = pytest.mark.parametrize("model", SHAPES)
every_recipe = pytest.mark.parametrize("model", [name for name in SHAPES if name not in RECALL])


def test_every_recipe_of_the_zoo_has_its_model_in_the_same_order() -> None:
    assert list(catalogue()) == [*(recipe.id for recipe in zoo_recipes()), *RECALL] == list(SHAPES)
    assert set(RECALL) == set(SHIPPED.values())


def test_the_whole_zoo_is_smaller_than_40_megabytes() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 40_000_000


def test_nothing_in_the_zoo_is_left_over_from_a_training() -> None:
    for folder in (path for path in FOLDER.iterdir() if path.is_dir() and path.name != "__pycache__"):
        names = {path.name for path in folder.iterdir()}
        assert {"card.json", "weights.safetensors", "step-0.safetensors"} <= names
        facts = {"card.json", "recoverability.json"}
        assert all(name in facts or name.endswith(".safetensors") for name in names), names
        assert "training-state.safetensors" not in names


@every_model
def test_a_model_is_what_its_card_says(model: str) -> None:
    card = catalogue()[model].card
    lm = load(model)
    assert (card.cell, card.layers, card.units) == SHAPES[model] == (lm.cell.name, lm.layers, lm.units)
    size, units = len(card.vocabulary), card.units
    counted = parameters(card.cell, size, units, card.layers) + size * (units + 1)
    assert card.parameters == lm.parameter_count == counted
    assert lm.vocabulary.characters == card.vocabulary
    assert len(set(card.vocabulary)) == size == lm.readout.bias.numel()
    assert catalogue()[model].folder.name == card.id == model


@every_recipe
def test_a_card_tells_how_the_model_came_about(model: str) -> None:
    card = catalogue()[model].card
    recipe = next(recipe for recipe in zoo_recipes() if recipe.id == model)
    assert card.title
    assert card.description
    assert card.training["finished"] is True
    assert card.training["updates_done"] == card.training["updates"] >= card.training["best_update"] > 0
    settings = {name: getattr(recipe.settings, name) for name in ("epochs", "streams", "segment", "dropout")}
    seeds = (
        [recipe.settings.seed] if card.protocol is None else [run.seed for run in card.protocol.seeds if run.shipped]
    )
    assert [card.training["seed"]] == seeds
    assert {name: card.training[name] for name in settings} == settings, "the card is of another recipe"
    assert card.training["seconds"] > 0
    assert card.corpus.name == recipe.corpus
    assert len(card.corpus.sha256) == 64
    assert "90%" in card.corpus.split
    assert f"evaluate {model}" in card.measured_with


@every_model
def test_a_trained_model_predicts_better_than_its_twin_and_both_are_on_the_card(model: str) -> None:
    card = catalogue()[model].card
    gain = 0.3 if model in RECALL else 1.0  # nearly all of that text is noise: 26 letters, each as likely
    for split in ("validation", "test"):
        trained, untrained = card.measured[split], card.untrained[split]
        assert trained.nats_per_character == pytest.approx(trained.bits_per_character * math.log(2), abs=2e-4)
        assert trained.characters == untrained.characters
        if model not in SHORT:
            assert trained.bits_per_character < untrained.bits_per_character - gain
        assert untrained.bits_per_character == pytest.approx(math.log2(len(card.vocabulary)), abs=0.3)


def test_the_shakespeare_models_are_as_good_as_promised() -> None:
    nats = {name: entry.card.measured["validation"].nats_per_character for name, entry in catalogue().items()}
    assert nats["shakespeare-lstm"] <= 1.65
    assert nats["shakespeare-lstm-deep"] <= 1.55
    for corpus in ("shakespeare", "python"):
        assert max(nats[f"{corpus}-gru"], nats[f"{corpus}-lstm"]) < nats[f"{corpus}-rnn"]


def test_models_that_are_compared_have_read_the_same_text_for_as_long() -> None:
    for names in (
        ["shakespeare-rnn", "shakespeare-gru", "shakespeare-lstm"],
        ["python-rnn", "python-gru", "python-lstm"],
    ):
        cards = [catalogue()[name].card for name in names]
        assert len({card.vocabulary for card in cards}) == 1
        assert len({card.corpus.sha256 for card in cards}) == 1
        assert len({card.training["characters_read"] for card in cards}) == 1


@pytest.mark.slow
@every_model
def test_the_figures_on_a_card_can_be_measured_again(model: str) -> None:
    card = catalogue()[model].card
    text = text_at_hand(card.corpus.name, card.corpus.sha256)
    assert len(text) == card.corpus.characters
    held_out = text[round(0.90 * len(text)) : round(0.95 * len(text))]
    for step, measured in ((None, card.measured), (0, card.untrained)):
        lm = load(model, step=step)
        bits, count = bits_per_character(lm, lm.vocabulary.encode(held_out))
        assert count == measured["validation"].characters
        assert bits == pytest.approx(measured["validation"].bits_per_character, abs=2e-4)


def a_model(folder: Path, source: str = "shakespeare-rnn", **changes: str) -> Path:
    """A copy of a shipped model with a card of its own."""
    shutil.copytree(FOLDER / source, folder)
    facts = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    (folder / "card.json").write_text(json.dumps({**facts, **changes}), encoding="utf-8")
    return folder


def test_the_untrained_twin_is_step_zero_under_either_name() -> None:
    twins = [load("shakespeare-lstm@0"), load("shakespeare-lstm", step=0)]
    assert [lm.name for lm in twins] == ["shakespeare-lstm@0"] * 2
    assert (twins[0].readout.weight == twins[1].readout.weight).all()
    assert (twins[0].readout.weight != load("shakespeare-lstm").readout.weight).any()
    assert 0 in catalogue()["shakespeare-lstm"].steps


@pytest.mark.parametrize(
    "name", ["nobody", "", "@", "@0", "nobody@0", "shakespeare-lstm@last", "../zoo", "no/such/path"]
)
def test_an_unknown_model_is_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(UnknownModel) as refused:
        load(name)
    assert str(refused.value).endswith(".")


def test_an_unknown_model_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownModel, match="no model called 'nobody'") as refused:
        load("nobody")
    for name in SHAPES:
        assert name in str(refused.value)


def test_a_step_that_was_not_kept_is_refused() -> None:
    with pytest.raises(UnknownModel, match="step-31415926"):
        load("shakespeare-lstm@31415926")


@pytest.mark.parametrize("place", ["mine", "m@il/mine"])
def test_a_model_is_found_by_its_path_and_by_its_id_in_a_given_folder(tmp_path: Path, place: str) -> None:
    home = a_model(tmp_path / place, id="my-own")
    assert load(home).name == load(str(home)).name == "my-own"
    assert load(f"{home}@0").name == "my-own@0"
    assert load("my-own", folders=[home]).name == "my-own"
    assert load("my-own@0", folders=[home.parent]).name == "my-own@0"
    assert list(catalogue([home.parent])) == [*catalogue(), "my-own"]


def test_a_second_model_of_one_id_is_left_out_with_both_places(tmp_path: Path) -> None:
    home = a_model(tmp_path / "copy")
    (one,) = survey([home]).left_out
    assert "Two models are called 'shakespeare-rnn'" in one.why
    assert str(home) in one.why
    assert str(FOLDER) in one.why
    assert list(catalogue([home])) == list(SHAPES)


@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_without_models_is_left_out_with_a_sentence(tmp_path: Path, exists: bool) -> None:
    folder = tmp_path if exists else tmp_path / "nothing"
    (one,) = survey([folder]).left_out
    assert (one.folder, "holds no model" in one.why) == (folder, True)
    assert list(catalogue([folder])) == list(SHAPES)
