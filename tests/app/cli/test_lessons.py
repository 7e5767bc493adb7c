"""`hidden-state lessons check`: names mistakes, measures claims, writes them, and exits with 1 if anything is wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli import commands
from tests.support.lessons.texts import CLAIM, fence, lesson
from tests.support.small_models import make_tiny

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    for name in [name for name in os.environ if name.startswith("HIDDEN_STATE_")]:
        monkeypatch.delenv(name)
    make_tiny(tmp_path / "models" / "tiny-rnn", "tiny-rnn", "rnn", 6, 1)
    monkeypatch.setenv("HIDDEN_STATE_MODEL_FOLDERS", str(tmp_path / "models"))

    def command(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["hidden-state", "lessons", "check", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            sys.exit(commands.main())
        printed = capsys.readouterr()
        return int(end.value.code or 0), printed.out, printed.err

    return command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "lessons"
    made.mkdir()
    return made


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_right_folder(run: Run, folder: Path) -> None:
    write(folder, "01-a.md", lesson(f"{{units}}\n\n{CLAIM}", "Words."))
    write(folder, "README.md", "no lesson")
    status, said, _ = run(folder)
    assert status == 0
    assert "01-a.md: units = 6, as stated" in said
    assert "1 lesson, 2 steps, 1 claim measured: nothing wrong." in said


def test_every_mistake_has_file_and_line_and_the_status_is_1(run: Run, folder: Path) -> None:
    write(folder, "01-a.md", lesson("It has 128 units."))
    write(folder, "02-b.md", lesson(fence("try", "[done]\necho = true")))
    status, said, _ = run(folder)
    assert status == 1
    assert "01-a.md, line 13: The prose states 128 as a loose number." in said
    assert "02-b.md, line 14: The `try` block lacks `task`. Add task = … to it." in said
    assert "2 lessons, 2 steps, 0 claims measured: 2 mistakes." in said


def test_a_claim_that_does_not_hold_is_a_mistake_until_it_is_written(run: Run, folder: Path) -> None:
    path = write(folder, "01-a.md", lesson(f"{{units}}\n\n{CLAIM.replace('value = 6', 'value = 8')}"))
    before = path.read_text(encoding="utf-8")
    status, said, _ = run(path)
    assert status == 1
    assert "NOT as stated, 8" in said
    assert path.read_text(encoding="utf-8") == before
    status, _, noted = run(path, "--write")
    assert status == 0
    assert "units written" in noted
    assert path.read_text(encoding="utf-8") == before.replace("value = 8", "value = 6")
    assert run(path)[0] == 0


@pytest.mark.parametrize(("name", "said"), [("gone", "cannot be read"), (".", "has no lessons")])
def test_a_folder_without_lessons_is_an_error(run: Run, folder: Path, name: str, said: str) -> None:
    status, printed, complained = run(folder / name)
    assert status in (1, 2)
    assert said in printed + complained
