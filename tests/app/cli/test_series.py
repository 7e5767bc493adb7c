"""The commands that read numbers: train, evaluate, trace, list; and what they refuse."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file
from typer.testing import CliRunner

from app.cli.commands import app
from models import HiddenStateError, load
from models.network.series_model import SeriesModel
from models.series.series import Series
from models.storage.series_card import read_series_card
from tests.support.small_models import small_series

SERIES = small_series()
QUICK = ["--units", "6", "--epochs", "1", "--streams", "4", "--segment", "32", "--season", "24"]


def written(path: Path, series: Series = SERIES) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow([one.heading for one in series.channels])
        writer.writerows([["" if np.isnan(one) else one for one in row] for row in series.rows.tolist()])
    return path


def run(*words: str) -> str:
    found = CliRunner().invoke(app, list(words))
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == 0, found.output
    return found.output


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained model and the file that it was trained on."""
    place = tmp_path_factory.mktemp("commands")
    file = written(place / "town.csv")
    said = run("train", "--task", "series", str(file), "--out", str(place / "town"), "--seconds", "3600", *QUICK)
    assert "bits per reading (a fixed mean " in said
    return place


def test_training_writes_a_model_whose_card_states_what_was_given(folder: Path) -> None:
    card = read_series_card(folder / "town")
    assert (card.units, card.training["streams"], card.training["learning_rate"]) == (6, 4, 5e-3)
    assert (card.series.seasons, card.series.seconds_per_step) == ([24], 3600.0)
    assert [(one.name, one.unit, one.resolution) for one in card.channels] == [
        ("demand", "MW", 1.0),
        ("temperature", "°C", 0.1),
    ]
    assert card.description == "Trained on town.csv."
    assert card.measured_with == "hidden-state evaluate town town.csv --split validation"


def test_evaluate_prints_what_the_card_states(folder: Path) -> None:
    card = read_series_card(folder / "town")
    said = run("evaluate", str(folder / "town"), str(folder / "town.csv"), "--split", "test")
    stated = card.measured["test"]
    assert f"{stated.bits_per_reading:.4f} bits per reading" in said
    assert f"last value {stated.baselines[1]:.4f}, 24 steps before {stated.baselines[2]:.4f}" in said
    assert f"over {stated.readings} readings" in said


def test_a_trace_is_the_same_from_python_and_in_every_kind_of_file(folder: Path) -> None:
    model = load(folder / "town")
    assert isinstance(model, SeriesModel)
    trace = model.trace(SERIES)
    for kind in ("npz", "safetensors", "csv"):
        said = run("trace", str(folder / "town"), str(folder / "town.csv"), "-o", str(folder / f"out.{kind}"))
        assert f"480 steps, 6 signals, {trace.bits_per_reading:.3f} bits per reading" in said
    with np.load(folder / "out.npz") as stored:
        assert list(stored["channels"]) == ["demand", "temperature"]
        for name, tensor in trace.tensors().items():
            np.testing.assert_array_equal(stored[name], tensor.numpy())
    for name, array in load_file(folder / "out.safetensors").items():
        np.testing.assert_array_equal(array, trace[name].numpy())
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file))
    assert [row["demand predicted"] for row in rows[:1]] == [""]
    for step in (1, 200, 479):
        assert float(rows[step]["demand"]) == SERIES.rows[step, 0]
        assert float(rows[step]["temperature predicted"]) == pytest.approx(float(trace.mean[step - 1, 1]))
        assert float(rows[step]["demand deviation"]) == pytest.approx(float(trace.deviation[step - 1, 0]))
        assert float(rows[step]["surprise [bits]"]) == pytest.approx(float(trace.surprise[step]), rel=1e-5)


def test_models_lists_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIDDEN_STATE_MODEL_FOLDERS", str(folder / "town"))
    said = run("models")
    (line,) = [line for line in said.splitlines() if line.startswith("town ")]
    stated = read_series_card(folder / "town").measured["validation"]
    assert line.split()[-2:] == [f"{stated.bits_per_reading:.3f}", f"{stated.baselines[1]:.3f}"]
    assert "left out" not in said


START = ["--from", "shakespeare-rnn"]


def test_anomalies_compares_three_detectors_on_the_same_faults(folder: Path) -> None:
    words = ["anomalies", str(folder / "town"), "demand", "--faults", "8", "--per-day", "0.2", "--window", "12"]
    lines = run(*words).splitlines()
    assert lines[0].split()[:2] == ["detector", "threshold"]
    assert [line.split("  ")[0].strip() for line in lines[1:]] == ["surprise", "last 12", "season 24"]
    assert all(" of 6 " in line for line in lines[1:])  # two of the eight are dropouts
    with pytest.raises(HiddenStateError, match=r"1 fault cannot be put into 24 rows of town \(test\)"):
        run("anomalies", str(folder / "town"), str(folder / "town.csv"), "--faults", "1", "--per-day", "0.2")


REFUSED = {
    "a folder": (["train", "--task", "series", "{0}", "--out", "{0}/new"], "is a folder"),
    "two files": (["train", "--task", "series", "demand", "heartbeats", "--out", "{0}/new"], "2 series are named"),
    "from": (
        ["train", "--task", "series", "demand", "--out", "{0}/new", "--from", "shakespeare-rnn"],
        "Leave them out",
    ),
    "min count": (["train", "--task", "series", "demand", "--out", "{0}/new", "--min-count", "3"], "Leave them out"),
    "season of a text": (["train", "python", "--out", "{0}/new", "--season", "24"], "Add --task series"),
    "a model of texts": (["evaluate", "shakespeare-rnn", "gone.txt"], "gone.txt"),
    "a text instrument": (["horizon", "{0}/town", "{0}/town.csv"], "reads numbers"),
    "generate": (["generate", "{0}/town", "--start", "a"], "reads numbers"),
    "export": (["export", "--models", "{0}/town", "-o", "{0}/page.html"], "reads numbers"),
    "no file": (["trace", "{0}/town", "{0}/gone.csv", "-o", "{0}/x.npz"], "There is no file"),
    "no folder": (["trace", "{0}/town", "{0}/town.csv", "-o", "{0}/none/x.npz"], "cannot be written"),
    "other steps": (["evaluate", "{0}/town", "heartbeats"], "steps of 3600 seconds"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_done_is_refused_with_a_sentence(folder: Path, what: str) -> None:
    words, fault = REFUSED[what]
    with pytest.raises(HiddenStateError, match=fault) as refused:
        run(*(word.format(folder) for word in words))
    assert str(refused.value).rstrip().endswith(".")
    assert not (folder / "new").exists()


@pytest.mark.parametrize(
    "option", [["--resolution", "0"], ["--resolution", "a"], ["--season", "0"], ["--season", "1.5"]]
)
def test_a_wrong_option_is_named(folder: Path, option: list[str]) -> None:
    found = CliRunner().invoke(app, ["train", "--task", "series", "demand", "--out", str(folder / "new"), *option])
    assert found.exit_code == 2
    assert option[1] in found.output
