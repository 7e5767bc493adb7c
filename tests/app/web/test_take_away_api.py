"""`app.web.take_away_api`: the numbers of a window as files, and scripts that give them again, over real HTTP."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from safetensors import safe_open

from app.take_away.script import FILE, LITERAL
from models import CharLM, load, zoo
from models.echo.echo import Echo
from models.measures import record
from models.measures.memory.edit_sensitivity import others
from tests.support.paths import ROOT
from tests.support.patience import wait_for
from tests.support.served_app import Server
from tests.support.texts import prose

TEXT = prose(400)
PANELS = [
    {"model": "tiny-gru", "layer": 0, "signal": "update_gate"},
    {"model": "tiny-lstm~zero@20", "layer": 1, "signal": "cell", "against": "tiny-lstm"},
    {"model": "tiny-rnn@0", "layer": 0, "signal": "hidden"},
]


@pytest.fixture(scope="module")
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def folders(tiny_models: Path) -> Iterator[None]:
    """Python finds the models that the server has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(zoo.FOLDERS_SETTING, str(tiny_models))
        yield


def window(**changes: Any) -> dict[str, Any]:
    return {"text": TEXT, "panels": PANELS, "start": 15, "stop": 60, **changes}


def numbers(http: httpx.Client, asked: dict[str, Any], kind: str = "npz") -> httpx.Response:
    answer = http.post("/api/numbers", json={**asked, "format": kind})
    assert answer.status_code == 200, answer.text
    assert f'filename="hidden-state-window.{kind}"' in answer.headers["content-disposition"]
    return answer


def expected(asked: dict[str, Any]) -> dict[str, np.ndarray]:
    """The same from traces of the whole text."""
    found = {}
    steps = slice(asked["start"], asked["stop"])
    for one in asked["panels"]:
        name, signal = one["model"], f"{one['layer']}.{one['signal']}"
        trace = load(name).trace(asked["text"])
        values, title = trace[signal].numpy()[steps], f"{name}/{signal}"
        if "against" in one:
            values = values - load(one["against"]).trace(asked["text"])[signal].numpy()[steps]
            title += f" minus {one['against']}"
        found |= {title: values, f"{name}/surprise": trace.surprise.numpy()[steps]}
    return found


def test_an_npz_has_the_signals_and_the_surprise_of_the_window(http: httpx.Client, folders: None) -> None:
    asked = window()
    with np.load(io.BytesIO(numbers(http, asked).content)) as file:
        held = dict(file)
    assert held.pop("start") == 15
    assert held.pop("code_points").astype("<u4").tobytes().decode("utf-32-le") == TEXT[15:60]
    theirs = expected(asked)
    assert held.keys() == theirs.keys()
    for name, values in theirs.items():
        np.testing.assert_array_equal(held[name], values, name)


def test_safetensors_have_the_same_and_say_which_text_it_was(http: httpx.Client, folders: None, tmp_path: Path) -> None:
    asked = window(start=0, stop=10_000)
    answer = numbers(http, asked, "safetensors")
    assert int(answer.headers["content-length"]) == len(answer.content)
    path = tmp_path / "window.safetensors"
    path.write_bytes(answer.content)
    theirs = expected(asked)
    with safe_open(path, "numpy") as file:
        assert file.metadata() == {"start": "0", "text": TEXT}
        assert set(file.keys()) == set(theirs)
        for name in file.keys():  # noqa: SIM118 - it is no dictionary
            np.testing.assert_array_equal(file.get_tensor(name), theirs[name], name)


def test_a_table_has_a_row_for_each_step_and_a_column_for_each_number(http: httpx.Client, folders: None) -> None:
    text = 'A "quoted", text,\nwith € in it.' * 5
    asked = window(text=text, start=0, stop=99)
    rows = list(csv.DictReader(io.StringIO(numbers(http, asked, "csv").content.decode(), newline="")))
    assert [int(row["step"]) for row in rows] == list(range(99))
    assert "".join(row["character"] for row in rows) == text[:99]
    theirs = expected(asked)
    flat = {name: values for name, values in theirs.items() if values.ndim == 1}
    flat |= {
        f"{name} {unit}": values[:, unit]
        for name, values in theirs.items()
        if values.ndim == 2
        for unit in range(values.shape[1])
    }
    assert set(rows[0]) == {"step", "character", *flat}
    for name, values in flat.items():
        held = np.array([np.float32(row[name]) if row[name] else np.nan for row in rows], np.float32)
        np.testing.assert_array_equal(held, values, name)


@pytest.mark.parametrize(
    "echo", [{"step": 20, "instead": "x"}, {"step": 20, "others": 3}, {"step": 70, "instead": "q"}]
)
def test_of_an_echo_it_has_the_differences(http: httpx.Client, folders: None, echo: dict[str, Any]) -> None:
    asked = window(echo=echo, panels=PANELS[:1])
    with np.load(io.BytesIO(numbers(http, asked).content)) as file:
        held = file[f"tiny-gru/0.update_gate echo of {echo['step']}"]
    lm: CharLM = load("tiny-gru")
    recording = record(lm, TEXT)
    ids = (
        lm.vocabulary.encode(echo["instead"])
        if "instead" in echo
        else others(len(lm.vocabulary), int(recording.ids[20:21][0]), 3)
    )
    theirs = Echo(recording, echo["step"], ids)
    while theirs.advance(60):
        pass
    np.testing.assert_array_equal(held, theirs.signal(0, "update_gate", 15, 60))
    assert held.any() == (echo["step"] < 60)


@pytest.mark.parametrize(
    ("changes", "status", "named"),
    [
        ({"start": 400}, 422, "400"),
        ({"start": 9, "stop": 9}, 422, "no step"),
        ({"panels": [{"model": "gpt", "layer": 0, "signal": "hidden"}]}, 404, "gpt"),
        ({"panels": [{"model": "tiny-gru", "layer": 1, "signal": "hidden"}]}, 404, "1.hidden"),
        ({"panels": [{**PANELS[0], "against": "tiny-rnn"}]}, 422, "different layers"),
        ({"panels": []}, 422, "panels"),
        ({"echo": {"step": 400}}, 422, "400"),
        ({"echo": {"step": 1, "more": 1}}, 422, "more"),
    ],
)
@pytest.mark.parametrize("path", ["/api/numbers", "/api/python/pictures"])
def test_what_cannot_be_shown_is_refused_with_a_sentence(
    http: httpx.Client, path: str, changes: dict[str, Any], status: int, named: str
) -> None:
    answer = http.post(path, json=window(**changes))
    assert answer.status_code == status
    assert named in answer.json()["message"]


def test_a_file_that_would_be_too_large_is_refused_and_nothing_stays_counted(
    http: httpx.Client, server: Server
) -> None:
    panels = [{"model": "tiny-gru", "layer": 0, "signal": "hidden"}] * 64
    answer = http.post("/api/numbers", json={"text": "a" * 500_000, "panels": panels, "start": 0, "stop": 500_000})
    assert answer.status_code == 413
    assert "MiB" in answer.json()["message"]
    assert numbers(http, window()).content
    wait_for(lambda: server.state.traces.used == server.state.budget.used == 0)  # freed once all has been sent


def script_of(http: httpx.Client, kind: str, asked: dict[str, Any]) -> str:
    body = {"content": json.dumps(asked), "headers": {"Content-Type": "application/json"}}  # half a surrogate pair, too
    answer = http.post(f"/api/python/{kind}", **body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/x-python; charset=utf-8"
    return answer.text


@pytest.mark.parametrize("long", [False, True], ids=["short", "long"])
@pytest.mark.parametrize("echo", [None, {"step": 20}, {"step": 20, "others": 3}], ids=["values", "echo", "mean"])
@pytest.mark.parametrize("number", range(len(PANELS)))
def test_the_lines_of_a_picture_give_the_numbers_of_its_file(
    http: httpx.Client,
    folders: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    echo: dict[str, Any] | None,
    long: bool,
) -> None:
    text = TEXT if not long else prose(LITERAL + 1)
    asked = window(text=text, panels=[PANELS[number]], **({} if echo is None else {"echo": echo}))
    made = script_of(http, "pictures", asked)
    assert (FILE in made) == long
    monkeypatch.chdir(tmp_path)
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    left: dict[str, Any] = {}
    exec(made, left)
    with np.load(io.BytesIO(numbers(http, asked).content)) as file:
        held = dict(file)
    (surprise,) = (values for name, values in held.items() if name.endswith("/surprise"))
    (values,) = (values for name, values in held.items() if "/" in name and not name.endswith("/surprise"))
    np.testing.assert_array_equal(left["surprise"], surprise)
    np.testing.assert_array_equal(left["values"], values)


def test_several_models_have_a_loop_or_a_part_each(http: httpx.Client) -> None:
    alike = [{"model": name, "measure": {"name": "forgetting", "step": 9}} for name in ("tiny-rnn", "tiny-gru@0")]
    made = script_of(http, "instruments", {"text": TEXT, "questions": alike})
    assert 'for name in ["tiny-rnn", "tiny-gru@0"]:\n    lm = load(name)\n' in made
    assert made.count("drain(forgetting(") == 1
    alike[1]["measure"] = {"name": "forgetting", "step": 10}
    made = script_of(http, "instruments", {"text": TEXT, "questions": alike})
    assert 'lm = load("tiny-rnn")' in made
    assert 'lm = load("tiny-gru@0")' in made
    assert made.count("drain(forgetting(") == 2
    assert "HIDDEN_STATE_MODEL_FOLDERS" in made


def test_a_script_runs_on_its_own(http: httpx.Client, tiny_models: Path, tmp_path: Path) -> None:
    """As a reader runs it: a file, in an interpreter that has nothing else."""
    text = 'Back\\slash, "quotes", it\'s\n\ttab, €\ud800\n' * 4
    questions = [{"model": "tiny-lstm", "measure": {"name": "forgetting", "step": 3, "lags": 5}}]
    body = {"text": text, "questions": questions}
    path = tmp_path / "script.py"
    path.write_text(script_of(http, "instruments", body), encoding="utf-8")
    environment = {**os.environ, zoo.FOLDERS_SETTING: str(tiny_models), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "\nedit [" in done.stdout
    left: dict[str, Any] = {}
    exec(path.read_text(encoding="utf-8").split("lm = load")[0], left)
    assert left["text"] == text


@pytest.mark.parametrize(
    ("questions", "status", "named"),
    [
        ([{"model": "gpt", "measure": {"name": "recoverability"}}], 404, "gpt"),
        ([{"model": "tiny-gru", "measure": {"name": "nothing"}}], 422, "nothing"),
        ([{"model": "tiny-gru", "measure": {"name": "forgetting"}}], 422, "step"),
        ([], 422, "questions"),
    ],
)
def test_a_question_that_nobody_can_ask_has_no_script(
    http: httpx.Client, questions: list[Any], status: int, named: str
) -> None:
    answer = http.post("/api/python/instruments", json={"text": TEXT, "questions": questions})
    assert answer.status_code == status
    assert named in answer.json()["message"]
