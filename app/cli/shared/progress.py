"""The progress of a long command, in the terminal: rate and remaining time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

LINE_EVERY_SECONDS = 30.0
"""How often a line is printed if there is no terminal for a progress bar."""


class TrainingProgress(Protocol):
    """The progress of any kind of training."""

    @property
    def step(self) -> int: ...
    @property
    def steps(self) -> int: ...
    @property
    def words(self) -> str: ...
    @property
    def remaining_seconds(self) -> float: ...


@contextmanager
def training_bar(console: Console, name: str) -> Iterator[Callable[[TrainingProgress], None]]:
    """A progress bar for a training; in a log, an occasional line."""
    words = TextColumn("{task.fields[words]}", markup=False)
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        words,
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task(name, total=None, words="")
        printed = time.monotonic()

        def report(progress: TrainingProgress) -> None:
            nonlocal printed
            bar.update(task, completed=progress.step, total=progress.steps, words=progress.words)
            if not console.is_terminal and time.monotonic() - printed > LINE_EVERY_SECONDS:
                printed = time.monotonic()
                left = f"{progress.remaining_seconds:,.0f} s left"
                console.print(f"{name} {progress.step}/{progress.steps}: {progress.words}, {left}")

        yield report


@contextmanager
def reading_bar(console: Console) -> Iterator[Callable[[int, int], None]]:
    """A progress bar for reading a text."""
    with Progress(
        TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console, transient=True
    ) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def share_bar(console: Console, name: str) -> Iterator[Callable[[float], None]]:
    """A progress bar for work that reports the share done, 0 … 1."""
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    ) as bar:
        task = bar.add_task(name, total=1.0)
        yield lambda share: bar.update(task, completed=share)
