"""The command of the study of training: `hidden-state study-training`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.console import Console

from models import HiddenStateError
from models.studies.training_study import FILE, conduct, missing, read_lines, table, trials
from models.training import corpora

from .shared.parallel import side_by_side
from .shared.progress import training_bar

out = Console()


def study_training(
    only: Annotated[list[str] | None, typer.Option(help='These only, as "lstm: base"; may be given again.')] = None,
    corpus: Annotated[str, typer.Option(help="The Shakespeare text: by name, or a local copy.")] = "shakespeare",
    output: Annotated[Path, typer.Option("--out", "-o", help="The file of findings.")] = FILE,
    jobs: Annotated[int, typer.Option(min=1, help="Trainings side by side, each on one thread.")] = 2,
    markdown: Annotated[bool, typer.Option("--markdown", help="Only print the findings so far.")] = False,
) -> None:
    """Train each cell with one factor changed at a time; trainings already in the file are not repeated."""
    if markdown:
        out.print(table(read_lines(output)), markup=False, highlight=False, soft_wrap=True)
        return
    known = [trial.name for trial in trials()]
    if unknown := [name for name in only or [] if name not in known]:
        raise HiddenStateError(f"The study has no training called {', '.join(unknown)}. There are: {', '.join(known)}.")
    asked = [trial for trial in missing(output) if not only or trial.name in only]
    if jobs > 1 and len(asked) > 1:
        shared = [f"--corpus={corpus}", f"--out={output}", "--jobs=1"]
        side_by_side([["study-training", f"--only={trial.name}", *shared] for trial in asked], jobs)
        return
    torch.set_num_threads(1)
    text = corpora.load(corpus)
    for trial in asked:
        with training_bar(out, trial.name) as report:
            line = conduct(trial, text, output, report)
        out.print(f"{trial.name}: {line['found']}", markup=False, highlight=False, soft_wrap=True)
