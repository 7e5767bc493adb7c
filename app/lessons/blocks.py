"""The blocks of a lesson: the fences whose bodies are data, each a class with the keys that it may have."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

from ..instruments import INSTRUMENTS
from .controls import CONTROLS
from .data import Data, Id, Option, Words
from .source import Source
from .view import View

Format = Annotated[str, Field(pattern=r"^,?\.\d[fge%]$")]
_PATH = r"^facts(\.\w+)+(\[\d{1,4}\])?$"


class Ask(Data):
    """A question: first the guess, then what an instrument measures, then both side by side."""

    id: Id
    question: Words
    unit: str = ""
    tolerance: Annotated[float, Field(ge=0)] | None = None
    """How far a guess may lie off and still be right."""
    ratio: Annotated[float, Field(gt=1)] | None = None
    """The same as a factor, up and down."""
    choices: Annotated[list[Words], Field(min_length=2, max_length=8)] | None = None
    """What can be chosen, where the guess is no number."""
    limits: list[float] | None = None
    """With `choices`: where one ends and the next begins, one less than there are choices. Without, the value itself is
    the number of the choice, counted from 0, as with `models`."""
    format: Format | None = None
    after: str = ""
    """Markdown that comes with the answer; {answer} and {guess} stand for both."""
    answer: Source

    @model_validator(mode="after")
    def _judged(self) -> Ask:
        if sum(one is not None for one in (self.tolerance, self.ratio, self.choices)) != 1:
            raise ValueError("just one of `tolerance`, `ratio` and `choices` says which guesses are right")
        if self.limits is not None:
            if self.choices is None:
                raise ValueError("`limits` are those between `choices`, and there are none")
            if len(self.limits) != len(self.choices) - 1 or sorted(self.limits) != self.limits:
                raise ValueError("`limits` ascend, and are one less than `choices`")
        compared = self.answer.models
        if compared is not None and (self.choices is None or len(self.choices) != len(compared)):
            raise ValueError("`models` are compared, so there is one of `choices` for each of them, in their order")
        return self

    def choice(self, value: float) -> int | None:
        """Which of the choices is right, where there are any."""
        if self.choices is None:
            return None
        if self.limits is not None:
            return sum(value >= limit for limit in self.limits)
        return max(0, min(len(self.choices) - 1, round(value)))

    def state(self) -> dict[str, Any]:
        """What the page needs: not the answer, nor how it is found."""
        kept = self.model_dump(include={"id", "question", "unit", "tolerance", "ratio", "choices"})
        return {**kept, "own": self.answer.own_text() is None}


class AnswerIs(Data):
    """What an answer of the open instrument must say."""

    value: Annotated[str, Field(pattern=_PATH)]
    """A fact, as in facts.felt."""
    instrument: str | None = None
    over: float | None = None
    under: float | None = None

    @model_validator(mode="after")
    def _bounded(self) -> AnswerIs:
        if self.over is None and self.under is None:
            raise ValueError("`over` or `under` says what the value must be")
        return self


class OptionIs(Data):
    name: Words
    value: Option


class Done(Data):
    """What the lab must show; all that is named must hold."""

    length_over: Annotated[int, Field(ge=0)] | None = None
    length_under: Annotated[int, Field(ge=1)] | None = None
    text_changed: bool | None = None
    instrument: str | None = None
    option: OptionIs | None = None
    signal: str | None = None
    """Shown in any picture."""
    layer: Annotated[int, Field(ge=0)] | None = None
    model: str | None = None
    """In view, with or without interventions; "…@0" is the untrained twin."""
    order: str | None = None
    echo: bool | None = None
    """Whether the pictures show an echo."""
    cursor_moved: bool | None = None
    step_over: Annotated[int, Field(ge=0)] | None = None
    unit: Annotated[int, Field(ge=0)] | None = None
    held: str | None = None
    """A signal that an intervention holds in one of the pictures, as in "0.forget_gate"; "any" for any of them."""
    generated_over: Annotated[int, Field(ge=0)] | None = None
    """Characters that a model has written."""
    answer: AnswerIs | None = None

    @field_validator("text_changed", "cursor_moved")
    @classmethod
    def _only_true(cls, value: bool | None) -> bool | None:
        if value is False:
            raise ValueError("only true makes sense here: what never happens cannot be waited for")
        return value

    @model_validator(mode="after")
    def _something(self) -> Done:
        if not self.model_fields_set:
            raise ValueError("nothing is named that completes the step")
        for name in (self.instrument, self.answer.instrument if self.answer else None):
            if name is not None and name not in INSTRUMENTS:
                raise ValueError(f"there is no instrument {name!r}: there are {', '.join(INSTRUMENTS)}")
        return self


class Try(Data):
    """Something to do in the lab; the step is complete once it is done."""

    task: Words
    done: Done

    def state(self) -> dict[str, Any]:
        return {"task": self.task, "done": self.done.model_dump(exclude_none=True)}


class Point(Data):
    """A control of the lab that lights up, with words and, perhaps, a state that a click brings about."""

    control: str
    words: Words
    put: View | None = None
    """What a click on the words changes in the lab; all else stays."""

    @field_validator("control")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in CONTROLS:
            raise ValueError(f"there is no control {name!r}: there are {', '.join(CONTROLS)}")
        return name

    def state(self) -> dict[str, Any]:
        put = None if self.put is None else self.put.state()
        return {"control": self.control, "selector": CONTROLS[self.control][0], "words": self.words, "put": put}


class Claim(Data):
    """A number that the prose states as {name}, and how it was measured."""

    name: Id
    value: float
    tolerance: Annotated[float, Field(ge=0)]
    """How far a fresh measurement may lie off."""
    format: Format | None = None
    """As in Python; three digits where nothing is said."""
    unit: str = ""
    source: Annotated[Source, Field(alias="from")]

    @model_validator(mode="after")
    def _complete(self) -> Claim:
        if self.source.card is None and self.source.own_text() is None:
            raise ValueError("[from] names no `text` and no `example`: a claim holds for one text, which must be given")
        if self.source.models is not None:
            raise ValueError("a claim is about one `model`; `models` are for a question with choices")
        return self

    def holds(self, measured: float) -> bool:
        """Whether a measurement agrees."""
        return abs(measured - self.value) <= self.tolerance + 1e-12 * abs(self.value)

    @property
    def words(self) -> str:
        return in_words(self.value, self.format)


BLOCKS: Mapping[str, type[View] | type[Ask] | type[Try] | type[Point] | type[Claim]] = {
    "view": View, "ask": Ask, "try": Try, "point": Point, "claim": Claim,
}  # fmt: skip
Block = View | Ask | Try | Point | Claim
NOTES = "notes"
"""The fence whose body is Markdown for whoever teaches."""


def in_words(value: float, form: str | None = None) -> str:
    """A number as people read it, with a true minus sign; three digits where nothing else is asked for."""
    if not math.isfinite(value):
        return "–"
    if form is None:
        words = f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"
    else:
        words = format(value, form)
    return re.sub(r"e([+-])0*(\d)", r"e\1\2", words).replace("e+", "e").replace("-", "−")
