"""A server of this project as a process of its own, and a Chromium to look at it with.

The browser tests, the keystroke benchmark and the screenshots use the same two.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
START_SECONDS = 120.0


def chromium_path() -> str | None:
    """The Chromium that CHROMIUM names, else the first on the path; None for Playwright's own."""
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        return chosen
    return next((path for name in NAMES if (path := shutil.which(name)) is not None), None)


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """A running Chromium without a window; `flags` come on top of those that every use of it needs."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            browser.close()


class Server:
    """`hidden-state serve` as a process. It may be killed and started again on the port that it had.

    Args:
        command: another command that serves, with what it takes, in place of `serve`.
        environment: settings on top of those of this process, such as HIDDEN_STATE_SESSION_LIMIT.
    """

    def __init__(self, *command: str, **environment: str) -> None:
        self._command = command or ("serve",)
        self._environment = {**os.environ, "HIDDEN_STATE_LOG_LEVEL": "warning", **environment}
        self._process: subprocess.Popen[str] | None = None
        self.port = 0
        self.url = ""
        self.page = ""
        """The address that a command names beside that of the server."""
        self.log: list[str] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = [sys.executable, "-m", "app.cli", *self._command, "--host", "127.0.0.1", "--port", str(self.port)]
        self._process = subprocess.Popen(
            command, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self._process.stdout is not None
        deadline = time.monotonic() + START_SECONDS
        for line in self._process.stdout:
            self.log.append(line)
            found = re.search(r"http://[\d.]+:(\d+)", line)
            if found:
                self.url, self.port = found[0], int(found[1])
                break
        else:
            raise RuntimeError(f"The server did not start:\n{''.join(self.log)}")
        if self._command != ("serve",):
            self.log.append(self._process.stdout.readline())
            self.page = self.log[-1].rpartition(" ")[2].strip()
        threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True).start()
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError(f"The server does not answer:\n{''.join(self.log)}")
            time.sleep(0.05)

    @property
    def pid(self) -> int:
        """Of the server's process."""
        assert self._process is not None
        return self._process.pid

    def _listen(self, lines: Iterator[str]) -> None:
        self.log.extend(lines)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._end(gently=False)

    def stop(self) -> None:
        """Ask it to end."""
        self._end(gently=True)

    def _end(self, *, gently: bool) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate() if gently else process.kill()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
