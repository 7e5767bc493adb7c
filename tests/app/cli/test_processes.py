"""Commands as processes of their own: a server and a training that are interrupted."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from models import load
from tests.support.paths import ROOT

SMALL = ["--cell", "gru", "--units", "6", "--streams", "4", "--segment", "32", "--seed", "3"]
Process = subprocess.Popen[str]


UPDATES_TOLD = """
from app.cli.commands import main
from models.training.trainer import Trainer

update, done = Trainer._update, []

def told(trainer):
    found = update(trainer)
    done.append(trainer.step)
    if len(done) <= 3:
        print("an update", flush=True)
    return found

Trainer._update = told
main()
"""


@contextmanager
def interruptible() -> Iterator[None]:
    """Within it a process is started that Ctrl-C ends, even where these tests run with SIGINT ignored: a job in the
    background of a script is, and what is ignored stays so in every process that it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def process(*arguments: object, program: Sequence[str] = ("-m", "app.cli"), **environment: str) -> Process:
    with interruptible():
        return subprocess.Popen(
            [sys.executable, *program, *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def interrupt(run: subprocess.Popen[str]) -> str:
    run.send_signal(signal.SIGINT)
    printed, _ = run.communicate(timeout=30)
    assert "Traceback" not in printed
    return " ".join(printed.split())


@pytest.mark.slow
def test_serve_says_where_it_is_and_ctrl_c_stops_it() -> None:
    run = process("serve", HIDDEN_STATE_PORT="0", HIDDEN_STATE_HOST="127.0.0.1")
    line = run.stdout.readline()
    address = re.search(r"http://127\.0\.0\.1:\d+", line)
    assert address, line
    with urllib.request.urlopen(f"{address[0]}/healthz", timeout=30) as answer:
        assert json.load(answer)["status"] == "ok"
    interrupt(run)
    assert run.returncode in (0, 130)


@pytest.mark.slow
def test_ctrl_c_keeps_the_best_so_far_and_resume_goes_on_from_there(text_file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cut"
    done = [0]
    for going_on in ([], ["--resume"]):
        arguments = ["train", text_file, "--out", folder, "--epochs", "100000", *SMALL, *going_on]
        run = process(*arguments, program=("-c", UPDATES_TOLD))
        for _ in range(3):
            wait_for_line(run, "an update")
        printed = interrupt(run)
        assert run.returncode == 130, printed
        assert "cut short; --resume goes on" in printed
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        assert not card["training"]["finished"]
        done.append(card["training"]["updates_done"])
        assert load(folder).trace("abc")["0.hidden"].shape == (3, 6)
    assert done[0] < done[1] < done[2], "each training begins where the one before had ended, and comes further"


def wait_for_line(run: Process, words: str) -> None:
    """Read what the process says up to a line with these words."""
    said = ""
    while words not in (line := run.stdout.readline()):
        said += line
        assert line, f"the process ended: {said}"
