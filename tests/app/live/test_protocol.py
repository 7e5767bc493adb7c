"""`app.live.protocol`: what docs/protocol.md promises parses, and nothing else does."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.live import protocol
from app.live.protocol import Arrange, Cancel, CloseCode, Edit, Inspect, Panel, Text, View, Window, parse
from models import RequestError
from tests.support.paths import ROOT

DOCUMENT = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")

PANEL = {"model": "shakespeare-lstm", "layer": 0, "signal": "forget_gate"}
MESSAGES: dict[str, dict[str, Any]] = {
    "text": {"type": "text", "revision": 0, "text": "To be\n“é😀”", "window": [0, 500]},
    "edit": {"type": "edit", "revision": 1, "at": 3, "remove": 2, "insert": "", "window": [0, 500]},
    "view": {
        "type": "view",
        "panels": [PANEL, {**PANEL, "model": "shakespeare-lstm@0", "against": "shakespeare-lstm"}],
        "window": [64, 64],
        "per": 64,
        "show": "mean",
        "scale": 2.5,
        "difference": 0.5,
        "overview": 1400,
        "echo": {"step": 57, "instead": "x", "others": None, "signed": True},
        "go_on": True,
    },
    "inspect": {"type": "inspect", "step": 57},
    "arrange": {"type": "arrange", **PANEL, "window": [0, 640], "per": 64},
    "measure": {"type": "measure", "id": 3, "model": "shakespeare-lstm", "measure": {"name": "generate", "step": 57}},
    "dismiss": {"type": "dismiss", "id": 3},
    "cancel": {"type": "cancel"},
}


def documented(heading: str) -> dict[str, list[str]]:
    """The rows of the first table after `heading`: type, and its fields."""
    rows = {}
    for line in DOCUMENT.split(heading, 1)[1].strip().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if name := re.fullmatch(r"`(\w+)`", cells[0]):
            rows[name[1]] = re.findall(r"`([\w?]+)`", cells[1])
        elif rows and not line.startswith("|"):
            break
    return rows


def test_every_message_of_the_document_is_one_that_parses_with_exactly_its_fields() -> None:
    rows = documented("## From the page to the server")
    assert set(rows) == set(MESSAGES)
    for kind, fields in rows.items():
        assert {field.rstrip("?") for field in fields} | {"type"} == set(MESSAGES[kind])
        parse(json.dumps(MESSAGES[kind]))


def test_the_fields_that_go_out_are_those_of_the_document() -> None:
    text = documented("Text frames:")
    binary = documented("Binary frames:")
    models = {
        "progress": protocol.Progress, "reach": protocol.Reach, "error": protocol.Error,
        "measuring": protocol.Measuring, "unmeasured": protocol.Unmeasured, "measured": protocol.Measured,
        "columns": protocol.Difference, "overview": protocol.Overview, "column": protocol.Column,
        "order": protocol.Order,
    }  # fmt: skip
    assert set(text) | set(binary) == {*models, "hello"}
    for kind, fields in {**text, **binary}.items():
        if kind != "hello":
            names = {field.serialization_alias or name for name, field in models[kind].model_fields.items()} - {"type"}
            said = {field.rstrip("?") for field in fields}
            assert names <= said, kind
            assert said - names <= {"message"}, kind


def test_a_message_arrives_as_what_it_is() -> None:
    assert parse(json.dumps(MESSAGES["text"])) == Text(
        type="text", revision=0, text="To be\n“é😀”", window=Window(start=0, stop=500)
    )
    edit = parse('{"type": "edit", "revision": 1, "at": 3, "remove": 2, "insert": "x"}')
    assert edit == Edit(type="edit", revision=1, at=3, remove=2, insert="x", window=None)
    view = parse(json.dumps(MESSAGES["view"]))
    assert isinstance(view, View)
    assert view.window == Window(start=64, stop=64)
    assert (view.per, view.show, view.scale, view.overview) == (64, "mean", 2.5, 1400)
    assert view.panels[0] == Panel(**PANEL)
    assert parse('{"type": "inspect", "step": 57}') == Inspect(type="inspect", step=57)
    assert parse(json.dumps(MESSAGES["arrange"])) == Arrange(
        type="arrange", **PANEL, window=Window(start=0, stop=640), per=64
    )
    assert view.echo == protocol.EchoAsk(step=57, instead="x", signed=True)
    assert parse('{"type": "cancel"}') == Cancel(type="cancel")


@pytest.mark.parametrize("kind", MESSAGES)
def test_a_field_too_many_is_refused(kind: str) -> None:
    assert "surplus" in refusal(json.dumps({**MESSAGES[kind], "surplus": 1}))


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (kind, field)
        for kind, message in MESSAGES.items()
        for field in message
        if field not in ("type", "window", "scale", "difference", "per", "show", "overview", "echo", "go_on")
    ],
)
def test_a_field_that_lacks_or_has_a_wrong_type_is_named(kind: str, field: str) -> None:
    without = {name: value for name, value in MESSAGES[kind].items() if name != field}
    assert field in refusal(json.dumps(without))
    number = isinstance(MESSAGES[kind][field], int)
    wrong = [None, {}, {"a": 1}, True, *(["1", 1.0, 1.5, -1, 2**53 + 1, 10**30, []] if number else [7, 1.0])]
    for value in wrong:
        assert field in refusal(json.dumps({**MESSAGES[kind], field: value})), value


@pytest.mark.parametrize(
    "scale", ["NaN", "Infinity", "0", "-1", "1e-7", "1e7", '"2"', "true", "[]", "{}", "1" + "0" * 400]
)
def test_a_scale_is_a_positive_number_of_a_sensible_size(scale: str) -> None:
    for name in ("scale", "difference"):
        assert name in refusal(f'{{"type": "view", "panels": [], "window": [0, 1], "{name}": {scale}}}')


@pytest.mark.parametrize("scale", [None, 1, 0.5, 1e6])
def test_a_scale_may_be_any_positive_number_or_left_to_the_server(scale: float | None) -> None:
    view = parse(json.dumps({**MESSAGES["view"], "scale": scale}))
    assert isinstance(view, View)
    assert view.scale == scale


@pytest.mark.parametrize(
    "per", ["0", "3", "-2", "6", "1.0", "2.5", '"2"', "true", "null", "[]", str(2**31), "1" + "0" * 400]
)
def test_a_column_stands_for_a_power_of_two_of_characters(per: str) -> None:
    assert "per" in refusal('{"type": "view", "panels": [], "window": [0, 0], "per": %s}' % per)  # noqa: UP031


@pytest.mark.parametrize("per", [1, 2, 64, 1024, 2**30])
def test_any_power_of_two_will_do(per: int) -> None:
    view = parse(json.dumps({**MESSAGES["view"], "per": per}))
    assert isinstance(view, View)
    assert view.per == per


@pytest.mark.parametrize(("field", "value"), [
    ("show", None), ("show", 1), ("show", "EXTREME"), ("show", "median"), ("show", ["mean"]),
    ("overview", -1), ("overview", 8193), ("overview", 1.0), ("overview", "9"), ("overview", None), ("overview", True),
])  # fmt: skip
def test_what_a_column_shows_and_the_room_of_the_overview_are_checked(field: str, value: object) -> None:
    assert field in refusal(json.dumps({**MESSAGES["view"], field: value}))


def test_a_view_says_no_more_than_it_must() -> None:
    view = parse('{"type": "view", "panels": [], "window": [3, 9]}')
    assert isinstance(view, View)
    assert (view.per, view.show, view.scale, view.overview, view.go_on) == (1, "mean", None, 0, False)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e3", "-0.0", "1" + "0" * 5000, "0x10", "1_000"])
def test_what_is_no_whole_number_is_no_step(number: str) -> None:
    refusal('{"type": "inspect", "step": %s}' % number)  # noqa: UP031 - braces abound


@pytest.mark.parametrize("window", [
    [], [1], [1, 2, 3], [5, 3], [-1, 3], ["0", 3], [0, "3"], [None, 3], [0, None], [[0], 3], [{}, {}], [0.0, 3],
    [True, 3], [0, 2**60], {"start": 0}, {"start": 0, "stop": 3}, "0:3", 7, True, [float("nan"), 3],
])  # fmt: skip
@pytest.mark.parametrize("kind", ["text", "edit", "view"])
def test_a_window_is_two_whole_numbers_in_order(kind: str, window: object) -> None:
    assert "window" in refusal(json.dumps({**MESSAGES[kind], "window": window}))


@pytest.mark.parametrize("panels", [
    None, {}, "x", [1], [None], [[]], [{}],
    [{**PANEL, "layer": -1}], [{**PANEL, "layer": "0"}], [{**PANEL, "extra": 1}],
    [{**PANEL, "model": None}], [{**PANEL, "signal": 3}], [PANEL, {**PANEL, "layer": 0.0}], [{**PANEL, "layer": False}],
])  # fmt: skip
def test_a_panel_is_a_model_a_layer_and_a_signal(panels: object) -> None:
    assert "panels" in refusal(json.dumps({**MESSAGES["view"], "panels": panels}))


@pytest.mark.parametrize("raw", [
    "", " ", "null", "1", "true", '"text"', "[]", "[{}]", "{}", '{"type": null}', '{"type": 1}', '{"type": ["text"]}',
    '{"type": {"type": "text"}}', '{"type": "TEXT"}', '{"type": "hello"}', '{"type": "cancel"', "{'type': 'cancel'}",
    '{"type": "cancel"} {"type": "cancel"}', '{"type": "cancel"},', "\x00", "\ufeff{}", '{"type": "text\\ud800"}',
    '{"type": "text", "revision": 0, "text": "\\ud83d"}', '{"type": "text", "revision": 0, "text": "tab\tin it"}',
    "[" * 100_000, '{"a":' * 100_000, '{"type": "view", "window": [0, 1], "panels": ' + "[" * 5000 + "]" * 5000 + "}",
], ids=lambda raw: repr(raw)[:30])  # fmt: skip
def test_what_is_no_message_is_a_bad_message(raw: str) -> None:
    refusal(raw)


def refusal(raw: str) -> str:
    """The sentence with which `raw` is refused."""
    with pytest.raises(RequestError) as raised:
        parse(raw)
    assert raised.value.code == "bad_message"
    sentence = str(raised.value)
    assert sentence.startswith("The message was not understood: ")
    assert len(sentence) < 500, "what came is not sent back"
    return sentence


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(sorted({name for message in MESSAGES.values() for name in message}))
near = st.builds(
    lambda kind, changes, gone: {k: v for k, v in {**MESSAGES[kind], **changes}.items() if k not in gone},
    st.sampled_from(list(MESSAGES)),
    st.dictionaries(names, anything, max_size=3),
    st.sets(names, max_size=2),
)


@given(st.text() | anything.map(json.dumps) | near.map(json.dumps))
@example('{"type": "view", "panels": [], "window": ["a", 1]}')
def test_whatever_comes_is_a_message_or_refused_and_never_anything_else(raw: str) -> None:
    with suppress(RequestError):
        parse(raw)


@pytest.mark.parametrize("code", CloseCode)
def test_every_close_code_has_a_meaning_and_stands_in_the_document(code: CloseCode) -> None:
    assert code.meaning.endswith(".")
    assert str(code.value) in DOCUMENT
