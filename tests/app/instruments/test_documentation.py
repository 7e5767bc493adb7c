"""docs/protocol.md on instruments is what they declare; they answer as declared, and only where they apply."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.compute.model_library import Library
from app.contract.candidate import Candidate
from app.findings import applicability
from app.instruments import INSTRUMENTS, inapplicable
from app.instruments.reference import put, reference
from models import catalogue
from tests.support.paths import ROOT
from tests.support.session_talk import ask
from tests.support.small_models import make_tiny, without_zoo
from tests.support.texts import prose

DOCUMENT = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
LOOK = {"layer": 0, "signal": "hidden", "start": 0, "stop": 120, "first": 0, "last": 120}
ASKED: dict[str, dict[str, Any]] = {
    "context": {"positions": 20, "lags": 20},
    "forgetting": {"step": 100, "lags": 20, "replacements": 3},
    "generate": {"step": 100, "count": 5},
    "gradients": {"positions": 4, "lags": 20},
    "horizon": {"positions": 4, "lags": 20},
    "intervene": {"letters": "reset.5@0", "columns": 40, "exactly": 5},
    "overlength": {"length": 100, "readings": 5},
    "cost": {"longest": 20},
    "provenance": {"layer": 0, "unit": 1, "step": 100, "window": 60, "age": 10},
    "recall": {},
    "recoverability": {},
    "saturation": {**LOOK, "marks": True},
    "texts": {"other": prose(80), "layer": 0, "signal": "hidden", "start": 0, "stop": 80},
    "unit": {**LOOK, "unit": 1},
    "why": {"layer": 0, "signal": "hidden", "step": 50, "unit": 1},
}
TYPES = {np.dtype(np.float32): "F32", np.dtype(np.int32): "I32", np.dtype(np.uint8): "U8"}


@pytest.fixture(scope="module")
def taught(tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The small models, and one that was trained on delayed recall."""
    folder = tmp_path_factory.mktemp("taught")
    make_tiny(folder / "taught", "taught", "gru", 3, 1, corpus="recall")
    with without_zoo():
        return Library([tiny_models, folder], "cpu")


def test_the_document_has_what_the_instruments_declare() -> None:
    assert put(DOCUMENT) == DOCUMENT, "run: python scripts/protocol_reference.py --write"
    assert [line for line in reference().splitlines() if line.startswith("#")] == [
        f"### `{one}`" for one in INSTRUMENTS
    ]
    assert "see [instruments](#instruments)" in DOCUMENT


def test_the_measures_say_which_applies_to_which_model() -> None:
    document = (ROOT / "docs" / "measures.md").read_text(encoding="utf-8")
    assert applicability.put(document) == document, "run: python scripts/protocol_reference.py --write"
    rows = {line.split("`")[1]: line for line in applicability.table().splitlines() if line.startswith("| `")}
    assert rows.keys() == catalogue(()).keys()
    column = ["", *INSTRUMENTS].index("provenance")
    for name, entry in catalogue(()).items():
        gated = any(word in entry.card.stack.kind.lower() for word in ("gru", "lstm", "leaky", "transformer"))
        assert (rows[name].split("|")[1 + column].strip() == "✓") == gated, name


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_facts_and_tensors_are_all_those_that_it_declares(taught: Library, name: str) -> None:
    text = prose(2100) if name == "recoverability" else prose(300)
    found = ask(taught, text, "taught" if name == "recall" else "tiny-gru", name=name, **ASKED[name])
    assert not isinstance(found, str), found
    facts, tensors = found
    declared = INSTRUMENTS[name].answer
    assert set(facts) == set(declared.model_fields)
    assert {key: TYPES[values.dtype] for key, values in tensors.items()} == {
        one.name: one.kind for one in declared.tensors
    }


SCRIPTS = sorted((ROOT / "static" / "instruments").rglob("*.js"))


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_the_page_reads_facts_and_tensors_that_are_declared(name: str) -> None:
    """By their names in the instrument's scripts: `facts.uses`, `{ step, text } = found.facts`, `tensors.edit`,
    `tensors: { low, high }`."""
    own = [path.read_text(encoding="utf-8") for path in SCRIPTS if name in (path.stem, path.parent.name)]
    read, answer = "\n".join(own), INSTRUMENTS[name].answer
    facts = set(re.findall(r"\bfacts\??\.(\w+)", read)) - {"filter"}  # a list of answers has the name, too
    for group in re.findall(r"\{([^{}]*)\} = (?:\w+\.)*facts;", read):
        facts |= {one.split(":")[0].split("=")[0].strip() for one in group.split(",")} - {""}
    tensors = set(re.findall(r"\btensors\.(\w+)", read))
    for group in re.findall(r"\btensors: \{([^{}]*)\}", read):
        tensors |= {one.split(":")[0].strip() for one in group.split(",")} - {""}
    assert facts <= set(answer.model_fields)
    assert tensors <= {one.name for one in answer.tensors}
    assert facts or name in ("recall", "recoverability"), "else this test shows nothing"


# ── where they apply ─────────────────────────────────────────────────────────────────────────────────


def test_recall_is_asked_of_models_that_were_trained_on_it(taught: Library) -> None:
    text = "Bsea?B\nGthe?G\n"
    assert "recall" in inapplicable(Candidate.of(taught.find("tiny-gru")))
    for name in ("taught", "taught@0", "taught~zero@3"):
        assert "recall" not in inapplicable(Candidate.of(taught.find(name)))
        assert not isinstance(ask(taught, text, name, name="recall"), str)


@pytest.mark.parametrize("model", ["tiny-gru", "tiny-lstm@0", "tiny-lstm~zero@2", "taught~0.update_gate=1@5"])
def test_what_is_said_beforehand_is_what_is_answered_at_once(taught: Library, model: str) -> None:
    """The sentence comes before anything is read, and every other instrument has no such answer."""
    said = inapplicable(Candidate.of(taught.find(model)))
    for name in INSTRUMENTS:
        text = prose(2100) if name == "recoverability" else prose(300)
        found = ask(taught, text, model, name=name, **ASKED[name])
        assert (found == said[name]) if name in said else not isinstance(found, str), (name, found)
    assert {"gradients", "intervene"} <= set(said) or "~" not in model


@pytest.mark.parametrize("curve", ["edit", "kl", "connectivity", "jacobian", "retention"])
@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_a_horizon_that_is_derived_has_none_under_interventions(taught: Library, curve: str, cell: str) -> None:
    asked = INSTRUMENTS["horizon"].model_validate({"name": "horizon", "curve": curve, "positions": 3, "lags": 10})
    plain, held = (taught.find(f"tiny-{cell}{end}") for end in ("", "~zero@2"))
    assert asked.refused(Candidate.of(plain)) is None
    refused = asked.refused(Candidate.of(held))
    found = ask(taught, prose(100), held.name, **asked.model_dump())
    assert (refused is not None) == (curve in ("connectivity", "jacobian") or (curve, cell) == ("retention", "rnn"))
    assert found == refused if refused is not None else not isinstance(found, str)
