"""`app.lessons.parser`: from a file to steps, and each mistake with its line and its remedy."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lessons.blocks import Ask, Point, Try
from app.lessons.mistake import Mistake
from app.lessons.page import loose_mistakes, screens
from app.lessons.parser import Lesson, Prose, parse
from tests.support.lessons.texts import ASK, CLAIM, FRONT, fence, lesson

FIRST = FRONT.count("\n") + 1
"""The line after the front matter."""
BODY = FIRST + 3
"""The first line of what stands in the first step."""


def read(*steps: str, front: str = FRONT) -> Lesson:
    return parse("03-a.md", lesson(*steps, front=front))


def only(found: Lesson) -> Mistake:
    (mistake,) = found.mistakes
    return mistake


# ── what is right ────────────────────────────────────────────────────────────────────────────────────


def test_a_lesson_has_its_front_matter_steps_claims_and_questions() -> None:
    found = read(f"It has {{units}} units.\n\n{CLAIM}", f"Guess.\n\n{ASK}\nThen *read on*.\n")
    assert found.mistakes == []
    assert (found.id, found.title, found.order) == ("03-a", "A lesson", (3, "03-a"))
    assert [(step.id, step.title) for step in found.steps] == [("step-one", "Step one"), ("step-two", "Step two")]
    assert list(found.claims) == ["units"]
    assert (found.asks["count"].step, found.claims["units"].step) == (1, 0)
    assert [type(piece) for piece in found.steps[1].pieces] == [Prose, Ask, Prose]
    assert '<b data-say="answer"></b>' in found.asks["count"].after


def test_a_claim_may_stand_after_the_prose_that_names_it_and_in_another_step() -> None:
    found = read("It has {units} units.", CLAIM)
    assert found.mistakes == []
    assert '<hs-claim name="units" unit="">6</hs-claim>' in screens(found)[0].body


def test_a_step_shows_its_own_view_or_that_of_the_start() -> None:
    found = read(fence("view", 'models = ["tiny-lstm"]\necho = "3:x"\nfrom = 2'), "Words.")
    first, second = (
        json.loads(unescape(re.search(r'<hs-view .*data-state="([^"]+)"', one.body)[1])) for one in screens(found)
    )
    assert first == {"address": "models=tiny-lstm&echo=3:x&from=2", "text": None, "own": False}
    assert second == {"address": "models=tiny-rnn", "text": None, "own": False}


def test_a_view_may_be_an_address_as_it_is_shared() -> None:
    view = read(fence("view", 'address = "/explore#models=tiny-rnn&text=a%20b"')).steps[0].view
    assert view.state() == {"address": "models=tiny-rnn&text=a%20b", "text": "a b", "own": True}


def test_a_text_can_be_repeated() -> None:
    view = read(fence("view", 'text = "abc"\nrepeated_to = 8')).steps[0].view
    assert view.own_text() == "abcabcab"


def test_notes_are_apart_from_what_the_class_sees() -> None:
    found = read("Words.\n\n" + fence("notes", "Ask *them* for 5 minutes."))
    (screen,) = screens(found)
    assert found.mistakes == []
    assert screen.notes == "<p>Ask <em>them</em> for 5 minutes.</p>\n"
    assert "minutes" not in screen.body


def test_other_fences_are_code() -> None:
    assert "<code class=" in screens(read("```python\nx = 1\n```\n"))[0].body


def test_html_is_text_and_the_state_of_a_block_cannot_leave_its_attribute() -> None:
    found = read(
        '<script>alert("1")</script>\n\n' + fence("try", "task = '\"><script>x</script>'\n[done]\necho = true")
    )
    body = screens(found)[0].body
    assert "<script>" not in body
    assert "&lt;script&gt;" in body


@pytest.mark.parametrize(
    "prose", ["“10–20 steps”, they say", "run `x = 3`", "### Part 2\n\nwords", "1. one\n2. two", "[a](https://x.org/9)"]
)
def test_numbers_of_others_and_of_code_may_stand_in_prose(prose: str) -> None:
    assert read(prose).mistakes == []


def test_windows_line_ends_and_a_byte_order_mark_are_taken() -> None:
    assert parse("03-a.md", "\ufeff" + lesson("Words.").replace("\n", "\r\n")).mistakes == []


# ── what is wrong ────────────────────────────────────────────────────────────────────────────────────

TRY = 'task = "x"\n[done]\n'
FROM = '[from]\ncard = "units"\nmodel = "tiny-rnn"'
WRONG = [
    ("It has 128 units.", 1, "128 as a loose number", "claim"),
    ("Words\nand 3 more.", 2, "3 as a loose number", "claim"),
    ("It has {units} units.", 1, "No claim has the name {units}", "Add a `claim` block"),
    (fence("view", "models = [\n"), 2, "is no TOML", "key = value"),
    (fence("view", 'modles = ["a"]'), 2, "has no key `modles`", "Did you mean `models`"),
    (fence("view", 'models = "a"'), 2, "`models` of the `view` block cannot be used", "docs/lessons.md"),
    (fence("view", 'example = "nothing"'), 2, "no example 'nothing'", ""),
    (fence("view", 'instrument = "nothing"'), 2, "no instrument 'nothing'", "saturation"),
    (fence("view", 'models = ["a", "a:0:cell"]'), 2, "a is named twice", "in the next step"),
    (fence("view", 'address = "#a=b"\nunit = 1'), 2, "`address` says everything", ""),
    (fence("view", "unit = 1") + "\n" + fence("view", "unit = 2"), 5, "two `view` blocks", "Keep one"),
    (fence("try", TRY + "length_ovr = 5"), 4, "no key `done.length_ovr`", "Did you mean `length_over`"),
    (fence("try", 'task = "x"\n[done]'), 3, "nothing is named", ""),
    (fence("try", "[done]\necho = true"), 2, "lacks `task`", "Add task"),
    (fence("try", TRY + 'answer = { value = "x", over = 1 }'), 4, "`done.answer.value`", ""),
    (fence("point", 'control = "lamp"\nwords = "x"'), 2, "no control 'lamp'", "instruments"),
    (fence("ask", 'id = "a"\nquestion = "x"\ntolerance = 1'), 2, "lacks `answer`", "Add answer"),
    (ASK.replace("tolerance = 1", ""), 2, "just one of `tolerance`, `ratio` and `choices`", ""),
    (ASK.replace('"trace"', '"forgeting"'), 6, "no instrument 'forgeting'", "forgetting"),
    (ASK.replace("facts.length", "length"), 9, "there is no such thing", "docs/lessons.md"),
    (ASK.replace('"trace"', '"forgetting"\noptions = { lag = 3 }'), 6, "option `lag`", "lags"),
    (ASK.replace("{guess}", "7"), 2, "7 as a loose number", "claim"),
    (ASK + "\n" + ASK, 13, "has a `ask` block named count already", "line"),
    (CLAIM, 2, "No prose names the claim {units}", "Use it"),
    ("{a}\n\n" + fence("claim", f'name = "a"\nvalue = 1\ntolerance = 0\nformat = "d"\n{FROM}'), 7, "`format`", ""),
    ("{a}\n\n" + fence("claim", f'name = "a"\nvalue = "1"\ntolerance = 0\n{FROM}'), 5, "`value`", ""),
    ("- a\n\n  ```view\n  unit = 1\n  ```\n", 3, "inside a list", "left margin"),
    ("# Part\n\nwords", 1, "first level", "##"),
]


@pytest.mark.parametrize(("body", "line", "fault", "remedy"), WRONG)
def test_a_mistake_has_its_line_and_its_remedy_and_the_rest_stands(
    body: str, line: int, fault: str, remedy: str
) -> None:
    found = read(body, "The rest.")
    mistake = next(one for one in found.mistakes if fault in one.fault)
    assert mistake.line == BODY + line - 1
    assert remedy in mistake.remedy
    assert mistake.fault[0].isupper() or mistake.fault[0] == "`"
    assert mistake.words().startswith(f"03-a.md, line {BODY + line - 1}: ")
    assert "<p>The rest.</p>" in screens(found)[-1].body


def test_a_mistake_stands_where_its_block_would() -> None:
    found = read("Before.\n\n" + fence("point", 'control = "lamp"\nwords = "x"') + "\nAfter.", "Loose 5.")
    pieces = found.steps[0].pieces
    assert [type(piece) for piece in pieces] == [Prose, Mistake, Prose]
    assert 'data-block="error"' in screens(found)[0].body
    (words,) = loose_mistakes(found)
    assert "loose number" in words


@pytest.mark.parametrize(
    ("source", "line", "fault"),
    [
        ("", 1, "front matter is missing"),
        ("## A step\n\nwords", 1, "front matter is missing"),
        ("+++\ntitle = 'x'\n", 1, "front matter has no end"),
        (FRONT.replace("minutes = 5", "minutes = 0") + "## A\n", 4, "`minutes` of the front matter"),
        (FRONT.replace('text = "To be, or not to be"', "") + "## A\n", 6, "it has no text"),
        (FRONT.replace("summary", "sumary") + "## A\n", 3, "has no key `sumary`"),
        (FRONT + "words\n\n## A\n", FIRST, "before the first step"),
        (FRONT, FIRST, "has no step"),
        (FRONT + "##\n", FIRST, "no title"),
    ],
)
def test_mistakes_of_the_file_as_a_whole(source: str, line: int, fault: str) -> None:
    mistake = next(one for one in parse("03-a.md", source).mistakes if fault in one.fault)
    assert mistake.line == line
    assert mistake.remedy


def test_steps_of_one_title_have_addresses_of_their_own() -> None:
    found = parse("a.md", FRONT + "## Gates\n\n## Gates\n\n## Ворота\n")
    assert [step.id for step in found.steps] == ["gates", "gates-2", "step-3"]


LINES = [
    "+++", "## A", "# B", "words {units}", "“", "5", "```view", "```ask", "```claim", "```try", "```point", "```notes",
    "```", "~~~", "[done]", "[from]", "[answer]", 'name = "units"', "value = 1", "x = {", 'models = ["a"]', "- list",
    "> quote", "| a | b |", "| - | - |", "[[a]]", 'text = """', "\x00", "\ud7ff", "{answer}",
]  # fmt: skip


@given(st.lists(st.sampled_from(LINES) | st.text(max_size=20), max_size=25), st.booleans())
def test_whatever_is_in_a_file_it_is_read(lines: list[str], fronted: bool) -> None:
    found = parse("a.md", (FRONT if fronted else "") + "\n".join(lines))
    assert all(one.line >= 1 and one.fault and one.remedy for one in found.mistakes)
    for screen in screens(found):
        assert "<script" not in screen.body
    assert all(isinstance(piece, Prose | Ask | Try | Point | Mistake) for step in found.steps for piece in step.pieces)
