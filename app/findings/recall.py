"""Findings of docs/measures/recall.md and the README: the curves that `hidden-state train-recall` keeps of all its
trainings, and those of the weights that ship, measured again."""

from __future__ import annotations

from functools import partial

from models.studies.recall.curves import Summary, read_curves
from models.tasks.delayed_recall import accuracies

from .finding import Figure, Finding
from .material import Material

PLACE = "docs/measures/recall.md"
COLUMNS = ("recall-rnn", "recall-rnn-wide", "recall-gru", "recall-lstm")
TAUGHT = (
    ("mixed, 1 … 10", "mixed", 10),
    ("mixed, 1 … 20", "mixed", 20),
    ("mixed, 1 … 50", "mixed", 50),
    ("mixed, 1 … 100", "mixed", 100),
    ("mixed, 1 … 200", "mixed", 200),
    ("penalised, 1 … 10", "penalised", 10),
    ("growing, to 200", "growing", 200),
)
TITLES = ("vanilla, 32", "vanilla, 70", "GRU, 32", "LSTM, 32")
ASKED = (10, 30, 50, 100, 200)
SHORT = ("recall-short-rnn", "recall-short-gru", "recall-short-lstm")


def _summary(model: str, teaching: str, longest: int) -> Summary:
    return next(
        one for one in read_curves().summaries() if (one.model, one.teaching, one.longest) == (model, teaching, longest)
    )


def _at(one: Summary, delay: int) -> list[Figure]:
    return [one.median[delay - 1], one.lowest[delay - 1], one.highest[delay - 1]]


def _learnt(teaching: str, longest: int, material: Material) -> list[Figure]:
    return [figure for model in COLUMNS for figure in _at(_summary(model, teaching, longest), longest)]


def _forgotten(model: str, teaching: str, material: Material) -> list[Figure]:
    one = _summary(model, teaching, 10)
    return [figure for delay in ASKED for figure in _at(one, delay)]


def _shipped(material: Material) -> list[Figure]:
    return [100 * float(one) for name in SHORT for one in accuracies(material.model(name), (30, 50, 200))]


_THREE = "{} ({} – {})"
FINDINGS = [
    *(
        Finding(f"recall, {words}", PLACE, f"| {words} |" + f" {_THREE} |" * 4, partial(_learnt, kind, far), COLUMNS, 5)
        for words, kind, far in TAUGHT
    ),
    *(
        Finding(
            f"recall beyond 10, {kind}, {title}",
            PLACE,
            f"| {kind}, {title} |" + f" {_THREE} |" * len(ASKED),
            partial(_forgotten, model, kind),
            (model,),
            5,
        )
        for kind in ("mixed", "penalised")
        for model, title in zip(COLUMNS, TITLES, strict=True)
    ),
    Finding(
        "recall of the weights that ship",
        "README.md",
        "at 30, 50 and 200 steps the vanilla cell recalls {}, {} and {} % of the keys, the GRU {}, {} and {} %, the "
        "LSTM {}, "
        "{} and {} %",
        _shipped,
        SHORT,
    ),
]
