"""`app.web.hello`: the first message of the socket, complete and as docs/protocol.md says."""

from __future__ import annotations

import re

import pytest

from app.live.protocol import CloseCode
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
    assert set(hello["limits"]) == fields("limits: ")
    assert set(hello["colours"]) == fields("colours: ")
    for sample in hello["samples"]:
        assert set(sample) == fields("samples: [{")
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
    }


def test_the_colours_of_hello_run_from_0_to_1_and_no_data_stands_in_neither_scale(server: Server) -> None:
    with Talk(server) as talk:
        colours = talk.hello["colours"]
    for scale in (colours["signed"], colours["gate"]):
        positions = [position for position, _ in scale]
        assert positions == sorted(set(positions))
        assert (positions[0], positions[-1]) == (0, 1)
        assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for _, colour in scale)
        assert colours["none"] not in [colour for _, colour in scale]
