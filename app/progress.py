"""How far a long command is, in the terminal: rate and remaining time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from models.training import Progress as TrainingProgress

LINE_EVERY_SECONDS = 30.0
"""How often a line is printed where there is no terminal to draw a bar in."""


@contextmanager
def training_bar(console: Console, name: str) -> Iterator[Callable[[TrainingProgress], None]]:
    """A bar for a training; in a log, a line now and then."""
    words = TextColumn("{task.fields[words]}")
    with Progress(
        TextColumn("{task.description}"),
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
            words = (
                f"{progress.loss_bits:.3f} bits, validation {progress.validation_bits:.3f} "
                f"(best {progress.best_bits:.3f}), "
                f"{progress.characters_per_second / 1000:,.0f} k characters/s"
            )
            bar.update(task, completed=progress.step, total=progress.steps, words=words)
            if not console.is_terminal and time.monotonic() - printed > LINE_EVERY_SECONDS:
                printed = time.monotonic()
                console.print(
                    f"{name} {progress.step}/{progress.steps}: {words}, {progress.remaining_seconds:,.0f} s left"
                )

        yield report


@contextmanager
def reading_bar(console: Console) -> Iterator[Callable[[int, int], None]]:
    """A bar for a text that is being read."""
    with Progress(
        TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console, transient=True
    ) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
