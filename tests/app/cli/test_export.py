"""`hidden-state export`: a page by models or by a view, and a sentence for whatever goes wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli import commands
from tests.support.small_models import make_tiny

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    for name in [name for name in os.environ if name.startswith("HIDDEN_STATE_")]:
        monkeypatch.delenv(name)
    make_tiny(tmp_path / "models" / "own", "own", "lstm", 4, 1)
    monkeypatch.setenv("HIDDEN_STATE_MODEL_FOLDERS", str(tmp_path / "models"))

    def command(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["hidden-state", "export", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            sys.exit(commands.main())
        printed = capsys.readouterr()
        return int(end.value.code or 0), printed.out, printed.err

    return command


def test_models_by_id_and_by_folder_with_a_text(run: Run, tmp_path: Path) -> None:
    story, page = tmp_path / "story.txt", tmp_path / "page.html"
    story.write_bytes(b"To be,\r\nor not")
    folder = tmp_path / "models" / "own"
    status, said, _ = run("--models", f"own, {folder}@0", "--text", story, "--title", "For class 9", "-o", page)
    assert status == 0
    assert "own" in said
    written = page.read_text(encoding="utf-8")
    assert "<title>For class 9 · Hidden State</title>" in written
    assert '"text":"To be,\\nor not"' in written


def test_a_view(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert run("--live", "http://localhost:8000/explore#models=own&text=abc&echo=1:x", "-o", page)[0] == 0
    written = page.read_text(encoding="utf-8")
    assert 'content="models=own&amp;echo=1%3Ax"' in written
    assert '"text":"abc"' in written


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], "--models or with --live"),
        (["--models", "own", "--live", "#models=own"], "--models or with --live"),
        (["--models", ","], "at least one model"),
        (["--models", "gpt"], "no model called 'gpt'"),
        (["--live", "#models=own&missing=9000"], "--text"),
        (["--models", "shakespeare-lstm-deep"], "MB; at most 5"),
    ],
)
def test_what_goes_wrong_is_a_sentence(run: Run, tmp_path: Path, arguments: list[str], named: str) -> None:
    page = tmp_path / "page.html"
    status, _, complaint = run(*arguments, "-o", page)
    assert status == 2
    assert named in complaint
    assert not page.exists()


def test_a_file_that_cannot_be_written_and_a_broken_model(run: Run, tmp_path: Path) -> None:
    assert "cannot be written" in run("--models", "own", "-o", tmp_path / "none" / "page.html")[2]
    (tmp_path / "models" / "own" / "weights.safetensors").write_bytes(b"")
    status, _, complaint = run("--models", "own", "-o", tmp_path / "page.html")
    assert (status, "does not fit its card" in complaint) == (2, True)
