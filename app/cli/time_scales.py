"""The command of time scales: `hidden-state time-scales`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from rich.console import Console
from rich.table import Table

from models import CorpusError, HiddenStateError, catalogue
from models.storage.checkpoint import TimeScales, write_card
from models.training import corpora
from models.training.recipes import load_model_pair, time_scales
from models.zoo import Entry

from .shared.texts import files_by_corpus

out = Console()


def measure_time_scales(
    only: Annotated[list[str] | None, typer.Option(help="These models only; may be given again.")] = None,
    corpus: Annotated[list[str] | None, typer.Option(help="Take a corpus from a file: shakespeare=PATH.")] = None,
    folder: Annotated[list[Path] | None, typer.Option(help="A folder with models of your own, beside the zoo.")] = None,
) -> None:
    """Measure how slowly each unit changes, for models and their untrained twins, and write it on their cards."""
    torch.set_num_threads(1)
    entries = catalogue(folder or None)
    if unknown := [name for name in only or [] if name not in entries]:
        raise HiddenStateError(f"There is no model called {', '.join(unknown)}. There are: {', '.join(entries)}.")
    files = files_by_corpus(corpus)
    texts: dict[str, corpora.Corpus] = {}
    for name in only or entries:
        source = entries[name].card.corpus.name
        try:
            if source not in texts:
                texts[source] = corpora.load(files.get(source, source))
            found = _measure(entries[name], texts[source])
        except CorpusError as error:
            if only:
                raise
            out.print(f"{name} is left out: {error}", highlight=False, soft_wrap=True)
            continue
        out.print(_table(name, found))


def _measure(entry: Entry, text: corpora.Corpus) -> TimeScales:
    """Measure one model and write its card.

    Raises:
        CorpusError: if the validation split is too short.
    """
    trained, untrained = load_model_pair(entry.folder)
    found = time_scales(trained, untrained, text)
    if found is None:
        raise CorpusError(f"The validation split of {text.name} is too short for time scales. Give a longer text.")
    write_card(entry.folder, entry.card.model_copy(update={"time_scales": found}))
    return found


def _table(name: str, found: TimeScales) -> Table:
    """Median and slowest unit of each signal, in characters, and the number of constant and capped units."""
    table = Table(box=None, header_style="bold", pad_edge=False, title=name, title_justify="left")
    for heading in ("signal", "median", "slowest", "constant", "capped", "untrained median", "slowest"):
        table.add_column(heading, justify="left" if heading == "signal" else "right")
    for signal, scales in found.trained.items():
        constant, capped = scales.count(None), scales.count(found.cap)
        table.add_row(signal, *_cells(scales), str(constant), str(capped), *_cells(found.untrained[signal]))
    return table


def _cells(scales: list[float | None]) -> tuple[str, str]:
    known = [scale for scale in scales if scale is not None]
    return (f"{np.median(known):.1f}", f"{max(known):.1f}") if known else ("–", "–")
