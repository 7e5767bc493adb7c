"""`app.settings`: everything that can be set, through the environment, with sentences for what cannot be."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from app.settings import PREFIX, Settings, SettingsError, read_settings
from tests.support.paths import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")

CHANGED: dict[str, tuple[str, Any]] = {
    "host": ("0.0.0.0", "0.0.0.0"),
    "port": ("8080", 8080),
    "device": ("auto", "cpu"),
    "lesson_folders": ("my-lessons", [Path("my-lessons")]),
    "model_folders": (os.pathsep.join(["one", "two/three", ""]), [Path("one"), Path("two/three")]),
    "text_limit_characters": ("5", 5),
    "column_limit": ("6", 6),
    "panel_limit": ("7", 7),
    "session_limit": ("8", 8),
    "connection_limit": ("11", 11),
    "idle_timeout_seconds": ("0.25", 0.25),
    "trace_memory_limit_mebibytes": ("12", 12),
    "memory_limit_mebibytes": ("10", 10),
    "trace_limit_mebibytes": ("9", 9),
    "message_limit_bytes": ("2048", 2048),
    "worker_threads": ("3", 3),
    "ping_interval_seconds": ("0.5", 0.5),
    "allowed_origins": ("https://a.example, http://b.example:81/ ,", ["https://a.example", "http://b.example:81"]),
    "allowed_hosts": ("rnn.example.org, Class.local ,*", ["rnn.example.org", "Class.local", "*"]),
    "log_level": ("DEBUG", "debug"),
}

BAD = [
    ("port", "http"), ("port", "-1"), ("port", "65536"), ("port", "80.5"), ("port", ""),
    ("device", "tpu"), ("device", "meta"), ("device", ""), ("device", "cuda:x"),
    ("text_limit_characters", "0"), ("text_limit_characters", "many"), ("column_limit", "0"), ("panel_limit", "0"),
    ("session_limit", "0"), ("memory_limit_mebibytes", "0"),
    ("trace_limit_mebibytes", "-3"), ("message_limit_bytes", "1023"), ("worker_threads", "0"),
    ("ping_interval_seconds", "0"), ("ping_interval_seconds", "nan"), ("ping_interval_seconds", "soon"),
    ("log_level", "loud"), ("host", ""), ("host", "  "), ("connection_limit", "0"), ("idle_timeout_seconds", "0"),
    ("trace_memory_limit_mebibytes", "0"), ("allowed_hosts", "http://a.example"), ("allowed_hosts", "a.example:80"),
    ("allowed_hosts", "a b"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        monkeypatch.delenv(name)


def variable(name: str) -> str:
    return f"{PREFIX}{name.upper()}"


def test_every_setting_is_tried_here() -> None:
    assert set(CHANGED) == set(Settings.model_fields)


@pytest.mark.parametrize("name", CHANGED)
def test_a_setting_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    written, expected = CHANGED[name]
    if name == "device":
        monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    default = getattr(read_settings(), name)
    monkeypatch.setenv(variable(name), written)
    settings = read_settings()
    assert getattr(settings, name) == expected
    assert name == "device" or expected != default
    others = {other: value for other, value in settings.model_dump().items() if other != name}
    assert others == {
        other: value for other, value in Settings.model_construct().model_dump().items() if other in others
    }


@pytest.mark.parametrize(("name", "written"), BAD)
def test_a_bad_value_is_a_sentence_that_names_the_variable_and_the_value(
    monkeypatch: pytest.MonkeyPatch, name: str, written: str
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setenv(variable(name), written)
    with pytest.raises(SettingsError) as raised:
        read_settings()
    message = str(raised.value)
    assert message.startswith(f"{variable(name)}={written} cannot be used: ")
    assert "\n" not in message
    assert "Value error" not in message


def test_cuda_where_there_is_none_is_refused_and_auto_takes_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(SettingsError, match="no CUDA device"):
        read_settings(device="cuda")
    assert read_settings(device="auto").device == "cpu"
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert read_settings(device="auto").device == "cuda"
    assert read_settings(device="cuda:0").device == "cuda:0"


def test_the_command_line_stands_above_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable("port"), "8080")
    assert read_settings(port=9090, host=None).port == 9090
    assert read_settings(port=None).port == 8080


def test_settings_do_not_change_while_the_server_runs() -> None:
    with pytest.raises(ValueError, match="frozen"):
        read_settings().port = 1  # type: ignore[misc]


def test_every_setting_says_what_it_is() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name


def test_the_readme_lists_every_setting_with_its_default_and_no_other() -> None:
    listed = {}
    for line in README.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) >= 2 and re.fullmatch(rf"`{PREFIX}\w+`", cells[0]):
            assert cells[0] not in listed, f"{cells[0]} stands there twice"
            listed[cells[0].strip("`")] = cells[1]
            assert len(cells) == 3, line
            assert cells[2].endswith("."), line
    expected = {}
    for name, field in Settings.model_fields.items():
        default = field.default
        if name == "worker_threads":
            expected[variable(name)] = "one a processor"
        else:
            shown = f"{default:g}" if isinstance(default, float) else str(default)
            expected[variable(name)] = f"`{shown}`" if default != [] else "none"
    assert listed == expected
