"""The commands of recoverability: `hidden-state probe` and `hidden-state probe-zoo`."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import torch
import typer
from rich.table import Table

from models import CorpusError, HiddenStateError, NotMeasurable, catalogue
from models.measures import drain
from models.text.files import UTF8
from models.training import corpora
from models.zoo import load_text_model

from .shared.progress import share_bar
from .shared.terminal import out
from .shared.texts import files_by_corpus, text_for

if TYPE_CHECKING:
    from models.measures.memory.recoverability import Recoverability


Tuned = Annotated[
    bool, typer.Option("--tuned", help="Choose the penalty of each lag on held-out text and converge: slow.")
]
SHOWN = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100)
"""The lags of the table on the screen; a file has them all."""


def probe(
    model: Annotated[str, typer.Argument(help="A model's id or folder; id@0 is its untrained twin.")],
    file: Annotated[str, typer.Argument(help='A UTF-8 text file, or "shakespeare" or "python".')],
    split: Annotated[str, typer.Option(help="all, train, validation or test: which part of the text.")] = "all",
    characters: Annotated[int, typer.Option(min=1, help="How many of its characters, from its beginning.")] = 10_000,
    encoding: Annotated[str, typer.Option(help="Of the file: utf-8, utf-16, cp1251, …")] = UTF8,
    tuned: Tuned = False,
    output: Annotated[Path | None, typer.Option("--out", "-o", help="A CSV file to write the curve to.")] = None,
) -> None:
    """Fit a linear probe for the character k steps back on the first 80 % of a text; score it on the rest."""
    from models.measures.memory.recoverability import LAGS, probing  # scikit-learn takes a second to load
    from models.studies.recoverability import last_hidden

    torch.set_num_threads(1)
    lm = load_text_model(model)
    text = text_for(lm, file, split, characters, encoding=encoding)
    hidden = lm.trace(text)[last_hidden(lm)].numpy()  # (T, H)
    work = probing(hidden, lm.vocabulary.encode(text), len(lm.vocabulary), LAGS, tuned=tuned)
    with share_bar(out, "probing") as report:
        found = drain(work, report)
    _print(lm.name, found)
    if output is not None:
        _write(output, found)


def _print(name: str, found: Recoverability) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("steps back", "accuracy", "±"):
        table.add_column(heading, justify="right")
    for lag, accuracy, error in zip(found.lags, found.accuracy, found.standard_error, strict=True):
        if lag in SHOWN:
            table.add_row(str(lag), f"{accuracy:.3f}", f"{error:.3f}")
    out.print(table)
    fades = found.fades()
    words = f"within 0.01 of chance from lag {fades} on" if fades else f"above chance at lag {found.lags[-1]}"
    out.print(
        f"{name}: chance {found.chance:.3f}, {words}; "
        f"fitted on {found.trained_on:,} states, scored on {found.held_out:,} others",
        highlight=False,
        soft_wrap=True,
    )


def _write(path: Path, found: Recoverability) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(["lag", "accuracy", "standard_error", "chance", "fitted_on", "scored_on"])
            for lag, accuracy, error in zip(found.lags, found.accuracy, found.standard_error, strict=True):
                figures = (f"{one:.4f}" for one in (accuracy, error, found.chance))
                rows.writerow([lag, *figures, found.trained_on, found.held_out])
    except OSError as error:
        raise HiddenStateError(f"{path} cannot be written: {error}. Choose another place with --out.") from None
    out.print(f"{path}: {len(found.lags)} lags", highlight=False, soft_wrap=True)


def probe_zoo(
    only: Annotated[list[str] | None, typer.Option(help="These models only; may be given again.")] = None,
    corpus: Annotated[list[str] | None, typer.Option(help="Take a corpus from a file: shakespeare=PATH.")] = None,
    folder: Annotated[list[Path] | None, typer.Option(help="A folder with models of your own, beside the zoo.")] = None,
    tuned: Tuned = False,
) -> None:
    """Compute the recoverability curves that ship again, including those of the untrained twins."""
    from models.studies.recoverability import FILE, make_probes

    torch.set_num_threads(1)
    entries = catalogue(folder or None)
    if unknown := [name for name in only or [] if name not in entries]:
        raise HiddenStateError(f"There is no model called {', '.join(unknown)}. There are: {', '.join(entries)}.")
    files = files_by_corpus(corpus)
    for name in only or entries:
        entry = entries[name]
        source = entry.card.corpus.name
        try:
            text = corpora.load(files.get(source, source))
            with share_bar(out, name) as report:
                made = make_probes(entry.folder, text, report, tuned=tuned)
        except (CorpusError, NotMeasurable) as error:
            if only:
                raise
            out.print(f"{name} is left out: {error}", highlight=False, soft_wrap=True)
            continue
        first = ", ".join(f"{made.trained.accuracy[k - 1]:.3f}" for k in (1, 2, 5, 10))
        out.print(
            f"{entry.folder / FILE}: {first} at 1, 2, 5 and 10 steps back, chance {made.trained.chance:.3f}",
            highlight=False,
            soft_wrap=True,
        )
