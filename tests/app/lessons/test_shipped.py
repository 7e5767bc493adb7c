"""The lessons that ship, and the one of the tests: nothing wrong in them, and every number as it is measured now."""

from __future__ import annotations

import pytest

from app.compute.model_library import Library
from app.lessons.check import check
from app.lessons.parser import Lesson
from app.lessons.shelf import read_folder, shipped
from tests.support.paths import ROOT

FOLDERS = [read_folder(path) for path in (ROOT / "tests" / "support" / "lessons", shipped())]
LESSONS = [lesson for folder in FOLDERS for lesson in folder.lessons]


@pytest.fixture(scope="module")
def zoo() -> Library:
    return Library([], "cpu")


def test_every_file_is_a_lesson_of_a_name_of_its_own() -> None:
    assert [mistake.words() for folder in FOLDERS for mistake in folder.mistakes] == []
    assert len({lesson.id for lesson in LESSONS}) == len(LESSONS) > 0


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_nothing_is_wrong_in_the_file(lesson: Lesson) -> None:
    assert [mistake.words() for mistake in lesson.mistakes] == []


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_every_number_is_as_it_is_measured_and_every_question_has_an_answer(lesson: Lesson, zoo: Library) -> None:
    found = check(lesson, zoo)
    assert [mistake.words() for mistake in found.mistakes] == []
    assert [one.mistake.words() for one in found.claims if not one.holds] == []
