"""The command that makes a model write: `hidden-state generate`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import torch
import typer

from models import HiddenStateError, OutputError
from models.text.files import UTF8
from models.text.lines import form_hint, unix_lines
from models.text.names import shown
from models.training import corpora
from models.zoo import load_text_model

from .shared.terminal import note


def generate(
    model: Annotated[str, typer.Argument(help="A model's id or folder; id@0 is its untrained twin.")],
    start: Annotated[str | None, typer.Option(help="What the model reads before it writes.")] = None,
    start_file: Annotated[Path | None, typer.Option(help="The same from a text file.")] = None,
    characters: Annotated[int, typer.Option(min=1, help="How many it writes.")] = 200,
    temperature: Annotated[
        float,
        typer.Option(min=0, max=10, help="1: as it expects; below, the likely becomes likelier; 0: the likeliest."),
    ] = 0.7,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="The same seed writes the same.")] = 0,
    encoding: Annotated[str, typer.Option(help="Of --start-file: utf-8, utf-16, cp1251, …")] = UTF8,
    output: Annotated[Path | None, typer.Option("--out", "-o", help="A file to write to, in UTF-8.")] = None,
) -> None:
    """Let a model continue a text: the same as Generate on the page writes at the text's end, with the same seed."""
    torch.set_num_threads(1)
    if (start is None) == (start_file is None):
        raise HiddenStateError(
            "A model writes on after a text, and expects nothing before the first character. "
            "Give it with --start or with --start-file, not both."
        )
    text = (
        unix_lines(start) if start is not None else corpora.read_text(Path(start_file or ""), note, encoding=encoding)
    )
    lm = load_text_model(model)
    if (hint := form_hint(text, lm.vocabulary, lm.name)) is not None:
        note(hint)
    written = lm.generate(characters, start=text, temperature=temperature, seed=seed)
    if output is None:
        sys.stdout.write(written + "\n")
        return
    try:
        output.write_text(written, encoding="utf-8", newline="")
    except OSError as error:
        reason = error.strerror or error
        raise OutputError(
            f"{shown(str(output))} cannot be written: {reason}. Choose another place with --out."
        ) from None
