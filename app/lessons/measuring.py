"""Computes the number that a lesson asks for: an instrument runs on a recording, as for the page, without a socket."""

from __future__ import annotations

from collections.abc import Generator, Hashable, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from models import NotMeasurable
from models.storage.card import Card
from models.text.lines import unix_lines

from ..compute.memory_budget import FLOOR, Budget
from ..compute.model_library import Library
from ..contract.candidate import Candidate
from ..contract.instrument import Finding, News, Subject
from ..live.run import Run
from .formula import Formula, FormulaError, Lookup
from .source import TRACE, Source
from .trace import Traced

Measuring = Generator[float, None, list[float]]
"""Yields the share of the work done, and returns one number a model."""

READING = 0.5
"""The share of the work that reading is counted as."""


class Meter:
    """Measures with the models of a library.

    Args:
        budget: of the memory for recordings; without one they may use what they need.
    """

    def __init__(self, library: Library, budget: Budget | None = None) -> None:
        self._library = library
        self._budget = budget

    def measure(self, source: Source, text: str | None = None, cursor: int | None = None) -> Measuring:
        """
        Args:
            text: read where the source has none of its own.
            cursor: the step at the lab's cursor.

        Raises:
            HiddenStateError: if there is nothing to measure, with a sentence.
        """
        names = source.named_models
        found: list[float] = []
        for k, name in enumerate(names):
            part = self._of_one(source, name, text, cursor)
            try:
                while True:
                    yield (k + next(part)) / len(names)
            except StopIteration as done:
                found.append(done.value)
            finally:
                part.close()
        return found

    def _of_one(self, source: Source, name: str, text: str | None, cursor: int | None) -> Generator[float, None, float]:
        if source.card is not None:
            return _value(source.formula, card_look_up(self._library.find(name).entry.card))
        own = source.own_text()
        read = unix_lines(text or "") if own is None else own
        if not read:
            raise NotMeasurable("There is no text yet. Write some into the lab first.")
        owner = object()
        run = Run(self._library.get(name), read)
        try:
            look_up = yield from self._looked_up(source, run, read, cursor, owner)
            return _value(source.formula, look_up)
        finally:
            if self._budget is not None:
                self._budget.hold(owner, 0)

    def _looked_up(
        self, source: Source, run: Run, text: str, cursor: int | None, owner: Hashable
    ) -> Generator[float, None, Lookup]:
        if source.instrument == TRACE:
            yield from self._read(run, len(text), owner)
            return Traced(run, source.options.get("character"))
        try:
            asked = source.question(len(text), cursor)
        except ValueError as error:
            raise NotMeasurable(f"This text does not suit the question: {error}. Write another one.") from None
        if (refused := asked.refused(Candidate.of(self._library.find(run.name)))) is not None:
            raise NotMeasurable(refused)
        yield from self._read(run, min(asked.needs(len(text)), len(text)), owner)
        work = asked.work(Subject(run, len(text), lambda a, b: text[a:b]))
        try:
            while True:
                step = next(work)
                yield READING + (1 - READING) * (step.share if isinstance(step, News) else step)
        except StopIteration as done:
            return answer_look_up(done.value)
        finally:
            work.close()

    def _read(self, run: Run, until: int, owner: Hashable) -> Generator[float, None, None]:
        recording = run.recording
        while recording.steps < until:
            if self._budget is not None:
                recording.memory = max(self._budget.left(owner), FLOOR)
            run.read(until, lambda: False)
            if self._budget is not None:
                self._budget.hold(owner, recording.nbytes)
            yield READING * recording.steps / max(until, 1)


def answer_of(source: Source, numbers: Sequence[float]) -> float:
    """The answer that follows from one number a model: the number, or which model has the best."""
    if source.models is None:
        return numbers[0]
    best = max(numbers) if source.best == "largest" else min(numbers)
    return float(numbers.index(best))


def _value(formula: Formula, look_up: Lookup) -> float:
    try:
        return formula.value(look_up)
    except FormulaError as error:
        raise NotMeasurable(str(error)) from None


def answer_look_up(found: Finding) -> Lookup:
    """Looks names up in an instrument's answer."""
    facts: Mapping[str, Any] = found.facts.model_dump(mode="json")

    def look_up(root: str, rest: tuple[str, ...]) -> Any:
        if root == "facts":
            return _inside(facts, rest, "the answer")
        tensors: Mapping[str, NDArray[Any]] = found.tensors
        name = ".".join(rest)
        if root != "tensors" or name not in tensors:
            known = ", ".join(tensors) or "none"
            raise FormulaError(f"The answer has no {root}.{name}; its tensors are: {known}.")
        return tensors[name]

    return look_up


def card_look_up(card: Card) -> Lookup:
    """Looks names up in a model's card; its most asked for figures have short names."""
    fields = card.model_dump(mode="json") | {
        "bits_per_character": card.bits_per_character(),
        "untrained_bits_per_character": card.bits_per_character(0),
        "units": card.stack[-1].units,
        "layers": len(card.stack),
        "characters": len(card.vocabulary),
    }

    def look_up(root: str, rest: tuple[str, ...]) -> Any:
        if root != "card":
            raise FormulaError(f"A card has no {root}. Names begin with card., as in card.bits_per_character.")
        return _inside(fields, rest, f"the card of {card.id}")

    return look_up


def _inside(known: Mapping[str, Any], path: tuple[str, ...], what: str) -> Any:
    found: Any = known
    for part in path:
        if isinstance(found, list) and part.isdecimal() and int(part) < len(found):
            found = found[int(part)]
        elif isinstance(found, Mapping) and part in found:
            found = found[part]
        else:
            there = ", ".join(found) if isinstance(found, Mapping) else "no parts"
            raise FormulaError(f"{what[0].upper()}{what[1:]} has no {'.'.join(path)!r} at {part!r}; there is {there}.")
    return found
