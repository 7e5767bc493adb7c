"""The recoverability curves that ship: `recoverability.json` in a model's folder, made by `hidden-state probe-zoo`.

The probe is fitted on text of the model's validation split and scored on text of its test split: neither network nor
probe has seen the text it is scored on.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from ..errors import CheckpointError, CorpusError
from ..measures.progress import drain, subtask
from ..network.language_model import CharLM
from ..storage.card import Facts
from ..storage.checkpoint import load_model, read_card
from ..storage.output import CURVES
from ..training.corpora import Corpus
from ..training.trainer import machine

if TYPE_CHECKING:
    from ..measures.memory.recoverability import Recoverability, Work

FILE = CURVES
CHARACTERS = 20_000
"""Characters of each split, from its start: an accuracy is then known to ±0.4 % (a standard error) at worst."""
DIGITS = 4


class Curve(Facts):
    """What `Recoverability` holds, rounded."""

    lags: list[int]
    accuracy: list[float]
    chance: float
    trained_on: int
    held_out: int

    @classmethod
    def of(cls, found: Recoverability) -> Curve:
        return cls(
            lags=list(found.lags),
            accuracy=[round(float(one), DIGITS) for one in found.accuracy],
            chance=round(found.chance, DIGITS),
            trained_on=found.trained_on,
            held_out=found.held_out,
        )


class Probes(Facts):
    """The file: a model's curve and that of its untrained twin, and where they come from."""

    trained: Curve
    untrained: Curve
    signal: str
    corpus: str
    sha256: str
    fitted_on: str
    scored_on: str
    machine: str
    date: str
    tuned: bool = False
    measured_with: str


def shipped(folder: Path) -> Probes | None:
    """The curves in a model's folder; None if there are none.

    Raises:
        CheckpointError: if the file cannot be read.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        return Probes.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        raise CheckpointError(
            f"{path} cannot be read as curves of recoverability. "
            f"Make it anew: hidden-state probe-zoo --only {shlex.quote(folder.name)}."
        ) from None


def probing_model(lm: CharLM, corpus: Corpus, lags: Sequence[int] | None = None, *, tuned: bool = False) -> Work:
    """`probing_apart` for a model on its corpus: the start of the validation split against that of the test split."""
    from ..measures.memory.recoverability import LAGS, Part, probing_apart  # scikit-learn takes a second to load

    parts = []
    for split in ("validation", "test"):
        text = corpus.split(split)[:CHARACTERS]
        hidden = lm.trace(text)[last_hidden(lm)].numpy()  # (T, H)
        parts.append(Part(hidden, lm.vocabulary.encode(text)))
    return probing_apart(parts[0], parts[1], len(lm.vocabulary), lags or LAGS, tuned=tuned)


def last_hidden(lm: CharLM) -> str:
    """The signal that is probed: what the network passes to its readout."""
    return f"{lm.layers - 1}.hidden"


def make_probes(
    folder: Path, corpus: Corpus, report: Callable[[float], None] = lambda share: None, *, tuned: bool = False
) -> Probes:
    """Measure the model in `folder` and its untrained twin on the corpus of its training, and write `FILE`.

    Args:
        report: is called with the share of the work done.
        tuned: see `probing_apart`.

    Raises:
        CorpusError: if `corpus` is another text: the network may have been trained on parts of it.
    """
    card = read_card(folder)
    if corpus.sha256 != card.corpus.sha256:
        raise CorpusError(
            f"The text {corpus.name!r} is not the one that {card.id} was trained on ({card.corpus.description}), "
            "so the network may have seen what would be held out. Give that text."
        )
    curves = []
    for twin, step in enumerate((None, 0)):
        lm = load_model(folder, step)
        work = probing_model(lm, corpus, tuned=tuned)
        curves.append(Curve.of(drain(subtask(work, twin / 2, (twin + 1) / 2), report)))
    probes = Probes(
        trained=curves[0],
        untrained=curves[1],
        signal=last_hidden(lm),
        corpus=corpus.name,
        sha256=corpus.sha256,
        fitted_on=f"the first {CHARACTERS:,} characters of the validation split",
        scored_on=f"the first {CHARACTERS:,} characters of the test split",
        machine=machine(),
        date=date.today().isoformat(),
        measured_with=corpus.measured_by("probe-zoo", card.id),
    )
    (folder / FILE).write_text(_lines(probes), encoding="utf-8")
    return probes


def _lines(probes: Probes) -> str:
    """JSON with one field per line; with indentation each number of the curves would take a line."""
    fields = (f'  "{name}": {json.dumps(value, ensure_ascii=False)}' for name, value in probes.model_dump().items())
    return "{\n" + ",\n".join(fields) + "\n}\n"
