"""What a session cannot do is an error that names the fault, and changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.compute.model_library import Library
from app.live.protocol import parse
from models import RequestError, UnknownModel
from tests.support.session_line import (
    HIDDEN,
    Line,
    check_whole_picture,
    opened,
)
from tests.support.socket_client import panel
from tests.support.texts import prose

pytestmark = pytest.mark.usefixtures("small_pieces")


gru = panel("tiny-gru", "hidden")


def of(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, **fields}


def showing(*panels: dict[str, Any], window: tuple[int, int] = (0, 9)) -> dict[str, Any]:
    return of("view", panels=panels, window=window)


FAULTS = {
    "a text too long": (of("text", revision=9, text="x" * 301), "text_too_long", "300"),
    "an edit that makes it too long": (
        of("edit", revision=1, at=0, remove=3, insert="x" * 264),
        "text_too_long",
        "301",
    ),
    "a window too wide": (showing(gru, window=(0, 61)), "window_too_wide", "61"),
    "a text with a window too wide": (of("text", revision=9, text="x", window=[0, 61]), "window_too_wide", "61"),
    "an edit with a window too wide": (
        of("edit", revision=1, at=0, remove=0, insert="x", window=[5, 80]),
        "window_too_wide",
        "75",
    ),
    "too many panels": (showing(*[gru] * 5), "too_many_panels", "5"),
    "an unknown model": (showing(panel("tiny-rnm", "hidden")), "unknown_model", "tiny-rnn"),
    "an unknown checkpoint": (showing(panel("tiny-rnn@7", "hidden")), "unknown_model", "tiny-rnn@0"),
    "no checkpoint's number": (showing(panel("tiny-rnn@", "hidden")), "unknown_model", "@0"),
    "an unknown layer": (showing(panel("tiny-lstm", "hidden", 2)), "unknown_layer", "0 to 1"),
    "an unknown signal": (showing(panel("tiny-rnn", "cell")), "unknown_signal", "hidden"),
    "a good panel before a bad one": (showing(gru, panel("tiny-rnn", "cell")), "unknown_signal", "hidden"),
    "a gap in the revisions": (of("edit", revision=2, at=0, remove=0, insert="x"), "out_of_sync", "whole text"),
    "an edit beyond the end": (of("edit", revision=1, at=38, remove=3, insert=""), "out_of_sync", "whole text"),
    "an order of a panel not in view": (of("arrange", **panel("tiny-gru", "candidate")), "not_in_view", "Open"),
    "an order of an unknown model": (of("arrange", **panel("nobody", "hidden")), "unknown_model", "tiny-rnn"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_done_is_an_error_that_names_the_fault_and_changes_nothing(library: Library, fault: str) -> None:
    message, code, named = FAULTS[fault]
    line = opened(library, prose(40), HIDDEN)
    with pytest.raises((RequestError, UnknownModel)) as raised:
        line.session.apply(parse(json.dumps(message)))
    assert raised.value.code == code
    assert named in str(raised.value)
    assert line.settle() == []
    assert line.session.text == line.page.text
    line.page.edit(10, 2, "mended")
    line.settle()
    check_whole_picture(line)


def test_the_limits_themselves_are_allowed(library: Library) -> None:
    line = Line(library)
    line.page.view([*HIDDEN, ("tiny-gru", 0, "candidate")], (200, 260))
    line.page.say_text(prose(300))
    line.settle()
    check_whole_picture(line)
