"""Why a cell of a picture has its value."""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated, Literal

from pydantic import Field

from models.equations.equation import NO_EQUATION, Evaluated
from models.measures.explanation import Drive as FoundDrive
from models.measures.explanation import Equation as FoundEquation
from models.measures.explanation import Term as FoundTerm
from models.measures.explanation import why

from ..contract.answer import Answer, Part
from ..contract.candidate import Candidate
from ..contract.instrument import Finding, Options, Subject
from ..contract.python import MEASURES, Snippet, called, of, quoted
from ..contract.table import MODEL, fact, own
from ..wire.message import Index

USUAL = ("", "xₜ", "hₜ₋₁")
"""What a unit's weight multiplies in most cells, so it needs no label."""


class Leaf(Part):
    """A signal of the unit itself in an expression, or something that is only shown as text."""

    symbol: str = ""
    lag: int = 0
    """How many steps before."""
    text: str = ""
    """Its text, where it is more than a signal."""


class Tree(Part):
    """A part of an expression, with its value."""

    kind: str
    """"sum", "product", "difference", "quotient", "complement", "max", "min", "apply", "value", "part" or "weight"."""
    symbol: str = ""
    """Of a signal or a parameter; only for these."""
    lag: int = 0
    """Of a signal, how many steps before."""
    role: str = ""
    """Of a parameter: "input", "bias", "recurrent" or "recurrent_bias"."""
    mark: str = ""
    """Of a parameter, the letter of its gate."""
    of: Leaf | None = None
    """Of a parameter, what it multiplies; null for a bias."""
    function: str = ""
    """Of a function, its name."""
    value: float
    children: tuple[Tree, ...]


class Term(Part):
    """One addend of a pre-activation."""

    source: str
    """"character", "below", "unit" or "bias"; "own" for a term of the equation that is added whole."""
    role: str | None
    """Which part of a pre-activation it belongs to; null for a term added whole."""
    index: int | None
    """The index of the unit, or of the character in the vocabulary; null for a bias."""
    weight: float
    state: float
    """What the weight multiplies; 1 for a character and a bias."""
    gain: Leaf | None
    """What the equation multiplies this part by."""
    value: float
    """What is added: weight · state · gain."""
    text: str = ""
    """Its text: of a term added whole, or of what the weight multiplies where that is not the hidden state."""


class Rest(Part):
    """The terms that are not listed, together."""

    count: int
    value: float


class Drive(Part):
    """A pre-activation, and everything that adds up to it."""

    value: float
    rounding: float
    """The network's own rounding, where it is visible in the signal's value; otherwise 0."""
    terms: tuple[Term, ...]
    """The largest first."""
    rest: Rest


class Equation(Part):
    """A signal's equation with its numbers."""

    signal: str
    shown: float
    """The value in the picture."""
    value: float
    """What the equation gives."""
    follows: bool
    """Whether the two agree within rounding; if not, an intervention clamps the signal."""
    tree: Tree
    drive: Drive | None
    """Null for an equation without a pre-activation."""


class WhyAnswer(Answer):
    layer: int
    step: int
    unit: int
    known: bool
    """Whether the model knows the character that was read."""
    first: bool
    """Whether nothing came before: the state is zero at step 0, and where an intervention resets it."""
    now: dict[str, float]
    """All signals of the unit at the step."""
    before: dict[str, float]
    """Its states before the step."""
    equations: tuple[Equation, ...]
    """The equation of the signal asked about, then those of the signals it is made of."""

    columns = (
        MODEL,
        fact("layer"),
        fact("step"),
        fact("unit"),
        own("signal", "of an equation"),
        own("value", "`shown`"),
        own("term", "one of its `drive`, in words"),
        own("weight", "of the term"),
        own("state", "of the term"),
        own("gain", "the value of the term's `gain`; 1 without one"),
        own("adds", "the value of the term, of the rest, or of the rounding"),
    )


class Why(Options):
    """The equation of a signal of one unit at one step, with its numbers and the terms that added up to it."""

    name: Literal["why"]
    answer = WhyAnswer
    layer: Index
    signal: str
    step: Index
    unit: Index
    most: Annotated[int, Field(ge=0, le=1 << 16)] = 8
    """How many of the units that contributed most are named; the others are summed."""

    @classmethod
    def inapplicable(cls, model: Candidate) -> str | None:
        """Attention mixes many units and steps in every value."""
        cells = [layer.cell for layer in model.stack]
        return None if any(cell.explained() for cell in cells) else NO_EQUATION.format(cells[0].title)

    def needs(self, length: int) -> int:
        return self.step + 1

    def work(self, subject: Subject) -> Generator[float, None, Finding]:
        yield 0.0
        recording, lm = subject.run.recording, subject.run.model.lm
        found = why(recording, lm, self.layer, self.signal, self.step, self.unit)
        facts = WhyAnswer(
            layer=found.layer,
            step=found.step,
            unit=found.unit,
            known=found.character is not None,
            first=found.first,
            now=dict(found.now),
            before=dict(found.before),
            equations=tuple(_equation(equation, self.most) for equation in found.equations),
        )
        return Finding(facts)

    def as_python(self) -> Snippet:
        place = ("record(lm, text)", "lm", repr(self.layer), quoted(self.signal), repr(self.step), repr(self.unit))
        drives = "[one.drive for one in found.equations if one.drive is not None]"
        return Snippet(
            {MEASURES: ("record",), f"{MEASURES}.explanation": ("why",)},
            (called("found", "why", *place), f"drives = {drives}"),
            {
                **of("layer", "step", "unit", "first", "now", "before"),
                "equations": "[(one.signal.name, one.shown, one.tree.value) for one in found.equations]",
            },
            further={"terms": f"[drive.ranked({self.most})[0] for drive in drives]"},
        )


def _equation(equation: FoundEquation, most: int) -> Equation:
    return Equation(
        signal=equation.signal.name,
        shown=equation.shown,
        value=equation.tree.value,
        follows=equation.follows,
        tree=_tree(equation.tree),
        drive=None if equation.drive is None else _drive(equation.drive, most),
    )


def _tree(found: Evaluated) -> Tree:
    fields = found.node.fields()
    if fields.get("of") is not None:
        fields["of"] = Leaf(**fields["of"])
    below = tuple(_tree(child) for child in found.children)
    return Tree(kind=found.node.kind, **fields, value=found.value, children=below)


def _drive(drive: FoundDrive, most: int) -> Drive:
    first, rest = drive.ranked(most)
    return Drive(
        value=drive.value,
        rounding=drive.rounding,
        terms=tuple(_term(term, drive) for term in first),
        rest=Rest(count=len(rest), value=float(sum(term.value for term in rest))),
    )


def _term(term: FoundTerm, drive: FoundDrive) -> Term:
    gain = None if term.role is None else drive.gains.get(term.role)
    return Term(
        source=term.source.value,
        role=None if term.role is None else term.role.value,
        index=term.index,
        weight=term.weight,
        state=term.state,
        gain=None if gain is None else Leaf(**(gain.fields() or {"text": gain.text()})),
        value=term.value,
        **({} if term.text in USUAL else {"text": term.text}),
    )
