"""The commands of used context: `hidden-state context` and `hidden-state context-zoo`."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.table import Table

from models import CorpusError, HiddenStateError, NotMeasurable, catalogue
from models.measures import drain, record
from models.measures.memory.used_context import PASTS, POSITIONS, THRESHOLD, Context, Past, context
from models.studies.used_context import measure_card
from models.text.files import UTF8
from models.training import corpora
from models.zoo import load_text_model

from .shared.progress import share_bar
from .shared.terminal import out
from .shared.texts import files_by_corpus, text_for

SHOWN = (0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200)
"""The k of the table on the screen; a file has them all."""


def measure_context(
    model: Annotated[str, typer.Argument(help="A model's id or folder; id@0 is its untrained twin.")],
    file: Annotated[str, typer.Argument(help='A UTF-8 text file, or "shakespeare" or "python".')],
    split: Annotated[str, typer.Option(help="all, train, validation or test: which part of the text.")] = "all",
    characters: Annotated[int, typer.Option(min=1, help="How many of its characters, from its beginning.")] = 10_000,
    positions: Annotated[int, typer.Option(min=1, help="Positions, spread evenly.")] = POSITIONS,
    lags: Annotated[int, typer.Option(min=1, help="The largest k.")] = 200,
    encoding: Annotated[str, typer.Option(help="Of the file: utf-8, utf-16, cp1251, …")] = UTF8,
    output: Annotated[Path | None, typer.Option("--out", "-o", help="A CSV file to write the curves to.")] = None,
) -> None:
    """Measure how many characters back the predictions look: the bits lost when another past precedes k true ones."""
    torch.set_num_threads(1)
    lm = load_text_model(model)
    recording = record(lm, text_for(lm, file, split, characters, encoding=encoding))
    found: dict[Past, Context] = {}
    for past in PASTS:
        with share_bar(out, past) as report:
            found[past] = drain(context(lm, recording, past=past, positions=positions, lags=lags), report)
    out.print(_table(found))
    for past, one in found.items():
        out.print(f"{lm.name}, {past}: {_words(one)}", highlight=False, soft_wrap=True)
    if output is not None:
        _write(output, found)


def _table(found: dict[Past, Context]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("k", *(f"{past}, bits" for past in found), "±", "characters"):
        table.add_column(heading, justify="right")
    first = found["another"]
    for k in (k for k in SHOWN if k <= first.lags):
        means = (f"{round(one.mean[k], 4) + 0.0:.4f}" for one in found.values())  # no −0.0000
        table.add_row(str(k), *means, f"{first.error[k]:.4f}", f"{first.counts[k]:,}")
    return table


def _words(found: Context) -> str:
    """The number, and what it was measured on."""
    if found.uses is None:
        number = f"no k at which more than {THRESHOLD} bit is lost"
    else:
        error = "" if found.uses_error is None else f" ± {found.uses_error:.1f}"
        number = f"uses {'at least ' if found.uses == found.lags else ''}{found.uses}{error} characters"
    return f"{number}; {found.positions:,} positions, {found.bits:.3f} bits per character"


def _write(path: Path, found: dict[Past, Context]) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(["past", "k", "mean_bits_lost", "standard_error", "median_bits_lost", "characters"])
            for past, one in found.items():
                for k in range(one.lags + 1):
                    figures = (f"{value:.6f}" for value in (one.mean[k], one.error[k], one.median[k]))
                    rows.writerow([past, k, *figures, one.counts[k]])
    except OSError as error:
        raise HiddenStateError(f"{path} cannot be written: {error}. Choose another place with --out.") from None
    out.print(f"{path}: {len(found)} curves", highlight=False, soft_wrap=True)


def context_zoo(
    only: Annotated[list[str] | None, typer.Option(help="These models only; may be given again.")] = None,
    corpus: Annotated[list[str] | None, typer.Option(help="Take a corpus from a file: shakespeare=PATH.")] = None,
    folder: Annotated[list[Path] | None, typer.Option(help="A folder with models of your own, beside the zoo.")] = None,
) -> None:
    """Measure the used context of the models on the test split of their corpus, and write it into their cards."""
    torch.set_num_threads(1)
    entries = catalogue(folder or None)
    if unknown := [name for name in only or [] if name not in entries]:
        raise HiddenStateError(f"There is no model called {', '.join(unknown)}. There are: {', '.join(entries)}.")
    files = files_by_corpus(corpus)
    for name in only or entries:
        entry = entries[name]
        source = entry.card.corpus.name
        try:
            with share_bar(out, name) as report:
                made = measure_card(entry.folder, corpora.load(files.get(source, source)), report)
        except (CorpusError, NotMeasurable) as error:
            if only:
                raise
            out.print(f"{name} is left out: {error}", highlight=False, soft_wrap=True)
            continue
        out.print(f"{name}: {made.words()}, {made.positions:,} positions of the {made.split} split", highlight=False)
