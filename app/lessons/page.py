"""What the page of a lesson is made of: HTML, with each block as an element that carries its state as JSON."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from typing import Any

from .blocks import Ask, Claim, Point, Try
from .mistake import Mistake
from .parser import Lesson, Piece, Prose, Step
from .view import View


@dataclass(frozen=True)
class Screen:
    """A step as the page shows it; `body` and `notes` are HTML."""

    id: str
    title: str
    body: str
    notes: str


def screens(lesson: Lesson) -> list[Screen]:
    return [Screen(step.id, step.title, _body(lesson, step), step.notes) for step in lesson.steps]


def loose_mistakes(lesson: Lesson) -> list[str]:
    """Those that stand in no step: of the front matter, of prose, of claims."""
    shown = {piece for step in lesson.steps for piece in step.pieces if isinstance(piece, Mistake)}
    return [mistake.words() for mistake in lesson.mistakes if mistake not in shown]


def _body(lesson: Lesson, step: Step) -> str:
    body = "\n".join(_html(piece) for piece in step.pieces)
    view = _view(lesson, step)
    return body if view is None else f"{body}\n{_element('view', view, '')}"


def _view(lesson: Lesson, step: Step) -> dict[str, Any] | None:
    """The state that a step brings the lab into. The start's text is only what a pupil begins with."""
    if step.view is not None:
        return step.view.state()
    return None if lesson.front is None else {**lesson.front.start.state(), "text": None, "own": False}


def _html(piece: Piece) -> str:
    match piece:
        case Prose(html=written):
            return written
        case Mistake():
            return f'<p class="mistake" data-block="error" role="note">{html.escape(piece.words())}</p>'
        case Ask():
            return _element("ask", piece.state(), f"<p>{html.escape(piece.question)}</p>")
        case Try():
            return _element("try", piece.state(), f"<p>{html.escape(piece.task)}</p>")
        case Point():
            return _element("point", piece.state(), f"<p>{html.escape(piece.words)}</p>")
        case View() | Claim():
            raise TypeError("A view belongs to its step and a claim to its lesson; neither stands among the pieces.")


def _element(name: str, state: dict[str, Any], inside: str) -> str:
    """A block. What is inside is read where no script runs."""
    words = html.escape(json.dumps(state, ensure_ascii=False), quote=True)
    return f'<hs-{name} data-block="waiting" data-state="{words}">{inside}</hs-{name}>'
