"""The pages of lessons."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from models import RequestError

from ..lessons.page import loose_mistakes, screens
from ..lessons.parser import Lesson
from .pages import render
from .services import State

router = APIRouter(include_in_schema=False)


def find(state: State, name: str) -> Lesson:
    """The lesson of that name. Reads files: call it off the event loop.

    Raises:
        RequestError: if there is no such lesson.
    """
    lesson = state.shelf.find(name)
    if lesson is None:
        raise unknown(name)
    return lesson


def unknown(name: str) -> RequestError:
    """What to say where there is no lesson of that name."""
    words = f"There is no lesson {name[:80]!r}. The list of lessons is at /lessons."
    return RequestError("unknown_lesson", words, status=404)


@router.get("/lessons")
async def contents(request: Request) -> HTMLResponse:
    """All lessons: those that ship, then the teacher's own, folder by folder."""
    state: State = request.app.state.hidden_state
    folders = await state.pool.run(state.shelf.folders)
    return render(request, "lessons.html", shipped=folders[0], own=folders[1:])


@router.get("/lessons/{name}")
async def lesson(request: Request, name: str) -> HTMLResponse:
    """A lesson; with `?notes` what whoever teaches sees beside it."""
    state: State = request.app.state.hidden_state
    lessons = await state.pool.run(state.shelf.lessons)
    at = next((k for k, one in enumerate(lessons) if one.id == name), None)
    if at is None:
        raise unknown(name)
    found = lessons[at]
    template = "lesson-notes.html" if "notes" in request.query_params else "lesson.html"
    return render(
        request,
        template,
        lesson=found,
        screens=screens(found),
        mistakes=loose_mistakes(found),
        before=lessons[at - 1] if at > 0 else None,
        after=lessons[at + 1] if at + 1 < len(lessons) else None,
    )
