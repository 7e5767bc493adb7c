"""`models.storage.lookup`: a name leads to the same model in Python, on the command line, in REST and on the socket."""

from __future__ import annotations

import json
import logging
import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from safetensors.numpy import load as load_tensors
from safetensors.numpy import load_file

from app.cli import commands
from app.settings import Settings
from models import BadIntervention, CheckpointError, UnknownModel, load
from models.network.intervened_reader import IntervenedReader
from models.network.trace import run
from models.storage.card import read_card, write_card
from models.zoo import FOLDER, FOLDERS_SETTING, split_folders, survey
from tests.support.served_app import running
from tests.support.small_models import make_tiny
from tests.support.socket_client import Talk, panel
from tests.support.texts import LETTERS

TEXT = "To be, or not to be."
NAMES = ["mine", "Модель", "a b", "[old]", "a&b=c#d%20+e"]
EACH_WAY = ["{}", "{}@0", "{}~zero@3", "{}@0~0.hidden.1=0.5@2~reset.4@1"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Models of one's own, whose folder the environment names."""
    for name in [name for name in os.environ if name.startswith("HIDDEN_STATE_")]:
        monkeypatch.delenv(name)
    for seed, name in enumerate(NAMES):
        make_tiny(tmp_path / "runs" / name, name, "gru", 5, 1, seed=seed)
    monkeypatch.setenv(FOLDERS_SETTING, str(tmp_path / "runs"))
    return tmp_path / "runs"


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; its exit status, what it printed, and what it complained."""

    def run_it(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["hidden-state", *map(str, arguments)])
        try:
            commands.main()
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run_it


@pytest.fixture
def server(folder: Path) -> Iterator[str]:
    with running(Settings(port=0, worker_threads=2)) as one:
        yield one.url


@pytest.mark.parametrize("way", EACH_WAY)
def test_a_name_means_the_same_to_python_the_command_line_and_rest(
    folder: Path, tmp_path: Path, command: Run, server: str, way: str
) -> None:
    (tmp_path / "text.txt").write_text(TEXT)
    for k, identifier in enumerate(NAMES):
        name = way.format(identifier)
        lm = load(name)
        assert lm.name == name
        trace = lm.trace(TEXT).tensors()
        out = tmp_path / f"{k}.safetensors"
        status, _, complained = command("trace", name, tmp_path / "text.txt", "-o", out)
        assert (status, complained) == (0, "")
        answer = httpx.post(f"{server}/api/trace", json={"model": name, "text": TEXT}, timeout=60)
        assert answer.status_code == 200, answer.text
        by_path = load(way.format(folder / identifier)).trace(TEXT).tensors()
        for tensors in (load_file(out), load_tensors(answer.content), by_path):
            assert tensors.keys() == trace.keys()
            for key, expected in trace.items():
                found = tensors[key] if not hasattr(tensors[key], "numpy") else tensors[key].numpy()
                assert found.tobytes() == expected.numpy().tobytes(), (name, key)


def test_the_file_that_rest_names_is_the_models_in_any_script(folder: Path, server: str) -> None:
    for identifier in NAMES:
        for name, stem in ((identifier, identifier), (f"{identifier}@0", f"{identifier}-step-0")):
            answer = httpx.post(f"{server}/api/trace", json={"model": name, "text": "a"}, timeout=60)
            header = answer.headers["content-disposition"]
            simple = re.fullmatch(r'attachment; filename="([^"\\]+)"(.*)', header)
            assert simple is not None, header
            assert header.isascii()
            extended = simple[2].removeprefix("; filename*=UTF-8''")
            assert unquote(extended or simple[1]) == f"{stem}.safetensors"


def test_every_model_has_its_panel_on_the_socket_whatever_it_is_called(folder: Path) -> None:
    with running(Settings(port=0, worker_threads=2)) as one, Talk(one) as page:
        titles = {model["id"]: model["title"] for model in page.hello["models"]}
        assert set(titles) == set(NAMES)
        assert len(set(titles.values())) == len(NAMES)
        for revision, name in enumerate(NAMES):
            page.send(type="view", panels=[panel(name, "hidden")], window=[0, 20])
            page.send(type="text", revision=revision, text=TEXT, window=[0, 20])
            page.until(lambda m, name=name: m["type"] == "columns" and m["model"] == name and m["steps"] == len(TEXT))


def test_an_intervention_in_a_name_is_in_force_in_every_measure(folder: Path, tmp_path: Path, command: Run) -> None:
    (tmp_path / "text.txt").write_text(TEXT * 30)
    lm = load("mine~zero@7")
    assert isinstance(lm.reader(), IntervenedReader)
    assert lm.trace(TEXT)["0.hidden"][:7].equal(load("mine").trace(TEXT)["0.hidden"][:7])
    plain = load("mine")
    expected = run(plain, TEXT, reader=lm.reader())
    assert lm.trace(TEXT)["0.hidden"].equal(expected["0.hidden"])
    figures = {}
    for name in ("mine", "mine~zero@7", "mine~reset.2@0"):
        status, printed, complained = command("evaluate", name, tmp_path / "text.txt")
        assert (status, complained) == (0, "")
        assert f"{load(name).trace(TEXT * 30).bits_per_character:.4f} bits" in printed
        assert printed.startswith(f"{name} on ")
        figures[name] = printed.split(": ")[1]
    assert len(set(figures.values())) == 3


def test_the_line_on_a_card_measures_what_the_card_states(tmp_path: Path, command: Run, folder: Path) -> None:
    text = "".join(LETTERS[k * 7 % len(LETTERS)] for k in range(2000))
    work = folder.parent
    (work / "my text.txt").write_text(text)
    settings = ["--cell", "gru", "--units", 4, "--streams", 2, "--segment", 16, "--epochs", 2]
    status, _, complained = command("train", work / "my text.txt", "--out", folder / "it [1]", *settings)
    assert (status, complained) == (0, "")
    card = read_card(folder / "it [1]")
    assert str(work) not in card.model_dump_json(), "where the corpus lies on this machine stands nowhere"
    words = shlex.split(card.measured_with)
    assert words[:3] == ["hidden-state", "evaluate", "it [1]"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(work)
        status, printed, complained = command(*words[1:])
    assert (status, complained) == (0, "")
    assert f"{card.measured['validation'].bits_per_character:.4f} bits" in printed


def test_a_path_may_hold_the_marks_of_steps_and_interventions(folder: Path, tmp_path: Path) -> None:
    odd = tmp_path / "m@il~1" / "mine"
    shutil.copytree(folder / "mine", odd)
    for way in EACH_WAY:
        assert load(way.format(odd)).name == way.format("mine")
    assert load(odd).name == "mine"
    assert load(odd, step=0).name == "mine@0"
    assert load(f"{odd}~zero@1", step=0).name == "mine@0~zero@1"
    with pytest.raises(UnknownModel, match="Name one of them"):
        load(f"{odd}@0", step=7)


def test_the_home_folder_may_be_written_as_it_is_in_a_shell(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder.parent))
    monkeypatch.setenv("USERPROFILE", str(folder.parent))
    assert load("~/runs/mine@0").name == "mine@0"
    monkeypatch.setenv(FOLDERS_SETTING, "~/runs")
    assert load("mine~zero@1").name == "mine~zero@1"
    assert Settings(port=0).model_folders == [folder]
    assert split_folders(f"~/a{os.pathsep}{os.pathsep}b") == [folder.parent / "a", Path("b")]


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("nobody", UnknownModel, "no model called 'nobody'. There are: .*mine"),
        ("nobody@0~zero@1", UnknownModel, "no model called"),
        ("mine@7", UnknownModel, "mine has no step-7"),
        ("mine@", UnknownModel, "after @ comes a number"),
        ("mine@0@0", UnknownModel, "after @ comes a number"),
        ("mine~", BadIntervention, "is no intervention"),
        ("mine~0.cell.1=0@3", BadIntervention, "has no signal 'cell'"),
        ("mine~0.hidden.9=0@3", BadIntervention, "units are 0 to 4"),
        ("", UnknownModel, "no model called ''"),
        ("x" * 5000, UnknownModel, "no model called"),
        ("a\x00b", UnknownModel, "no model called"),
    ],
)
def test_what_leads_to_no_model_is_said_in_the_same_words_everywhere(
    folder: Path, command: Run, server: str, tmp_path: Path, name: str, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words) as refused:
        load(name)
    answer = httpx.post(f"{server}/api/trace", json={"model": name, "text": "a"}, timeout=60)
    assert answer.status_code in (400, 404)
    assert re.search(words, answer.json()["message"])
    if "\x00" not in name:
        (tmp_path / "text.txt").write_text("abc")
        status, _, complained = command("evaluate", name, tmp_path / "text.txt")
        assert status == 2
        assert str(refused.value) in complained


def test_what_is_no_model_is_said_to_be_none_and_how_to_get_one(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my-stack").mkdir()
    (tmp_path / "weights.bin").write_bytes(b"")
    how = "To make one of your own, run: hidden-state train FILE --out DIR"
    for name, there in (
        ("nobody", ""),
        ("my-stack", "The folder 'my-stack' is no model's: a model's folder has a card.json. "),
        ("weights.bin", "The file 'weights.bin' is no model's: a model's folder has a card.json. "),
    ):
        with pytest.raises(UnknownModel) as refused:
            load(name)
        assert str(refused.value).startswith(f"There is no model called {name!r}. There are: ")
        assert f". {there}{how}" in str(refused.value)


def test_a_server_does_not_open_paths(folder: Path, server: str) -> None:
    for name in (str(folder / "mine"), "../runs/mine", "./mine", "~/runs/mine"):
        answer = httpx.post(f"{server}/api/trace", json={"model": name, "text": "a"}, timeout=60)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_model")


# ── one bad model among good ones ────────────────────────────────────────────────────────────────────


def spoil(folder: Path, **changes: object) -> None:
    facts = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    (folder / "card.json").write_text(json.dumps({**facts, **changes}))


def test_whatever_is_wrong_with_some_models_the_others_are_offered(
    folder: Path, command: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name, changes in {
        "cell": {"cell": "LSTM"},
        "dots": {"id": "../etc"},
        "nan": {"training": {"rate": float("nan")}},
        "twice": {"id": "mine"},
        "huge": {"units": 10**9},
    }.items():
        make_tiny(folder / name, name, "rnn", 3, 1)
        spoil(folder / name, **changes)
    make_tiny(folder / "empty", "empty", "rnn", 3, 1)
    (folder / "empty" / "weights.safetensors").unlink()
    (folder / "torn").mkdir()
    (folder / "torn" / "card.json").write_bytes(b'{"id": "to')
    make_tiny(folder / "curves", "curves", "rnn", 3, 1)
    (folder / "curves" / "recoverability.json").write_text("{]")
    make_tiny(folder / ".hidden", "being-trained", "rnn", 3, 1)
    monkeypatch.setenv(FOLDERS_SETTING, os.pathsep.join([str(folder), str(folder / "nowhere")]))
    bad = {"cell", "dots", "nan", "twice", "huge", "empty", "torn", "nowhere"}

    found = survey()
    assert set(found.entries) - {one.name for one in FOLDER.iterdir()} == {*NAMES, "curves"}
    assert {one.folder.name for one in found.left_out} == bad
    assert all(one.why.endswith(".") and "\n" not in one.why for one in found.left_out)

    status, printed, complained = command("models")
    assert status == 0
    assert all(name in printed for name in (*NAMES, "shakespeare-lstm"))
    assert all(f"{folder / name}" in complained for name in bad)

    with caplog.at_level(logging.WARNING, "hidden_state"), running(Settings(port=0, worker_threads=2)) as one:
        assert {model["id"] for model in httpx.get(f"{one.url}/api/models").json()} == {*NAMES, "curves"}
        page = httpx.get(f"{one.url}/models", timeout=60).text
        assert "Left out" in page
        assert all(name in page for name in bad)
        assert str(folder) not in page, "where folders lie is nobody's business"
        assert httpx.get(f"{one.url}/api/recoverability", timeout=60).json() == {}
        with Talk(one) as talk:
            assert len(talk.hello["models"]) == len(NAMES) + 1
        answer = httpx.post(f"{one.url}/api/trace", json={"model": "mine", "text": "a"}, timeout=60)
        assert answer.status_code == 200
    logged = [record.getMessage() for record in caplog.records if record.getMessage().startswith("Left out: ")]
    assert all(any(name in line for line in logged) for name in bad)

    for name in ("cell", f"{folder / 'cell'}", "torn"):
        with pytest.raises(CheckpointError, match="is not a model card"):
            load(name)


def test_serve_says_what_it_left_out_before_it_says_where_it_is(
    folder: Path, command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    spoil(folder / "mine", cell="LSTM")
    handler = logging.Handler()
    handler.emit = lambda record: order.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("hidden_state").addHandler(handler)
    monkeypatch.setattr("uvicorn.Server.run", lambda self, sockets: [one.close() for one in sockets])
    monkeypatch.setattr(
        "app.cli.shared.terminal.Terminal.print", lambda self, *words, **how: order.append(str(words[0]))
    )
    try:
        status, _, _ = command("serve", "--port", 0)
    finally:
        logging.getLogger("hidden_state").removeHandler(handler)
    assert status == 0
    assert len(order) == 2
    assert "there is no cell 'LSTM'" in order[0]
    assert "Hidden State is at http://127.0.0.1:" in order[1]


def test_a_card_written_again_is_the_card(folder: Path) -> None:
    card = read_card(folder / "mine")
    write_card(folder / "mine", card)
    assert read_card(folder / "mine") == card
    assert not list((folder / "mine").glob("*.part"))
