"""The command of the findings: `hidden-state findings`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import torch
import typer

from models import CorpusError, HiddenStateError
from models.text.words import counted

from .shared.terminal import out

ROOT = Path(__file__).resolve().parents[2]


def findings(
    only: Annotated[list[str] | None, typer.Option(help="Those with this in name or file; may be given again.")] = None,
    corpus: Annotated[list[str] | None, typer.Option(help="Take a corpus from a file: shakespeare=PATH.")] = None,
    project: Annotated[Path, typer.Option(help="The project's folder, with README.md and docs/.")] = ROOT,
    check: Annotated[bool, typer.Option("--check", help="Exit with 1 if a figure is not what is measured.")] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Put what is measured into the files. Words do not follow: read them.")
    ] = False,
) -> None:
    """Measure every finding that the docs and the README state again, and print the stated and the measured figures."""
    from ..findings import FINDINGS, Material, agrees, written  # scikit-learn takes a second to load

    torch.set_num_threads(1)
    asked = [one for one in FINDINGS if not only or any(word in f"{one.name} {one.place}" for word in only)]
    if not asked:
        raise HiddenStateError("No finding has that in its name or its file. hidden-state findings prints them all.")
    material = Material(dict(item.split("=", 1) for item in corpus or [] if "=" in item))
    off = left = 0
    for one in asked:
        path = project / one.place
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise HiddenStateError(
                f"{path} cannot be read: {error}. Name the project's folder with --project."
            ) from None
        head = f"{one.place}, {one.name} ({', '.join(one.models)}; {counted(one.seeds, 'seed')})"
        stated = one.stated(text)
        if stated is None:
            off += 1
            _say(f"{head}: the sentence is not there, or there twice: {one.sentence}")
            continue
        try:
            measured = list(one.measure(material))
        except CorpusError as error:
            left += 1
            _say(f"{head}: states {', '.join(stated)}; not measured: {error}")
            continue
        wrong = [k for k, (old, new) in enumerate(zip(stated, measured, strict=True)) if not agrees(old, new)]
        now = ", ".join(written(new, old, 1) for old, new in zip(stated, measured, strict=True))
        _say(f"{head}: states {', '.join(stated)}; measured {now}{_verdict([stated[k] for k in wrong])}")
        if wrong and write:
            text = path.read_text(encoding="utf-8")  # somebody may have edited it during the minutes of measuring
            if one.stated(text) is not None:
                path.write_text(one.rewritten(text, measured), encoding="utf-8")
        off += bool(wrong)
    _say(f"{counted(len(asked), 'finding')}: {len(asked) - off - left} as stated, {off} not, {left} not measured.")
    if check and off:
        raise typer.Exit(1)


def _verdict(wrong: list[str]) -> str:
    return f"  ← NOT {', '.join(wrong)}" if wrong else ""


def _say(line: str) -> None:
    out.print(line, markup=False, highlight=False, soft_wrap=True)
