"""Every instrument, asked at random: whatever the question, there is an answer or a sentence, never a fault.

Questions come from the instruments' own declarations, so that one that is added is asked by itself. Numbers lie where
faults live: at 0, at the text's ends, beyond them, at the bounds that a field names, and far out.
"""

from __future__ import annotations

import json
import logging
import os
import random
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest

from app.compute.model_library import Library
from app.contract.instrument import Options
from app.instruments import Instrument
from app.live.protocol import Unmeasured
from models import RequestError
from models.cells import CELLS
from tests.support.session_talk import answers, begin, say, work
from tests.support.small_models import TINY, make_tiny, without_zoo
from tests.support.socket_client import panel
from tests.support.texts import prose

INSTRUMENTS: dict[str, type[Options]] = {
    get_args(one.model_fields["name"].annotation)[0]: one for one in get_args(get_args(Instrument)[0])
}
TEXTS = [
    "",
    "a",
    "?",
    "€",
    "€€€€€",
    "ab",
    "a" * 30,
    prose(40),
    prose(64),
    "Bsea?B\nGthe?G\n",
    "x€" * 20,
    "\ud800a\U0001f600",
]
MODELS = [*TINY, "tiny-gru@0", "tiny-lstm~0.cell.2=0.5@3", "tiny-rnn~zero@1", "lone", "strange", "taught"]
LONG = prose(2_200)
"""Seldom asked about, since that takes its time: see `FEW` and `MANY`."""
NAMES = sorted({name for cell in CELLS.values() for name in cell.names()})
LETTERS_OF = ["", "zero@0", "0.hidden=0@2", "0.cell.1=1@0", "9.hidden=0@0", "~", "0.hidden.99=0@1", "zero@99999"]
FEW, MANY = (60, 3), (2_000, 100 if os.environ.get("ATTACK") == "full" else 20)
"""How many questions of each instrument, and how many of them about the long text: one in a hundred takes most of the
time already, one in twenty hours in all, so the latter is asked for with `ATTACK=full`."""


@pytest.fixture(scope="module")
def curious(tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The small models, and two at the edge: one that knows a single character, one that knows few and odd ones; and
    one that was trained on delayed recall."""
    base = tmp_path_factory.mktemp("odd")
    make_tiny(base / "lone", "lone", "gru", 1, 1, characters="a")
    make_tiny(base / "strange", "strange", "lstm", 2, 1, characters="\x00\n€?\U0001f600")
    make_tiny(base / "taught", "taught", "gru", 3, 1, corpus="recall")
    with without_zoo():
        return Library([tiny_models, base], "cpu")


def number(draw: random.Random, schema: dict[str, Any], length: int) -> float | int:
    low = schema.get("minimum", schema.get("exclusiveMinimum", -3))
    high = schema.get("maximum", schema.get("exclusiveMaximum", 2**53))
    if schema["type"] == "integer":
        near = [0, 1, 2, length - 1, length, length + 1, length // 2, draw.randrange(70), 2**31, 2**53, low, high]
        return int(min(max(draw.choice(near), low), high))
    return float(min(max(draw.choice([0.0, 1.0, 0.5, 1e-9, 3.7, low, high, draw.random()]), low), high))


def value(draw: random.Random, name: str, schema: dict[str, Any], text: str) -> Any:
    if "anyOf" in schema:
        return value(draw, name, draw.choice(schema["anyOf"]), text)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return draw.choice(schema["enum"])
    match schema["type"]:
        case "null":
            return None
        case "boolean":
            return draw.random() < 0.5
        case "string":
            words = {
                "signal": NAMES,
                "letters": LETTERS_OF,
                "other": TEXTS,
                "pattern": ["", "a", ".*", "(", "[a-z]+", "(a|b)*$", r"\bthe\b", "x{3}"],
                "feature": ["", "letter", "space", "nothing"],
            }
            return draw.choice([*words.get(name, [""]), *([] if draw.random() < 0.9 else ["", "nonsense", "€"])])
        case "array":
            return [value(draw, name, schema["items"], text) for _ in range(draw.randrange(4))]
        case _:
            # small ones more often than not: layers and units of these models are few
            if draw.random() < 0.6 and schema.get("minimum", 0) <= 1 and schema["type"] == "integer":
                return max(draw.randrange(max(2, min(len(text) + 1, 8))), schema.get("minimum", 0))
            return number(draw, schema, len(text))


@cache
def schema_of(name: str) -> dict[str, Any]:
    """What an instrument's options may be; making it takes longer than most answers."""
    return INSTRUMENTS[name].model_json_schema()


def question(draw: random.Random, name: str, text: str) -> dict[str, Any]:
    """Options of the instrument, some of them left to their defaults."""
    schema = schema_of(name)
    fields = {}
    for field, one in schema["properties"].items():
        reference = one.get("$ref")
        if reference is not None:
            one = schema["$defs"][reference.rsplit("/", 1)[1]]
        if field in schema.get("required", []) or draw.random() < 0.7:
            fields[field] = value(draw, field, one, text)
    if name == "cost":  # it reads so far whatever the text: tests of its own read further
        fields["longest"] = min(fields.get("longest", 10), 1_000)
    if draw.random() < 0.5:  # of something that there is
        there = {"layer": 0, "unit": 0, "signal": "hidden", "low": 0.1, "high": 0.9, "bound": 0.9}
        fields |= {field: value for field, value in there.items() if field in fields}
        for first, last in (("start", "stop"), ("first", "last")):
            if first in fields and last in fields:
                fields[first], fields[last] = sorted(draw.randrange(len(text) + 1) for _ in range(2))
    return {**fields, "name": name}


def answer(library: Library, model: str, text: str, measure: dict[str, Any]) -> str:
    """What became of a question: "measured", or the code of the error."""
    try:
        session = begin(library, text, [panel(model, "hidden")], window=(0, 20))
        say(session, type="measure", id=1, model=model, measure=measure)
    except RequestError as refused:
        return refused.code
    items = work(session)
    found = [item for item in items if isinstance(item, Unmeasured)]
    for one in found:
        assert one.message.endswith((".", "?", "!")), one.message
    measured = answers(items)
    for message, _ in measured:
        json.dumps(message, allow_nan=False)
    (outcome,) = [one.code for one in found] + ["measured"] * len(measured)
    return outcome


def ask(library: Library, name: str, count: int, long: int, seed: int) -> dict[str, int]:
    """How often each thing became of `count` questions, `long` of which are about the long text."""
    draw, outcomes = random.Random(f"{name} {seed}"), dict[str, int]()
    for k in range(count):
        text, model = draw.choice(TEXTS), draw.choice(MODELS)
        if k % (count // long) == 0:
            text = LONG
        measure = question(draw, name, text)
        asked = f"{name} {k}: {model} at {text!r}: {measure}"
        try:
            code = answer(library, model, text, measure)
        except Exception as fault:
            raise AssertionError(asked) from fault
        sentences = ("not_measurable", "not_applicable", "bad_intervention", "bad_message")
        assert code in ("measured", *sentences), f"{code} to {asked}"
        outcomes[code] = outcomes.get(code, 0) + 1
    return outcomes


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_no_question_is_a_fault_of_the_server(curious: Library, name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    outcomes = ask(curious, name, *FEW, seed=0)
    assert outcomes.get("measured"), f"no question of {name} was answered: {outcomes}"
    assert not caplog.records


@pytest.mark.slow
@pytest.mark.parametrize("name", INSTRUMENTS)
def test_nor_is_any_of_thousands(curious: Library, name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    outcomes = ask(curious, name, *MANY, seed=1)
    assert outcomes["measured"] >= 10, outcomes
    assert not caplog.records


def test_a_line_of_a_unit_that_ends_before_it_begins_is_a_sentence(curious: Library) -> None:
    asked = {"name": "unit", "layer": 0, "signal": "hidden", "unit": 0, "start": 0, "stop": 20, "first": 9, "last": 3}
    assert answer(curious, "tiny-gru", prose(40), asked) == "not_measurable"
