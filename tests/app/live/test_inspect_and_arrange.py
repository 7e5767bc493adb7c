"""Exact values of a step and the order of units, asked of a session."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from app.compute.model_library import Library
from models.measures.units.unit_order import by_similarity
from tests.support.session_line import (
    HIDDEN,
    ask,
    opened,
    start_reading,
    trace_of,
)
from tests.support.socket_client import panel
from tests.support.texts import prose

pytestmark = pytest.mark.usefixtures("small_pieces")


def check_column(library: Library, text: str, item: tuple[dict[str, Any], dict[str, np.ndarray]]) -> None:
    message, tensors = item
    trace = trace_of(library, message["model"], text)
    names = library.get(message["model"]).lm.cell.names()
    expected = np.stack([trace[f"{message['layer']}.{name}"][message["step"]].numpy() for name in names])
    np.testing.assert_array_equal(tensors["signals"], expected)
    np.testing.assert_array_equal(tensors["log_probabilities"], trace.log_probabilities[message["step"]].numpy())


def test_inspect_gives_the_exact_values_of_each_model_and_layer_in_view(library: Library) -> None:
    text = prose(40)
    line = opened(library, text, [*HIDDEN, ("tiny-lstm", 0, "cell")])
    seen = ask(line, type="inspect", step=17)
    assert [(m["type"], m["model"], m["layer"], m["step"]) for m, _ in seen] == [
        ("column", "tiny-rnn", 0, 17),
        ("column", "tiny-gru", 0, 17),
        ("column", "tiny-lstm", 1, 17),
        ("column", "tiny-lstm", 0, 17),
    ]
    for item in seen:
        check_column(library, text, item)
    assert line.settle() == []


def test_of_several_steps_asked_for_the_newest_wins(library: Library) -> None:
    line = opened(library, prose(40), HIDDEN)
    for step in (3, 30, 11):
        line.up.append(json.dumps({"type": "inspect", "step": step}))
    assert [m["step"] for m, _ in line.settle()] == [11, 11, 11]


def test_a_step_that_is_not_read_yet_is_answered_once_it_is(library: Library) -> None:
    text = prose(200)
    line = start_reading(library, text, pieces=5)
    seen = ask(line, type="inspect", step=150)
    columns = [item for item in seen if isinstance(item, tuple) and item[0]["type"] == "column"]
    assert [m["model"] for m, _ in columns] == ["tiny-rnn", "tiny-gru", "tiny-lstm"]
    for item in columns:
        check_column(library, text, item)


def test_a_step_beyond_the_text_is_not_answered_also_when_the_text_grows_later(library: Library) -> None:
    line = opened(library, prose(40), HIDDEN)
    assert ask(line, type="inspect", step=40) == []
    line.page.edit(40, 0, "abc")
    assert all(m["type"] == "columns" for m, _ in line.settle())


def test_arrange_gives_the_order_over_the_window(library: Library) -> None:
    text = prose(80)
    line = opened(library, text, HIDDEN, window=(20, 70))
    ((message, tensors),) = ask(line, type="arrange", **panel("tiny-gru", "hidden"))
    expected = by_similarity(trace_of(library, "tiny-gru", text)["0.hidden"].numpy()[20:70])
    where = {"type": "order", "revision": 0, "model": "tiny-gru", "layer": 0, "signal": "hidden"}
    assert message == where
    assert tensors["order"].tolist() == expected.tolist()
    assert line.settle() == []


def test_an_order_waits_until_the_window_has_been_read(library: Library) -> None:
    text = prose(100)
    line = start_reading(library, text, pieces=5)
    seen = ask(line, type="arrange", **panel("tiny-lstm", "hidden", 1))
    (order,) = [tensors["order"] for m, tensors in (i for i in seen if isinstance(i, tuple)) if m["type"] == "order"]
    expected = by_similarity(trace_of(library, "tiny-lstm", text)["1.hidden"].numpy()[:60])
    assert order.tolist() == expected.tolist()


def test_an_order_asked_for_many_times_is_given_once_and_one_a_piece_of_work(library: Library) -> None:
    line = opened(library, "so it was and so it is " * 2, HIDDEN, (0, 40))
    for _ in range(50):
        for model, layer, signal in HIDDEN:
            line.up.append(json.dumps({"type": "arrange", **panel(model, signal, layer)}))
    line.hear()
    pieces = []
    while (piece := line.session.next()) is not None:
        pieces.append(len(piece.do()))
    assert pieces == [1, 1, 1]
