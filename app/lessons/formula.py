"""The small language in which a lesson says which number of an answer it means: `max(tensors.edit) / facts.units`.

    facts.a.b            a fact of the instrument's answer
    tensors.name[3, -1]  a tensor of it, or a part, counted from 0, or from the end: −1; 2:5 and : are ranges
    weights.name[0, 1]   a parameter of the network, by PyTorch's name; only with the instrument "trace"
    card.a.b             a field of the model's card
    + − * / ( ) 1.5      arithmetic
    max(x) …             the functions below; count, share, first_where and last_where take a comparison: share(x > 0.9)

Nothing of Python is evaluated. What a name means, the caller's look-up says.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Lookup = Callable[[str, tuple[str, ...]], Any]
"""The value of a name, given its root and what follows. Raises FormulaError if there is none."""

ROOTS = ("facts", "tensors", "weights", "card")
LONGEST, DEEPEST = 300, 20
_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?(?:e-?\d+)?)|([A-Za-z_]\w*(?:\.\w+)*)|(<=|>=|[-+*/()\[\],:<>−]))")


class FormulaError(ValueError):
    """A formula that cannot be read, or that has no value; a sentence."""


def _finite(values: Values) -> Values:
    kept = values[np.isfinite(values)]
    if kept.size == 0:
        raise FormulaError("There is no number in what the formula names: everything is undefined there.")
    return kept


def _where(which: int) -> Callable[[Values], float]:
    def found(values: Values) -> float:
        places = np.flatnonzero(values)
        if places.size == 0:
            raise FormulaError("The comparison holds nowhere, so there is no first or last place of it.")
        return float(places[which])

    return found


FUNCTIONS: dict[str, Callable[[Values], Any]] = {
    "max": lambda x: _finite(x).max(),
    "min": lambda x: _finite(x).min(),
    "mean": lambda x: _finite(x).mean(),
    "median": lambda x: np.median(_finite(x)),
    "sum": lambda x: _finite(x).sum(),
    "norm": lambda x: np.linalg.norm(_finite(x)),
    "first": lambda x: x.reshape(-1)[0],
    "last": lambda x: x.reshape(-1)[-1],
    "count": lambda x: np.count_nonzero(x),
    "share": lambda x: np.count_nonzero(x) / x.size,
    "size": lambda x: x.size,
    "first_where": _where(0),
    "last_where": _where(-1),
    "where_max": lambda x: np.nanargmax(x),
    "where_min": lambda x: np.nanargmin(x),
    "abs": np.abs,
    "sqrt": np.sqrt,
    "log2": np.log2,
    "exp": np.exp,
}
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<": np.less, ">": np.greater, "<=": np.less_equal, ">=": np.greater_equal,
}  # fmt: skip
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide,
}  # fmt: skip


@dataclass(frozen=True)
class _Name:
    root: str
    rest: tuple[str, ...]
    index: tuple[int | slice, ...] = ()

    def value(self, look_up: Lookup) -> Values:
        name = ".".join((self.root, *self.rest))
        found = look_up(self.root, self.rest)
        try:
            values = np.asarray(np.nan if found is None else found, np.float64)
        except (TypeError, ValueError):
            raise FormulaError(f"{name} is no number, so nothing can be computed from it.") from None
        if not self.index:
            return values
        try:
            return np.asarray(values[self.index])
        except IndexError:
            size = " × ".join(map(str, values.shape)) or "a single number"
            raise FormulaError(f"{name} has no such place: it is {size}. Count from 0.") from None


@dataclass(frozen=True)
class _Call:
    work: Callable[..., Any]
    inputs: tuple[Any, ...]

    def value(self, look_up: Lookup) -> Values:
        inputs = [one.value(look_up) for one in self.inputs]
        with np.errstate(all="ignore"):
            try:
                return np.asarray(self.work(*inputs), np.float64)
            except (ValueError, IndexError) as error:
                if isinstance(error, FormulaError):
                    raise
                raise FormulaError(f"The formula cannot be computed: {error}.") from None


@dataclass(frozen=True)
class _Number:
    number: float

    def value(self, look_up: Lookup) -> Values:
        return np.asarray(self.number)


@dataclass(frozen=True)
class Formula:
    """A formula that has been read."""

    words: str
    tree: Any
    names: tuple[tuple[str, tuple[str, ...]], ...]
    """What it names: roots, and what follows."""

    def value(self, look_up: Lookup) -> float:
        """Its number.

        Raises:
            FormulaError: if a name has no value, or the result is not one finite number.
        """
        found = self.tree.value(look_up)
        if found.size != 1:
            size = " × ".join(map(str, found.shape))
            raise FormulaError(
                f"`{self.words}` is {size} numbers, not one. Choose one, as in [3], or take max(…), last(…) or another "
                "function of them."
            )
        number = float(found.reshape(-1)[0])
        if not math.isfinite(number):
            raise FormulaError(f"`{self.words}` is undefined here: the answer has no number in this place.")
        return number


def read_formula(words: str) -> Formula:
    """
    Raises:
        FormulaError: if it is none.
    """
    if len(words) > LONGEST:
        raise FormulaError(f"The formula has {len(words)} characters; {LONGEST} are the most.")
    reader = _Reader(words)
    tree = reader.sum(0)
    if reader.next is not None:
        raise FormulaError(f"`{words}` has something left over at {reader.next!r}.")
    if not reader.names:
        raise FormulaError(f"`{words}` names nothing of the answer. Begin with facts. or tensors., as in facts.felt.")
    return Formula(words, tree, tuple(reader.names))


class _Reader:
    """Reads a formula by recursive descent."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._tokens: list[str] = []
        at = 0
        while words[at:].strip():
            found = _TOKEN.match(words, at)
            if found is None:
                raise FormulaError(f"`{words}` cannot be read at {words[at:].strip()[:12]!r}.")
            self._tokens.append(found[0].strip().replace("−", "-"))
            at = found.end()
        self.names: list[tuple[str, tuple[str, ...]]] = []

    @property
    def next(self) -> str | None:
        return self._tokens[0] if self._tokens else None

    def _take(self, wanted: str | None = None) -> str:
        if self.next is None or (wanted is not None and self.next != wanted):
            there = "its end" if self.next is None else repr(self.next)
            raise FormulaError(f"`{self._words}` lacks {wanted or 'a value'} before {there}.")
        return self._tokens.pop(0)

    def sum(self, depth: int) -> Any:
        left = self._product(depth)
        while self.next in ("+", "-"):
            left = _Call(_ARITHMETIC[self._take()], (left, self._product(depth)))
        return left

    def _product(self, depth: int) -> Any:
        left = self._single(depth)
        while self.next in ("*", "/"):
            left = _Call(_ARITHMETIC[self._take()], (left, self._single(depth)))
        return left

    def _single(self, depth: int) -> Any:
        if depth > DEEPEST:
            raise FormulaError(f"`{self._words}` is nested too deeply.")
        token = self._take()
        if token == "-":
            return _Call(np.negative, (self._single(depth + 1),))
        if token == "(":
            inner = self.sum(depth + 1)
            self._take(")")
            return inner
        if token[0].isdigit():
            return _Number(float(token))
        if self.next == "(":
            return self._function(token, depth)
        root, *rest = token.split(".")
        if root not in ROOTS or not rest:
            raise FormulaError(
                f"`{self._words}` names {token!r}, and there is no such thing. Names begin with {', '.join(ROOTS)} "
                f"and a dot; functions are {', '.join(FUNCTIONS)}."
            )
        self.names.append((root, tuple(rest)))
        return _Name(root, tuple(rest), self._index())

    def _function(self, name: str, depth: int) -> Any:
        if name not in FUNCTIONS:
            raise FormulaError(f"There is no function {name!r}; there are {', '.join(FUNCTIONS)}.")
        self._take("(")
        inner = self.sum(depth + 1)
        if self.next in _COMPARE:
            inner = _Call(_COMPARE[self._take()], (inner, self.sum(depth + 1)))
        self._take(")")
        return _Call(FUNCTIONS[name], (inner,))

    def _index(self) -> tuple[int | slice, ...]:
        if self.next != "[":
            return ()
        self._take("[")
        found: list[int | slice] = []
        while True:
            start = self._whole()
            if self.next == ":":
                self._take(":")
                found.append(slice(start, self._whole()))
            elif start is None:
                self._take("a whole number")
            else:
                found.append(start)
            if self.next != ",":
                break
            self._take(",")
        self._take("]")
        return tuple(found)

    def _whole(self) -> int | None:
        sign = 1
        if self.next == "-":
            self._take()
            sign = -1
        if self.next is not None and re.fullmatch(r"\d{1,9}", self.next):
            return sign * int(self._take())
        return None
