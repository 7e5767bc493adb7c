"""`app.cli`: what each command does, and that whatever goes wrong is a sentence."""

from __future__ import annotations

import json
import os
import re
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from app.cli import commands
from models import load
from models.zoo import catalogue

COMMANDS = [
    "generate", "serve", "models", "trace", "train", "train-zoo", "train-recall", "recall", "horizon", "time-scales",
    "evaluate", "warm",
]  # fmt: skip
SMALL = ["--cell", "gru", "--units", "6", "--streams", "4", "--segment", "32", "--seed", "3"]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; its exit status, what it printed, and what it complained."""
    monkeypatch.setenv("COLUMNS", "200")
    for name in [name for name in os.environ if name.startswith("HIDDEN_STATE_")]:
        monkeypatch.delenv(name)

    def command(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["hidden-state", *map(str, arguments)])
        try:
            commands.main()
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return command


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, text_file: Path) -> Path:
    """A model that the command line trained."""
    folder = tmp_path_factory.mktemp("trained") / "little"
    arguments = ["train", str(text_file), "--out", str(folder), "--epochs", "2", *SMALL]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["hidden-state", *arguments])
        with pytest.raises(SystemExit) as end:
            commands.main()
        assert not end.value.code
    return folder


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)], ids=["all", *COMMANDS])
def test_help_says_what_a_command_does(run: Run, command: list[str]) -> None:
    status, printed, complained = run(*command, "--help")
    assert (status, complained) == (0, "")
    assert "Usage:" in printed
    wanted = COMMANDS if not command else ["--help"]
    for word in wanted:
        assert word in printed


def test_train_writes_a_model_its_untrained_twin_and_a_card_that_says_how(trained: Path, text_file: Path) -> None:
    assert {path.name for path in trained.iterdir()} == {"card.json", "weights.safetensors", "step-0.safetensors"}
    card = json.loads((trained / "card.json").read_text(encoding="utf-8"))
    assert (card["id"], card["cell"], card["units"], card["layers"]) == ("little", "gru", 6, 1)
    assert card["training"]["finished"]
    assert card["training"]["seed"] == 3
    assert card["measured"]["validation"]["bits_per_character"] < card["untrained"]["validation"]["bits_per_character"]
    assert load(trained).trace("abc")["0.hidden"].shape == (3, 6)


def test_layers_that_differ_are_trained_and_gone_on_with(run: Run, text_file: Path, tmp_path: Path) -> None:
    short = ["--epochs", "2", "--streams", "4", "--segment", "16"]
    status, _, complained = run(
        "train", str(text_file), "--out", str(tmp_path / "mixed"), "--cell", "gru, lstm", "--units", "6,4", *short
    )
    assert (status, complained) == (0, "")
    card = json.loads((tmp_path / "mixed" / "card.json").read_text(encoding="utf-8"))
    assert (card["cell"], card["units"], card["layers"]) == (["gru", "lstm"], [6, 4], 2)
    assert card["title"] == "GRU + LSTM · 6 + 4"
    lm = load(tmp_path / "mixed")
    assert lm.trace("abc")["1.cell"].shape == (3, 4)
    more = ["--out", str(tmp_path / "more"), "--from", str(tmp_path / "mixed"), *short]
    assert run("train", str(text_file), *more)[0] == 0
    assert load(tmp_path / "more").stack == lm.stack


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        (["--cell", "gru,lstm", "--units", "6,4,2"], "those of 2 and 3 layers"),
        (["--cell", "gru,lstm", "--units", "6", "--layers", "5"], "those of 2 layers, and 5 were asked for"),
        (["--units", "6,x"], "is no number of units"),
        (["--cell", "gru,tree"], "there is no cell 'tree'"),
    ],
)
def test_what_makes_no_layers_is_a_sentence(
    run: Run, text_file: Path, tmp_path: Path, shape: list[str], said: str
) -> None:
    status, _, complained = run("train", str(text_file), "--out", str(tmp_path / "m"), *shape)
    assert status == 2
    assert said in " ".join(complained.replace("│", " ").split())
    assert "Traceback" not in complained
    assert not (tmp_path / "m").exists()


def test_the_same_command_trains_the_same_weights(run: Run, trained: Path, text_file: Path, tmp_path: Path) -> None:
    status, printed, _ = run("train", text_file, "--out", tmp_path / "again", "--epochs", "2", *SMALL)
    assert status == 0
    assert "bits" in printed
    for name in ("weights.safetensors", "step-0.safetensors"):
        assert (tmp_path / "again" / name).read_bytes() == (trained / name).read_bytes()


def test_trace_writes_what_the_library_computes(run: Run, trained: Path, text_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "story.safetensors"
    status, printed, _ = run("trace", trained, text_file, "-o", out)
    assert status == 0
    trace = load(trained).trace(text_file.read_text(encoding="utf-8"))
    tensors = load_file(out)
    assert set(tensors) == {*trace.keys(), "log_probabilities", "surprise"}
    for key, tensor in tensors.items():
        assert tensor.tobytes() == trace.tensors()[key].numpy().tobytes()
    assert f"{trace.bits_per_character:.3f} bits per character" in printed
    assert "4,000 steps" in printed


def test_trace_writes_npz_where_the_name_ends_so(run: Run, trained: Path, text_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "trace.npz"
    assert run("trace", trained, text_file, "-o", out)[0] == 0
    trace = load(trained).trace(text_file.read_text(encoding="utf-8"))
    with np.load(out, allow_pickle=False) as arrays:
        for key, tensor in trace.tensors().items():
            assert arrays[key].tobytes() == tensor.numpy().tobytes()
        assert "".join(map(chr, arrays["code_points"])) == trace.text


def test_evaluate_measures_what_the_card_states(run: Run, trained: Path, text_file: Path) -> None:
    card = json.loads((trained / "card.json").read_text(encoding="utf-8"))
    for split in ("validation", "test"):
        status, printed, _ = run("evaluate", trained, text_file, "--split", split)
        assert status == 0
        assert f"{card['measured'][split]['bits_per_character']:.4f} bits" in printed
    _, printed, _ = run("evaluate", trained, text_file)
    trace = load(trained).trace(text_file.read_text(encoding="utf-8"))
    assert f"{trace.bits_per_character:.4f} bits" in printed


def test_models_lists_every_model(run: Run) -> None:
    status, printed, _ = run("models")
    assert status == 0
    for name, entry in catalogue().items():
        (line,) = [line for line in printed.splitlines() if line.split()[:1] == [name]]
        assert f"{entry.card.parameters:,}" in line


def test_recall_measures_the_curve_that_the_card_states(run: Run) -> None:
    card = catalogue()["recall-gru"].card
    status, printed, _ = run("recall", "recall-gru", "--delays", "1-3,40", "--episodes", 80)
    assert status == 0
    assert re.findall(r"^ *(\d+) +([01]\.\d{3}) *$", printed, re.M) == [(k, "1.000") for k in ("1", "2", "3", "40")]
    assert "80 episodes a delay, chance 0.125, mean 1.000" in printed
    assert "stays" not in printed, "of delays that were left out nothing is known"
    _, printed, _ = run("recall", "recall-rnn@0", "--delays", "1-5", "--episodes", 80)
    assert "stays at 0.5625 or above up to a delay of 0." in printed
    _, printed, _ = run("recall", "recall-gru", "--delays", "1-20", "--episodes", 80)
    assert "up to a delay of at least 20." in printed
    assert card.recall.reach == 200


def test_generate_prints_and_writes_what_python_says(run: Run, trained: Path, text_file: Path, tmp_path: Path) -> None:
    options = ["--characters", 40, "--temperature", 0.9, "--seed", 5]
    status, printed, _ = run("generate", trained, "--start", "The window", *options)
    expected = load(trained).generate(40, start="The window", temperature=0.9, seed=5)
    assert (status, printed) == (0, expected + "\n")
    status, printed, _ = run("generate", trained, "--start-file", text_file, *options, "-o", tmp_path / "out.txt")
    assert (status, printed) == (0, "")
    expected = load(trained).generate(40, start=text_file.read_text(encoding="utf-8"), temperature=0.9, seed=5)
    assert (tmp_path / "out.txt").read_bytes().decode() == expected


def test_training_goes_on_with_a_model_on_files_in_another_encoding(run: Run, trained: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(("мама мыла раму, the lamp. " * 60).encode("cp1251"))
    files, out = (tmp_path / "a", tmp_path / "b"), tmp_path / "more"
    small = ["--streams", 4, "--segment", 32, "--encoding", "cp1251"]
    status, printed, complained = run(
        "train", *files, "--from", trained, "--vocabulary", "extend", "--out", out, "--epochs", 2, *small
    )
    assert status == 0, complained
    card = json.loads((out / "card.json").read_text(encoding="utf-8"))
    assert (card["cell"], card["units"], card["training"]["from"]) == ("gru", 6, "little")
    assert "ы" in card["vocabulary"]
    words = card["measured_with"].split()
    assert words == ["hidden-state", "evaluate", "more", "a", "b", "--encoding", "cp1251", "--split", "validation"]
    status, printed, _ = run("evaluate", out, *files, *words[5:])
    assert f"{card['measured']['validation']['bits_per_character']:.4f} bits" in printed


FAULTS = {
    "nothing to go on from": ("generate {model}", "--start"),
    "two beginnings": ("generate {model} --start a --start-file {text}", "not both"),
    "an empty start": ("generate {model} --start=", "Before the first character"),
    "an encoding there is not": ("evaluate {model} {text} --encoding utf-17", "no encoding of texts"),
    "another shape": ("train {text} --from {model} --units 9 --out {out}", "keeps that"),
    "nothing to extend": ("train {text} --vocabulary extend --out {out}", "--from"),
    "an empty folder": ("train {here}/nothing --out {out}", "holds no file"),
    "an unknown model": ("trace nobody {text} -o {out}", "There is no model called 'nobody'"),
    "an unknown step": ("evaluate {model}@7 {text}", "step-7"),
    "no step": ("trace {model}@² {text} -o {out}", "²"),
    "no file": ("trace {model} {here}/none.txt -o {out}", "none.txt"),
    "no text": ("evaluate {model} {here}/binary", "not UTF-8"),
    "an unknown split": ("evaluate {model} {text} --split half", "half"),
    "nowhere to write": ("trace {model} {text} -o {here}/no/folder/x", "folder/x cannot be written"),
    "an unknown cell": ("train {text} --out {out} --cell qrnn", "qrnn"),
    "an unknown device": ("evaluate {model} {text} --device tpu", "tpu"),
    "a text too short": ("train {here}/short --out {out}", "too few"),
    "nothing to resume": ("train {text} --out {out} --resume", "no training to resume"),
    "an unknown recipe": ("train-zoo --only nobody", "nobody"),
    "an unknown recall model": ("train-recall --only nobody", "recall-rnn-wide"),
    "a delay of zero": ("recall {model} --delays 0-3", "0-3"),
    "a model of other characters": ("recall {model}", "recall task"),
    "a bad port": ("serve --port 70000", "HIDDEN_STATE_PORT=70000"),
    "an address elsewhere": ("serve --host 192.0.2.1 --port 0", "192.0.2.1"),
    "a missing argument": ("trace {model}", "Missing argument"),
    "an unknown option": ("models --frobnicate", "frobnicate"),
    "an unknown command": ("paint", "paint"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_goes_wrong_is_a_sentence_and_status_2(
    run: Run, trained: Path, text_file: Path, tmp_path: Path, fault: str
) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "short").write_text("abc", encoding="utf-8")
    (tmp_path / "nothing").mkdir()
    command, named = FAULTS[fault]
    places = {"model": trained, "text": text_file, "here": tmp_path, "out": tmp_path / "out"}
    status, _, complained = run(*(word.format(**places) for word in command.split()))
    assert status == 2
    assert named in " ".join(complained.replace("│", " ").split())
    assert "Traceback" not in complained


def test_serving_on_a_port_that_is_taken_is_a_sentence(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, _, complained = run("serve", "--port", port)
    assert status == 2
    assert f"cannot listen on 127.0.0.1:{port}" in complained
    assert "HIDDEN_STATE_PORT" in complained
