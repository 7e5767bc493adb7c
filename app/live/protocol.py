"""The messages of the live socket, as docs/protocol.md describes them: what may come in, and what goes out."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    SerializeAsAny,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from models import RequestError
from models.figures.spacing import Spacing
from models.text.lines import unix_lines

from ..contract.answer import Answer
from ..instruments import Instrument
from ..wire.message import Index, Message

VERSION = 4
ERROR_LIMIT_CHARACTERS = 1000
"""Longest message of an error; a longer one is cut in the middle."""


class CloseCode(IntEnum):
    """Why the server ended a connection; sent to the page in `hello`."""

    MESSAGE_TOO_BIG = 1009
    SHUTTING_DOWN = 1012
    TOO_MANY_SESSIONS = 4429

    @property
    def meaning(self) -> str:
        return {
            CloseCode.MESSAGE_TOO_BIG: "A message was larger than the server takes.",
            CloseCode.SHUTTING_DOWN: "The server is shutting down.",
            CloseCode.TOO_MANY_SESSIONS: "Too many sessions are open.",
        }[self]


class Window(Message):
    """Columns start … stop − 1; written `[start, stop]` on the wire."""

    start: Index
    stop: Index

    @model_validator(mode="after")
    def _in_order(self) -> Window:
        if self.stop < self.start:
            raise ValueError("a window ends where it starts or later")
        return self


def _window(value: object) -> object:
    if value is None or isinstance(value, Window):
        return value
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError("a window is [from, to]")
    return {"start": value[0], "stop": value[1]}


class Panel(Message):
    """One signal of one layer of one model."""

    model: str
    layer: Index
    signal: str
    against: str | None = None
    """A model whose signal is subtracted; None to show the signal itself."""

    def __hash__(self) -> int:
        return hash((self.model, self.layer, self.signal, self.against))


UnixText = Annotated[str, AfterValidator(unix_lines)]
"""The text to read; steps and positions count its characters after CR LF and CR have become "\\n"."""


class Text(Message):
    type: Literal["text"]
    revision: Index
    text: UnixText
    window: Window | None = None
    _pair = field_validator("window", mode="before")(_window)


class Edit(Message):
    type: Literal["edit"]
    revision: Index
    at: Index
    remove: Index
    insert: UnixText
    window: Window | None = None
    _pair = field_validator("window", mode="before")(_window)


Show = Literal["extreme", "mean", "lowest", "highest", "saturated"]
"""What a column of several characters shows."""


FEWEST_OTHERS, MOST_OTHERS = 2, 64
"""Over how many other characters an echo may be the mean."""


class EchoAsk(Message):
    """The echo of a step: how the state differs from what it would be had another character stood there."""

    step: Index
    instead: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    """The other character; by default one that all models in view know, by the rule of `models.echo.replacement`."""
    others: Annotated[int, Field(ge=FEWEST_OTHERS, le=MOST_OTHERS)] | None = None
    """The mean over this many other characters, in place of one."""
    signed: bool = False
    """Whether the differences are drawn with their signs; those of a mean are not."""
    passing: bool = False
    """Whether the pointer is only moving across: how long the echo stays above rounding is not computed yet."""


class View(Message):
    type: Literal["view"]
    panels: list[Panel]
    window: Window
    per: Annotated[int, Field(ge=1, le=2**30)] = 1
    """How many characters one column covers: a power of two, of which the window's start is a multiple."""
    show: Show = "mean"
    scale: Annotated[float, Field(ge=1e-6, le=1e6, allow_inf_nan=False)] | Literal["largest"] | None = None
    """Where the colours of an unbounded signal end, ±, on a linear scale; `largest`: at the largest value read so far.
    None: a symmetric logarithmic scale up to that. A half-line begins at 0 and is always linear; a signal drawn by its
    logarithm ends at the powers of ten around all values read so far, whatever is chosen."""
    difference: Annotated[float, Field(ge=1e-6, le=1e6, allow_inf_nan=False)] | None = None
    """Where the colours of differences end, ±; None for their full range."""
    overview: Annotated[int, Field(ge=0, le=8192)] = 0
    """How many columns are available for the overview of the whole text; 0 for none."""
    go_on: bool = False
    """Whether to resume reading after a cancel. Merely changing the view does not."""
    echo: EchoAsk | None = None
    """Panels show the echo of this step instead of values."""
    _pair = field_validator("window", mode="before")(_window)

    @field_validator("per")
    @classmethod
    def _power_of_two(cls, per: int) -> int:
        if per & (per - 1):
            raise ValueError("the number of characters a column must be a power of two")
        return per


class Inspect(Message):
    type: Literal["inspect"]
    step: Index


class Arrange(Message):
    """Asks for an order of units: for the window shown, or for another one, in columns of `per` steps."""

    type: Literal["arrange"]
    model: str
    layer: Index
    signal: str
    window: Window | None = None
    per: Annotated[int, Field(ge=1, le=2**30)] | None = None
    _pair = field_validator("window", mode="before")(_window)


class Cancel(Message):
    type: Literal["cancel"]


class Measure(Message):
    """Asks an instrument about one model; replaces the previous question to the same instrument about that model."""

    type: Literal["measure"]
    id: Index
    model: str
    measure: Instrument


class Dismiss(Message):
    """The answer to a question is no longer wanted."""

    type: Literal["dismiss"]
    id: Index


Request = Annotated[Text | Edit | View | Inspect | Arrange | Cancel | Measure | Dismiss, Field(discriminator="type")]
_REQUESTS: TypeAdapter[Request] = TypeAdapter(Request)


def parse(raw: str) -> Request:
    """A message from the page.

    Raises:
        RequestError: with code `bad_message`, naming the field and what is wrong with it.
    """
    try:
        return _REQUESTS.validate_json(raw)
    except ValidationError as error:
        raise RequestError("bad_message", f"The message was not understood: {first_fault(error)}.") from None


def first_fault(error: ValidationError) -> str:
    """The first fault that validation found: the field's location and a phrase."""
    fault = error.errors()[0]
    place = ".".join(str(part) for part in fault["loc"])
    phrase = fault["msg"].removeprefix("Value error, ")
    phrase = phrase[:1].lower() + phrase[1:]
    return f"{place}: {phrase}" if place else phrase


class Progress(Message):
    """How far a model has read; sent while it still reads, and once when it stops."""

    type: Literal["progress"] = "progress"
    revision: int
    model: str
    steps: int
    length: int
    steps_per_second: float | None
    remaining_seconds: float | None
    stopped: bool = False


class Reach(Message):
    """How far an edit before the end of the text was felt, once that is known."""

    type: Literal["reach"] = "reach"
    revision: int
    model: str
    at: int
    seen: int
    """The first step from which no hidden state differs by more than one level of the picture."""
    to: int
    """The first step from which every state is, to the last bit, what it was before the edit."""
    exact: bool
    """Whether both are the exact steps; otherwise `to` is an upper bound, and `seen` was compared at borders only."""
    converged: bool
    """False: the states still differed at the end of the text, which is `to`."""


class Measuring(Message):
    """An instrument's progress, and what it can say before it is done."""

    type: Literal["measuring"] = "measuring"
    id: int
    model: str
    name: str
    share: float
    facts: SerializeAsAny[Answer] = Field(default_factory=Answer)


class Measured(Message):
    """The fields of a binary frame with what an instrument found.

    Attributes:
        rounding: a sentence if the reading itself depends on rounding (`models.measures.rounding`).
    """

    type: Literal["measured"] = "measured"
    revision: int
    id: int
    model: str
    name: str
    facts: SerializeAsAny[Answer]
    rounding: str = ""


class Unmeasured(Message):
    """Why an instrument has no answer, as a sentence."""

    type: Literal["unmeasured"] = "unmeasured"
    id: int
    model: str
    name: str
    code: str
    message: str


class Error(Message):
    """The one shape of all errors, on the socket and in REST."""

    type: Literal["error"] = "error"
    code: str
    message: str
    revision: int | None = None

    @field_validator("message")
    @classmethod
    def _short(cls, value: str) -> str:
        """Messages repeat the input, but need not return a whole megabyte. Fault and remedy are at the two ends."""
        if len(value) <= ERROR_LIMIT_CHARACTERS:
            return value
        kept = ERROR_LIMIT_CHARACTERS // 2
        return f"{value[:kept]} … {value[-kept:]}"


class Columns(Message):
    """The fields of a binary frame with the pictures' new columns."""

    model_config = ConfigDict(serialize_by_alias=True)

    type: Literal["columns"] = "columns"
    revision: int
    model: str
    layer: int
    signal: str
    start: int = Field(serialization_alias="from")
    stop: int = Field(serialization_alias="to")
    per: int
    show: Show
    steps: int
    length: int
    low: float
    high: float
    scale: Spacing = "linear"
    """`log`: cells are levels of a symmetric logarithmic scale from −high to high; `positive_log`: of the logarithm,
    from low to high, both above 0."""
    bits_per_character: float | None
    scored: int


class Difference(Columns):
    """The same for a panel that shows the difference of a signal from that of another model."""

    against: str


class EchoFacts(Message):
    """A panel's facts about the echo that it shows.

    Attributes:
        instead: the character that replaces the one at `step`; None for the mean over `others` characters.
        first: the strength at lag 0, ‖s − s′‖ of the signal shown.
        felt: the last lag at which the strength is at least 1 % of that; −1: the replacement changes nothing. None
            while nothing has been compared.
        above: the last lag at which it is ten times as strong as rounding; None until that is known.
        compared: steps before this one have been compared.
        settled: whether `felt` is final, within the range of the search.
    """

    step: int
    instead: str | None
    others: int
    signed: bool
    first: float | None = None
    felt: int | None = None
    above: int | None = None
    compared: int = 0
    settled: bool = False


class EchoColumns(Columns):
    """The same for a panel that shows an echo: `cells` are levels of the logarithmic scale from `low` to `high`."""

    echo: EchoFacts


class Overview(Message):
    """The fields of a binary frame with the surprise along the whole text."""

    model_config = ConfigDict(serialize_by_alias=True)

    type: Literal["overview"] = "overview"
    revision: int
    model: str
    start: int = Field(serialization_alias="from")
    stop: int = Field(serialization_alias="to")
    per: int
    steps: int
    length: int


class Column(Message):
    """The fields of a binary frame with the exact values at one step."""

    type: Literal["column"] = "column"
    revision: int
    model: str
    layer: int
    step: int


class Order(Message):
    """The fields of a binary frame with an order of units."""

    type: Literal["order"] = "order"
    revision: int
    model: str
    layer: int
    signal: str
