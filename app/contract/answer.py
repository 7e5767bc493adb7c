"""The type of an instrument's answer: its facts, a pydantic model, and the tensors sent with them.

An instrument declares a subclass of `Answer`. The socket's JSON, the check of every answer, the columns of the CSV
and the tables in docs/protocol.md follow from it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sized
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, SerializerFunctionWrapHandler, model_serializer

from ..wire.message import Message
from .table import Columns, check_columns

Kind = Literal["U8", "I32", "F32"]
_DTYPES: dict[Kind, np.dtype[Any]] = {
    "U8": np.dtype(np.uint8),
    "I32": np.dtype(np.int32),
    "F32": np.dtype(np.float32),
}
_LETTERS = {"K": "lags", "N": "positions"}
"""Letters that denote a fact in every answer that has it. Any other letter is the same size wherever it occurs."""


@dataclass(frozen=True)
class Tensor:
    """A tensor of an answer.

    Attributes:
        shape: a size per axis, separated by commas: a number, a fact, a letter, or one of them plus or minus another.
            A fact that is a list denotes its length; "1 or 3" allows both.
        when: the answers that include it; empty for all of them.
    """

    name: str
    kind: Kind
    shape: str
    meaning: str
    when: str = ""


class Part(Message):
    """A group of facts inside an answer. An unset field is left out of the JSON; a NaN or infinity becomes null."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    @model_serializer(mode="wrap")
    def _given(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in serialize(self).items() if name in self.model_fields_set}


class Answer(Part):
    """An instrument's findings. The base class is the empty answer."""

    tensors: ClassVar[tuple[Tensor, ...]] = ()
    columns: ClassVar[Columns] = ()
    """Those of the table that the page offers for download, in their order."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Check the columns.

        Raises:
            TypeError: if one comes from a fact or a tensor that is not declared.
        """
        super().__pydantic_init_subclass__(**kwargs)
        check_columns(cls.__name__, cls.columns, facts=cls.model_fields, tensors=(one.name for one in cls.tensors))


def check_tensors(answer: Answer, given: Mapping[str, NDArray[Any]]) -> None:
    """Check tensors against their declaration.

    Raises:
        TypeError: if one is missing, undeclared, or of another type or shape; the message says what was expected.
    """
    what = type(answer).__name__
    declared = {one.name: one for one in answer.tensors}
    if unknown := given.keys() - declared.keys():
        raise TypeError(f"{what} declares no tensor {sorted(unknown)}; it declares {list(declared)}.")
    if missing := [one.name for one in answer.tensors if not one.when and one.name not in given]:
        raise TypeError(f"{what} lacks the tensors {missing}; it has {list(given)}.")
    sizes = _known_sizes(answer)
    for name in (name for name in declared if name in given):
        _check_tensor(f"{what}.{name}", declared[name], given[name], sizes)


def _known_sizes(answer: Answer) -> dict[str, int]:
    """Sizes given by the facts: whole numbers, and the lengths of lists."""
    sizes = {}
    for name in type(answer).model_fields:
        value = getattr(answer, name)
        if isinstance(value, Sized) and not isinstance(value, str):
            sizes[name] = len(value)
        elif isinstance(value, int) and not isinstance(value, bool):
            sizes[name] = value
    return sizes | {letter: sizes[name] for letter, name in _LETTERS.items() if name in sizes}


def _check_tensor(what: str, declared: Tensor, given: NDArray[Any], sizes: dict[str, int]) -> None:
    if given.dtype != _DTYPES[declared.kind]:
        raise TypeError(f"{what} is {given.dtype}; {declared.kind} is declared.")
    axes = [axis.strip() for axis in declared.shape.split(",")]
    if given.ndim != len(axes) or not all(map(_fits, axes, given.shape, [sizes] * len(axes))):
        known = {name: size for name, size in sizes.items() if re.search(rf"\b{name}\b", declared.shape)}
        raise TypeError(f"{what} has the shape {given.shape}; ({declared.shape}) is declared, with {known}.")


def _fits(axis: str, size: int, sizes: dict[str, int]) -> bool:
    """Whether an axis may have that size. A letter seen for the first time takes the size that fits, and keeps it."""
    if " or " in axis:
        return any(_fits(one, size, sizes) for one in axis.split(" or "))
    total, unknown = 0, None
    for sign, term in re.findall(r"(^|[+−]) ?(\w+)", axis):
        value = int(term) if term.isdecimal() else sizes.get(term)
        if value is None:
            unknown = term
        else:
            total += -value if sign == "−" else value
    if unknown is None:
        return size == total
    sizes[unknown] = size - total
    return size >= total
