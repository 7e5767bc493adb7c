"""`app.web.lessons`, `app.web.lessons_api`: the pages of lessons, and the answers to their questions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.lessons.measuring import Meter
from app.settings import Settings
from tests.support.lessons.texts import ASK, CLAIM, fence, lesson
from tests.support.patience import wait_for
from tests.support.served_app import Server, running

SLOW = fence(
    "ask",
    'id = "slow"\nquestion = "x"\ntolerance = 1\n[answer]\nmodel = "tiny-lstm"\ninstrument = "horizon"\n'
    'text = "the tide comes in and takes the footprints one by one. "\nrepeated_to = 10000\n'
    'value = "size(tensors.edit)"',
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("my-lessons")
    good = lesson(f"It has {{units}} units, <b>not</b> more.\n\n{CLAIM}", ASK + "\n" + SLOW)
    (base / "01-good.md").write_text(good, encoding="utf-8")
    broken = lesson("It has 128.\n\n" + fence("point", 'control = "lamp"\nwords = "x"') + "\nThe rest.")
    (base / "02-broken.md").write_text(broken, encoding="utf-8")
    (base / "03-latin.md").write_bytes("+++\ntitle = 'Übung'".encode("latin-1"))
    (base / "what is this.md").write_text("", encoding="utf-8")
    return base


@pytest.fixture(scope="module")
def school(settings_of: Callable[..., Settings], folder: Path) -> Iterator[Server]:
    with running(settings_of(lesson_folders=[folder], text_limit_characters=100)) as server:
        yield server


@pytest.fixture
def http(school: Server) -> Iterator[httpx.Client]:
    school.log.clear()
    with httpx.Client(base_url=school.url, timeout=60) as client:
        yield client
    assert school.faults() == []


def answers(http: httpx.Client, **asked: Any) -> list[dict[str, Any]]:
    """The lines of an answer."""
    answer = http.post("/api/lessons/answer", json={"lesson": "01-good", **asked})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["cache-control"] == "no-store"
    return [json.loads(line) for line in answer.text.splitlines()]


# ── pages ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_contents_name_the_lessons_and_what_cannot_be_read(http: httpx.Client) -> None:
    page = http.get("/lessons").text
    assert 'href="/lessons/01-good"' in page
    assert "2 steps · 5 minutes" in page
    assert "02-broken.md has 2 mistakes" in page
    assert "03-latin.md, line 2: The file is not in UTF-8." in page
    assert "what is this.md, line 0" in page
    assert "<h2>From the folder my-lessons" in page


def test_a_lesson_has_a_section_for_each_step_and_its_blocks_carry_their_state(http: httpx.Client) -> None:
    page = http.get("/lessons/01-good").text
    assert re.findall(r'data-step="([^"]+)"', page) == ["step-one", "step-two"]
    assert "&lt;b&gt;not&lt;/b&gt;" in page
    state = json.loads(re.search(r'<hs-ask [^>]*data-state="([^"]+)"', page)[1].replace("&quot;", '"'))
    assert state["id"] == "count"
    assert "answer" not in state, "the page must not know it before the guess"
    assert "<script>" not in page


def test_a_broken_lesson_shows_its_mistakes_and_the_rest(http: httpx.Client) -> None:
    page = http.get("/lessons/02-broken").text
    assert "02-broken.md, line 13: The prose states 128 as a loose number." in page
    assert re.search(r'data-block="error"[^>]*>02-broken.md, line \d+: `control`', page)
    assert "<p>The rest.</p>" in page


def test_a_lesson_that_is_edited_is_read_again(http: httpx.Client, folder: Path) -> None:
    path = folder / "04-new.md"
    assert http.get("/lessons/04-new").status_code == 404
    path.write_text(lesson("Old words."), encoding="utf-8")
    assert "Old words." in http.get("/lessons/04-new").text
    path.write_text(lesson("Other, new words."), encoding="utf-8")
    assert "Other, new words." in http.get("/lessons/04-new").text
    path.unlink()
    assert http.get("/lessons/04-new").status_code == 404


def test_the_notes_are_a_page_of_their_own(http: httpx.Client, folder: Path) -> None:
    path = folder / "05-notes.md"
    path.write_text(lesson("Words.\n\n" + fence("notes", "Wait for *them*.")), encoding="utf-8")
    assert "Wait for <em>them</em>." in http.get("/lessons/05-notes?notes").text
    assert "Wait for" not in http.get("/lessons/05-notes").text
    path.unlink()


def test_explore_stands_in_a_lesson_only_if_it_is_asked_to(http: httpx.Client) -> None:
    assert '<html lang="en" class="lab">' in http.get("/explore?lab").text
    assert '<html lang="en">' in http.get("/explore").text


def test_every_page_leads_to_the_lessons(http: httpx.Client) -> None:
    for path in ("/first", "/explore", "/models", "/lessons", "/lessons/01-good"):
        assert '<a href="/lessons"' in http.get(path).text


# ── answers ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_question_is_answered_on_the_text_that_is_sent(http: httpx.Client) -> None:
    last = answers(http, ask="count", text="ab\r\nc")[-1]
    assert (last["value"], last["words"], last["choice"]) == (4.0, "4", None)
    assert "data-say" in last["after"]


def test_a_claim_is_measured_again(http: httpx.Client) -> None:
    assert answers(http, claim="units")[-1] == {"value": 6.0, "words": "6", "choice": None, "after": ""}


def test_what_cannot_be_measured_is_a_sentence(http: httpx.Client) -> None:
    (line,) = answers(http, ask="count", text="")
    assert line == {"code": "not_measurable", "message": "There is no text yet. Write some into the lab first."}


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({}, 422, "bad_request"),
        ({"ask": "count", "claim": "units"}, 422, "bad_request"),
        ({"ask": "count", "more": 1}, 422, "bad_request"),
        ({"ask": "gone"}, 404, "unknown_question"),
        ({"claim": "count"}, 404, "unknown_question"),
        ({"ask": "count", "lesson": "gone"}, 404, "unknown_lesson"),
        ({"ask": "count", "text": "x" * 101}, 413, "text_too_long"),
    ],
)
def test_what_cannot_be_asked_is_refused(http: httpx.Client, asked: dict[str, Any], status: int, code: str) -> None:
    answer = http.post("/api/lessons/answer", json={"lesson": "01-good", **asked})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"].endswith(".")


def test_progress_comes_first_and_who_hangs_up_ends_the_work(
    http: httpx.Client, school: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Meter._read

    def read_and_never_end(*asked: Any) -> Iterator[float]:
        yield from read(*asked)
        while True:
            yield 0.1

    monkeypatch.setattr(Meter, "_read", read_and_never_end)
    with http.stream("POST", "/api/lessons/answer", json={"lesson": "01-good", "ask": "slow"}) as answer:
        lines = answer.iter_lines()  # which hangs up when nobody holds it any more
        first = json.loads(next(lines))
        assert 0 < first["share"] < 1
        assert school.state.budget.used > 0
    wait_for(lambda: school.state.budget.used == 0)
