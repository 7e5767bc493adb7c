"""A server that also has the lesson of the tests, and lessons opened in a browser that has seen none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from scripts.browser import Server
from tests.browser.conftest import LAPTOP, new_context
from tests.support.browser.lesson_page import SAMPLE, LessonPage, OpenLesson
from tests.support.lessons.texts import fence, lesson

BROKEN = lesson("It has 128.\n\n" + fence("point", 'control = "lamp"\nwords = "x"') + "\nThe rest stands.").replace(
    "tiny-rnn", "shakespeare-rnn"
)


TASK = fence("try", 'task = "Write more."\n[done]\nlength_over = 60\ntext_changed = true')
TASKS = lesson(
    "Long.\n\n" + fence("view", f'models = ["shakespeare-rnn"]\ntext = "{"long " * 20}"'),
    "Short.\n\n" + fence("view", 'models = ["shakespeare-rnn"]\ntext = "short"') + "\n" + TASK,
).replace("tiny-rnn", "shakespeare-rnn")
"""A task that the text of the step before would fulfil."""


@pytest.fixture(scope="session")
def teachers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A teacher's folder with a broken lesson, and one of a task."""
    folder = tmp_path_factory.mktemp("teacher")
    (folder / "50-broken.md").write_text(BROKEN, encoding="utf-8")
    (folder / "51-tasks.md").write_text(TASKS, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def school(teachers: Path) -> Iterator[Server]:
    with Server(HIDDEN_STATE_LESSON_FOLDERS=f"{SAMPLE}:{teachers}") as running:
        yield running


@pytest.fixture
def open_lesson(browser: Browser, school: Server) -> Iterator[OpenLesson]:
    """Opens a lesson; what is open at the end of the test must have logged no error."""
    contexts: list[BrowserContext] = []
    pages: list[LessonPage] = []

    def open_it(name: str = "01-echo", step: str = "", **options: object) -> LessonPage:
        contexts.append(new_context(browser, **{"viewport": LAPTOP, **options}))
        page = LessonPage(contexts[-1].new_page(), school)
        pages.append(page)
        page.open(name, step)
        return page

    yield open_it
    try:
        for page in pages:
            page.check_faults()
    finally:
        for context in contexts:
            context.close()


@pytest.fixture
def opened(open_lesson: OpenLesson) -> LessonPage:
    """The lesson of the tests, at its first step."""
    page = open_lesson()
    page.ready()
    return page
