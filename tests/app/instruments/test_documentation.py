"""docs/protocol.md on instruments: options, facts and tensors of each are those that the code takes and sends."""

from __future__ import annotations

import re
from typing import Any, get_args

import numpy as np
import pytest

from app.compute.model_library import Library
from app.instruments import Instrument
from tests.support.paths import ROOT
from tests.support.session_talk import ask
from tests.support.texts import prose

DOCUMENT = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
CLASSES = {kind.model_fields["name"].annotation.__args__[0]: kind for kind in get_args(get_args(Instrument)[0])}
LOOK = {"layer": 0, "signal": "hidden", "start": 0, "stop": 120, "first": 0, "last": 120}
ASKED: dict[str, dict[str, Any]] = {
    "context": {"positions": 20, "lags": 20},
    "forgetting": {"step": 100, "lags": 20, "replacements": 3},
    "generate": {"step": 100, "count": 5},
    "gradients": {"positions": 4, "lags": 20},
    "horizon": {"positions": 4, "lags": 20},
    "intervene": {"letters": "reset.5@0", "columns": 40, "exactly": 5},
    "overlength": {"length": 100, "readings": 5},
    "recall": {},
    "recoverability": {},
    "saturation": {**LOOK, "marks": True},
    "texts": {"other": prose(80), "layer": 0, "signal": "hidden", "start": 0, "stop": 80},
    "unit": {**LOOK, "unit": 1},
    "why": {"layer": 0, "signal": "hidden", "step": 50, "unit": 1},
}
TYPES = {np.dtype(np.float32): "F32", np.dtype(np.int32): "I32", np.dtype(np.uint8): "U8"}


def documented() -> dict[str, tuple[set[str], set[str], dict[str, str]]]:
    """The table: options, facts, and tensors with their types, of each instrument."""
    rows = {}
    for line in DOCUMENT.split("## Instruments", 1)[1].split("\n## ", 1)[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) == 4 and (name := re.fullmatch(r"`(\w+)`", cells[0])):
            options, facts = (set(re.findall(r"`(\w+)`", cell)) for cell in cells[1:3])
            rows[name[1]] = options, facts, dict(re.findall(r"`(\w+)` (\w+)", cells[3]))
    return rows


def test_every_instrument_is_documented_and_no_other() -> None:
    assert set(documented()) == set(CLASSES) == set(ASKED)
    assert "see [instruments](#instruments)" in DOCUMENT


@pytest.mark.parametrize("name", CLASSES)
def test_options_are_those_that_it_takes(name: str) -> None:
    assert documented()[name][0] == set(CLASSES[name].model_fields) - {"name"}


@pytest.mark.parametrize("name", CLASSES)
def test_facts_and_tensors_are_those_that_it_sends(library: Library, name: str) -> None:
    text = prose(2100) if name == "recoverability" else prose(300)
    found = ask(library, text, "tiny-gru", name=name, **ASKED[name])
    assert not isinstance(found, str), found
    facts, tensors = found
    _, told, kinds = documented()[name]
    assert told == set(facts)
    assert kinds == {key: TYPES[values.dtype] for key, values in tensors.items()}
