"""Checks lessons as `hidden-state lessons check` does: every mistake, and every number measured again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from models import HiddenStateError
from models.measures import drain

from ..compute.model_library import Library
from .blocks import Claim
from .measuring import Meter, answer_of
from .mistake import Mistake
from .parser import Lesson, Placed

_VALUE = re.compile(r"(\s*value\s*=\s*)[-+0-9.eE_]+")

Report = Callable[[str], None]


@dataclass(frozen=True)
class Remeasured:
    """A claim and what was measured now."""

    lesson: Lesson
    claim: Claim
    measured: float

    @property
    def holds(self) -> bool:
        return self.claim.holds(self.measured)

    @property
    def mistake(self) -> Mistake:
        """What to say where it does not hold."""
        claim = self.claim
        return Mistake(
            self.lesson.file,
            self.lesson.claims[claim.name].line,
            f"{claim.name} states {claim.value:g} ± {claim.tolerance:g}, and {self.measured:.6g} is measured.",
            "Run the check with --write to put it in, then read the sentence again.",
        )


@dataclass(frozen=True)
class Checked:
    """What became of one lesson.

    Attributes:
        mistakes: those of the file; a claim that does not hold is none of them.
    """

    mistakes: list[Mistake]
    claims: list[Remeasured]


def check(lesson: Lesson, library: Library, report: Report = lambda words: None) -> Checked:
    """Check a lesson: its file, its models, whether its questions have answers on the texts of their steps, its claims.

    Args:
        report: is called with the name of each claim and question before it is measured.
    """
    meter = Meter(library)
    mistakes, claims = list(lesson.mistakes), list[Remeasured]()
    mistakes += _unknown_models(lesson, library)
    for placed in [*lesson.claims.values(), *lesson.asks.values()]:
        block = placed.block
        name = block.name if isinstance(block, Claim) else block.id
        report(f"{lesson.file}: {name}")
        source = block.source if isinstance(block, Claim) else block.answer
        try:
            number = answer_of(source, drain(meter.measure(source, _text_of(lesson, placed))))
        except HiddenStateError as error:
            remedy = "Change where the number comes from, or the text that it is measured on."
            mistakes.append(Mistake(lesson.file, placed.line, f"{name} cannot be measured: {error}", remedy))
            continue
        if isinstance(block, Claim):
            claims.append(Remeasured(lesson, block, number))
    return Checked(sorted(mistakes), claims)


def _text_of(lesson: Lesson, placed: Placed) -> str | None:
    """The text that a pupil finds in a question's step, if none has been written before."""
    views = [lesson.steps[placed.step].view if placed.step < len(lesson.steps) else None]
    views.append(None if lesson.front is None else lesson.front.start)
    return next((text for view in views if view is not None and (text := view.brought_text()) is not None), None)


def _unknown_models(lesson: Lesson, library: Library) -> list[Mistake]:
    """Models in views that are not there; those of measurements are found when they measure."""
    places = [(step.view, step.line) for step in lesson.steps if step.view is not None]
    if lesson.front is not None:
        places.append((lesson.front.start, 1))
    found = []
    for view, line in places:
        for name in view.named_models():
            try:
                library.find(name)
            except HiddenStateError as error:
                found.append(Mistake(lesson.file, line, str(error), "Name a model that hidden-state models lists."))
    return found


def rewritten(source: str, lesson: Lesson, claims: list[Remeasured]) -> str:
    """The source of a lesson with measured values in place of those that do not hold; nothing else changes."""
    lines = source.split("\n")
    for one in claims:
        if one.holds:
            continue
        at = lesson.claims[one.claim.name].line - 1
        for k in range(at, len(lines)):
            if lines[k].startswith(("```", "~~~", "[")):
                break
            if found := _VALUE.match(lines[k]):
                lines[k] = f"{found[1]}{written(one.measured)}{lines[k][found.end() :]}"
                break
    return "\n".join(lines)


def written(number: float) -> str:
    """A measurement as TOML, to six digits."""
    return f"{number:.6g}"
