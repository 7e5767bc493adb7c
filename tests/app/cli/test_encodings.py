"""`app.cli.shared.encodings`: commands whose output goes where not every character can be held."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest

from app.cli.shared.encodings import make_forgiving
from tests.support.paths import ROOT


def run(encoding: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": encoding, "COLUMNS": "120"},
        capture_output=True,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("cp1251", "1 x 128 – ж -> \\u5b57 …"),
        ("ascii", "1 x 128 - \\u0436 -> \\u5b57 ..."),
        ("utf-8", "1 × 128 – ж → 字 …"),
    ],
)
def test_what_an_encoding_cannot_hold_is_written_otherwise(
    monkeypatch: pytest.MonkeyPatch, encoding: str, written: str
) -> None:
    into = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(into, encoding=encoding))
    make_forgiving()
    sys.stdout.write("1 × 128 – ж → 字 …")
    sys.stdout.flush()
    assert into.getvalue().decode(encoding) == written


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["cp1251", "cp949", "ascii"])
@pytest.mark.parametrize("command", ["models", "train --help", "evaluate nobody/×→ж README.md"])
def test_no_encoding_of_the_output_ends_a_command(encoding: str, command: str) -> None:
    done = run(encoding, *command.split())
    assert done.returncode == (2 if "nobody" in command else 0)
    said = (done.stdout + done.stderr).decode(encoding)
    assert "Traceback" not in said
    assert {"models": "128", "train --help": "--units"}.get(command, "nobody/") in said
