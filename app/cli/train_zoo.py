"""The commands of the models that ship: `hidden-state train-zoo`, `train-run` for a single training of it, and
`study-training` for the study of what training does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.console import Console
from rich.table import Table

from models import HiddenStateError
from models.storage.checkpoint import Card
from models.studies.recall.tuning import ARCHITECTURES
from models.studies.training_study import FILE, conduct, missing, read_lines, table, trials
from models.training import corpora
from models.training.corpora import Corpus, cache_folder
from models.training.recipes import Recipe, zoo_recipes
from models.training.training_record import NAME, TrainingRecord
from models.training.zoo_training import SEEDS, Run, Workshop
from models.zoo import FOLDER

from .shared.parallel import side_by_side
from .shared.progress import training_bar
from .shared.texts import files_by_corpus

out = Console()
RECALL = "recall"

Only = Annotated[list[str] | None, typer.Option(help='These models only, "recall" for all of those; may be repeated.')]
Files = Annotated[list[str] | None, typer.Option(help="Take a corpus from a file: shakespeare=PATH.")]
Runs = Annotated[Path | None, typer.Option(help="Where single trainings are kept (default: in the cache folder).")]
Resume = Annotated[bool, typer.Option("--resume", help="Take trainings that are there, go on with those cut short.")]


def train_zoo(
    only: Only = None,
    corpus: Files = None,
    output: Annotated[Path, typer.Option("--out", "-o", help="The folder of the zoo.")] = FOLDER,
    runs: Runs = None,
    resume: Resume = False,
    jobs: Annotated[int, typer.Option(min=1, help="Trainings side by side, each on one thread.")] = 2,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds count, 1, 2, 3, …")] = len(SEEDS),
) -> None:
    """Tune, train and measure the models that ship, all by one protocol; the middle seed ships."""
    recipes, with_recall = _asked(only)
    folder = runs or cache_folder() / "zoo-runs"
    record = output / NAME
    workshop = Workshop(folder, record=TrainingRecord(record))
    texts = _texts(recipes, corpus)
    shared = [*(f"--corpus={item}" for item in corpus or []), f"--runs={folder}", f"--record={record}"]
    commands = [
        _command(run, [*shared, *(["--resume"] if resume else [])])
        for recipe in recipes
        for run in workshop.tuning(recipe)
        if not (resume and workshop.result(run, texts[recipe.corpus]))
    ]
    if with_recall:
        commands.append(["train-recall", f"--out={output}", *(["--resume"] if resume else [])])
    side_by_side(commands, jobs)
    counting = {recipe.id: workshop.counting(recipe, texts[recipe.corpus], range(1, seeds + 1)) for recipe in recipes}
    side_by_side(
        [
            _command(run, [*shared, *(["--resume"] if resume else [])])
            for recipe in recipes
            for run in counting[recipe.id]
            if not (resume and workshop.result(run, texts[recipe.corpus]))
        ],
        jobs,
    )
    alone = shared[:-1]  # without the record, where they are already
    while again := [
        run
        for recipe in recipes
        if (run := workshop.to_train_again(recipe, texts[recipe.corpus], range(1, seeds + 1))) is not None
    ]:
        side_by_side([_command(run, [*alone, "--resume"]) for run in again], jobs)
    for recipe in recipes:
        card = workshop.ship(recipe, texts[recipe.corpus], output, range(1, seeds + 1))
        out.print(_table(card))


def train_run(
    model: Annotated[str, typer.Argument(help="The recipe's id.")],
    rate: Annotated[float, typer.Option(help="The highest learning rate.")],
    penalty: Annotated[float, typer.Option(help="What the cell's penalised quantity counts.")],
    seed: Annotated[int, typer.Option(help="0 tunes: a third of the length.")],
    corpus: Files = None,
    runs: Runs = None,
    resume: Resume = False,
    record: Annotated[Path | None, typer.Option(help="A file to note the result in.")] = None,
) -> None:
    """Run one training of `train-zoo` in its folder of runs; the zoo is not changed."""
    recipes, _ = _asked([model])
    if not recipes:
        raise HiddenStateError("The recall models have a command of their own: hidden-state train-recall.")
    torch.set_num_threads(1)
    run = Run(recipes[0], rate, penalty, seed)
    workshop = Workshop(runs or cache_folder() / "zoo-runs", resume, TrainingRecord(record) if record else None)
    text = _texts(recipes, corpus)[recipes[0].corpus]
    with training_bar(out, run.name) as report:
        result = workshop.make(run, text, report)
    if result is None:
        raise KeyboardInterrupt
    found = result["found"]
    out.print(
        f"{run.name}: {found['validation_bits']:.4f} bits on the validation split, {found['dead']} of {found['units']} "
        f"units dead, {found['saturated']:.0%} of hidden values saturated",
        highlight=False,
        soft_wrap=True,
    )


def _command(run: Run, shared: list[str]) -> list[str]:
    own = [f"--rate={run.learning_rate!r}", f"--penalty={run.penalty!r}", f"--seed={run.seed}"]
    return ["train-run", run.recipe.id, *own, *shared]


def _asked(only: list[str] | None) -> tuple[list[Recipe], bool]:
    """The requested recipes, and whether the recall models are requested."""
    known = {recipe.id: recipe for recipe in zoo_recipes()}
    names = {*known, RECALL}
    if unknown := [name for name in only or [] if name not in names]:
        more = "" if not set(unknown) & set(ARCHITECTURES) else " Single recall models are trained by train-recall."
        raise HiddenStateError(
            f"There is no recipe called {', '.join(unknown)}. There are: {', '.join([*known, RECALL])}.{more}"
        )
    if not only:
        return list(known.values()), True
    return [known[name] for name in only if name in known], RECALL in only


def _texts(recipes: list[Recipe], files: list[str] | None) -> dict[str, Corpus]:
    given = files_by_corpus(files)
    return {name: corpora.load(given.get(name, name)) for name in {recipe.corpus for recipe in recipes}}


def _table(card: Card) -> Table:
    """The result of each seed."""
    table = Table(box=None, header_style="bold", pad_edge=False, title=card.id, title_justify="left")
    for heading in ("seed", "training", "validation", "test", "dead", "saturated", "|c| 99.9 %", "beyond 10", "ships"):
        table.add_column(heading, justify="right")
    for run in card.protocol.seeds if card.protocol else []:
        bits = (f"{one:.3f}" for one in (run.training_bits, run.validation_bits, run.test_bits))
        size = "–" if run.largest_cell is None else f"{run.largest_cell:.3g}"
        dead = f"{run.dead} of {run.units}"
        context = f"{run.context['10']:.3f}"
        table.add_row(str(run.seed), *bits, dead, f"{run.saturated:.0%}", size, context, "ships" if run.shipped else "")
    return table


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
