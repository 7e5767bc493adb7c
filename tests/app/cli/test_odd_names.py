"""The commands and what people really have: names with brackets, files of Windows, a folder with a model in it."""

from __future__ import annotations

import os
import shlex
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli import commands as cli
from models.storage.card import read_card
from models.training import corpora
from tests.support.texts import prose

SMALL = ["--cell", "gru", "--units", "4", "--streams", "2", "--segment", "16", "--epochs", "2"]
ODD = ["gone[old].txt", "[bold]x.txt", "a[/].txt", ":smile:.txt", "[link=x]y.txt"]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run a command in a folder of its own; its exit status, what it printed, and what it complained."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("HIDDEN_STATE_")]:
        monkeypatch.delenv(name)

    def command(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["hidden-state", *map(str, arguments)])
        try:
            cli.main()
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return command


@pytest.mark.parametrize("name", ODD)
def test_a_name_is_printed_as_it_is_in_errors_and_results(run: Run, name: str) -> None:
    status, _, complained = run("evaluate", "shakespeare-rnn", name)
    assert (status, f"{name} cannot be read" in complained) == (2, True), complained
    Path(name).parent.mkdir(exist_ok=True)  # one of the names is that of a file in a folder
    Path(name).write_text(prose(3000), encoding="utf-8")
    status, printed, complained = run("evaluate", "shakespeare-rnn", name)
    assert (status, f"on {name} (all)" in printed) == (0, True), complained
    status, printed, complained = run("trace", "recall-rnn", name, "-o", f"{name}.safetensors")
    assert (status, f"{name}.safetensors: 3,000 steps" in printed) == (0, True), complained
    status, _, complained = run("trace", f"{name}@0", name, "-o", "x")
    assert (status, f"'{name}@0'" in complained) == (2, True), complained


@pytest.mark.slow
def test_a_probe_prints_names_as_they_are(run: Run) -> None:
    """A probe takes seconds, of a few units too: one name has all that is odd in the others."""
    name = "[bold]:smile:[link=x][old]y.txt"
    Path(name).write_text(prose(3000), encoding="utf-8")
    assert run("train", name, "--out", "R", *SMALL)[0] == 0
    status, printed, complained = run("probe", "R", name, "--out", f"{name}.csv")
    assert (status, f"{name}.csv: " in printed) == (0, True), complained


@pytest.mark.parametrize("name", ["[old]", "[bold]R", "R [2]"])
def test_a_training_prints_its_folder_as_it_is(run: Run, name: str) -> None:
    Path("a.txt").write_text(prose(2000), encoding="utf-8")
    status, printed, complained = run("train", "a.txt", "--out", name, *SMALL)
    assert (status, complained) == (0, "")
    assert printed.startswith(f"{name}: ")
    assert run("evaluate", name, "a.txt")[0] == 0


def test_a_name_that_is_not_utf8_costs_no_training(run: Run, tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    try:
        (tmp_path / name).write_text(prose(2000), encoding="utf-8")
    except OSError:
        pytest.skip("not run: this file system takes names in UTF-8 only")
    status, _, complained = run("train", name, "--out", "R", *SMALL)
    assert (status, complained) == (0, "")
    card = read_card(tmp_path / "R")
    assert (card.corpus.name, card.description) == ("caf\ufffd", "Trained on caf\ufffd.txt.")
    status, _, complained = run("train", name, "--out", os.fsdecode(b"out\xe9"), *SMALL)
    assert status == 2
    assert "'out\ufffd' cannot be a model's name: it is not valid UTF-8" in complained
    assert not (tmp_path / os.fsdecode(b"out\xe9")).exists()


def test_files_of_windows_are_read_alike_by_every_command_and_each_says_so(run: Run) -> None:
    text = prose(3000)
    for name, ends in (("unix.txt", "\n"), ("windows.txt", "\r\n"), ("old.txt", "\r")):
        Path(name).write_bytes(text.replace("\n", ends).encode())
        status, _, complained = run("train", name, "--out", name.removesuffix(".txt"), *SMALL)
        assert (status, "line ends are CR" in complained) == (0, ends != "\n")
    weights = {name: (Path(name) / "weights.safetensors").read_bytes() for name in ("unix", "windows", "old")}
    assert len(set(weights.values())) == 1
    commands = (
        ["evaluate", "unix"],
        ["horizon", "unix", "--lags=20", "--positions=5"],
        ["probe", "unix"],
        ["context", "unix", "--lags=5", "--positions=20"],
    )
    for command, model in ((one[0], one[1:]) for one in commands):
        said = {}
        for name in ("unix.txt", "windows.txt", "old.txt"):
            status, printed, complained = run(command, model[0], name, *model[1:])
            assert (status, "line ends are CR" in complained) == (0, name != "unix.txt"), complained
            said[name] = printed.replace(name, "FILE")
        assert len(set(said.values())) == 1, command


def test_accents_written_otherwise_are_named_where_a_text_is_trained_on_or_read(run: Run) -> None:
    text = "Die Mäuse grüßen über Öfen. Aa Oo Uu. " * 60
    Path("nfc.txt").write_text(text, encoding="utf-8")
    Path("nfd.txt").write_text(unicodedata.normalize("NFD", text), encoding="utf-8")
    assert "NFC" not in run("train", "nfc.txt", "--out", "composed", *SMALL)[2]
    assert "letters and accents stand apart" in run("train", "nfd.txt", "--out", "apart", *SMALL)[2]
    assert run("evaluate", "composed", "nfc.txt")[2] == ""
    assert "Convert the text to NFC" in run("evaluate", "composed", "nfd.txt")[2]
    assert "Convert the text to NFD" in run("evaluate", "apart", "nfc.txt")[2]


def test_a_folder_with_a_model_is_replaced_only_when_told(run: Run) -> None:
    Path("a.txt").write_text(prose(2000), encoding="utf-8")
    assert run("train", "a.txt", "--out", "R", *SMALL)[0] == 0
    before = (Path("R") / "card.json").read_bytes()
    for flags in ([], ["--resume"], ["--resume", "--overwrite"]):
        status, _, complained = run("train", "a.txt", "--out", "R", *SMALL, "--seed", 2, *flags)
        assert (status, complained.startswith("Error: ")) == (2, True)
        assert (Path("R") / "card.json").read_bytes() == before
    assert run("train", "a.txt", "--out", "R", *SMALL, "--seed", 2, "--overwrite")[0] == 0
    assert read_card(Path("R")).training["seed"] == 2
    assert sorted(one.name for one in Path.cwd().iterdir()) == ["R", "a.txt"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--out", "a@b"], "'a@b' cannot be a model's name"),
        (["--out", "run:1"], "in an address"),
        (["--out", "shakespeare-lstm"], "A model that ships is called 'shakespeare-lstm'"),
        (["--out", "a.txt"], "a.txt is a file"),
        (["--out", "a.txt/R"], "lies below a.txt"),
        (["--out", "R", "--learning-rate", "1e4"], "The training diverged: at update"),
        (["--out", "R", "--learning-rate", "1e300"], "learning rate cannot be 1e+300"),
        (["--out", "R", "--learning-rate", "0"], "learning rate cannot be 0"),
        (["--out", "R", "--epochs", "inf"], "epochs cannot be inf"),
        (["--out", "R", "--units", "10000000"], "units cannot be 10,000,000"),
    ],
)
def test_what_cannot_be_trained_is_a_sentence(run: Run, arguments: list[str], words: str) -> None:
    Path("a.txt").write_text(prose(2000), encoding="utf-8")
    status, _, complained = run("train", "a.txt", *SMALL, *arguments)
    assert status == 2
    assert words in complained
    if "1e4" in arguments:
        assert "The best so far is kept in R" in complained
        assert read_card(Path("R")).measured["validation"].bits_per_character < 7
    else:
        assert not Path("R").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["train", "a.txt", "--out", ""], "it is empty"),
        (["train", "", "--out", "m"], "The name of a text is empty"),
        (["train", "a.txt", "", "--out", "m"], "The name of a text is empty"),
        (["evaluate", "recall-rnn", ""], "The name of a text is empty"),
        (["train", "a.txt", "--out", "m", "--threads", "100000"], "1024"),
        *(
            ([command, "--corpus", given], f"--corpus {given} names no file for a corpus. Write NAME=PATH")
            for command in ("train-zoo", "time-scales", "context-zoo", "probe-zoo")
            for given in ("plays.txt", "shakespeare=", "=plays.txt")
        ),
    ],
)
def test_a_name_that_is_missing_is_said_and_nothing_is_written(run: Run, words: list[str], sentence: str) -> None:
    Path("a.txt").write_text(prose(2000), encoding="utf-8")
    status, _, complained = run(*words)
    assert (status, sentence in " ".join(complained.split())) == (2, True), complained
    assert [path.name for path in Path().iterdir()] == ["a.txt"]


def test_the_line_on_a_card_names_a_text_that_only_the_user_knows(tmp_path: Path) -> None:
    (tmp_path / "it's.txt").write_text(prose(500), encoding="utf-8")
    own = corpora.load(str(tmp_path / "it's.txt"))
    assert shlex.split(own.measured_by("probe-zoo", "a b")) == [
        "hidden-state", "probe-zoo", "--only", "a b", "--corpus", "it's=it's.txt",
    ]  # fmt: skip
    known = corpora.Corpus("shakespeare", own.text, "")
    assert known.measured_by("context-zoo", "x") == "hidden-state context-zoo --only x"


def test_the_lines_on_a_card_of_ones_own_can_be_run(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a card says that a figure was measured with measures it, of a model in the folders that are set too."""
    Path("it's.txt").write_text(prose(44_000), encoding="utf-8")
    assert run("train", "it's.txt", "--out", "my model", *SMALL)[0] == 0
    monkeypatch.setenv("HIDDEN_STATE_MODEL_FOLDERS", "my model")
    before = read_card(Path("my model"))
    assert before.time_scales is not None
    for line in (before.measured_with, before.time_scales.measured_with):
        words = shlex.split(line)[1:]
        status, printed, complained = run(*words)
        assert (status, "my model" in printed) == (0, True), complained
    assert read_card(Path("my model")) == before
