"""Why a cell of a picture has its value."""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated, Any, Literal

from pydantic import Field

from models.cells.equation import Evaluated
from models.measures.explanation import Drive, Equation, Term, why

from ..wire.message import Index
from .base import Finding, Options, Subject


class Why(Options):
    """The equation of a signal of one unit at one step, with its numbers and the terms that added up to it."""

    name: Literal["why"]
    layer: Index
    signal: str
    step: Index
    unit: Index
    most: Annotated[int, Field(ge=0, le=1 << 16)] = 8
    """How many of the units that contributed most are named; the sum of the others is told."""

    def needs(self, length: int) -> int:
        return self.step + 1

    def work(self, subject: Subject) -> Generator[float, None, Finding]:
        yield 0.0
        recording, lm = subject.run.recording, subject.run.model.lm
        found = why(recording, lm, self.layer, self.signal, self.step, self.unit)
        facts = {
            "layer": found.layer,
            "step": found.step,
            "unit": found.unit,
            "known": found.character is not None,
            "first": found.first,
            "now": found.now,
            "before": found.before,
            "equations": [_equation(equation, self.most) for equation in found.equations],
        }
        return Finding(facts)


def _equation(equation: Equation, most: int) -> dict[str, Any]:
    return {
        "signal": equation.signal.name,
        "shown": equation.shown,
        "value": equation.tree.value,
        "follows": equation.follows,
        "tree": _tree(equation.tree),
        "drive": None if equation.drive is None else _drive(equation.drive, most),
    }


def _tree(found: Evaluated) -> dict[str, Any]:
    below = [_tree(child) for child in found.children]
    return {"kind": found.node.kind, **found.node.fields(), "value": found.value, "children": below}


def _drive(drive: Drive, most: int) -> dict[str, Any]:
    first, rest = drive.ranked(most)
    return {
        "value": drive.value,
        "rounding": drive.rounding,
        "terms": [_term(term, drive) for term in first],
        "rest": {"count": len(rest), "value": sum(term.value for term in rest)},
    }


def _term(term: Term, drive: Drive) -> dict[str, Any]:
    gain = None if term.role is None else drive.gains.get(term.role)
    usual = term.text in ("", "xₜ", "hₜ₋₁")
    return {
        **({} if usual else {"text": term.text}),
        "source": term.source.value,
        "role": None if term.role is None else term.role.value,
        "index": term.index,
        "weight": term.weight,
        "state": term.state,
        "gain": None if gain is None else gain.fields() or {"text": gain.text()},
        "value": term.value,
    }
