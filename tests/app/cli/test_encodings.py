"""`app.cli.shared.encodings`: commands whose output goes where not every character can be held."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys

import pytest

from app.cli.shared.encodings import make_forgiving
from tests.support.paths import ROOT

COMMANDS = {"models": (0, "128"), "train --help": (0, "--units"), "evaluate nobody/×→ж README.md": (2, "nobody/")}
"""Commands, with the status that each ends with and words that it prints."""

ONE_AFTER_ANOTHER = """
import sys
from app.cli import main
for command in sys.argv[1:]:
    sys.argv = ["hidden-state", *command.split()]
    status = 0
    try:
        main()
    except SystemExit as end:
        status = end.code or 0
    sys.stderr.flush()
    print(f"\\n=== {status} ===", flush=True)
"""
"""A process takes seconds to start, so each encoding has one."""


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
def test_no_encoding_of_the_output_ends_a_command(encoding: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ONE_AFTER_ANOTHER, *COMMANDS],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": encoding, "COLUMNS": "120"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
    )
    said = done.stdout.decode(encoding)
    assert done.returncode == 0, said
    assert "Traceback" not in said
    parts = re.split(r"\s=== (\d+) ===\s", said)
    assert parts.pop().strip() == ""
    for command, printed, status in zip(COMMANDS, parts[::2], parts[1::2], strict=True):
        wanted, words = COMMANDS[command]
        assert int(status) == wanted, command
        assert words in printed, command
