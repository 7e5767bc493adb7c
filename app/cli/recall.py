"""The commands of the recall task: `hidden-state train-recall` and `hidden-state recall`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.table import Table

from models import HiddenStateError
from models.studies.recall.curves import RecallCurves, reach
from models.studies.recall.publishing import make_recall
from models.studies.recall.tuning import ARCHITECTURES, CONDITIONS, SEEDS, TEACHINGS, TEST_EPISODES, Workshop
from models.tasks.delayed_recall import CHANCE, CRITERION, TEST_SEED, accuracies
from models.training.corpora import cache_folder
from models.zoo import FOLDER, load_text_model

from .shared.progress import reading_bar, training_bar
from .shared.terminal import out

SHOWN = "1,2,3,5,10,20,50,100,150,200"
FARTHEST = 100_000


def _delays(value: str) -> list[int]:
    """The delays named by "1-20,50", each once, in order."""
    found: set[int] = set()
    for part in value.split(","):
        first, _, last = part.strip().partition("-")
        last = last or first
        if not (first.isdecimal() and last.isdecimal() and 1 <= int(first) <= int(last) <= FARTHEST):
            raise typer.BadParameter(f"{part.strip()!r} is no delay; name some of 1 … {FARTHEST:,}, as in 1-20,50.")
        found.update(range(int(first), int(last) + 1))
    return sorted(found)


def recall(
    model: Annotated[str, typer.Argument(help="A model's id or folder; id@0 is its untrained twin.")],
    delays: Annotated[str, typer.Option(help="Which delays, as in 1-20,50.")] = SHOWN,
    episodes: Annotated[int, typer.Option(min=1, help="Episodes at each delay.")] = TEST_EPISODES,
    seed: Annotated[
        int, typer.Option(min=0, help="Of the episodes; that of the shipped curves by default.")
    ] = TEST_SEED,
) -> None:
    """Measure how far a model carries a key: accuracy against the delay."""
    torch.set_num_threads(1)
    asked = _delays(delays)
    lm = load_text_model(model)
    with reading_bar(out) as progress:
        found = accuracies(lm, asked, episodes=episodes, seed=seed, progress=progress)
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("delay", justify="right")
    table.add_column("accuracy", justify="right")
    for delay, accuracy in zip(asked, found, strict=True):
        table.add_row(f"{delay:,}", f"{accuracy:.3f}")
    out.print(table)
    out.print(f"{lm.name}: {episodes:,} episodes a delay, chance {CHANCE:.3f}, mean {found.mean():.3f}")
    if asked == list(range(1, len(asked) + 1)):
        longest = reach(found, CRITERION)
        least = "at least " if longest == len(asked) else ""
        out.print(f"It stays at {CRITERION} or above up to a delay of {least}{longest:,}.", highlight=False)


def train_recall(
    only: Annotated[list[str] | None, typer.Option(help="Train these architectures only; may be given again.")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds, 1, 2, 3, …")] = len(SEEDS),
    output: Annotated[Path, typer.Option("--out", "-o", help="The folder of the zoo.")] = FOLDER,
    runs: Annotated[
        Path | None, typer.Option(help="Where the single trainings are kept (default: in the cache folder).")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Take the trainings that are there already.")] = False,
    taught: Annotated[
        list[str] | None, typer.Option(help="Only these teachings, mixed, growing or penalised; may be given again.")
    ] = None,
) -> None:
    """Tune, train and measure the recall models, on one thread; write the zoo's folders and all curves."""
    if unknown := [name for name in only or [] if name not in ARCHITECTURES]:
        raise HiddenStateError(
            f"There is no recall architecture called {', '.join(unknown)}. There are: {', '.join(ARCHITECTURES)}."
        )
    if unknown := [name for name in taught or [] if name not in TEACHINGS]:
        raise HiddenStateError(f"Nothing is taught {', '.join(unknown)}. The teachings are: {', '.join(TEACHINGS)}.")
    conditions = [one for one in CONDITIONS if not taught or one[0] in taught]
    torch.set_num_threads(1)
    workshop = Workshop(
        runs or cache_folder() / "recall-runs", resume=resume, watch=lambda run: training_bar(out, run.name)
    )
    curves = make_recall(
        workshop, zoo=output, models=only or ARCHITECTURES, seeds=range(1, seeds + 1), conditions=conditions
    )
    out.print(_summaries(curves))
    out.print(f"{output / 'recall.json'}: {len(curves.runs)} curves, {len(curves.tuning)} trainings to tune")


def _summaries(curves: RecallCurves) -> Table:
    """The reach of each architecture under each teaching: the median over the seeds, and the range."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("model", "taught", "rate", "seeds", "reach", "from", "to"):
        table.add_column(heading, no_wrap=True, justify="left" if heading in ("model", "taught") else "right")
    for one in curves.summaries():
        reached = (f"{one.reach_median:g}", f"{one.reach_lowest}", f"{one.reach_highest}")
        taught = f"{one.teaching}, 1–{one.longest}"
        table.add_row(one.model, taught, f"{one.learning_rate:g}", f"{len(one.seeds)}", *reached)
    return table
