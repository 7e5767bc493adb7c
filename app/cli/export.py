"""The command that writes a page which lives without a server: `hidden-state export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import torch
import typer

from models import CharLM, HiddenStateError, OutputError
from models.storage.checkpoint import load_model
from models.storage.lookup import Found, find
from models.text.files import UTF8
from models.text.names import shown
from models.training import corpora
from models.zoo import survey

from ..offline.address import Address, address_of, read_address
from ..offline.export import make_page
from .shared.terminal import note, out


def export(
    output: Annotated[Path, typer.Option("--out", "-o", help="The HTML file to write.")],
    models: Annotated[
        str | None, typer.Option(help="Ids or folders of models between commas; id@0 is an untrained twin.")
    ] = None,
    live: Annotated[
        str | None, typer.Option(metavar="VIEW_URL", help="A view's address, as Share copies it; in quotes.")
    ] = None,
    text: Annotated[Path | None, typer.Option(help="A text file to begin with (default: an example).")] = None,
    title: Annotated[str | None, typer.Option(help="The page's title (default: those of the models).")] = None,
    encoding: Annotated[str, typer.Option(help="Of --text: utf-8, utf-16, cp1251, …")] = UTF8,
) -> None:
    """Write one HTML file in which models read what is typed, without a server or a network."""
    torch.set_num_threads(1)
    if (models is None) == (live is None):
        raise HiddenStateError("Say what the page shows with --models or with --live, one of them.")
    words = None if text is None else corpora.read_text(text, note, encoding=encoding)
    view = _view(models, words) if live is None else read_address(live, words)
    known = survey()

    def meant(name: str) -> Found:
        return find(name, known.entries, known.left_out_by_readers_of_texts, paths=True)

    def load(found: Found) -> CharLM:
        return load_model(found.entry.folder, found.step)

    made = make_page(view.models, meant, load, text=view.text, view=view.view, title=title)
    try:
        output.write_text(made, encoding="utf-8", newline="\n")
    except OSError as error:
        reason = error.strerror or error
        raise OutputError(
            f"{shown(str(output))} cannot be written: {reason}. Choose another place with --out."
        ) from None
    size = len(made.encode("utf-8")) / 1e6
    out.print(f"{output}: {size:.1f} MB with {', '.join(view.models)}; open it in a browser")


def _view(models: str | None, text: str | None) -> Address:
    """A panel for each of the models named."""
    names = tuple(name.strip() for name in (models or "").split(",") if name.strip())
    return Address(names, address_of(names), text)
