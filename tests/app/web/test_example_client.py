"""The example client of docs/protocol.md: exactly that block, run against a server."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.compute.model_library import Library
from tests.support.paths import ROOT
from tests.support.served_app import Server

DOCUMENT = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
TEXT = "Night, and\n“é"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    (block,) = re.findall(r"^```python\n(.*?)^```", DOCUMENT.split("## An example client")[1], re.S | re.M)
    path = tmp_path_factory.mktemp("example") / "client.py"
    path.write_text(block, encoding="utf-8")
    return path


def run(client: Path, server: Server, text: str, model: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-X", "utf8", str(client), text, model, f"ws://127.0.0.1:{server.port}/ws"],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )


@pytest.mark.parametrize("model", ["tiny-rnn", "tiny-gru@0"])
def test_the_example_client_prints_the_states_that_the_library_computes(
    client: Path, server: Server, library: Library, model: str
) -> None:
    done = run(client, server, TEXT, model)
    assert (done.returncode, done.stderr) == (0, "")
    hidden = library.get(model).lm.trace(TEXT)["0.hidden"].numpy()
    lines = done.stdout.splitlines()
    assert len(lines) == len(TEXT)
    for line, character, state in zip(lines, TEXT, hidden, strict=True):
        assert line.lstrip().startswith(repr(character))
        printed = {int(unit): value for unit, value in re.findall(r"(\d+): ([+-]\d\.\d{4})", line)}
        assert list(printed) == sorted(range(len(state)), key=lambda unit: -abs(state[unit]))[:5]
        assert list(printed.values()) == [f"{state[unit]:+.4f}" for unit in printed]


def test_the_example_client_ends_with_the_servers_sentence_when_something_is_wrong(
    client: Path, server: Server
) -> None:
    done = run(client, server, "x", "tiny-gru@9")
    assert done.returncode == 1
    assert "tiny-gru@0" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_example_is_about_thirty_lines_long(client: Path) -> None:
    lines = [line for line in client.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(lines) <= 36
