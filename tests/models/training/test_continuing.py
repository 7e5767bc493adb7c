"""`models.training.continuing`: going on with a trained network on another text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from models import BadSettings, CheckpointError, CorpusError, Vocabulary, load
from models.network.intervention import Zero
from models.training.continuing import Start
from models.training.corpora import Corpus
from models.training.recipes import Recipe, make
from models.training.settings import Settings
from models.training.trainer import Trainer
from tests.support.texts import prose

SETTINGS = {"units": 7, "streams": 4, "segment": 16, "epochs": 0.5, "validations": 2}
NEW = prose(3000, seed=5).lower() + "žluťoučký kůň. " * 40


def trainer(start: Start | None, text: str = NEW, **changes: Any) -> Trainer:
    layers = start.lm.layers if start else 1
    cell = start.lm.cell.name if start else "gru"
    return Trainer(Corpus("new", text, ""), Settings(cell=cell, layers=layers, **{**SETTINGS, **changes}), start=start)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("layers", [1, 2])
def test_kept_it_begins_as_the_very_network_that_it_goes_on_from(make_model: Any, cell: str, layers: int) -> None:
    lm = make_model(cell, 7, layers, gain=2.0)
    one = trainer(Start(lm))
    assert one.lm.vocabulary == lm.vocabulary
    ours, theirs = one.lm.eval().trace("The ž lamp."), lm.trace("The ž lamp.")
    assert ours.log_probabilities.numpy().tobytes() == theirs.log_probabilities.numpy().tobytes()
    assert all(torch.equal(one.best[name], tensor) for name, tensor in lm.state_dict().items())
    assert not torch.equal(one.untrained["readout.weight"], lm.state_dict()["readout.weight"]), "the control is fresh"
    assert torch.equal(one.untrained["readout.weight"], trainer(Start(lm)).untrained["readout.weight"])


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_extended_it_keeps_every_id_and_weight_and_knows_the_new_characters(make_model: Any, cell: str) -> None:
    lm = make_model(cell, 7, 2, gain=2.0)
    one = trainer(Start(lm, extend=True))
    known, size = lm.vocabulary.characters, len(lm.vocabulary)
    assert one.lm.vocabulary.characters == known + "".join(sorted(set(NEW[: round(0.9 * len(NEW))]) - set(known)))
    before, after = lm.state_dict(), one.lm.state_dict()
    for name, tensor in before.items():
        if name == "rnn.weight_ih_l0":
            assert torch.equal(after[name][:, :size], tensor)
            assert torch.equal(after[name][:, size:], one.untrained[name][:, size:])
        elif name.startswith("readout"):
            assert torch.equal(after[name][:size], tensor)
            assert torch.equal(after[name][size:], one.untrained[name][size:])
        else:
            assert torch.equal(after[name], tensor)
    hidden = [x.trace("The lamp.")["1.hidden"] for x in (lm, one.lm.eval())]
    assert torch.equal(*hidden), "known characters are read as before"


def test_training_on_makes_it_better_and_the_card_says_from_what(make_model: Any, tmp_path: Path) -> None:
    settings = Settings(cell="gru", **{**SETTINGS, "epochs": 2})
    old = make(Recipe("old", "", "", "", settings), Corpus("a", prose(4000), ""), tmp_path / "old")
    lm = load(tmp_path / "old")
    recipe = Recipe("new", "", "", "", Settings(cell="gru", **{**SETTINGS, "epochs": 3}))
    for extend, said in ((False, "kept"), (True, "extended by")):
        card = make(recipe, Corpus("new", NEW, ""), tmp_path / said, start=Start(lm, extend))
        assert card.training["from"] == "old"
        assert card.training["vocabulary"].startswith(said)
        assert card.vocabulary.startswith(old.vocabulary)
        assert (card.vocabulary == old.vocabulary) == (not extend)
        assert card.training["best_update"] > 0
        assert card.measured["validation"].bits_per_character < card.untrained["validation"].bits_per_character
        assert load(tmp_path / said).trace("ž lamp")["0.hidden"].shape == (6, 7)
    assert "from" not in json.loads((tmp_path / "old" / "card.json").read_text())["training"]


def test_it_is_resumed_from_the_same_beginning_only(make_model: Any, tmp_path: Path) -> None:
    start = Start(make_model("gru", 7))
    first = trainer(start)
    first.run(until=2)
    first.save(tmp_path)
    again = trainer(start)
    again.resume(tmp_path)
    assert again.step == 2
    for other in (None, Start(make_model("gru", 7, seed=9)), Start(start.lm, extend=True)):
        with pytest.raises(CheckpointError, match="goes on from another network"):
            trainer(other).resume(tmp_path)


def test_what_cannot_be_gone_on_with_is_a_sentence(make_model: Any) -> None:
    lm = make_model("gru", 7)
    with pytest.raises(BadSettings, match="GRU, 1 × 7 units, and going on with it keeps that; GRU, 1 × 8"):
        trainer(Start(lm), units=8)
    with pytest.raises(CorpusError, match="knows no character of this text"):
        trainer(Start(lm), text="žščřďťňůž" * 400)
    assert "ž" in trainer(Start(lm, extend=True), text="žščřďťňůž" * 400).lm.vocabulary
    lm.interventions = (Zero(3),)
    with pytest.raises(BadSettings, match="under interventions"):
        trainer(Start(lm))


def test_rare_characters_stay_out_of_what_a_vocabulary_is_extended_by(make_model: Any) -> None:
    lm = make_model("gru", 7)
    text = prose(3000) + "ř" + "ů" * 9 + prose(3000)
    assert Start(lm, extend=True).vocabulary(text, 2) == Vocabulary(lm.vocabulary.characters + "ů")
