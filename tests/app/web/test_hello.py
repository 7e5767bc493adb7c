"""`app.web.hello`: the first message of the socket, complete and as docs/protocol.md says."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel, ValidationError

from app.instruments import INSTRUMENTS
from app.live.protocol import CloseCode, EchoAsk
from app.wire import frames
from models.echo.levels import HIGHEST, LOWEST, magnitude_levels, picture_levels
from models.errors import BadIntervention
from models.measures.memory.used_context import used
from models.measures.units.correlation import Shifts, standardised
from models.measures.units.unit import MOST_STEPS
from models.network.intervention import Clamp, check, parse, spell
from models.network.stack import Stack
from models.recording.overview import GRAIN
from models.tasks.delayed_recall import VOCABULARY, episode
from tests.support.paths import ROOT
from tests.support.served_app import Server
from tests.support.socket_client import Talk

pytestmark = pytest.mark.usefixtures("no_faults")
DOCUMENT = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")


def fields(*after: str) -> set[str]:
    """The names within the braces that follow `after` in the document's listing of `hello`."""
    text = DOCUMENT.split("## `hello` in full", 1)[1]
    for marker in after:
        text = text.split(marker, 1)[1]
    inner = text[: re.search(r"\}\]?(?=\n)", text).end()]
    inner = re.sub(r"layers: \[\{.*?\}\]\}\]", "layers", inner, flags=re.S)
    inner = re.sub(r"signals: \[\{.*?\}\]", "signals", inner, flags=re.S)
    inner = re.sub(r"\[\[.*?\]\s*,\s*…\]|\"[^\"]*\"|\[[^{}\[\]]*\]|\||null|: \d+", "", inner)
    return set(re.findall(r"\b[a-z_]+\b", inner))


def test_hello_comes_first_and_is_complete(server: Server) -> None:
    with Talk(server) as talk:
        hello = talk.hello
    assert hello["type"] == "hello"
    assert hello["protocol"] == 4
    row = next(line for line in DOCUMENT.splitlines() if line.startswith("| `hello`"))
    assert set(hello) - {"type"} == set(re.findall(r"`(\w+)`", row)) - {"hello"}
    for model in hello["models"]:
        assert set(model) == fields("models: [{")
        for layer in model["layers"]:
            assert set(layer) == fields("layers: [{")
            for signal in layer["signals"]:
                assert set(signal) == fields("signals: [{")
    for group in ("limits", "thresholds", "picture", "echo", "interventions", "recall", "colours"):
        assert set(hello[group]) == fields(f"{group}: ")
    for sample in hello["samples"]:
        assert set(sample) == fields("samples: [{")
    for view in hello["views"]:
        assert set(view) == fields("views: [{")
    assert hello["close_codes"] == {str(code.value): code.meaning for code in CloseCode}


def test_hello_states_the_limits_that_hold(server: Server) -> None:
    settings = server.settings
    with Talk(server) as talk:
        limits = talk.hello["limits"]
    assert limits == {
        "characters": settings.text_limit_characters,
        "columns": settings.column_limit,
        "panels": settings.panel_limit,
        "sessions": settings.session_limit,
        "message_bytes": settings.message_limit_bytes,
        "unit_steps": MOST_STEPS,
    }


@pytest.fixture
def hello(server: Server) -> dict[str, Any]:
    with Talk(server) as talk:
        return dict(talk.hello)


def test_pictures_are_written_as_hello_says(hello: dict[str, Any]) -> None:
    picture = hello["picture"]
    top, fold = picture["top"], picture["fold"]
    values = np.array([-9.0, -0.5, 0.0, 0.03, 1.0, 9.0, np.nan], np.float32)
    levels = frames.quantise(values, -1.0, 1.0)
    assert levels.tolist() == [0, round(top / 4 + 0.01), top // 2, round(top * 0.515), top, top, picture["no_number"]]
    share = 0.5 + np.sign(values) * np.log1p(np.abs(values) / fold) / np.log1p(10 / fold) / 2
    folded = frames.quantise(values, -10.0, 10.0, "log")
    assert folded[:-1].tolist() == np.rint(share[:-1] * top).tolist()
    assert folded[-1] == picture["no_number"]
    for per in (2**k for k in range(12)):
        assert GRAIN.overhang(per) == max(steps for steps in picture["stretches"] if steps <= per) - 1
    assert picture["stretches"] == sorted(picture["stretches"], reverse=True)


def test_echoes_are_drawn_and_asked_for_as_hello_says(hello: dict[str, Any]) -> None:
    top, none, decades = hello["picture"]["top"], hello["picture"]["no_number"], hello["echo"]["decades"]
    assert decades == round(np.log10(HIGHEST / LOWEST))
    values = np.array([[0.0, LOWEST, -1e-3, HIGHEST, -HIGHEST, np.nan]], np.float32)
    plain, signed = (picture_levels(magnitude_levels(values), signed=signs)[0].tolist() for signs in (False, True))
    middle = top // 2
    assert plain == [0, 0, round((decades - 3) / decades * top), top, top, none]
    assert signed == [middle, middle, middle - (plain[2] + 1) // 2, top, 0, none]
    fewest, most = hello["echo"]["others"]
    for count, fits in ((fewest - 1, False), (fewest, True), (most, True), (most + 1, False)):
        asked = {"step": 0, "others": count}
        if fits:
            EchoAsk.model_validate(asked)
        else:
            with pytest.raises(ValidationError):
                EchoAsk.model_validate(asked)


def test_interventions_are_read_as_hello_says(hello: dict[str, Any]) -> None:
    rules = hello["interventions"]
    written = {"hold": "1.cell.3=-2.5@3-90", "zero": "zero@7", "reset": "reset.50@0"}
    for kind, letters in written.items():
        assert spell(parse(letters)) == letters
        assert [one for one, pattern in rules["patterns"].items() if re.fullmatch(pattern, letters)] == [kind]
    assert len(parse("~".join(["zero@1"] * rules["most"]))) == rules["most"]
    with pytest.raises(BadIntervention, match="more than"):
        parse("~".join(["zero@1"] * (rules["most"] + 1)))
    for value, fits in ((rules["farthest"], True), (rules["farthest"] + 1, False)):
        held = [Clamp(0, "cell", None, value, 0)]
        if fits:
            check(held, Stack.of("lstm", 1))
        else:
            with pytest.raises(BadIntervention, match="lies between"):
                check(held, Stack.of("lstm", 1))


def test_the_bounds_of_options_are_those_that_hold(hello: dict[str, Any]) -> None:
    """Of every option that has two: they are taken, and nothing beyond."""
    assert list(hello["bounds"]) == list(INSTRUMENTS)
    tried = 0
    for name, options in hello["bounds"].items():
        kind = INSTRUMENTS[name]
        required = {one for one, field in kind.model_fields.items() if field.is_required()} - {"name"}
        for option, (least, most) in options.items():
            text = kind.model_json_schema()["properties"][option].get("type") == "string"
            beyond = [most * 2 + 1, *([] if text else [least - 1])]
            for value in (least, most, *beyond):
                faults = _faults(kind, {"name": name, option: "x" * value if text else value})
                assert (option in faults) == (value in beyond), (name, option, value)
                assert faults <= required | {option}
                tried += 1
    assert tried > 60


def _faults(kind: type[BaseModel], asked: dict[str, Any]) -> set[str]:
    try:
        kind.model_validate_json(json.dumps(asked))
    except ValidationError as error:
        return {str(fault["loc"][0]) for fault in error.errors()}
    return set()


def test_the_recall_task_is_written_in_the_characters_that_hello_names(hello: dict[str, Any]) -> None:
    task = hello["recall"]
    assert set(task["keys"] + task["noise"] + task["mark"]) | {"\n"} == set(VOCABULARY.characters)
    first, noise = task["keys"][0], task["noise"][:3]
    assert episode(first, noise) == f"{first}{noise}{task['mark']}{first}\n"


def test_the_colours_of_hello_run_from_0_to_1_and_no_data_stands_in_neither_scale(server: Server) -> None:
    with Talk(server) as talk:
        colours = talk.hello["colours"]
    for scale in (colours["signed"], colours["gate"]):
        positions = [position for position, _ in scale]
        assert positions == sorted(set(positions))
        assert (positions[0], positions[-1]) == (0, 1)
        assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for _, colour in scale)
        assert colours["none"] not in [colour for _, colour in scale]


def test_the_defaults_of_options_are_those_of_a_question_that_leaves_them_out(hello: dict[str, Any]) -> None:
    assert list(hello["defaults"]) == list(INSTRUMENTS)
    for name, options in hello["defaults"].items():
        kind = INSTRUMENTS[name]
        required = {one for one, field in kind.model_fields.items() if field.is_required()}
        assert set(options) == set(kind.model_fields) - required
        left_out = kind.model_construct(**dict.fromkeys(required))
        assert {option: getattr(left_out, option) for option in options} == options


def test_thresholds_are_those_by_which_the_measures_decide(hello: dict[str, Any]) -> None:
    thresholds = hello["thresholds"]
    just = thresholds["used_context"]
    assert used(np.array([1.0, just * 1.001, just * 0.999])) == 1
    series = np.random.default_rng(0).normal(size=(thresholds["chance_steps"], 2))
    for steps, known in ((len(series), True), (len(series) - 1, False)):
        one, other = (standardised(series[:steps, k]) for k in (0, 1))
        assert one is not None
        assert other is not None
        shifts = Shifts(one)
        assert (shifts.chance(shifts.against(other)) is not None) == known
