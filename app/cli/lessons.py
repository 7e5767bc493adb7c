"""The commands of lessons: `hidden-state lessons check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import torch
import typer

from models import HiddenStateError, OutputError
from models.text.names import shown
from models.text.words import counted

from ..compute.model_library import Library
from ..lessons.check import Remeasured, rewritten
from ..lessons.check import check as check_lesson
from ..lessons.mistake import Mistake
from ..lessons.parser import Lesson
from ..lessons.shelf import read_file, read_folder, shipped
from ..settings import read_settings
from .shared.terminal import note, out

app = typer.Typer(
    help="Lessons: text files that lead a class; docs/lessons.md says how to write one.", no_args_is_help=True
)


@app.command()
def check(
    folder: Annotated[
        Path | None, typer.Argument(help="A folder of lessons, or one file (default: those that ship).")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Put measured values into the claims that do not hold.")
    ] = False,
) -> None:
    """Read lessons, name every mistake with its file, line and remedy, and measure every number that they state again.

    Exits with 1 if anything is wrong.
    """
    torch.set_num_threads(1)
    place = shipped() if folder is None else folder
    if place.is_file():
        read = read_file(place)
        lessons, mistakes = ([], [read]) if isinstance(read, Mistake) else ([read], [])
        place = place.parent
    else:
        found = read_folder(place)
        lessons, mistakes = found.lessons, found.mistakes
    if not lessons and not mistakes:
        raise HiddenStateError(f"{shown(str(place))} has no lessons. A lesson is a file NN-name.md.")
    library = Library(read_settings().model_folders, "cpu")
    claims = 0
    for lesson in lessons:
        result = check_lesson(lesson, library)
        claims += len(result.claims)
        for one in result.claims:
            state = "as stated" if one.holds else f"NOT as stated, {one.claim.value:g}"
            _say(f"{lesson.file}: {one.claim.name} = {one.measured:.6g}, {state}")
        off = [one for one in result.claims if not one.holds]
        mistakes += result.mistakes
        if write and off:
            _write(place / lesson.file, lesson, off)
        else:
            mistakes += [one.mistake for one in off]
    for mistake in mistakes:
        _say(mistake.words())
    steps = sum(len(lesson.steps) for lesson in lessons)
    wrong = counted(len(mistakes), "mistake") if mistakes else "nothing wrong"
    _say(f"{counted(len(lessons), 'lesson')}, {counted(steps, 'step')}, {counted(claims, 'claim')} measured: {wrong}.")
    if mistakes:
        raise typer.Exit(1)


def _write(path: Path, lesson: Lesson, off: list[Remeasured]) -> None:
    """Put what was measured into a lesson's file.

    Raises:
        OutputError: if it cannot be written.
    """
    try:
        source = path.read_text(encoding="utf-8")
        path.write_text(rewritten(source, lesson, off), encoding="utf-8", newline="")
    except OSError as error:
        raise OutputError(
            f"{shown(str(path))} cannot be written: {error.strerror or error}. Look after its permissions."
        ) from None
    names = ", ".join(sorted(one.claim.name for one in off))
    note(f"{path.name}: {names} written. Read the sentences again: they do not follow.")


def _say(line: str) -> None:
    out.print(line, markup=False, highlight=False, soft_wrap=True)
