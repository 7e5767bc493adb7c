"""Several runs of the command line in parallel, one process each."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from models import HiddenStateError

COMMAND_LINE = __name__.removesuffix(".shared.parallel")
"""The package that `python -m` runs, by its actual name: when installed, it is inside another."""


def side_by_side(commands: list[list[str]], jobs: int) -> None:
    """Run `hidden-state` with each of `commands`, at most `jobs` at a time; their output appears line by line.

    Ctrl-C reaches the running ones, which finish in their own way; waiting ones are not started.

    Raises:
        HiddenStateError: naming the commands that failed.
    """
    running: list[subprocess.Popen[str]] = []

    def run(command: list[str]) -> int:
        with subprocess.Popen(
            [sys.executable, "-m", COMMAND_LINE, *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            running.append(process)
            for line in process.stdout or ():
                print(line, end="", flush=True)
        return process.returncode

    with ThreadPoolExecutor(jobs) as pool:
        results = [pool.submit(run, command) for command in commands]
        try:
            codes = [result.result() for result in results]
        except KeyboardInterrupt:
            for result in results:
                result.cancel()
            for process in running:
                process.wait()
            raise
    failed = [" ".join(command) for command, code in zip(commands, codes, strict=True) if code]
    if failed:
        raise HiddenStateError(f"Not all went well: {'; '.join(failed)}. What they said stands above.")
