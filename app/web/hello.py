"""The first message of a session: everything that the page must know in advance."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from models.echo.echo import FELT
from models.echo.levels import DECADES
from models.figures import colours
from models.figures.spacing import FOLD
from models.measures.memory.over_length import LEVEL, RELEVANT
from models.measures.memory.used_context import THRESHOLD
from models.measures.units.correlation import FEWEST
from models.measures.units.unit import MOST_STEPS
from models.network import intervention
from models.recording.overview import GRAIN, LEVELS, NO_NUMBER
from models.storage.card import Card
from models.tasks import delayed_recall

from .. import __version__
from ..compute.model_library import Library
from ..content.example_texts import SAMPLES, Sample
from ..content.first_minute import first_minute
from ..content.prepared_views import prepared_views
from ..contract.bounds import bounds, defaults
from ..contract.candidate import Candidate
from ..contract.table import Columns
from ..instruments import INSTRUMENTS, inapplicable
from ..live.protocol import FEWEST_OTHERS, MOST_OTHERS, VERSION, CloseCode
from . import recall_api
from .services import State


def hello(state: State, opened: Iterable[str] = ()) -> str:
    """The `hello` message, as JSON.

    Args:
        opened: ids of models that came with session files, which the page already knows of.
    """
    settings = state.settings
    limits = {
        "characters": settings.text_limit_characters,
        "columns": settings.column_limit,
        "panels": settings.panel_limit,
        "sessions": settings.session_limit,
        "message_bytes": settings.message_limit_bytes,
    }
    greeting = greet(described(state.library, opened), limits, SAMPLES)
    content = {"views": prepared_views(state.library.entries), "first_minute": first_minute(state.library)}
    return json.dumps({**greeting, **content}, ensure_ascii=False)


def greet(models: list[dict[str, Any]], limits: Mapping[str, int | None], samples: Sequence[Sample]) -> dict[str, Any]:
    """The message itself, about these models, limits and samples, without prepared views and first minute."""
    return {
        "type": "hello",
        "protocol": VERSION,
        "version": __version__,
        "models": models,
        "limits": {**limits, "unit_steps": MOST_STEPS},
        "bounds": {name: bounds(one) for name, one in INSTRUMENTS.items()},
        "defaults": {name: defaults(one) for name, one in INSTRUMENTS.items()},
        "tables": {name: [one.as_dict() for one in columns] for name, columns in tables().items()},
        **constants(),
        "colours": {"signed": colours.SIGNED, "gate": colours.GATE, "echo": colours.ECHO, "none": colours.NO_DATA},
        "close_codes": {str(code.value): code.meaning for code in CloseCode},
        "samples": [sample.as_dict() for sample in samples],
        "views": [],
        "first_minute": None,
    }


def tables() -> dict[str, Columns]:
    """The columns of every table that the page offers of an answer: by instrument, and of the curves of recall."""
    return {name: one.answer.columns for name, one in INSTRUMENTS.items()} | {"recall_curves": recall_api.COLUMNS}


def constants() -> dict[str, Any]:
    """What the page would else have to know by heart: how pictures are written, and what may be put into a question."""
    return {
        "picture": {
            "top": LEVELS,
            "no_number": NO_NUMBER,
            "fold": FOLD,
            "stretches": GRAIN.stretches,
        },
        "echo": {"decades": DECADES, "felt": FELT, "others": [FEWEST_OTHERS, MOST_OTHERS]},
        "interventions": {
            "most": intervention.MOST,
            "farthest": intervention.FARTHEST,
            "patterns": intervention.PATTERNS,
        },
        "recall": {
            "keys": delayed_recall.KEYS,
            "noise": delayed_recall.NOISE,
            "mark": delayed_recall.MARK,
            "longest": delayed_recall.LONGEST,
        },
        "thresholds": {
            "used_context": THRESHOLD,
            "over_length": RELEVANT,
            "over_length_level": LEVEL,
            "chance_steps": FEWEST,
        },
    }


def described(library: Library, opened: Iterable[str] = ()) -> list[dict[str, Any]]:
    """What the page and REST know about each model, including the instruments that do not apply to it, with and without
    interventions; and about these ones that came with session files."""
    offered = [(library.entries[one["id"]].card, one) for one in library.describe()]
    return _with_instruments([*offered, *library.describe_opened(opened)])


def described_opened(library: Library, opened: Iterable[str]) -> list[dict[str, Any]]:
    """The same about models that came with session files, those that there still are."""
    return _with_instruments(library.describe_opened(opened))


def _with_instruments(models: list[tuple[Card, dict[str, Any]]]) -> list[dict[str, Any]]:
    found = []
    for card, one in models:
        plain, intervened = (inapplicable(Candidate(card, intervened=held)) for held in (False, True))
        found.append({**one, "inapplicable": plain, "inapplicable_intervened": intervened})
    return found
