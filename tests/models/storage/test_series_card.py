"""A series model on disk: what its card may not say, files that do not fit it, and who offers such a model."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.compute.model_library import Library
from models import CheckpointError, UnknownModel, load
from models.storage.checkpoint import load_series_model
from models.storage.lookup import find
from models.storage.series_card import read_series_card
from models.zoo import load_text_model, series_card, survey
from tests.support.small_models import small_series_model


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("series") / "sensor"
    small_series_model(folder)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "sensor")


WRONG: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no channel": (lambda card: card.update(channels=[]), "channels"),
    "no resolution": (lambda card: card["channels"][0].pop("resolution"), r"channels\.0\.resolution"),
    "deviation of 0": (lambda card: card["channels"][1].update(deviation=0.0), r"channels\.1\.deviation"),
    "negative resolution": (lambda card: card["channels"][1].update(resolution=-1.0), "resolution"),
    "infinite mean": (lambda card: card["channels"][0].update(mean=float("inf")), "finite"),
    "twice": (lambda card: card["channels"][1].update(name="demand"), "it names 'demand' twice"),
    "another channel": (
        lambda card: card["channels"].append({**card["channels"][0], "name": "wind"}),
        "the baseline of lag 0 does not have one error for each channel",
    ),
    "parameters": (lambda card: card.update(parameters=7), "not the 7 that it states"),
    "units": (lambda card: card.update(units=60_000), "parameters"),
    "cell": (lambda card: card.update(cell="gone"), "there is no cell 'gone'"),
    "layers": (lambda card: card.update(cell=["gru", "gru"]), "it names 2 cell for 1 layers"),
    "baselines": (lambda card: card["measured"]["test"]["baselines"].pop(), "test states 3 baselines; there are 4"),
    "baseline": (lambda card: card["baselines"][1]["mean"].pop(), "lag 1 does not have one error"),
    "seconds": (lambda card: card["series"].update(seconds_per_step=0.0), "seconds_per_step"),
    "more": (lambda card: card.update(extra=1), "extra"),
    "id": (lambda card: card.update(id="a/b"), "cannot be called 'a/b'"),
    "training": (lambda card: card["training"].update(rate=float("nan")), "finite|number that JSON"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_card_that_says_what_cannot_be_is_refused_with_a_sentence(folder: Path, fault: str) -> None:
    change, words = WRONG[fault]
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    change(card)
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(CheckpointError, match=words) as refused:
        read_series_card(folder)
    assert "is not a model card" in str(refused.value)
    with pytest.raises(CheckpointError):
        load(folder)


def test_weights_of_another_shape_or_none_at_all_are_refused(folder: Path) -> None:
    shutil.copy(folder / "weights.safetensors", folder / "step-7.safetensors")
    assert load_series_model(folder, 7).name == "sensor@7"
    (folder / "weights.safetensors").write_bytes(b"nothing")
    with pytest.raises(CheckpointError, match="does not fit its card"):
        load(folder)
    (folder / "weights.safetensors").unlink()
    with pytest.raises(CheckpointError, match=r"has no weights\.safetensors"):
        load(folder)
    shutil.copy(folder / "step-7.safetensors", folder / "weights.safetensors")
    with pytest.raises(UnknownModel, match="Earlier checkpoints"):
        load(f"{folder}@3")


def test_it_is_found_by_its_id_and_by_its_path(made: Path) -> None:
    found = survey([made])
    assert list(found.series) == ["sensor"]
    assert "sensor" not in found.entries
    assert found.left_out == ()
    assert load("sensor", folders=[made]).name == "sensor"
    assert series_card("sensor", folders=[made]) == read_series_card(made)
    with pytest.raises(CheckpointError, match="reads texts"):
        series_card("shakespeare-rnn")


def test_two_models_of_one_id_are_one_too_many(made: Path, tmp_path: Path) -> None:
    other = shutil.copytree(made, tmp_path / "other")
    (reason,) = survey([made, other]).left_out
    assert "Two models are called 'sensor'" in reason.why


def test_the_server_leaves_it_out_with_a_sentence(made: Path) -> None:
    library = Library([made], "cpu")
    assert "sensor" not in library.entries
    (reason,) = library.left_out
    assert reason.public.startswith("sensor reads numbers; the page shows texts so far.")
    with pytest.raises(CheckpointError, match="reads numbers"):
        library.get("sensor")


def test_who_reads_texts_refuses_it_with_a_sentence(made: Path) -> None:
    for refusing in (lambda: load_text_model(str(made)), lambda: find(str(made), {}, paths=True)):
        with pytest.raises(CheckpointError, match=r"sensor reads numbers"):
            refusing()
