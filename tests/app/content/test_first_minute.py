"""`app.content.first_minute`, `app.web.script_imports` and the routes: what the first minute shows, and who gets it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
import torch

from app.compute.model_library import Library
from app.content.example_texts import SAMPLES
from app.content.first_minute import BETWEEN, LETTERS, MODELS, MOST, REAL_TEXT, SHORTEST, TAUGHT_OTHERWISE, first_minute
from app.web.assets import folder
from app.web.script_imports import imported
from models import load
from models.echo.echo import Echo
from models.recording.recording import Recording
from models.tasks.delayed_recall import KEYS, LONGEST, MARK, NOISE
from tests.support.served_app import Server as TinyServer

PAGE = (folder("templates") / "first.html").read_text(encoding="utf-8")
LENGTHS = (SHORTEST, 45, MOST)


def text_of(letter: str, length: int) -> str:
    return letter + BETWEEN[: length - 2] + MARK


def said(name: str, text: str) -> str:
    """What the network takes for the most probable after a text."""
    lm = load(name)
    return str(lm.vocabulary.characters[int(torch.argmax(lm.trace(text).log_probabilities[-1]))])


# ── what the page claims ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("letter", LETTERS)
def test_gated_networks_know_the_first_letter_and_the_vanilla_one_says_the_same_for_both(
    letter: str, length: int
) -> None:
    vanilla, *gated = MODELS
    assert [said(name, text_of(letter, length)) for name in gated] == [letter] * len(gated)
    assert said(vanilla, text_of(letter, length)) not in LETTERS


@pytest.mark.parametrize("length", LENGTHS)
def test_the_same_cell_taught_otherwise_gets_all_eight_letters_right(length: int) -> None:
    assert [said(TAUGHT_OTHERWISE, text_of(letter, length)) for letter in KEYS] == list(KEYS)
    cells = {(card.cell, card.units) for name in (MODELS[0], TAUGHT_OTHERWISE) for card in [card_of(name)]}
    assert len(cells) == 1


def card_of(name: str):  # type: ignore[no-untyped-def]
    return Library([], "cpu").entries[name].card


def test_all_three_were_taught_alike() -> None:
    cards = [card_of(name) for name in MODELS]
    settings = [dict(card.training) for card in cards]
    alike = ("teaching", "updates", "rows", "warmup", "clip", "other_weight", "longest")
    for name in alike:
        assert len({one[name] for one in settings}) == 1, name
    assert {one["longest"] for one in settings} == {LONGEST}
    assert f"while up to {LONGEST - 1} random ones follow" in " ".join(PAGE.split())
    assert {card.units for card in cards} == {32}


def test_with_five_characters_the_vanilla_network_still_differs_at_the_mark() -> None:
    lm = load(MODELS[0])
    states = [lm.trace(text_of(letter, SHORTEST))["0.hidden"][-1] for letter in LETTERS]
    assert float((states[0] - states[1]).abs().max()) > 0.05


def test_the_lstm_gains_colour_at_the_mark_because_its_output_gate_opens() -> None:
    lm = load(MODELS[2])
    one, other = (lm.trace(text_of(letter, 45)) for letter in LETTERS)
    hidden = (one["0.hidden"] - other["0.hidden"]).abs()
    cell = (one["0.cell"] - other["0.cell"]).abs()
    gained = (hidden[-1] > 0.1) & (hidden[-2] < 0.1)
    assert int(gained.sum()) >= 10
    assert float(cell[-2][gained].min()) > 0.1, "the inner state of these cells knew the letter before"
    opened = one["0.output_gate"][-1][gained] - one["0.output_gate"][-2][gained]
    assert float((opened > 0).float().mean()) > 0.8


def test_real_text_is_felt_for_as_long_as_the_last_step_says() -> None:
    sample = next(sample for sample in SAMPLES if sample.id == REAL_TEXT["sample"])
    at = sample.text.index(REAL_TEXT["word"])
    found = {}
    for name in ("rnn", "lstm", "gru"):
        lm = load(f"shakespeare-{name}")
        recording = Recording(lm.reader())
        recording.edit(0, 0, lm.vocabulary.encode(sample.text))
        while recording.steps < len(sample.text):
            recording.read()
        echo = Echo(recording, at, lm.vocabulary.encode(REAL_TEXT["instead"]))
        while echo.advance(len(sample.text)):
            pass
        found[name] = echo.felt(0, "hidden")
        traces = [lm.trace(text)["0.hidden"] for text in (sample.text, sample.text[:at] + "x" + sample.text[at + 1 :])]
        distance = torch.linalg.vector_norm(traces[0] - traces[1], dim=1)[at:].numpy()
        assert int(np.flatnonzero(distance >= 0.01 * distance[0])[-1]) == found[name]
    words = " ".join(PAGE.split())
    assert f"for {found['rnn']} characters, the LSTM’s for {found['lstm']}, the GRU’s for {found['gru']}." in words


def test_the_text_is_of_letters_that_the_networks_know_and_long_enough() -> None:
    assert len(BETWEEN) >= MOST - 2
    assert set(BETWEEN) <= set(NOISE)


# ── who gets it ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def full() -> Iterator[httpx.Client]:
    from scripts.browser import Server

    with Server() as running, httpx.Client(base_url=running.url, timeout=30) as client:
        yield client


def test_a_first_visit_gets_the_first_minute_and_a_later_one_the_laboratory(full: httpx.Client) -> None:
    first = full.get("/")
    assert first.status_code == 200
    assert "/static/first.js" in first.text
    later = full.get("/", headers={"Cookie": "first-minute=seen"})
    assert (later.status_code, later.headers["location"]) == (302, "/explore")
    for answer in (first, later):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["vary"] == "Cookie"
    assert "/static/main.js" in full.get("/explore").text
    assert "/static/first.js" in full.get("/first", headers={"Cookie": "first-minute=seen"}).text


def test_another_cookie_is_no_visit(full: httpx.Client) -> None:
    assert full.get("/", headers={"Cookie": "other=first-minute"}).status_code == 200


def test_a_server_without_the_models_begins_in_the_laboratory(server: TinyServer) -> None:
    with httpx.Client(base_url=server.url) as client:
        answer = client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (302, "/explore")


def test_hello_names_what_the_page_shows() -> None:
    facts = first_minute(Library([], "cpu"))
    assert facts is not None
    assert facts["models"] == list(MODELS)
    assert facts["answers"] == KEYS
    for name in MODELS:
        assert name not in "".join(path.read_text() for path in (folder("static") / "first").glob("*.js"))


# ── modules named beforehand ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("script", ["main.js", "first.js"])
def test_every_module_that_is_imported_is_named_once(script: str) -> None:
    """By another way: follow each path that stands behind `from` or a bare `import`, line by line."""
    found: set[Path] = set()
    queue = [folder("static") / script]
    while queue:
        path = queue.pop()
        for line in path.read_text(encoding="utf-8").splitlines():
            for target in re.findall(r"""(?:from|^import) ["'](\.[^"']+)["'];?$""", line):
                module = (path.parent / target).resolve()
                if module not in found:
                    found.add(module)
                    queue.append(module)
    static = folder("static").resolve()
    assert sorted(imported(script)) == sorted(module.relative_to(static).as_posix() for module in found)
    assert len(set(imported(script))) == len(imported(script))
