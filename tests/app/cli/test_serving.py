"""`hidden-state open`: checks the file, serves, and opens a browser at it."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
import urllib.request
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.cli import commands
from app.server import process
from app.session_file.content import History, Session, View, write_session
from tests.support.session_file.zips import changed

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command; a server that it would start asks itself what it would serve, and ends."""
    for name in [name for name in os.environ if name.startswith("HIDDEN_STATE_")]:
        monkeypatch.delenv(name)

    def command(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["hidden-state", "open", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            sys.exit(commands.main())
        printed = capsys.readouterr()
        return int(end.value.code or 0), printed.out, printed.err

    return command


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "lecture [1].hidden-state"
    path.write_bytes(write_session(Session(View(view="models=shakespeare-gru"), "To be\n🙂", History())))
    return path


class Asked(process.uvicorn.Server):
    """A server that answers one question to itself."""

    answer: dict[str, Any]

    def run(self, sockets: Any = None) -> None:
        answers: list[bytes] = []

        async def startup(*_: Any, **__: Any) -> None:
            await began(*_, **__)
            threading.Thread(target=ask).start()

        def ask() -> None:
            port = sockets[0].getsockname()[1]
            (word,) = self.config.app.state.hidden_state.given
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/session/{word}", timeout=60) as answer:
                answers.append(answer.read())
            self.should_exit = True

        began = self.startup
        self.startup = startup  # type: ignore[method-assign]
        super().run(sockets)
        Asked.answer = json.loads(answers[0])


def test_it_serves_the_session_at_an_address_that_does_not_hold_it(
    run: Run, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    seen = threading.Event()
    monkeypatch.setattr(webbrowser, "open", lambda address: (opened.append(address), seen.set()))
    monkeypatch.setattr(process.uvicorn, "Server", Asked)
    status, said, _ = run(file, "--port", "0")
    assert status == 0
    assert seen.wait(30)
    found = re.search(r"The session is at (http://127\.0\.0\.1:\d+/explore\?session=[\w-]{20,})\s", said)
    assert found, said
    assert opened == [found[1]]
    assert Asked.answer["text"] == "To be\n🙂"
    assert Asked.answer["view"] == "models=shakespeare-gru"


def test_without_a_browser_it_prints_the_address(run: Run, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda _: pytest.fail("a browser was opened"))
    monkeypatch.setattr(process.uvicorn, "Server", Asked)
    status, said, _ = run("--no-browser", file, "--port", "0")
    assert status == 0
    assert "/explore?session=" in said


def test_a_file_that_cannot_be_opened_is_a_sentence_and_nothing_is_served(
    run: Run, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_bind", lambda _: pytest.fail("it listens"))
    data = file.read_bytes()
    for name, content, told in [
        ("cut", data[:100], "is damaged or incomplete"),
        ("newer", changed(data, version=2), "is from a newer Hidden State"),
        ("text.txt", b"To be", "no zip file"),
    ]:
        (tmp_path / name).write_bytes(content)
        status, _, complaint = run(tmp_path / name)
        assert (status, told in complaint) == (2, True), complaint
    assert "cannot be read: No such file" in run(tmp_path / "none")[2]
    assert "cannot be read: Is a directory" in run(tmp_path)[2]
    monkeypatch.setenv("HIDDEN_STATE_MESSAGE_LIMIT_BYTES", "1024")
    (tmp_path / "large").write_bytes(bytes(1025))
    assert "has 1,025 bytes; this server takes at most 1,024" in run(tmp_path / "large")[2]
