"""docs/lessons.md says all that there is, and its example is a lesson."""

from __future__ import annotations

import re

from app.compute.model_library import Library
from app.lessons.blocks import BLOCKS, Done
from app.lessons.check import check
from app.lessons.controls import CONTROLS
from app.lessons.formula import FUNCTIONS
from app.lessons.parser import parse
from app.lessons.source import Source
from models.text.names import shown
from tests.support.paths import ROOT

WORDS = (ROOT / "docs" / "lessons.md").read_text(encoding="utf-8")


def test_the_example_of_the_documentation_has_nothing_wrong_and_its_numbers_hold() -> None:
    found = re.search(r"````markdown\n(.*?)````", WORDS, re.DOTALL)
    assert found is not None
    lesson = parse("01-my-lesson.md", found[1])
    result = check(lesson, Library([], "cpu"))
    assert [shown(one.words()) for one in result.mistakes] == []
    assert [one.holds for one in result.claims] == [True]
    assert [step.id for step in lesson.steps] == ["two-networks-read-along", "guess-how-long"]


def test_every_control_is_in_the_table_with_its_meaning() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", WORDS, re.MULTILINE))
    assert {name: rows.get(name) for name in CONTROLS} == {name: words for name, (_, words) in CONTROLS.items()}


def test_every_block_every_key_and_every_function_is_named() -> None:
    assert set(re.findall(r"^### (\w+)$", WORDS, re.MULTILINE)) == {*BLOCKS, "notes"}
    for kind in (*BLOCKS.values(), Done, Source):
        for name, field in kind.model_fields.items():
            key = field.alias or name
            assert re.search(rf"`(?:\[{key}\]|{key})(?:`| = )", WORDS), f"{kind.__name__}: {key}"
    assert [name for name in FUNCTIONS if f"`{name}`" not in WORDS] == []
