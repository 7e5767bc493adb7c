"""What every instrument consists of: options that a page may send, and the work that answers them.

An instrument measures one model on the text of a session. It is asked with its options, waits until as much of the
text has been read as it needs, and then works in pieces of a few milliseconds, so that new messages are noticed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from numpy.typing import NDArray
from pydantic import ConfigDict

from models.recording.recording import Recording

from ..compute.model_library import LoadedModel
from ..wire.message import Message
from .answer import Answer, check_tensors
from .candidate import Candidate
from .python import Snippet
from .table import check_columns


class Run(Protocol):
    """What instruments see of a model working on a text; a session's is `app.live.run.Run`.

    Attributes:
        memo: results that instruments may be asked for again, by name; an edit empties it.
    """

    model: LoadedModel
    recording: Recording
    memo: dict[str, Any]

    @property
    def name(self) -> str: ...

    @property
    def steps(self) -> int: ...


@dataclass(frozen=True)
class Subject:
    """The thing measured.

    Attributes:
        run: the model, and its recording of the text.
        length: characters of the text.
        text: text(a, b) gives its characters a … b − 1.
    """

    run: Run
    length: int
    text: Callable[[int, int], str]


@dataclass(frozen=True)
class Finding:
    """The answer: `facts` are sent as JSON, `tensors` as they are.

    Raises:
        TypeError: if the tensors are not those that the type of `facts` declares.
    """

    facts: Answer
    tensors: dict[str, NDArray[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_tensors(self.facts, self.tensors)


@dataclass(frozen=True)
class News:
    """What an instrument reports before it is done: the share of the work done, and what it has found so far."""

    share: float
    facts: Answer


Work = Generator[float | News, None, Finding]
"""Yields the share of the work done, 0 … 1, after each piece, and returns what it found."""


class Options(Message, ABC):
    """A question to an instrument. Each is a class with its own `name`, a `Literal`."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    name: str
    reads: ClassVar[bool] = True
    """Whether it measures the recorded reading, so that rounding in that reading affects it."""
    answer: ClassVar[type[Answer]]
    """The type of the facts in its `Finding`, with the tensors beside them."""
    partial: ClassVar[type[Answer] | None] = None
    """The type of the facts in its `News`; None if it has none."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Check the columns of the answer.

        Raises:
            TypeError: if one comes from an option that is not declared.
        """
        super().__pydantic_init_subclass__(**kwargs)
        facts, tensors = cls.answer.model_fields, [one.name for one in cls.answer.tensors]
        check_columns(cls.__name__, cls.answer.columns, facts=facts, tensors=tensors, options=cls.model_fields)

    @classmethod
    def inapplicable(cls, model: Candidate) -> str | None:
        """Why there is no answer about `model`, whatever the text and the options: a sentence that states the fault,
        its cause and the remedy. None where the instrument applies."""
        return None

    def refused(self, model: Candidate) -> str | None:
        """The same for these very options."""
        return self.inapplicable(model)

    def needs(self, length: int) -> int:
        """How many characters of a text of `length` must have been read before the work can begin."""
        return length

    @abstractmethod
    def work(self, subject: Subject) -> Work:
        """Measure.

        Raises:
            NotMeasurable: where there is nothing to measure; its sentence is shown in place of the instrument's answer.
        """

    @abstractmethod
    def as_python(self) -> Snippet:
        """Lines that measure the same in Python: every number of its CSV that comes from the answer, at least."""
